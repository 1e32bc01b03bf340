-- One row per slot and transaction that read it.

CREATE TABLE IF NOT EXISTS storage_reads (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER,
    address           BLOB USING COMPRESSION dictionary NOT NULL,
    slot              BLOB USING COMPRESSION dictionary NOT NULL,
    value             BLOB NOT NULL
);

COMMENT ON TABLE storage_reads IS 'One row per slot that a transaction, or a system call, reward or withdrawal outside of them, loaded from the state, in reverted frames too: what geth''s prestateTracer lists. Ordered by block_number, transaction_index (before those of the transactions come the reads of system calls at the start of the block), address, slot.';
COMMENT ON COLUMN storage_reads.block_number IS 'Height of the block.';
COMMENT ON COLUMN storage_reads.transaction_index IS 'Position of the transaction in the block, from 0. NULL outside transactions: genesis, the DAO fork, system calls, rewards, withdrawals.';
COMMENT ON COLUMN storage_reads.address IS '20 bytes: whose storage.';
COMMENT ON COLUMN storage_reads.slot IS '32 bytes, big-endian: which word of the storage.';
COMMENT ON COLUMN storage_reads.value IS '32 bytes before the transaction.';
