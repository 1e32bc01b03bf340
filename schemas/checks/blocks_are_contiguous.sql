-- in a chain, every loaded block number has its block, but for the one whose state the chain starts from
-- needs blocks
WITH loaded AS (
    SELECT min(start_block) + count(*) FILTER (WHERE start_block::VARCHAR = state_block) AS first_block,
        max(end_block) - 1 AS last_block
    FROM _loaded, (SELECT max(value) FILTER (WHERE key = 'state_block') AS state_block FROM _meta)
    WHERE dataset = 'blocks'
), steps AS (
    SELECT block_number, lag(block_number) OVER (ORDER BY block_number) AS previous_block FROM blocks
), gaps AS (
    SELECT previous_block AS after_block, block_number AS before_block
    FROM steps
    WHERE previous_block IS NOT NULL AND block_number - previous_block > 1
    UNION ALL
    SELECT NULL, min(block_number) FROM blocks
    HAVING min(block_number) <> (SELECT first_block FROM loaded)
    UNION ALL
    SELECT max(block_number), NULL FROM blocks
    HAVING coalesce(max(block_number), (SELECT first_block - 1 FROM loaded)) <> (SELECT last_block FROM loaded)
)
SELECT after_block, before_block
FROM gaps
WHERE EXISTS (SELECT 1 FROM _meta WHERE key = 'kind' AND value = 'chain')
