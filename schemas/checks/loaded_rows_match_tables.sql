-- every table holds as many rows as its loaded units say
WITH counted AS (
    SELECT 'blocks' AS dataset, count(*) AS rows FROM blocks
    UNION ALL SELECT 'ommers', count(*) FROM ommers
    UNION ALL SELECT 'withdrawals', count(*) FROM withdrawals
    UNION ALL SELECT 'transactions', count(*) FROM transactions
    UNION ALL SELECT 'logs', count(*) FROM logs
    UNION ALL SELECT 'traces', count(*) FROM traces
    UNION ALL SELECT 'opcodes', count(*) FROM opcodes
), loaded AS (
    SELECT dataset, sum(rows) AS rows FROM _loaded GROUP BY dataset
)
SELECT dataset, counted.rows AS rows, coalesce(loaded.rows, 0) AS expected
FROM counted
LEFT JOIN loaded USING (dataset)
WHERE counted.rows <> coalesce(loaded.rows, 0)
