-- status, where the receipt has one (EIP-658), says what success says; a receipt of a chain has either status or state root
-- needs transactions
SELECT block_number, transaction_index, status, success, hex0x(root) AS root
FROM transactions
WHERE (status IS NOT NULL AND (status = 1) <> success)
    OR status > 1
    OR (status IS NOT NULL AND root IS NOT NULL)
    OR (status IS NULL AND root IS NULL AND EXISTS (SELECT 1 FROM _meta WHERE key = 'kind' AND value = 'chain'))
