-- a block uses no more gas than its limit
-- needs blocks
SELECT block_number, gas_used, gas_limit
FROM blocks
WHERE gas_used > gas_limit
