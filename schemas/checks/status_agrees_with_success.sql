-- status, where the receipt has one (EIP-658), says what success says, and then the receipt has no state root
-- needs transactions
SELECT block_number, transaction_index, status, success, hex0x(root) AS root
FROM transactions
WHERE (status IS NOT NULL AND (status = 1) <> success)
    OR status > 1
    OR (status IS NOT NULL AND root IS NOT NULL)
