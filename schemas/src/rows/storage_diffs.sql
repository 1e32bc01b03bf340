-- One row per slot and transaction whose value changed.

CREATE TABLE IF NOT EXISTS storage_diffs (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER,
    change_index      UINTEGER NOT NULL,
    address           BLOB USING COMPRESSION dictionary NOT NULL,
    slot              BLOB USING COMPRESSION dictionary NOT NULL,
    from_value        BLOB NOT NULL,
    to_value          BLOB NOT NULL
);

COMMENT ON TABLE storage_diffs IS 'One row per slot and part of a block (a transaction, or what happens outside of them) that left it with another value than it found. What changed and changed back in the same transaction is not here, nor what was reverted. Within the history of one slot each from_value is the to_value of the row before. Ordered by block_number, change_index.';
COMMENT ON COLUMN storage_diffs.block_number IS 'Height of the block.';
COMMENT ON COLUMN storage_diffs.transaction_index IS 'Position of the transaction in the block, from 0. NULL outside transactions: genesis, the DAO fork, system calls, rewards, withdrawals.';
COMMENT ON COLUMN storage_diffs.change_index IS 'Position among the rows of this table in the block, from 0: system calls before the transactions, transactions in order, then rewards and withdrawals, and system calls after them.';
COMMENT ON COLUMN storage_diffs.address IS '20 bytes: whose storage.';
COMMENT ON COLUMN storage_diffs.slot IS '32 bytes, big-endian: which word of the storage.';
COMMENT ON COLUMN storage_diffs.from_value IS '32 bytes before; zero also where the account did not exist.';
COMMENT ON COLUMN storage_diffs.to_value IS '32 bytes after; zero also where the account does not exist any more.';
