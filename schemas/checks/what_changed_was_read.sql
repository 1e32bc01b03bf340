-- a transaction read what it changed, with the value that it changed it from
-- needs balance_diffs, nonce_diffs, storage_diffs, balance_reads, nonce_reads, storage_reads
SELECT 'balance' AS what, block_number, transaction_index, hex0x(address) AS address
FROM balance_diffs
WHERE transaction_index IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM balance_reads AS reads
    WHERE reads.block_number = balance_diffs.block_number
        AND reads.transaction_index = balance_diffs.transaction_index AND reads.address = balance_diffs.address
        AND reads.value IS NOT DISTINCT FROM from_value AND reads.value_u256 IS NOT DISTINCT FROM from_value_u256
)
UNION ALL
SELECT 'nonce', block_number, transaction_index, hex0x(address)
FROM nonce_diffs
WHERE transaction_index IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM nonce_reads AS reads
    WHERE reads.block_number = nonce_diffs.block_number
        AND reads.transaction_index = nonce_diffs.transaction_index AND reads.address = nonce_diffs.address
        AND reads.value IS NOT DISTINCT FROM from_value
)
UNION ALL
SELECT 'storage', block_number, transaction_index, hex0x(address)
FROM storage_diffs
WHERE transaction_index IS NOT NULL
    -- What a self-destruct wiped need not have been read.
    AND to_value <> bin('0x0000000000000000000000000000000000000000000000000000000000000000')
    AND NOT EXISTS (
        SELECT 1 FROM storage_reads AS reads
        WHERE reads.block_number = storage_diffs.block_number
            AND reads.transaction_index = storage_diffs.transaction_index AND reads.address = storage_diffs.address
            AND reads.slot = storage_diffs.slot AND reads.value = from_value
    )
