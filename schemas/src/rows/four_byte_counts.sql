-- One row per callee, selector and size of call data in a transaction.

CREATE TABLE IF NOT EXISTS four_byte_counts (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER NOT NULL,
    address           BLOB USING COMPRESSION dictionary NOT NULL,
    selector          BLOB NOT NULL,
    calldata_size     UINTEGER NOT NULL,
    count             UINTEGER NOT NULL
);

COMMENT ON TABLE four_byte_counts IS 'One row per account, selector and size of call data with how many calls of a transaction had them: what geth''s 4byteTracer counts, by callee. Calls with less than four bytes, creations, and calls of precompiles that send no wei are not counted; failed calls are. Ordered by block_number, transaction_index, address, selector, calldata_size.';
COMMENT ON COLUMN four_byte_counts.block_number IS 'Height of the block.';
COMMENT ON COLUMN four_byte_counts.transaction_index IS 'Position of the transaction in the block, from 0.';
COMMENT ON COLUMN four_byte_counts.address IS '20 bytes: the account whose code ran.';
COMMENT ON COLUMN four_byte_counts.selector IS '4 bytes: the first of the call data, of Solidity contracts the function called.';
COMMENT ON COLUMN four_byte_counts.calldata_size IS 'Bytes of call data after the selector.';
COMMENT ON COLUMN four_byte_counts.count IS 'Calls.';
