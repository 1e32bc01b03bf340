-- a block number names one block
-- needs blocks
SELECT block_number, count(*) AS rows
FROM blocks
GROUP BY block_number
HAVING count(*) > 1
