-- a block has withdrawal_count withdrawals
-- needs blocks, withdrawals
WITH counted AS (SELECT block_number, count(*) AS rows FROM withdrawals GROUP BY block_number)
SELECT block_number, coalesce(rows, 0) AS rows, coalesce(withdrawal_count, 0) AS expected
FROM blocks
FULL JOIN counted USING (block_number)
WHERE coalesce(rows, 0) <> coalesce(withdrawal_count, 0)
