-- a block has ommer_count ommers, indexed from 0 without gap
-- needs blocks, ommers
WITH counted AS (
    SELECT block_number, count(*) AS rows, count(DISTINCT ommer_index) AS indices, max(ommer_index) AS last_index
    FROM ommers
    GROUP BY block_number
)
SELECT block_number, coalesce(rows, 0) AS rows, ommer_count AS expected, last_index
FROM blocks
FULL JOIN counted USING (block_number)
WHERE block_hash IS NULL OR coalesce(rows, 0) <> ommer_count OR indices <> rows OR last_index + 1 <> rows
