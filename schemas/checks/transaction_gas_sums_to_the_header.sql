-- the gas that a block's transactions used is the header's gas_used (before Amsterdam, which counts execution and new state apart)
-- needs blocks, transactions
WITH spent AS (SELECT block_number, sum(gas_used) AS gas_used FROM transactions GROUP BY block_number)
SELECT block_number, coalesce(spent.gas_used, 0) AS gas_used, blocks.gas_used AS expected
FROM blocks
LEFT JOIN spent USING (block_number)
WHERE slot_number IS NULL AND coalesce(spent.gas_used, 0) <> blocks.gas_used
