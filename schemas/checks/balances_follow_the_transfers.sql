-- per block and account, transfers, fees and tips add up to the change of the balance
-- needs blocks, transactions, native_transfers, balance_diffs
WITH moved AS (
    SELECT block_number, to_address AS address, value::HUGEINT AS wei FROM native_transfers
    UNION ALL
    SELECT block_number, from_address, -value::HUGEINT FROM native_transfers
    UNION ALL
    SELECT block_number, from_address, -(gas_used::HUGEINT * effective_gas_price::HUGEINT
        + coalesce(blob_gas_used::HUGEINT * blob_gas_price::HUGEINT, 0))
    FROM transactions
    UNION ALL
    SELECT block_number, miner, gas_used::HUGEINT * tip
    FROM (
        SELECT block_number, miner, transactions.gas_used,
            effective_gas_price::HUGEINT - coalesce(base_fee_per_gas::HUGEINT, 0) AS tip
        FROM transactions
        JOIN blocks USING (block_number)
    )
), expected AS (
    SELECT block_number, address, sum(wei) AS wei
    FROM moved
    WHERE address IS NOT NULL
    GROUP BY ALL
), found AS (
    SELECT block_number, address,
        sum(coalesce(to_value::HUGEINT, 0) - coalesce(from_value::HUGEINT, 0)) AS wei,
        bool_or(from_value_u256 IS NOT NULL OR to_value_u256 IS NOT NULL) AS is_beyond_decimal
    FROM balance_diffs
    GROUP BY ALL
)
SELECT block_number, hex0x(address) AS address, found.wei, expected.wei AS expected
FROM found
FULL JOIN expected USING (block_number, address)
WHERE coalesce(found.wei, 0) <> coalesce(expected.wei, 0) AND is_beyond_decimal IS NOT TRUE
