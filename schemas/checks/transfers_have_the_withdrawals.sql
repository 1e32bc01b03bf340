-- per block and address, transfers of withdrawals are what withdrawals say
-- needs withdrawals, native_transfers
WITH expected AS (
    SELECT block_number, address, sum(amount::DECIMAL(38,0) * 1000000000) AS wei
    FROM withdrawals
    WHERE amount > 0
    GROUP BY ALL
), found AS (
    SELECT block_number, to_address AS address, sum(value) AS wei
    FROM native_transfers
    WHERE transfer_type = 'withdrawal'
    GROUP BY ALL
)
SELECT block_number, hex0x(address) AS address, found.wei, expected.wei AS expected
FROM found
FULL JOIN expected USING (block_number, address)
WHERE found.wei IS DISTINCT FROM expected.wei
