-- One row per account and transaction that read it.

CREATE TABLE IF NOT EXISTS code_reads (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER,
    address           BLOB USING COMPRESSION dictionary NOT NULL,
    value             BLOB,
    value_hash        BLOB
);

COMMENT ON TABLE code_reads IS 'One row per account that a transaction, or a system call, reward or withdrawal outside of them, loaded from the state, in reverted frames too: what geth''s prestateTracer lists. Only accounts that have code. Ordered by block_number, transaction_index (before those of the transactions come the reads of system calls at the start of the block), address.';
COMMENT ON COLUMN code_reads.block_number IS 'Height of the block.';
COMMENT ON COLUMN code_reads.transaction_index IS 'Position of the transaction in the block, from 0. NULL outside transactions: genesis, the DAO fork, system calls, rewards, withdrawals.';
COMMENT ON COLUMN code_reads.address IS '20 bytes: whose code.';
COMMENT ON COLUMN code_reads.value IS 'Bytes before the transaction. NULL where they are more than 8,192: see value_hash.';
COMMENT ON COLUMN code_reads.value_hash IS '32 bytes: keccak256 of the code where that is longer than 8,192 bytes: payloads has it. NULL otherwise.';
