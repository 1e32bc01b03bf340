-- How do fees move along the chain: how full are blocks, what is burned, what is tipped?
-- needs blocks, transactions
WITH paid AS (
    SELECT
        block_number,
        sum(gas_used * effective_gas_price) AS fees,
        sum(blob_gas_used * blob_gas_price) AS blob_fees
    FROM transactions
    GROUP BY block_number
), tenths AS (
    SELECT
        *,
        ntile(10) OVER (ORDER BY block_number) AS tenth,
        gas_used * coalesce(base_fee_per_gas, 0) AS base_fees
    FROM blocks
    LEFT JOIN paid USING (block_number)
)
SELECT
    min(block_number) AS from_block,
    max(block_number) AS to_block,
    sum(transaction_count) AS transactions,
    (100 * sum(gas_used) / sum(gas_limit))::DECIMAL(4,1) AS percent_full,
    round(gwei(avg(base_fee_per_gas)), 3) AS base_fee_gwei,
    round(eth(sum(base_fees) + coalesce(sum(blob_fees), 0)), 6) AS ether_burned,
    round(eth(coalesce(sum(fees), 0) - sum(base_fees)), 6) AS ether_tipped
FROM tenths
GROUP BY tenth
ORDER BY tenth
