-- hex.*: every base table with 0x-text (lower case) instead of BLOB, and what rows refer to by number joined in:
-- transaction_hash and block_timestamp. LEFT joins, so that no row is lost where a dataset was left out.

CREATE SCHEMA IF NOT EXISTS hex;

CREATE OR REPLACE VIEW hex.blocks AS
SELECT * REPLACE (
    hex0x(block_hash) AS block_hash,
    hex0x(parent_hash) AS parent_hash,
    hex0x(miner) AS miner,
    hex0x(extra_data) AS extra_data,
    hex0x(logs_bloom) AS logs_bloom,
    hex0x(state_root) AS state_root,
    hex0x(transactions_root) AS transactions_root,
    hex0x(receipts_root) AS receipts_root,
    hex0x(ommers_hash) AS ommers_hash,
    hex0x(mix_hash) AS mix_hash,
    hex0x(nonce) AS nonce,
    hex0x(withdrawals_root) AS withdrawals_root,
    hex0x(parent_beacon_block_root) AS parent_beacon_block_root,
    hex0x(requests_hash) AS requests_hash,
    hex0x(block_access_list_hash) AS block_access_list_hash
)
FROM main.blocks;
COMMENT ON VIEW hex.blocks IS 'blocks with 0x-text instead of BLOB.';

CREATE OR REPLACE VIEW hex.ommers AS
SELECT
    ommers.* REPLACE (
        hex0x(ommers.block_hash) AS block_hash,
        hex0x(ommers.miner) AS miner
    ),
    blocks.timestamp AS block_timestamp
FROM main.ommers
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.ommers IS 'ommers with 0x-text instead of BLOB, and the time of the block that includes them.';

CREATE OR REPLACE VIEW hex.withdrawals AS
SELECT
    withdrawals.* REPLACE (hex0x(withdrawals.address) AS address),
    withdrawals.amount::DECIMAL(38,0) * 1000000000 AS amount_wei,
    blocks.timestamp AS block_timestamp
FROM main.withdrawals
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.withdrawals IS 'withdrawals with 0x-text instead of BLOB, the amount in wei too, and the time of the block.';

CREATE OR REPLACE VIEW hex.transactions AS
SELECT
    transactions.* REPLACE (
        hex0x(transaction_hash) AS transaction_hash,
        hex0x(from_address) AS from_address,
        hex0x(to_address) AS to_address,
        hex0x(value_u256) AS value_u256,
        hex0x(coalesce(input, payload(transactions.block_number, transactions.input_hash))) AS input,
        hex0x(input_hash) AS input_hash,
        hex0x(root) AS root,
        hex0x(contract_address) AS contract_address,
        list_transform(blob_versioned_hashes, lambda versioned_hash: hex0x(versioned_hash)) AS blob_versioned_hashes,
        list_transform(access_list, lambda item: {
            'address': hex0x(item.address),
            'storage_keys': list_transform(item.storage_keys, lambda slot: hex0x(slot))
        }) AS access_list,
        list_transform(authorization_list, lambda item: {
            'chain_id': item.chain_id,
            'address': hex0x(item.address),
            'nonce': item.nonce,
            'y_parity': item.y_parity,
            'r': hex0x(item.r),
            's': hex0x(item.s),
            'authority': hex0x(item.authority)
        }) AS authorization_list,
        hex0x(r) AS r,
        hex0x(s) AS s
    ),
    blocks.timestamp AS block_timestamp
FROM main.transactions
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.transactions IS 'transactions with 0x-text instead of BLOB, in lists and structs too, and the time of the block.';

CREATE OR REPLACE VIEW hex.logs AS
SELECT
    logs.* REPLACE (
        hex0x(address) AS address,
        hex0x(topic0) AS topic0,
        hex0x(topic1) AS topic1,
        hex0x(topic2) AS topic2,
        hex0x(topic3) AS topic3,
        hex0x(coalesce(data, payload(logs.block_number, logs.data_hash))) AS data,
        hex0x(data_hash) AS data_hash
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.logs
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.logs IS 'logs with 0x-text instead of BLOB, the hash of the transaction and the time of the block.';

CREATE OR REPLACE VIEW hex.traces AS
SELECT
    traces.* REPLACE (
        hex0x(traces.from_address) AS from_address,
        hex0x(traces.to_address) AS to_address,
        hex0x(traces.value_u256) AS value_u256,
        hex0x(coalesce(traces.input, payload(traces.block_number, traces.input_hash))) AS input,
        hex0x(traces.input_hash) AS input_hash,
        hex0x(coalesce(traces.output, payload(traces.block_number, traces.output_hash))) AS output,
        hex0x(traces.output_hash) AS output_hash
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.traces
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.traces IS 'traces with 0x-text instead of BLOB, the hash of the transaction and the time of the block; both NULL where there is none.';

CREATE OR REPLACE VIEW hex.contracts AS
SELECT
    contracts.* REPLACE (
        hex0x(contracts.contract_address) AS contract_address,
        hex0x(contracts.deployer) AS deployer,
        hex0x(contracts.factory) AS factory,
        hex0x(coalesce(contracts.init_code, payload(contracts.block_number, contracts.init_code_hash))) AS init_code,
        hex0x(coalesce(contracts.code, payload(contracts.block_number, contracts.code_hash))) AS code,
        hex0x(contracts.init_code_hash) AS init_code_hash,
        hex0x(contracts.code_hash) AS code_hash
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.contracts
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.contracts IS 'contracts with 0x-text instead of BLOB, the hash of the transaction and the time of the block.';

CREATE OR REPLACE VIEW hex.payloads AS
SELECT
    payloads.* REPLACE (
        hex0x(payloads.payload_hash) AS payload_hash,
        hex0x(payloads.piece) AS piece
    ),
    blocks.timestamp AS block_timestamp
FROM main.payloads
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.payloads IS 'payloads with 0x-text instead of BLOB, and the time of the block. The other views have them in their places.';

CREATE OR REPLACE VIEW hex.native_transfers AS
SELECT
    native_transfers.* REPLACE (
        hex0x(native_transfers.from_address) AS from_address,
        hex0x(native_transfers.to_address) AS to_address,
        hex0x(native_transfers.value_u256) AS value_u256
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.native_transfers
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.native_transfers IS 'native_transfers with 0x-text instead of BLOB, the hash of the transaction and the time of the block; the hash is NULL outside transactions.';

CREATE OR REPLACE VIEW hex.four_byte_counts AS
SELECT
    four_byte_counts.* REPLACE (
        hex0x(four_byte_counts.address) AS address,
        hex0x(four_byte_counts.selector) AS selector
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.four_byte_counts
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.four_byte_counts IS 'four_byte_counts with 0x-text instead of BLOB, the hash of the transaction and the time of the block.';

CREATE OR REPLACE VIEW hex.address_appearances AS
SELECT
    address_appearances.* REPLACE (
        hex0x(address_appearances.address) AS address
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.address_appearances
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.address_appearances IS 'address_appearances with 0x-text instead of BLOB, the hash of the transaction and the time of the block; the hash is NULL outside transactions.';

CREATE OR REPLACE VIEW hex.opcodes AS
SELECT
    opcodes.* REPLACE (
        hex0x(opcodes.address) AS address,
        list_transform(opcodes.stack, lambda word: hex0x(word)) AS stack
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.opcodes
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.opcodes IS 'opcodes with 0x-text instead of BLOB, the hash of the transaction and the time of the block.';
