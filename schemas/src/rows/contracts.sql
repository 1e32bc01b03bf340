-- One row per contract creation, failed ones included.

CREATE TABLE IF NOT EXISTS contracts (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER NOT NULL,
    create_index      UINTEGER NOT NULL,
    contract_address  BLOB USING COMPRESSION dictionary,
    deployer          BLOB USING COMPRESSION dictionary NOT NULL,
    factory           BLOB USING COMPRESSION dictionary NOT NULL,
    init_code         BLOB,
    code              BLOB,
    init_code_hash    BLOB NOT NULL,
    code_hash         BLOB,
    success           BOOLEAN NOT NULL
);

COMMENT ON TABLE contracts IS 'One row per creation: of the frames in traces those with trace_type create, failed ones included. Ordered by block_number, create_index.';
COMMENT ON COLUMN contracts.block_number IS 'Height of the block.';
COMMENT ON COLUMN contracts.transaction_index IS 'Position of the transaction in the block, from 0.';
COMMENT ON COLUMN contracts.create_index IS 'Position among the creations of the block, from 0.';
COMMENT ON COLUMN contracts.contract_address IS '20 bytes: the address created. NULL where the creation itself failed; see success for those that a frame above took back.';
COMMENT ON COLUMN contracts.deployer IS '20 bytes: who sent the transaction.';
COMMENT ON COLUMN contracts.factory IS '20 bytes: whose frame created it; the sender where the transaction itself is the creation.';
COMMENT ON COLUMN contracts.init_code IS 'Bytes that ran to create it. NULL where they are more than 8,192: payloads has them, by init_code_hash.';
COMMENT ON COLUMN contracts.code IS 'Bytes of its code, empty where it has none. NULL where the creation itself failed, and where it is longer than 8,192 bytes: payloads has it, by code_hash.';
COMMENT ON COLUMN contracts.init_code_hash IS '32 bytes: keccak256 of init_code (cryo has this and code_hash the wrong way round).';
COMMENT ON COLUMN contracts.code_hash IS '32 bytes: keccak256 of code. NULL where the creation itself failed.';
COMMENT ON COLUMN contracts.success IS 'Whether the creation and every frame above it succeeded, so that the contract came to exist.';
