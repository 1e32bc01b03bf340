-- How do fees move along the chain: how full are blocks, what is burned, what is tipped?
-- needs blocks, transactions
WITH paid AS (
    SELECT
        block_number,
        count(*) AS paying,
        sum_fee(transactions.gas_used, effective_gas_price) AS fees,
        sum_fee(transactions.gas_used, coalesce(base_fee_per_gas, 0)) AS base_fees,
        sum_fee(transactions.blob_gas_used, blob_gas_price) AS blob_fees
    FROM transactions
    JOIN blocks USING (block_number)
    GROUP BY block_number
), tenths AS (
    SELECT
        *,
        ntile(10) OVER (ORDER BY block_number) AS tenth
    FROM blocks
    LEFT JOIN paid USING (block_number)
), summed AS (
    SELECT
        min(block_number) AS from_block,
        max(block_number) AS to_block,
        sum(transaction_count) AS transactions,
        (100 * sum(gas_used) / sum(gas_limit))::DECIMAL(4,1) AS percent_full,
        round(gwei(avg(base_fee_per_gas)), 3) AS base_fee_gwei,
        -- BIGNUM, which holds any sum.
        coalesce(sum(base_fees), 0::BIGNUM) AS base_fees,
        coalesce(sum(blob_fees), 0::BIGNUM) AS blob_fees,
        CASE WHEN bool_and(paying IS NULL OR fees IS NOT NULL) THEN coalesce(sum(fees), 0::BIGNUM) END AS fees
    FROM tenths
    GROUP BY tenth
)
SELECT
    * EXCLUDE (base_fees, blob_fees, fees),
    round(scaled(base_fees + blob_fees, 18), 6) AS ether_burned,
    round(scaled(fees - base_fees, 18), 6) AS ether_tipped
FROM summed
ORDER BY from_block
