-- per block and address, transfers of withdrawals are what withdrawals say
-- needs withdrawals, native_transfers
WITH expected AS (
    SELECT block_number, address, sum_amount(amount::DECIMAL(38,0) * 1000000000, NULL) AS wei
    FROM withdrawals
    WHERE amount > 0
    GROUP BY ALL
), found AS (
    SELECT block_number, to_address AS address, sum_amount(value, value_u256) AS wei
    FROM native_transfers
    WHERE transfer_type = 'withdrawal'
    GROUP BY ALL
)
SELECT block_number, hex0x(address) AS address, found.wei, expected.wei AS expected
FROM found
FULL JOIN expected USING (block_number, address)
WHERE found.wei IS DISTINCT FROM expected.wei
