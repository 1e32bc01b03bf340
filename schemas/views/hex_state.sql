-- hex.*: what was read from the state and changed in it, as hex.sql has the other tables.

CREATE OR REPLACE VIEW hex.balance_diffs AS
SELECT
    balance_diffs.* REPLACE (
        hex0x(balance_diffs.address) AS address,
        hex0x(balance_diffs.from_value_u256) AS from_value_u256,
        hex0x(balance_diffs.to_value_u256) AS to_value_u256
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.balance_diffs
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.balance_diffs IS 'balance_diffs with 0x-text instead of BLOB, the hash of the transaction and the time of the block; the hash is NULL outside transactions.';

CREATE OR REPLACE VIEW hex.nonce_diffs AS
SELECT
    nonce_diffs.* REPLACE (
        hex0x(nonce_diffs.address) AS address
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.nonce_diffs
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.nonce_diffs IS 'nonce_diffs with 0x-text instead of BLOB, the hash of the transaction and the time of the block; the hash is NULL outside transactions.';

CREATE OR REPLACE VIEW hex.code_diffs AS
SELECT
    code_diffs.* REPLACE (
        hex0x(code_diffs.address) AS address,
        hex0x(coalesce(code_diffs.from_value, payload(code_diffs.block_number, code_diffs.from_value_hash))) AS from_value,
        hex0x(code_diffs.from_value_hash) AS from_value_hash,
        hex0x(coalesce(code_diffs.to_value, payload(code_diffs.block_number, code_diffs.to_value_hash))) AS to_value,
        hex0x(code_diffs.to_value_hash) AS to_value_hash
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.code_diffs
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.code_diffs IS 'code_diffs with 0x-text instead of BLOB, the hash of the transaction and the time of the block; the hash is NULL outside transactions.';

CREATE OR REPLACE VIEW hex.storage_diffs AS
SELECT
    storage_diffs.* REPLACE (
        hex0x(storage_diffs.address) AS address,
        hex0x(storage_diffs.slot) AS slot,
        hex0x(storage_diffs.from_value) AS from_value,
        hex0x(storage_diffs.to_value) AS to_value
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.storage_diffs
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.storage_diffs IS 'storage_diffs with 0x-text instead of BLOB, the hash of the transaction and the time of the block; the hash is NULL outside transactions.';

CREATE OR REPLACE VIEW hex.balance_reads AS
SELECT
    balance_reads.* REPLACE (
        hex0x(balance_reads.address) AS address,
        hex0x(balance_reads.value_u256) AS value_u256
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.balance_reads
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.balance_reads IS 'balance_reads with 0x-text instead of BLOB, the hash of the transaction and the time of the block; the hash is NULL outside transactions.';

CREATE OR REPLACE VIEW hex.nonce_reads AS
SELECT
    nonce_reads.* REPLACE (
        hex0x(nonce_reads.address) AS address
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.nonce_reads
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.nonce_reads IS 'nonce_reads with 0x-text instead of BLOB, the hash of the transaction and the time of the block; the hash is NULL outside transactions.';

CREATE OR REPLACE VIEW hex.code_reads AS
SELECT
    code_reads.* REPLACE (
        hex0x(code_reads.address) AS address,
        hex0x(coalesce(code_reads.value, payload(code_reads.block_number, code_reads.value_hash))) AS value,
        hex0x(code_reads.value_hash) AS value_hash
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.code_reads
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.code_reads IS 'code_reads with 0x-text instead of BLOB, the hash of the transaction and the time of the block; the hash is NULL outside transactions.';

CREATE OR REPLACE VIEW hex.storage_reads AS
SELECT
    storage_reads.* REPLACE (
        hex0x(storage_reads.address) AS address,
        hex0x(storage_reads.slot) AS slot,
        hex0x(storage_reads.value) AS value
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.storage_reads
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.storage_reads IS 'storage_reads with 0x-text instead of BLOB, the hash of the transaction and the time of the block; the hash is NULL outside transactions.';
