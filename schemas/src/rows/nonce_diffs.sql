-- One row per account and transaction whose nonce changed.

CREATE TABLE IF NOT EXISTS nonce_diffs (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER,
    change_index      UINTEGER NOT NULL,
    address           BLOB USING COMPRESSION dictionary NOT NULL,
    from_value        UBIGINT,
    to_value          UBIGINT
);

COMMENT ON TABLE nonce_diffs IS 'One row per account and part of a block (a transaction, or what happens outside of them) that left it with another nonce than it found. What changed and changed back in the same transaction is not here, nor what was reverted. Within the history of one account each from_value is the to_value of the row before. Ordered by block_number, change_index.';
COMMENT ON COLUMN nonce_diffs.block_number IS 'Height of the block.';
COMMENT ON COLUMN nonce_diffs.transaction_index IS 'Position of the transaction in the block, from 0. NULL outside transactions: genesis, the DAO fork, system calls, rewards, withdrawals.';
COMMENT ON COLUMN nonce_diffs.change_index IS 'Position among the rows of this table in the block, from 0: system calls before the transactions, transactions in order, then rewards and withdrawals, and system calls after them.';
COMMENT ON COLUMN nonce_diffs.address IS '20 bytes: whose nonce.';
COMMENT ON COLUMN nonce_diffs.from_value IS 'Before. NULL where the account did not exist.';
COMMENT ON COLUMN nonce_diffs.to_value IS 'After. NULL where the account does not exist any more.';
