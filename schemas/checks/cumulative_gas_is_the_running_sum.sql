-- cumulative_gas_used is the running sum of gas_used in the block
-- needs transactions
WITH summed AS (
    SELECT block_number, transaction_index, cumulative_gas_used,
        sum(gas_used) OVER (PARTITION BY block_number ORDER BY transaction_index) AS expected
    FROM transactions
)
SELECT block_number, transaction_index, cumulative_gas_used, expected
FROM summed
WHERE cumulative_gas_used <> expected
