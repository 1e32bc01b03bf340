-- where failed transactions really failed: the deepest frame that failed by itself, and why
-- needs transactions, traces
WITH failures AS (
    SELECT block_number, transaction_index, to_address, error, len(trace_address) AS depth,
        -- Of a custom error its selector.
        coalesce(revert_reason, CASE WHEN error = 'Reverted' THEN hex0x(selector(output)) END) AS reason,
        row_number() OVER (
            PARTITION BY block_number, transaction_index ORDER BY len(trace_address) DESC, trace_index
        ) AS nth
    FROM traces
    WHERE error IS NOT NULL AND NOT transaction_success
)
SELECT
    error,
    reason,
    count(*) AS transactions,
    max(depth) AS deepest,
    sum(gas_used) // 1000000 AS mgas_lost,
    hex0x(mode(failures.to_address)) AS most_often_in
FROM failures
JOIN transactions USING (block_number, transaction_index)
WHERE nth = 1
GROUP BY error, reason
ORDER BY transactions DESC, error, reason
LIMIT 10
