-- subtraces is the number of traces right below, and no trace is without the one above it
-- needs traces
WITH children AS (
    SELECT block_number, transaction_index, trace_address[1 : len(trace_address) - 1] AS trace_address,
        count(*) AS children
    FROM traces
    WHERE transaction_index IS NOT NULL AND len(trace_address) > 0
    GROUP BY ALL
), frames AS (
    SELECT block_number, transaction_index, trace_address, subtraces FROM traces WHERE transaction_index IS NOT NULL
)
SELECT block_number, transaction_index, trace_address, subtraces, coalesce(children, 0) AS expected
FROM frames
FULL JOIN children USING (block_number, transaction_index, trace_address)
WHERE subtraces IS DISTINCT FROM coalesce(children, 0)
