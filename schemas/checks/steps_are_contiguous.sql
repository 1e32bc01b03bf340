-- the instructions of a transaction are numbered from 0 without gap
-- needs opcodes
SELECT block_number, transaction_index, count(*) AS rows, min(step) AS first_step, max(step) AS last_step
FROM opcodes
GROUP BY block_number, transaction_index
HAVING min(step) <> 0 OR max(step) + 1 <> count(*) OR count(DISTINCT step) <> count(*)
