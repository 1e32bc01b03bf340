-- per block and account, transfers, fees and tips add up to the change of the balance
-- needs blocks, transactions, native_transfers, balance_diffs
-- Sums of 256-bit numbers overflow every type: they are taken modulo 2^61-1, where 2^64 is 8. A difference that is small is
-- shown as it is.
WITH amounts AS (
    SELECT block_number, address, 1 AS sign, to_value AS value, to_value_u256 AS large FROM balance_diffs
    UNION ALL
    SELECT block_number, address, -1, from_value, from_value_u256 FROM balance_diffs
    UNION ALL
    SELECT block_number, to_address, -1, value, value_u256 FROM native_transfers
    UNION ALL
    SELECT block_number, from_address, 1, value, value_u256 FROM native_transfers
), residues AS (
    SELECT block_number, address, sign * (value::HUGEINT % 2305843009213693951) AS wei, false AS is_large
    FROM amounts
    WHERE value IS NOT NULL
    UNION ALL
    SELECT block_number, address, sign * ((('0x' || hex(large)[49:64])::UBIGINT::HUGEINT
        + ('0x' || hex(large)[33:48])::UBIGINT::HUGEINT * 8
        + ('0x' || hex(large)[17:32])::UBIGINT::HUGEINT * 64
        + ('0x' || hex(large)[1:16])::UBIGINT::HUGEINT * 512) % 2305843009213693951), true
    FROM amounts
    WHERE large IS NOT NULL
    UNION ALL
    SELECT block_number, from_address, (gas_used::HUGEINT * (effective_gas_price::HUGEINT % 2305843009213693951)
        + coalesce(blob_gas_used::HUGEINT * (blob_gas_price::HUGEINT % 2305843009213693951), 0)) % 2305843009213693951, false
    FROM transactions
    UNION ALL
    SELECT block_number, miner, -((transactions.gas_used::HUGEINT
        * ((effective_gas_price::HUGEINT - coalesce(base_fee_per_gas::HUGEINT, 0)) % 2305843009213693951))
        % 2305843009213693951), false
    FROM transactions
    JOIN blocks USING (block_number)
)
SELECT block_number, hex0x(address) AS address, sum(wei) % 2305843009213693951 AS difference
FROM residues
WHERE address IS NOT NULL
    -- A state that was loaded is no transfer.
    AND NOT EXISTS (SELECT 1 FROM _meta WHERE key = 'state_block' AND value = residues.block_number::VARCHAR)
GROUP BY block_number, residues.address
HAVING sum(wei) % 2305843009213693951 <> 0
    -- A price that no column holds is paid out of balances that none holds.
    AND NOT (bool_or(is_large) AND block_number IN (
        SELECT block_number FROM transactions
        WHERE effective_gas_price IS NULL OR (blob_gas_used IS NOT NULL AND blob_gas_price IS NULL)
    ))
