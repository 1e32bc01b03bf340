-- a log has no topic after one that it does not have
-- needs logs
SELECT block_number, log_index
FROM logs
WHERE (topic1 IS NOT NULL AND topic0 IS NULL)
    OR (topic2 IS NOT NULL AND topic1 IS NULL)
    OR (topic3 IS NOT NULL AND topic2 IS NULL)
