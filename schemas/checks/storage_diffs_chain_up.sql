-- in a chain, a slot changes from what the change before left
-- needs storage_diffs
WITH steps AS (
    SELECT block_number, change_index, address, slot, from_value,
        lag(to_value) OVER history AS previous_value, lag(block_number) OVER history AS previous_block
    FROM storage_diffs
    WINDOW history AS (PARTITION BY address, slot ORDER BY block_number, change_index)
)
SELECT block_number, change_index, hex0x(address) AS address, hex0x(slot) AS slot, hex0x(from_value) AS from_value,
    previous_block, hex0x(previous_value) AS previous_value
FROM steps
WHERE previous_block IS NOT NULL AND from_value <> previous_value
    AND EXISTS (SELECT 1 FROM _meta WHERE key = 'kind' AND value = 'chain')
