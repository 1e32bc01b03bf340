-- the first instruction of a transaction is the first of its code, in the root frame
-- needs opcodes
SELECT block_number, transaction_index, step, depth, pc
FROM opcodes
WHERE step = 0 AND (depth <> 1 OR pc <> 0)
