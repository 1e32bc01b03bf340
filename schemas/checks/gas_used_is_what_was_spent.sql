-- a transaction uses what it spent without what it got back, and no less than its floor
-- needs transactions, transaction_gas
SELECT block_number, transaction_index, gas_used, gas_spent, gas_refunded, floor_gas
FROM transactions
FULL JOIN transaction_gas USING (block_number, transaction_index)
WHERE gas_used IS DISTINCT FROM greatest(gas_spent::BIGINT - gas_refunded::BIGINT, floor_gas::BIGINT)
