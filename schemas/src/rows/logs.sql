-- One row per log. Logs of frames that failed do not exist on the chain and are not here.

CREATE TABLE IF NOT EXISTS logs (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER NOT NULL,
    log_index         UINTEGER NOT NULL,
    address           BLOB USING COMPRESSION dictionary NOT NULL,
    topic0            BLOB USING COMPRESSION dictionary,
    topic1            BLOB USING COMPRESSION dictionary,
    topic2            BLOB USING COMPRESSION dictionary,
    topic3            BLOB,
    data              BLOB,
    data_hash         BLOB
);

COMMENT ON TABLE logs IS 'One row per log in a receipt. Ordered by block_number, log_index.';
COMMENT ON COLUMN logs.block_number IS 'Height of the block.';
COMMENT ON COLUMN logs.transaction_index IS 'Position of the transaction in the block, from 0.';
COMMENT ON COLUMN logs.log_index IS 'Position of the log in the block (not in the transaction), from 0.';
COMMENT ON COLUMN logs.address IS '20 bytes: the contract that logged.';
COMMENT ON COLUMN logs.topic0 IS '32 bytes: the first topic; of most events the keccak256 of the signature. NULL for a log without topics.';
COMMENT ON COLUMN logs.topic1 IS '32 bytes: the second topic. NULL where there are fewer.';
COMMENT ON COLUMN logs.topic2 IS '32 bytes: the third topic. NULL where there are fewer.';
COMMENT ON COLUMN logs.topic3 IS '32 bytes: the fourth topic. NULL where there are fewer.';
COMMENT ON COLUMN logs.data IS 'Bytes that are not in topics, usually ABI-encoded; may be empty. NULL where they are more than 8,192: see data_hash.';
COMMENT ON COLUMN logs.data_hash IS '32 bytes: keccak256 of the data where they are longer than 8,192 bytes: payloads has them. NULL otherwise.';
