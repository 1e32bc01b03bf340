-- instructions belong to transactions that are there, and none has more gas than its transaction
-- needs transactions, opcodes
SELECT block_number, transaction_index, step, gas, gas_limit
FROM opcodes
LEFT JOIN transactions USING (block_number, transaction_index)
WHERE gas_limit IS NULL OR gas > gas_limit
