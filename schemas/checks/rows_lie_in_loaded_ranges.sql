-- no table holds a row of a block that its loaded units do not cover
WITH reach AS (
    SELECT dataset, min(start_block) AS start_block, max(end_block) AS end_block FROM _loaded GROUP BY dataset
), seen AS (
    SELECT 'blocks' AS dataset, min(block_number) AS first_block, max(block_number) AS last_block FROM blocks
    UNION ALL SELECT 'ommers', min(block_number), max(block_number) FROM ommers
    UNION ALL SELECT 'withdrawals', min(block_number), max(block_number) FROM withdrawals
    UNION ALL SELECT 'transactions', min(block_number), max(block_number) FROM transactions
    UNION ALL SELECT 'logs', min(block_number), max(block_number) FROM logs
    UNION ALL SELECT 'traces', min(block_number), max(block_number) FROM traces
    UNION ALL SELECT 'opcodes', min(block_number), max(block_number) FROM opcodes
)
SELECT dataset, first_block, last_block, start_block, end_block
FROM seen
LEFT JOIN reach USING (dataset)
WHERE first_block IS NOT NULL
    AND (start_block IS NULL OR first_block < start_block OR last_block >= end_block)
