-- One row per account and transaction whose code changed.

CREATE TABLE IF NOT EXISTS code_diffs (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER,
    change_index      UINTEGER NOT NULL,
    address           BLOB USING COMPRESSION dictionary NOT NULL,
    from_value        BLOB,
    from_value_hash   BLOB,
    to_value          BLOB,
    to_value_hash     BLOB
);

COMMENT ON TABLE code_diffs IS 'One row per account and part of a block (a transaction, or what happens outside of them) that left it with another code than it found. What changed and changed back in the same transaction is not here, nor what was reverted. Within the history of one account each from_value is the to_value of the row before. Ordered by block_number, change_index.';
COMMENT ON COLUMN code_diffs.block_number IS 'Height of the block.';
COMMENT ON COLUMN code_diffs.transaction_index IS 'Position of the transaction in the block, from 0. NULL outside transactions: genesis, the DAO fork, system calls, rewards, withdrawals.';
COMMENT ON COLUMN code_diffs.change_index IS 'Position among the rows of this table in the block, from 0: system calls before the transactions, transactions in order, then rewards and withdrawals, and system calls after them.';
COMMENT ON COLUMN code_diffs.address IS '20 bytes: whose code.';
COMMENT ON COLUMN code_diffs.from_value IS 'Bytes before; empty where there was none. NULL where the account did not exist, and where it is longer than 8,192 bytes: see from_value_hash.';
COMMENT ON COLUMN code_diffs.from_value_hash IS '32 bytes: keccak256 of the code where that is longer than 8,192 bytes: payloads has it. NULL otherwise.';
COMMENT ON COLUMN code_diffs.to_value IS 'Bytes after; empty where there is none; 0xef0100 and an address for an account that delegates (EIP-7702). NULL where the account does not exist any more, and where it is longer than 8,192 bytes: see to_value_hash.';
COMMENT ON COLUMN code_diffs.to_value_hash IS '32 bytes: keccak256 of the code where that is longer than 8,192 bytes: payloads has it. NULL otherwise.';
