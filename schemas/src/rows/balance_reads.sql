-- One row per account and transaction that read it.

CREATE TABLE IF NOT EXISTS balance_reads (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER,
    address           BLOB USING COMPRESSION dictionary NOT NULL,
    value             DECIMAL(38,0),
    value_u256        BLOB
);

COMMENT ON TABLE balance_reads IS 'One row per account that a transaction, or a system call, reward or withdrawal outside of them, loaded from the state, in reverted frames too: what geth''s prestateTracer lists. Ordered by block_number, transaction_index (before those of the transactions come the reads of system calls at the start of the block), address.';
COMMENT ON COLUMN balance_reads.block_number IS 'Height of the block.';
COMMENT ON COLUMN balance_reads.transaction_index IS 'Position of the transaction in the block, from 0. NULL outside transactions: genesis, the DAO fork, system calls, rewards, withdrawals.';
COMMENT ON COLUMN balance_reads.address IS '20 bytes: whose balance.';
COMMENT ON COLUMN balance_reads.value IS 'Wei before the transaction. NULL where the account did not exist, and above 10^38-1: value_u256 then has it. In sums take both: sum_amount(value, value_u256); amount(value, value_u256) is one number.';
COMMENT ON COLUMN balance_reads.value_u256 IS 'Wei as 32 bytes, big-endian, where value cannot hold it. NULL otherwise.';
