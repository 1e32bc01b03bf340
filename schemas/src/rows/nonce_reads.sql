-- One row per account and transaction that read it.

CREATE TABLE IF NOT EXISTS nonce_reads (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER,
    address           BLOB USING COMPRESSION dictionary NOT NULL,
    value             UBIGINT
);

COMMENT ON TABLE nonce_reads IS 'One row per account that a transaction, or a system call, reward or withdrawal outside of them, loaded from the state, in reverted frames too: what geth''s prestateTracer lists. Ordered by block_number, transaction_index (before those of the transactions come the reads of system calls at the start of the block), address.';
COMMENT ON COLUMN nonce_reads.block_number IS 'Height of the block.';
COMMENT ON COLUMN nonce_reads.transaction_index IS 'Position of the transaction in the block, from 0. NULL outside transactions: genesis, the DAO fork, system calls, rewards, withdrawals.';
COMMENT ON COLUMN nonce_reads.address IS '20 bytes: whose nonce.';
COMMENT ON COLUMN nonce_reads.value IS 'Before the transaction. NULL where the account did not exist.';
