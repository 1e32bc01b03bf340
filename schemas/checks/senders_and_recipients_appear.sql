-- address_appearances names the sender and the recipient of every transaction, and no others as such
-- needs transactions, address_appearances
WITH expected AS (
    SELECT block_number, transaction_index, from_address AS address, 'tx_from' AS relationship FROM transactions
    UNION ALL
    SELECT block_number, transaction_index, coalesce(to_address, contract_address), 'tx_to'
    FROM transactions
    WHERE to_address IS NOT NULL OR success
), found AS (
    SELECT block_number, transaction_index, address, relationship::VARCHAR AS relationship
    FROM address_appearances
    WHERE relationship IN ('tx_from', 'tx_to')
)
SELECT block_number, transaction_index, hex0x(address) AS address, relationship
FROM found
FULL JOIN expected USING (block_number, transaction_index, address, relationship)
WHERE found.block_number IS NULL OR expected.block_number IS NULL
