-- One row per withdrawal from the beacon chain (EIP-4895); the first ones are in Shanghai.

CREATE TABLE IF NOT EXISTS withdrawals (
    block_number     UBIGINT NOT NULL,
    withdrawal_index UBIGINT NOT NULL,
    validator_index  UBIGINT NOT NULL,
    address          BLOB USING COMPRESSION dictionary NOT NULL,
    amount           UBIGINT NOT NULL
);

COMMENT ON TABLE withdrawals IS 'One row per validator withdrawal (EIP-4895). Ordered by block_number, then as in the block.';
COMMENT ON COLUMN withdrawals.block_number IS 'Height of the block that carries the withdrawal out.';
COMMENT ON COLUMN withdrawals.withdrawal_index IS 'Number of the withdrawal, counted over the whole chain from 0.';
COMMENT ON COLUMN withdrawals.validator_index IS 'Number of the validator on the beacon chain.';
COMMENT ON COLUMN withdrawals.address IS '20 bytes: the address that is credited.';
COMMENT ON COLUMN withdrawals.amount IS 'Gwei (10^9 wei) credited; the hex view has it in wei.';
