-- in a chain, parent_hash is the hash of the block before, and time moves on
-- needs blocks
SELECT
    child.block_number,
    hex0x(child.parent_hash) AS parent_hash,
    hex0x(parent.block_hash) AS expected,
    child.timestamp,
    parent.timestamp AS parent_timestamp
FROM blocks AS child
JOIN blocks AS parent ON child.block_number = parent.block_number + 1
WHERE (child.parent_hash <> parent.block_hash OR child.timestamp <= parent.timestamp)
    AND EXISTS (SELECT 1 FROM _meta WHERE key = 'kind' AND value = 'chain')
