-- a trace succeeded only if the trace above it and its transaction did
-- needs traces
WITH succeeded AS (
    SELECT block_number, transaction_index, trace_address, transaction_success,
        CASE WHEN len(trace_address) > 0 THEN trace_address[1 : len(trace_address) - 1] END AS above
    FROM traces
    WHERE success AND transaction_index IS NOT NULL
), failed AS (
    SELECT block_number, transaction_index, trace_address AS above
    FROM traces
    WHERE NOT success AND transaction_index IS NOT NULL
)
SELECT block_number, transaction_index, trace_address, transaction_success, false AS success_above
FROM succeeded
JOIN failed USING (block_number, transaction_index, above)
UNION ALL
SELECT block_number, transaction_index, trace_address, transaction_success, NULL AS success_above
FROM succeeded
WHERE transaction_success IS NOT TRUE
