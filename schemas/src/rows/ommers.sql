-- One row per ommer (uncle) that a block includes; there are none from the Merge on.

CREATE TABLE IF NOT EXISTS ommers (
    block_number UBIGINT NOT NULL,
    ommer_index  UINTEGER NOT NULL,
    block_hash   BLOB NOT NULL,
    ommer_number UBIGINT NOT NULL,
    miner        BLOB NOT NULL,
    timestamp    TIMESTAMP,
    difficulty   DECIMAL(38,0),
    gas_limit    UBIGINT NOT NULL,
    gas_used     UBIGINT NOT NULL,
    reward       DECIMAL(38,0)
);

COMMENT ON TABLE ommers IS 'One row per ommer (uncle) header that a block includes. Ordered by block_number, ommer_index.';
COMMENT ON COLUMN ommers.block_number IS 'Height of the block that includes the ommer.';
COMMENT ON COLUMN ommers.ommer_index IS 'Position in the block''s list of ommers, from 0.';
COMMENT ON COLUMN ommers.block_hash IS '32 bytes: keccak256 of the RLP of the ommer''s own header.';
COMMENT ON COLUMN ommers.ommer_number IS 'Height in the ommer''s own header: 1 to 6 below block_number.';
COMMENT ON COLUMN ommers.miner IS '20 bytes: the address that the ommer''s reward went to.';
COMMENT ON COLUMN ommers.timestamp IS 'Time in the ommer''s header, UTC, whole seconds. NULL after the year 294246, which only a test chain reaches.';
COMMENT ON COLUMN ommers.difficulty IS 'Expected number of hashes to seal the ommer. NULL above 10^38-1, which only a test chain can name.';
COMMENT ON COLUMN ommers.gas_limit IS 'Gas limit in the ommer''s header; its transactions were not executed.';
COMMENT ON COLUMN ommers.gas_used IS 'Gas used by the ommer''s header; its transactions were not executed.';
COMMENT ON COLUMN ommers.reward IS 'Wei paid to the ommer''s miner: (8 - distance) / 8 of the static block reward. NULL above 10^38-1, which no fork pays.';
