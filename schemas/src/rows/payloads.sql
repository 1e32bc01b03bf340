-- One row per piece of a byte string that is too long for its own row.
CREATE TABLE IF NOT EXISTS payloads (
    block_number UBIGINT NOT NULL,
    payload_hash BLOB USING COMPRESSION dictionary NOT NULL,
    piece_index  UINTEGER NOT NULL,
    piece        BLOB NOT NULL
);
COMMENT ON TABLE payloads IS 'Byte strings longer than 8,192 bytes (call data, return data, code, data of logs), in pieces; filled with every table that has any. Such a column is NULL and its hash says which payload it is: those of a block, each once, whichever tables name it. The views in hex, etl and cryo show them in their place; payload(block_number, hash) puts the pieces together. Ordered by block_number, then as the tables name them, then piece_index.';
COMMENT ON COLUMN payloads.block_number IS 'Height of the block whose rows name it.';
COMMENT ON COLUMN payloads.payload_hash IS '32 bytes: keccak256 of the whole.';
COMMENT ON COLUMN payloads.piece_index IS 'Position of the piece, from 0.';
COMMENT ON COLUMN payloads.piece IS '8,192 bytes; the last piece what is left.';
