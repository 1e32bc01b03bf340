-- a transaction's value stands in value or, above 10^38-1, in value_u256
-- needs transactions
SELECT block_number, transaction_index, value, hex0x(value_u256) AS value_u256
FROM transactions
WHERE (value IS NULL) = (value_u256 IS NULL)
    OR value_u256 <= u256('99999999999999999999999999999999999999')
