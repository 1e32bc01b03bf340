-- a transaction takes its sender's nonce on from the nonce that it was signed with
-- needs transactions, nonce_diffs
SELECT block_number, transaction_index, hex0x(from_address) AS from_address, nonce, from_value, to_value
FROM transactions
LEFT JOIN nonce_diffs USING (block_number, transaction_index)
WHERE nonce_diffs.address = from_address AND (coalesce(from_value, 0) <> nonce OR to_value <= nonce)
UNION ALL
SELECT block_number, transaction_index, hex0x(from_address), nonce, NULL, NULL
FROM transactions
WHERE NOT EXISTS (
    SELECT 1 FROM nonce_diffs
    WHERE nonce_diffs.block_number = transactions.block_number
        AND nonce_diffs.transaction_index = transactions.transaction_index
        AND nonce_diffs.address = transactions.from_address
)
