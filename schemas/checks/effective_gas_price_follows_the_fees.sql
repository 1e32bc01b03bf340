-- effective_gas_price is what the signed fees and the base fee give (EIP-1559), and never below the base fee
-- needs blocks, transactions
SELECT block_number, transaction_index, effective_gas_price, base_fee_per_gas,
    gas_price, max_fee_per_gas, max_priority_fee_per_gas
FROM transactions
JOIN blocks USING (block_number)
WHERE effective_gas_price < base_fee_per_gas
    OR effective_gas_price <> gas_price
    OR (gas_price IS NULL AND effective_gas_price::HUGEINT <> least(
        max_fee_per_gas::HUGEINT,
        coalesce(base_fee_per_gas, 0)::HUGEINT + max_priority_fee_per_gas::HUGEINT))
