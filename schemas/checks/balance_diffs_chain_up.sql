-- in a chain, an account's balance changes from what the change before left
-- needs balance_diffs
WITH steps AS (
    SELECT block_number, change_index, address, from_value, from_value_u256,
        lag(to_value) OVER history AS previous_value, lag(to_value_u256) OVER history AS previous_u256,
        lag(block_number) OVER history AS previous_block
    FROM balance_diffs
    WINDOW history AS (PARTITION BY address ORDER BY block_number, change_index)
)
SELECT block_number, change_index, hex0x(address) AS address, from_value, previous_block, previous_value
FROM steps
WHERE previous_block IS NOT NULL
    AND (from_value IS DISTINCT FROM previous_value OR from_value_u256 IS DISTINCT FROM previous_u256)
    AND EXISTS (SELECT 1 FROM _meta WHERE key = 'kind' AND value = 'chain')
