-- a block has a size
-- needs blocks
SELECT block_number, size
FROM blocks
WHERE size = 0
