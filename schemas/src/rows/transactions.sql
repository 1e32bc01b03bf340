-- One row per transaction: what was signed, and what its receipt says.

CREATE TABLE IF NOT EXISTS transactions (
    block_number             UBIGINT NOT NULL,
    transaction_index        UINTEGER NOT NULL,
    transaction_hash         BLOB USING COMPRESSION uncompressed NOT NULL,
    transaction_type         UTINYINT NOT NULL,
    from_address             BLOB USING COMPRESSION dictionary NOT NULL,
    to_address               BLOB USING COMPRESSION dictionary,
    nonce                    UBIGINT NOT NULL,
    value                    DECIMAL(38,0),
    value_u256               BLOB,
    input                    BLOB,
    input_hash               BLOB,
    gas_limit                UBIGINT NOT NULL,
    gas_price                DECIMAL(38,0),
    max_fee_per_gas          DECIMAL(38,0),
    max_priority_fee_per_gas DECIMAL(38,0),
    effective_gas_price      DECIMAL(38,0),
    gas_used                 UBIGINT NOT NULL,
    cumulative_gas_used      UBIGINT NOT NULL,
    success                  BOOLEAN NOT NULL,
    status                   UTINYINT,
    root                     BLOB,
    contract_address         BLOB USING COMPRESSION dictionary,
    max_fee_per_blob_gas     DECIMAL(38,0),
    blob_gas_used            UBIGINT,
    blob_gas_price           DECIMAL(38,0),
    blob_versioned_hashes    BLOB[],
    access_list              STRUCT(address BLOB, storage_keys BLOB[])[],
    authorization_list       STRUCT(
        chain_id             DECIMAL(38,0),
        address              BLOB,
        nonce                UBIGINT,
        y_parity             UTINYINT,
        r                    BLOB,
        s                    BLOB,
        authority            BLOB
    )[],
    v                        UBIGINT,
    r                        BLOB USING COMPRESSION uncompressed NOT NULL,
    s                        BLOB USING COMPRESSION uncompressed NOT NULL,
    n_input_bytes            UINTEGER NOT NULL,
    n_input_zero_bytes       UINTEGER NOT NULL
);

COMMENT ON TABLE transactions IS 'One row per transaction: what was signed, and what its receipt says. Ether: scaled(sum_amount(value, value_u256), 18). sum(value) overflows, or leaves out what is in value_u256. Ordered by block_number, transaction_index.';
COMMENT ON COLUMN transactions.block_number IS 'Height of the block.';
COMMENT ON COLUMN transactions.transaction_index IS 'Position in the block, from 0.';
COMMENT ON COLUMN transactions.transaction_hash IS '32 bytes: keccak256 of the signed transaction (a blob transaction without its sidecar).';
COMMENT ON COLUMN transactions.transaction_type IS 'EIP-2718 type: 0 legacy, 1 access list (EIP-2930), 2 dynamic fee (EIP-1559), 3 blob (EIP-4844), 4 set code (EIP-7702).';
COMMENT ON COLUMN transactions.from_address IS '20 bytes: the sender, recovered from the signature.';
COMMENT ON COLUMN transactions.to_address IS '20 bytes: the recipient. NULL for a creation.';
COMMENT ON COLUMN transactions.nonce IS 'The sender''s nonce: how many transactions it had sent before.';
COMMENT ON COLUMN transactions.value IS 'Wei sent along. NULL above 10^38-1, more than any real chain holds but not more than a test chain can: value_u256 then has it. In sums take both: sum_amount(value, value_u256); amount(value, value_u256) is one number.';
COMMENT ON COLUMN transactions.value_u256 IS 'Wei sent along as 32 bytes, big-endian, where value cannot hold it. NULL otherwise.';
COMMENT ON COLUMN transactions.input IS 'Call data, or the init code of a creation; bytes. NULL where it is longer than 8,192 bytes: see input_hash.';
COMMENT ON COLUMN transactions.input_hash IS '32 bytes: keccak256 of the input where that is longer than 8,192 bytes: payloads has it. NULL otherwise.';
COMMENT ON COLUMN transactions.gas_limit IS 'Gas that the transaction may use.';
COMMENT ON COLUMN transactions.gas_price IS 'Wei per gas as signed (types 0 and 1). NULL for types that sign a maximum instead; what was paid is effective_gas_price. NULL too above 10^38-1: no gas could be paid for at that price on a real chain.';
COMMENT ON COLUMN transactions.max_fee_per_gas IS 'Most wei per gas that the sender pays, base fee and priority fee together, as signed. NULL for types 0 and 1, and above 10^38-1, which cannot be paid on a real chain.';
COMMENT ON COLUMN transactions.max_priority_fee_per_gas IS 'Most wei per gas for the fee recipient, as signed. NULL for types 0 and 1, and above 10^38-1, which cannot be paid on a real chain.';
COMMENT ON COLUMN transactions.effective_gas_price IS 'Wei per gas that the sender paid, base fee included. NULL above 10^38-1, which cannot be paid on a real chain. What was paid in all: sum_fee(gas_used, effective_gas_price).';
COMMENT ON COLUMN transactions.gas_used IS 'Gas that was paid for, refunds taken off.';
COMMENT ON COLUMN transactions.cumulative_gas_used IS 'Gas used by the transactions of the block up to and with this one.';
COMMENT ON COLUMN transactions.success IS 'Whether the transaction succeeded. Known for every block, also before Byzantium, because it was executed again.';
COMMENT ON COLUMN transactions.status IS 'Status in the receipt: 1 succeeded, 0 failed (EIP-658). NULL before Byzantium.';
COMMENT ON COLUMN transactions.root IS '32 bytes: state root after the transaction, as its receipt has it. NULL from Byzantium on, and where it is not known: a block from a witness that was made elsewhere does not say.';
COMMENT ON COLUMN transactions.contract_address IS '20 bytes: the address that a creation is for, also when it failed (as eth_getTransactionReceipt says it). NULL for a call.';
COMMENT ON COLUMN transactions.max_fee_per_blob_gas IS 'Most wei per blob gas that the sender pays, as signed. NULL unless type 3, and above 10^38-1, which cannot be paid on a real chain.';
COMMENT ON COLUMN transactions.blob_gas_used IS 'Blob gas used: 131072 per blob. NULL unless type 3.';
COMMENT ON COLUMN transactions.blob_gas_price IS 'Wei per blob gas that was paid, and burned. NULL unless type 3, and above 10^38-1, which cannot be paid on a real chain. In all: sum_fee(blob_gas_used, blob_gas_price).';
COMMENT ON COLUMN transactions.blob_versioned_hashes IS '32 bytes each: version byte and hash of each blob''s KZG commitment. NULL unless type 3.';
COMMENT ON COLUMN transactions.access_list IS 'Addresses (20 bytes) and storage keys (32 bytes) declared ahead (EIP-2930); may be empty. NULL for type 0.';
COMMENT ON COLUMN transactions.authorization_list IS 'Authorizations to set code (EIP-7702), as signed, whether or not they took effect: chain_id (0 for any chain, NULL above 10^38-1), address whose code is taken on (20 bytes, zero to take it off), nonce of the authority, y_parity as written, r and s (32 bytes each, big-endian), authority (20 bytes) that signed it, NULL where no address can be recovered from the signature. NULL unless type 4.';
COMMENT ON COLUMN transactions.v IS 'Part of the signature: y parity (0 or 1) for types 1 and up; for type 0 27 or 28, or 35 or 36 + 2 * chain id (EIP-155). NULL above 2^64-1, which takes a chain id of 2^63.';
COMMENT ON COLUMN transactions.r IS '32 bytes, big-endian: part of the signature.';
COMMENT ON COLUMN transactions.s IS '32 bytes, big-endian: part of the signature.';
COMMENT ON COLUMN transactions.n_input_bytes IS 'Bytes of input, zero ones included.';
COMMENT ON COLUMN transactions.n_input_zero_bytes IS 'Zero bytes of input, which cost less gas than others.';
