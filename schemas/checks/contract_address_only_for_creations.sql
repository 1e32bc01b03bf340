-- a transaction has a contract_address exactly where it has no to_address
-- needs transactions
SELECT block_number, transaction_index, hex0x(to_address) AS to_address, hex0x(contract_address) AS contract_address
FROM transactions
WHERE (to_address IS NULL) = (contract_address IS NULL)
