-- a block has transaction_count transactions, indexed from 0 without gap
-- needs blocks, transactions
WITH counted AS (
    SELECT block_number, count(*) AS rows, count(DISTINCT transaction_index) AS indices,
        max(transaction_index) AS last_index
    FROM transactions
    GROUP BY block_number
)
SELECT block_number, coalesce(rows, 0) AS rows, transaction_count AS expected, last_index
FROM blocks
FULL JOIN counted USING (block_number)
WHERE coalesce(rows, 0) IS DISTINCT FROM transaction_count OR indices <> rows OR last_index + 1 <> rows
