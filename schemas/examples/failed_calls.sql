-- Why do calls fail: with which error, how deep, caught or taking the transaction down?
-- needs traces, blocks
WITH failed AS (
    -- A failure often passes on to the caller. It began in a frame that has no failed one below it;
    -- frames are in the order in which they were entered, so that one below would be the next.
    SELECT
        *,
        lead(trace_address) OVER (PARTITION BY block_number, transaction_index ORDER BY trace_index) AS next
    FROM hex.traces
    WHERE error IS NOT NULL
    QUALIFY next[:len(trace_address)] IS DISTINCT FROM trace_address
)
SELECT
    error,
    -- What the revert says, or the selector of a custom error.
    coalesce(revert_reason, hex0x(selector(output))) AS reason,
    count(*) AS failed_calls,
    count(*) FILTER (transaction_success) AS caught,
    count(DISTINCT (block_number, transaction_index))
        FILTER (NOT transaction_success) AS failed_transactions,
    max(len(trace_address)) AS deepest,
    min(block_timestamp) AS first_seen
FROM failed
GROUP BY error, reason
ORDER BY failed_calls DESC, error, reason
LIMIT 10
