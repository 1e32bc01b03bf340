-- a transaction has one trace with an empty trace_address, a call or a create as the transaction is
-- needs transactions, traces
WITH roots AS (
    SELECT block_number, transaction_index, count(*) AS roots, any_value(trace_type) AS trace_type
    FROM traces
    WHERE transaction_index IS NOT NULL AND trace_address = []
    GROUP BY block_number, transaction_index
)
SELECT block_number, transaction_index, coalesce(roots, 0) AS roots, trace_type
FROM transactions
FULL JOIN roots USING (block_number, transaction_index)
WHERE roots IS DISTINCT FROM 1
    OR transaction_hash IS NULL
    OR trace_type <> (CASE WHEN to_address IS NULL THEN 'create' ELSE 'call' END)
