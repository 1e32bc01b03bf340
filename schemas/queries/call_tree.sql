-- the call tree of a transaction, indented: here of the one with the most frames
-- needs transactions, traces
WITH chosen AS (
    -- Or of another: SELECT block_number, transaction_index FROM transactions WHERE transaction_hash = bin('0x…').
    SELECT block_number, transaction_index
    FROM traces
    WHERE transaction_index IS NOT NULL
    GROUP BY block_number, transaction_index
    ORDER BY count(*) DESC, block_number, transaction_index
    LIMIT 1
)
SELECT
    repeat('  ', len(trace_address)) || coalesce(call_type::VARCHAR, trace_type::VARCHAR) || ' ' || coalesce(hex0x(to_address), '-') AS call,
    -- Of longer call data too, which are in payloads.
    CASE WHEN trace_type = 'call' THEN hex0x(selector(coalesce(input, payload(block_number, input_hash)))) END AS function,
    scaled(amount(value, value_u256), 18) AS ether,
    gas_used,
    -- Of a custom error its selector.
    nullif(concat_ws(': ', error, coalesce(revert_reason, CASE WHEN error = 'Reverted' THEN hex0x(selector(output)) END)), '') AS failed
FROM traces
WHERE (block_number, transaction_index) = (SELECT (block_number, transaction_index) FROM chosen)
ORDER BY trace_index
LIMIT 10
