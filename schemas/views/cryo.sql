-- cryo.*: cryo's datasets, column by column and type by type, in the order of its sources (paradigmxyz/cryo at 559b6545). Hashes,
-- addresses and bytes are BLOBs, as its Parquet files have them; a uint256 has three columns, as with its default --u256-types: _binary
-- (32 bytes), _string and _f64. Each view says in its comment what is different on purpose, and a test holds it to that.

CREATE SCHEMA IF NOT EXISTS cryo;

CREATE OR REPLACE VIEW cryo.blocks AS
SELECT
    block_hash,
    parent_hash,
    ommers_hash AS uncles_hash,
    miner AS author,
    state_root,
    transactions_root,
    receipts_root,
    block_number,
    gas_used,
    gas_limit,
    extra_data,
    logs_bloom,
    epoch(timestamp)::UBIGINT AS timestamp,
    difficulty,
    u256(total_difficulty) AS total_difficulty_binary,
    total_difficulty::VARCHAR AS total_difficulty_string,
    total_difficulty::DOUBLE AS total_difficulty_f64,
    size,
    mix_hash,
    nonce,
    base_fee_per_gas,
    withdrawals_root,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.blocks;
COMMENT ON VIEW cryo.blocks IS 'cryo''s blocks. uncles_hash is the header''s hash of the ommers; cryo''s is a list of hashes written together. difficulty and base_fee_per_gas are DECIMAL(38,0), cryo''s have 64 bits. block_number and timestamp are UBIGINT, cryo''s have 32 bits.';

CREATE OR REPLACE VIEW cryo.transactions AS
SELECT
    block_number,
    transaction_index::UBIGINT AS transaction_index,
    transaction_hash,
    transactions.nonce,
    from_address,
    to_address,
    coalesce(value_u256, u256(value)) AS value_binary,
    coalesce(value::VARCHAR, u256_dec(value_u256)) AS value_string,
    coalesce(value::DOUBLE, u256_dec(value_u256)::DOUBLE) AS value_f64,
    coalesce(input, payload(transactions.block_number, transactions.input_hash)) AS input,
    transactions.gas_limit,
    transactions.gas_used,
    effective_gas_price AS gas_price,
    transaction_type::UINTEGER AS transaction_type,
    max_priority_fee_per_gas,
    max_fee_per_gas,
    success,
    n_input_bytes,
    n_input_zero_bytes,
    n_input_bytes - n_input_zero_bytes AS n_input_nonzero_bytes, -- Bytes of input that are not zero
    block_hash,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id,
    epoch(timestamp)::UBIGINT AS timestamp,
    r,
    s,
    CASE WHEN transaction_type = 0 THEN v % 2 = 0 ELSE v = 1 END AS v -- Y parity of the signature
FROM main.transactions
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW cryo.transactions IS 'cryo''s transactions, without n_rlp_bytes, which no table has. gas_price is what was paid, of every type. gas_price, max_priority_fee_per_gas and max_fee_per_gas are DECIMAL(38,0), cryo''s have 64 bits. block_number and timestamp are UBIGINT, cryo''s have 32 bits.';

CREATE OR REPLACE VIEW cryo.logs AS
SELECT
    block_number,
    block_hash,
    transaction_index,
    log_index,
    transaction_hash,
    address,
    topic0,
    topic1,
    topic2,
    topic3,
    coalesce(data, payload(logs.block_number, logs.data_hash)) AS data,
    coalesce(octet_length(logs.data), payload_bytes(logs.block_number, logs.data_hash))::UINTEGER AS n_data_bytes, -- Bytes of data
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.logs
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW cryo.logs IS 'cryo''s logs. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.traces AS
SELECT
    traces.from_address AS action_from,
    CASE WHEN trace_type <> 'create' THEN traces.to_address END AS action_to, -- 20 bytes: who is called, gets the balance or the reward. NULL of a creation
    coalesce(traces.value::VARCHAR, u256_dec(traces.value_u256)) AS action_value,
    gas AS action_gas,
    CASE WHEN trace_type = 'call' THEN coalesce(traces.input, payload(traces.block_number, traces.input_hash)) END AS action_input, -- Call data. NULL unless a call
    CASE WHEN trace_type = 'call' THEN call_type::VARCHAR END AS action_call_type, -- Of a call: call, callcode, delegatecall or staticcall. NULL otherwise
    CASE WHEN trace_type = 'create' THEN coalesce(traces.input, payload(traces.block_number, traces.input_hash)) END AS action_init, -- Init code of a creation. NULL otherwise
    reward_type::VARCHAR AS action_reward_type,
    trace_type::VARCHAR AS action_type,
    traces.gas_used AS result_gas_used,
    CASE WHEN trace_type = 'call' THEN coalesce(output, payload(traces.block_number, traces.output_hash)) END AS result_output, -- Bytes that a call returned. NULL unless a call
    CASE WHEN trace_type = 'create' THEN coalesce(output, payload(traces.block_number, traces.output_hash)) END AS result_code, -- Code of the created contract. NULL unless a creation
    CASE WHEN trace_type = 'create' THEN traces.to_address END AS result_address, -- 20 bytes: the address created. NULL unless a creation
    array_to_string(trace_address, '_') AS trace_address,
    subtraces,
    transaction_index,
    transaction_hash,
    block_number,
    block_hash,
    error,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.traces
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number)
WHERE trace_type NOT IN ('genesis', 'daofork');
COMMENT ON VIEW cryo.traces IS 'cryo''s traces. The author of a reward is in action_to; cryo puts it in action_from. Frames that were refused before they were entered are here and not there. block_number, action_gas and result_gas_used are UBIGINT, cryo''s have 32 bits.';

CREATE OR REPLACE VIEW cryo.contracts AS
SELECT
    block_number,
    block_hash,
    create_index,
    transaction_hash,
    contracts.contract_address,
    deployer,
    factory,
    coalesce(init_code, payload(contracts.block_number, contracts.init_code_hash)) AS init_code,
    coalesce(code, payload(contracts.block_number, contracts.code_hash)) AS code,
    init_code_hash,
    coalesce(octet_length(contracts.init_code), payload_bytes(contracts.block_number, contracts.init_code_hash))::UINTEGER
        AS n_init_code_bytes, -- Bytes of init code
    coalesce(octet_length(contracts.code), payload_bytes(contracts.block_number, contracts.code_hash))::UINTEGER AS n_code_bytes, -- Bytes of code
    code_hash,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.contracts
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number)
WHERE contracts.success;
COMMENT ON VIEW cryo.contracts IS 'cryo''s contracts. init_code_hash and code_hash are of what they are called after; cryo has them the other way round. create_index counts failed creations too. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.native_transfers AS
SELECT
    block_number,
    block_hash,
    transaction_index,
    transfer_index,
    transaction_hash,
    coalesce(native_transfers.from_address, bin('0x0000000000000000000000000000000000000000')) AS from_address,
    native_transfers.to_address,
    coalesce(native_transfers.value_u256, u256(native_transfers.value)) AS value_binary,
    coalesce(native_transfers.value::VARCHAR, u256_dec(native_transfers.value_u256)) AS value_string,
    coalesce(native_transfers.value::DOUBLE, u256_dec(native_transfers.value_u256)::DOUBLE) AS value_f64,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.native_transfers
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number)
WHERE transfer_type NOT IN ('genesis', 'withdrawal', 'daofork', 'system', 'burn');
COMMENT ON VIEW cryo.native_transfers IS 'cryo''s native_transfers, but only what moved: cryo counts values of zero, of failed frames and of delegate calls. transfer_index counts those of main.native_transfers. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.erc20_transfers AS
SELECT
    block_number,
    block_hash,
    transaction_index,
    log_index,
    transaction_hash,
    token_address AS erc20,
    erc20_transfers.from_address,
    erc20_transfers.to_address,
    coalesce(erc20_transfers.value_u256, u256(erc20_transfers.value)) AS value_binary,
    coalesce(erc20_transfers.value::VARCHAR, u256_dec(erc20_transfers.value_u256)) AS value_string,
    coalesce(erc20_transfers.value::DOUBLE, u256_dec(erc20_transfers.value_u256)::DOUBLE) AS value_f64,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.erc20_transfers
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW cryo.erc20_transfers IS 'cryo''s erc20_transfers. Transfers whose arguments are not indexed are here and not there. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.erc721_transfers AS
SELECT
    block_number,
    block_hash,
    transaction_index,
    log_index,
    transaction_hash,
    token_address AS erc20,
    erc721_transfers.from_address,
    erc721_transfers.to_address,
    token_id AS token_id_binary,
    u256_dec(token_id) AS token_id_string,
    u256_dec(token_id)::DOUBLE AS token_id_f64,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.erc721_transfers
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW cryo.erc721_transfers IS 'cryo''s erc721_transfers, which calls the address of the token erc20. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.balance_diffs AS
SELECT
    block_number,
    transaction_index,
    transaction_hash,
    address,
    coalesce(from_value_u256, u256(coalesce(from_value, 0))) AS from_value_binary,
    coalesce(from_value::VARCHAR, u256_dec(from_value_u256), '0') AS from_value_string,
    coalesce(from_value::DOUBLE, u256_dec(from_value_u256)::DOUBLE, 0) AS from_value_f64,
    coalesce(to_value_u256, u256(coalesce(to_value, 0))) AS to_value_binary,
    coalesce(to_value::VARCHAR, u256_dec(to_value_u256), '0') AS to_value_string,
    coalesce(to_value::DOUBLE, u256_dec(to_value_u256)::DOUBLE, 0) AS to_value_f64,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.balance_diffs
LEFT JOIN main.transactions USING (block_number, transaction_index)
WHERE transaction_index IS NOT NULL;
COMMENT ON VIEW cryo.balance_diffs IS 'cryo''s balance_diffs: of transactions only, zero where there is no account. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.nonce_diffs AS
SELECT
    block_number,
    transaction_index,
    transaction_hash,
    address,
    coalesce(from_value, 0) AS from_value,
    coalesce(to_value, 0) AS to_value,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.nonce_diffs
LEFT JOIN main.transactions USING (block_number, transaction_index)
WHERE transaction_index IS NOT NULL;
COMMENT ON VIEW cryo.nonce_diffs IS 'cryo''s nonce_diffs: of transactions only, zero where there is no account. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.code_diffs AS
SELECT
    block_number,
    transaction_index,
    transaction_hash,
    address,
    coalesce(from_value, payload(code_diffs.block_number, code_diffs.from_value_hash), ''::BLOB) AS from_value,
    coalesce(to_value, payload(code_diffs.block_number, code_diffs.to_value_hash), ''::BLOB) AS to_value,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.code_diffs
LEFT JOIN main.transactions USING (block_number, transaction_index)
WHERE transaction_index IS NOT NULL;
COMMENT ON VIEW cryo.code_diffs IS 'cryo''s code_diffs: of transactions only, empty where there is no account. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.storage_diffs AS
SELECT
    block_number,
    transaction_index,
    transaction_hash,
    address,
    slot,
    from_value,
    to_value,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.storage_diffs
LEFT JOIN main.transactions USING (block_number, transaction_index)
WHERE transaction_index IS NOT NULL;
COMMENT ON VIEW cryo.storage_diffs IS 'cryo''s storage_diffs: of transactions only. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.erc20_approvals AS
SELECT
    block_number,
    block_hash,
    transaction_index,
    log_index,
    transaction_hash,
    token_address AS erc20,
    owner AS from_address,
    spender AS to_address,
    coalesce(erc20_approvals.value_u256, u256(erc20_approvals.value)) AS value_binary,
    coalesce(erc20_approvals.value::VARCHAR, u256_dec(erc20_approvals.value_u256)) AS value_string,
    coalesce(erc20_approvals.value::DOUBLE, u256_dec(erc20_approvals.value_u256)::DOUBLE) AS value_f64,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.erc20_approvals
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW cryo.erc20_approvals IS 'cryo''s erc20_approvals: from_address is the owner, to_address the spender. Approvals whose arguments are not indexed are here and not there. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.balance_reads AS
SELECT
    block_number,
    transaction_index,
    transaction_hash,
    address,
    coalesce(balance_reads.value_u256, u256(coalesce(balance_reads.value, 0))) AS balance_binary,
    coalesce(balance_reads.value::VARCHAR, u256_dec(balance_reads.value_u256), '0') AS balance_string,
    coalesce(balance_reads.value::DOUBLE, u256_dec(balance_reads.value_u256)::DOUBLE, 0) AS balance_f64,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.balance_reads
LEFT JOIN main.transactions USING (block_number, transaction_index)
WHERE transaction_index IS NOT NULL;
COMMENT ON VIEW cryo.balance_reads IS 'cryo''s balance_reads: of transactions only, zero where there is no account. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.nonce_reads AS
SELECT
    block_number,
    transaction_index,
    transaction_hash,
    address,
    coalesce(nonce_reads.value, 0) AS nonce,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.nonce_reads
LEFT JOIN main.transactions USING (block_number, transaction_index)
WHERE transaction_index IS NOT NULL;
COMMENT ON VIEW cryo.nonce_reads IS 'cryo''s nonce_reads: of transactions only, zero where there is no account; cryo leaves out accounts whose nonce is zero. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.code_reads AS
SELECT
    block_number,
    transaction_index,
    transaction_hash,
    address AS contract_address,
    coalesce(code_reads.value, payload(code_reads.block_number, code_reads.value_hash)) AS code,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.code_reads
LEFT JOIN main.transactions USING (block_number, transaction_index)
WHERE transaction_index IS NOT NULL;
COMMENT ON VIEW cryo.code_reads IS 'cryo''s code_reads: of transactions only. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.storage_reads AS
SELECT
    block_number,
    transaction_index,
    transaction_hash,
    address AS contract_address,
    slot,
    storage_reads.value,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.storage_reads
LEFT JOIN main.transactions USING (block_number, transaction_index)
WHERE transaction_index IS NOT NULL;
COMMENT ON VIEW cryo.storage_reads IS 'cryo''s storage_reads: of transactions only. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.four_byte_counts AS
SELECT
    block_number,
    transaction_index,
    transaction_hash,
    selector AS signature,
    calldata_size::UBIGINT AS size,
    sum(four_byte_counts.count)::UBIGINT AS count,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.four_byte_counts
LEFT JOIN main.transactions USING (block_number, transaction_index)
GROUP BY block_number, transaction_index, transaction_hash, selector, calldata_size;
COMMENT ON VIEW cryo.four_byte_counts IS 'cryo''s four_byte_counts: those of main, of all accounts together. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.address_appearances AS
SELECT
    block_number,
    block_hash,
    transaction_hash,
    address,
    relationship::VARCHAR AS relationship,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.address_appearances
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number)
WHERE relationship::VARCHAR IN (
    'miner_fee', 'tx_from', 'tx_to', 'call_from', 'call_to', 'factory', 'create', 'suicide', 'suicide_refund',
    'erc20_transfer_from', 'erc20_transfer_to', 'erc721_transfer_from', 'erc721_transfer_to'
);
COMMENT ON VIEW cryo.address_appearances IS 'cryo''s address_appearances, each once a transaction; cryo has a row for each occurrence. The recipient of a token transfer is in …_to; cryo puts the sender there too. block_number is a UBIGINT, cryo''s has 32 bits.';

CREATE OR REPLACE VIEW cryo.geth_opcodes AS
SELECT
    block_number,
    transaction_hash,
    transaction_index,
    '' AS trace_address, -- Empty, as cryo has it
    depth::UBIGINT AS depth,
    error,
    gas,
    gas_cost,
    op::VARCHAR AS op,
    pc::UBIGINT AS pc,
    nullif(refund, 0) AS refund_counter,
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id
FROM main.opcodes
LEFT JOIN main.transactions USING (block_number, transaction_index);
COMMENT ON VIEW cryo.geth_opcodes IS 'cryo''s geth_opcodes, without memory, stack, storage and return_data: hex.opcodes has the stack, traces what is returned. trace_address is empty, as there. block_number is a UBIGINT, cryo''s has 32 bits.';
