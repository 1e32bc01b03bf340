-- One row per transaction: what its gas is made of.

CREATE TABLE IF NOT EXISTS transaction_gas (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER NOT NULL,
    gas_spent         UBIGINT NOT NULL,
    gas_refunded      UBIGINT NOT NULL,
    floor_gas         UBIGINT
);

COMMENT ON TABLE transaction_gas IS 'One row per transaction: what its gas_used is made of, greatest(gas_spent - gas_refunded, floor_gas). Ordered by block_number, transaction_index.';
COMMENT ON COLUMN transaction_gas.block_number IS 'Height of the block.';
COMMENT ON COLUMN transaction_gas.transaction_index IS 'Position of the transaction in the block, from 0.';
COMMENT ON COLUMN transaction_gas.gas_spent IS 'Gas that the transaction and all its calls took, before anything is given back.';
COMMENT ON COLUMN transaction_gas.gas_refunded IS 'Gas given back for slots that were cleared, for accounts that existed (EIP-7702), until London for self-destructs: at most a half of gas_spent, a fifth from London on (EIP-3529).';
COMMENT ON COLUMN transaction_gas.floor_gas IS 'The least gas that a transaction with this input uses (EIP-7623), from Prague on. NULL before.';
