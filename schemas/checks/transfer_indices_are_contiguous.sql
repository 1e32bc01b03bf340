-- the ether transfers of a block are indexed from 0 without gap, and move more than nothing, from somewhere to somewhere else
-- needs native_transfers
WITH numbered AS (
    SELECT *, row_number() OVER (PARTITION BY block_number ORDER BY transfer_index) - 1 AS expected
    FROM native_transfers
)
SELECT block_number, transfer_index, expected, transfer_type, value, hex0x(from_address) AS from_address,
    hex0x(to_address) AS to_address
FROM numbered
WHERE transfer_index <> expected
    OR (value IS NULL) = (value_u256 IS NULL)
    OR value = 0
    OR (from_address IS NULL) <> (transfer_type IN ('reward', 'ommer_reward', 'withdrawal', 'genesis'))
    OR (to_address IS NULL) <> (transfer_type = 'burn')
    -- What is burned may be burned by a transaction or by a system call.
    OR transfer_type <> 'burn' AND (transaction_index IS NULL)
        <> (transfer_type IN ('reward', 'ommer_reward', 'withdrawal', 'genesis', 'daofork', 'system'))
