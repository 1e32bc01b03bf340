-- the largest movements of ether, whatever moved it
-- needs native_transfers
SELECT
    block_number,
    transaction_index,
    transfer_type,
    hex0x(from_address) AS from_address,
    hex0x(to_address) AS to_address,
    round(eth(value), 6) AS ether
FROM native_transfers
WHERE transfer_type <> 'genesis'
ORDER BY value DESC, block_number, transfer_index
LIMIT 10
