-- code was read only of accounts whose balance and nonce are in the reads of the same transaction
-- needs balance_reads, nonce_reads, code_reads
SELECT block_number, transaction_index, hex0x(address) AS address
FROM code_reads
WHERE octet_length(value) = 0 OR NOT EXISTS (
    SELECT 1 FROM balance_reads
    JOIN nonce_reads ON nonce_reads.block_number = balance_reads.block_number
        AND nonce_reads.transaction_index IS NOT DISTINCT FROM balance_reads.transaction_index
        AND nonce_reads.address = balance_reads.address
    WHERE balance_reads.block_number = code_reads.block_number
        AND balance_reads.transaction_index IS NOT DISTINCT FROM code_reads.transaction_index
        AND balance_reads.address = code_reads.address
)
