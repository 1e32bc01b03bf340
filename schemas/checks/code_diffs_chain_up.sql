-- in a chain, an account's code changes from what the change before left
-- needs code_diffs
WITH steps AS (
    SELECT block_number, change_index, address, from_value, from_value_hash,
        lag(to_value) OVER history AS previous_value, lag(to_value_hash) OVER history AS previous_hash,
        lag(block_number) OVER history AS previous_block
    FROM code_diffs
    WINDOW history AS (PARTITION BY address ORDER BY block_number, change_index)
)
SELECT block_number, change_index, hex0x(address) AS address, previous_block
FROM steps
WHERE previous_block IS NOT NULL AND (from_value, from_value_hash) IS DISTINCT FROM (previous_value, previous_hash)
    AND EXISTS (SELECT 1 FROM _meta WHERE key = 'kind' AND value = 'chain')
