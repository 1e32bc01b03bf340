-- etl.*: ethereum-etl's tables, column for column (docs/schema.md and the field lists of the exporters of 2.4.2): 0x-text in lower
-- case, times as seconds since 1970, lists as text between commas. What cannot be exact says so in its comment.

CREATE SCHEMA IF NOT EXISTS etl;

CREATE OR REPLACE VIEW etl.blocks AS
SELECT
    block_number AS number,
    hex0x(block_hash) AS hash,
    hex0x(parent_hash) AS parent_hash,
    hex0x(blocks.nonce) AS nonce,
    hex0x(ommers_hash) AS sha3_uncles,
    hex0x(logs_bloom) AS logs_bloom,
    hex0x(transactions_root) AS transactions_root,
    hex0x(state_root) AS state_root,
    hex0x(receipts_root) AS receipts_root,
    hex0x(miner) AS miner,
    difficulty,
    total_difficulty,
    size,
    hex0x(extra_data) AS extra_data,
    gas_limit,
    gas_used,
    epoch(timestamp)::BIGINT AS timestamp,
    transaction_count,
    base_fee_per_gas,
    hex0x(withdrawals_root) AS withdrawals_root,
    CASE WHEN withdrawals_root IS NOT NULL THEN coalesce(paid.withdrawals, []) END AS withdrawals, -- Withdrawals of the block, amounts in gwei. NULL before Shanghai
    blob_gas_used,
    excess_blob_gas
FROM main.blocks
LEFT JOIN (
    SELECT block_number, list({
        'index': withdrawal_index,
        'validator_index': validator_index,
        'address': hex0x(address),
        'amount': amount
    } ORDER BY withdrawal_index) AS withdrawals
    FROM main.withdrawals
    GROUP BY block_number
) AS paid USING (block_number);
COMMENT ON VIEW etl.blocks IS 'ethereum-etl''s blocks. withdrawals is a list of structs, which its CSV has as text. base_fee_per_gas is DECIMAL(38,0), wider than there.';

CREATE OR REPLACE VIEW etl.transactions AS
SELECT
    hex0x(transaction_hash) AS hash,
    transactions.nonce,
    hex0x(block_hash) AS block_hash,
    block_number,
    transaction_index,
    hex0x(from_address) AS from_address,
    hex0x(to_address) AS to_address,
    coalesce(value::VARCHAR, u256_dec(value_u256)) AS value,
    transactions.gas_limit AS gas,
    effective_gas_price AS gas_price,
    hex0x(coalesce(input, payload(transactions.block_number, transactions.input_hash))) AS input,
    epoch(timestamp)::BIGINT AS block_timestamp,
    max_fee_per_gas,
    max_priority_fee_per_gas,
    transaction_type,
    max_fee_per_blob_gas,
    list_transform(blob_versioned_hashes, lambda versioned_hash: hex0x(versioned_hash)) AS blob_versioned_hashes
FROM main.transactions
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW etl.transactions IS 'ethereum-etl''s transactions. value is text, since a transaction can name any uint256. blob_versioned_hashes is a list, text there; gas_price, max_fee_per_gas, max_priority_fee_per_gas and max_fee_per_blob_gas are DECIMAL(38,0), wider than there. gas_price is what was paid, as nodes answer and so ethereum-etl has it; main.transactions.gas_price is what was signed.';

CREATE OR REPLACE VIEW etl.receipts AS
SELECT
    hex0x(transaction_hash) AS transaction_hash,
    transaction_index,
    hex0x(block_hash) AS block_hash,
    block_number,
    cumulative_gas_used,
    transactions.gas_used,
    CASE WHEN success THEN hex0x(contract_address) END AS contract_address, -- The address created, as 0x-text. NULL for a call and where the creation failed
    hex0x(root) AS root,
    status,
    effective_gas_price,
    blob_gas_price,
    transactions.blob_gas_used
FROM main.transactions
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW etl.receipts IS 'ethereum-etl''s receipts, without its columns for other chains: l1_fee, l1_gas_used, l1_gas_price, l1_fee_scalar. effective_gas_price and blob_gas_price are DECIMAL(38,0), wider than there. contract_address is NULL where the creation failed; nodes differ there.';

CREATE OR REPLACE VIEW etl.logs AS
SELECT
    log_index,
    hex0x(transaction_hash) AS transaction_hash,
    transaction_index,
    hex0x(block_hash) AS block_hash,
    block_number,
    hex0x(address) AS address,
    hex0x(coalesce(data, payload(logs.block_number, logs.data_hash))) AS data,
    concat_ws(',', hex0x(topic0), hex0x(topic1), hex0x(topic2), hex0x(topic3)) AS topics -- The topics as 0x-text between commas
FROM main.logs
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW etl.logs IS 'ethereum-etl''s logs.';

CREATE OR REPLACE VIEW etl.token_transfers AS
WITH transfers AS (
    SELECT block_number, transaction_index, log_index, token_address, from_address, to_address,
        coalesce(value::VARCHAR, u256_dec(value_u256)) AS value
    FROM main.erc20_transfers
    UNION ALL
    SELECT block_number, transaction_index, log_index, token_address, from_address, to_address, u256_dec(token_id)
    FROM main.erc721_transfers
)
SELECT
    hex0x(token_address) AS token_address,
    hex0x(transfers.from_address) AS from_address,
    hex0x(transfers.to_address) AS to_address,
    transfers.value, -- Smallest units of the token, of ERC-721 the token id, as decimal text
    hex0x(transaction_hash) AS transaction_hash,
    log_index,
    block_number
FROM transfers
LEFT JOIN main.transactions USING (block_number, transaction_index);
COMMENT ON VIEW etl.token_transfers IS 'ethereum-etl''s token_transfers: of ERC-721 tokens value is the token id, as there; there is no ERC-1155. value is text. A log whose data do not fill their last word is left out; ethereum-etl takes some of them.';

CREATE OR REPLACE VIEW etl.traces AS
WITH numbered AS (
    SELECT *, row_number() OVER (
        PARTITION BY block_number, transaction_index, trace_type
        ORDER BY reward_type::VARCHAR, from_address, to_address, value, value_u256
    ) - 1 AS position
    FROM main.traces
    WHERE transaction_index IS NULL
    UNION ALL
    SELECT *, NULL FROM main.traces WHERE transaction_index IS NOT NULL
)
SELECT
    block_number,
    hex0x(transaction_hash) AS transaction_hash,
    transaction_index,
    hex0x(numbered.from_address) AS from_address,
    hex0x(numbered.to_address) AS to_address,
    coalesce(numbered.value::VARCHAR, u256_dec(numbered.value_u256)) AS value,
    hex0x(coalesce(numbered.input, payload(numbered.block_number, numbered.input_hash))) AS input,
    hex0x(coalesce(output, payload(numbered.block_number, numbered.output_hash))) AS output,
    trace_type::VARCHAR AS trace_type,
    CASE WHEN trace_type = 'call' THEN call_type::VARCHAR END AS call_type, -- Of a call: call, callcode, delegatecall or staticcall. NULL otherwise
    reward_type::VARCHAR AS reward_type,
    gas,
    numbered.gas_used,
    subtraces,
    array_to_string(trace_address, ',') AS trace_address,
    error,
    if(trace_type = 'suicide' OR numbered.success, 1, 0) AS status, -- 1 where the frame and all above it succeeded, else 0
    concat_ws('_', trace_type::VARCHAR, coalesce(hex0x(transaction_hash), block_number::VARCHAR),
        coalesce(position::VARCHAR, array_to_string(trace_address, '_'))) AS trace_id -- Type, transaction hash or block, and place: unique in the chain
FROM numbered
LEFT JOIN main.transactions USING (block_number, transaction_index);
COMMENT ON VIEW etl.traces IS 'ethereum-etl''s traces, as it makes them of parity''s, genesis and DAO-fork rows included. value is text. The status of a suicide is 1 even below a frame that failed, as there. Frames that were refused before they were entered are here and not there.';

CREATE OR REPLACE VIEW etl.contracts AS
WITH created AS (
    SELECT block_number, contract_address, coalesce(contracts.code, payload(contracts.block_number, contracts.code_hash)) AS code
    FROM main.contracts
    WHERE success
), dispatching AS (
    SELECT *, list_sort(list_distinct(list_transform(
        list_filter(first_instructions(code), lambda instruction: instruction[1:2] = '63'),
        lambda instruction: '0x' || instruction[3:10]
    ))) AS selectors
    FROM created
)
SELECT
    hex0x(contract_address) AS address,
    hex0x(code) AS bytecode,
    array_to_string(selectors, ',') AS function_sighashes, -- Selectors of the functions that the code has, 0x-text between commas
    list_has_all(selectors, ['0x18160ddd', '0x70a08231', '0xa9059cbb', '0x23b872dd', '0x095ea7b3', '0xdd62ed3e'])
        AS is_erc20, -- Whether the code has the functions of ERC-20
    list_has_all(selectors, ['0x6352211e', '0x70a08231', '0x095ea7b3'])
        AND list_has_any(selectors, ['0xa9059cbb', '0x23b872dd']) AS is_erc721, -- Whether the code has the functions of ERC-721
    block_number
FROM dispatching;
COMMENT ON VIEW etl.contracts IS 'ethereum-etl''s contracts. function_sighashes are the operands of PUSH4 before the first JUMPDEST, where compilers put the dispatch; is_erc20 and is_erc721 go by them, as there.';
