-- the largest movements of ether, whatever moved it
-- needs native_transfers
SELECT
    block_number,
    transaction_index,
    transfer_type,
    hex0x(from_address) AS from_address,
    hex0x(to_address) AS to_address,
    amount(value, value_u256)::VARCHAR AS wei,
    round(scaled(amount(value, value_u256), 18), 6) AS ether
FROM native_transfers
WHERE transfer_type <> 'genesis'
-- What stands in value_u256 is larger than any value, and bytes sort as the numbers that they are.
ORDER BY value_u256 DESC NULLS LAST, value DESC, block_number, transfer_index
LIMIT 10
