-- per block, what calls, creations, self-destructs, rewards, genesis and the DAO fork move is what traces say
-- needs traces, native_transfers
WITH traced AS (
    SELECT block_number, transaction_index, value, value_u256, CASE
        WHEN trace_type = 'reward' THEN if(reward_type = 'block', 'reward', 'ommer_reward')
        WHEN transaction_index IS NOT NULL AND trace_address = [] THEN 'transaction'
        ELSE trace_type::VARCHAR
    END AS transfer_type
    FROM traces
    WHERE success AND (value > 0 OR value_u256 IS NOT NULL) AND (trace_type <> 'suicide' OR from_address <> to_address)
        AND (trace_type NOT IN ('call', 'create') OR call_type IN ('call', 'create', 'create2'))
), expected AS (
    SELECT block_number, transaction_index, transfer_type, count(*) AS transfers, sum_amount(value, value_u256) AS wei
    FROM traced
    GROUP BY ALL
), found AS (
    SELECT block_number, transaction_index, transfer_type::VARCHAR AS transfer_type, count(*) AS transfers, sum_amount(value, value_u256) AS wei
    FROM native_transfers
    WHERE transfer_type NOT IN ('withdrawal', 'system', 'burn')
    GROUP BY ALL
)
SELECT coalesce(found.block_number, expected.block_number) AS block_number,
    coalesce(found.transfer_type, expected.transfer_type) AS transfer_type,
    found.transfers, found.wei, expected.transfers AS expected_transfers, expected.wei AS expected_wei
FROM found
FULL JOIN expected ON found.block_number = expected.block_number AND found.transfer_type = expected.transfer_type
    AND found.transaction_index IS NOT DISTINCT FROM expected.transaction_index
WHERE found.transfers IS DISTINCT FROM expected.transfers OR found.wei IS DISTINCT FROM expected.wei
