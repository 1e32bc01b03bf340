-- the loaded units of a dataset follow each other without gap or overlap, and every dataset reaches as far as the others
WITH ranges AS (
    SELECT dataset, start_block, end_block,
        lag(end_block) OVER (PARTITION BY dataset ORDER BY start_block) AS previous_end
    FROM _loaded
), reach AS (
    SELECT dataset, min(start_block) AS start_block, max(end_block) AS end_block FROM _loaded GROUP BY dataset
)
SELECT dataset, start_block, end_block, previous_end AS expected
FROM ranges
WHERE previous_end <> start_block OR end_block <= start_block
UNION ALL
SELECT dataset, start_block, end_block, (SELECT max(end_block) FROM reach)
FROM reach
WHERE end_block <> (SELECT max(end_block) FROM reach) OR start_block <> (SELECT min(start_block) FROM reach)
