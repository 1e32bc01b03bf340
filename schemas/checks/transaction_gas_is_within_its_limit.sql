-- a transaction uses some gas, and no more than its limit
-- needs transactions
SELECT block_number, transaction_index, gas_used, gas_limit
FROM transactions
WHERE gas_used > gas_limit OR gas_used = 0
