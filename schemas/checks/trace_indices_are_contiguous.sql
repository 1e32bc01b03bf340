-- trace_index starts at 0 in a block that has traces, and runs without gap through the traces of a transaction
-- needs traces
SELECT block_number, transaction_index, count(*) AS rows, min(trace_index) AS first_index, max(trace_index) AS last_index
FROM traces
WHERE transaction_index IS NOT NULL
GROUP BY block_number, transaction_index
HAVING count(DISTINCT trace_index) <> count(*) OR max(trace_index) - min(trace_index) + 1 <> count(*)
UNION ALL
SELECT block_number, NULL, count(*), min(trace_index), max(trace_index)
FROM traces
GROUP BY block_number
HAVING min(trace_index) <> 0
