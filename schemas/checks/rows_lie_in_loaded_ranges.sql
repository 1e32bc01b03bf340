-- no table holds a row of a block that its loaded units do not cover
WITH reach AS (
    SELECT dataset, min(start_block) AS start_block, max(end_block) AS end_block FROM _loaded GROUP BY dataset
), seen AS (
    SELECT 'blocks' AS dataset, min(block_number) AS first_block, max(block_number) AS last_block FROM blocks
    UNION ALL SELECT 'ommers', min(block_number), max(block_number) FROM ommers
    UNION ALL SELECT 'withdrawals', min(block_number), max(block_number) FROM withdrawals
    UNION ALL SELECT 'transactions', min(block_number), max(block_number) FROM transactions
    UNION ALL SELECT 'logs', min(block_number), max(block_number) FROM logs
    UNION ALL SELECT 'traces', min(block_number), max(block_number) FROM traces
    UNION ALL SELECT 'erc20_transfers', min(block_number), max(block_number) FROM erc20_transfers
    UNION ALL SELECT 'erc20_approvals', min(block_number), max(block_number) FROM erc20_approvals
    UNION ALL SELECT 'erc721_transfers', min(block_number), max(block_number) FROM erc721_transfers
    UNION ALL SELECT 'erc1155_transfers', min(block_number), max(block_number) FROM erc1155_transfers
    UNION ALL SELECT 'contracts', min(block_number), max(block_number) FROM contracts
    UNION ALL SELECT 'payloads', min(block_number), max(block_number) FROM payloads
    UNION ALL SELECT 'native_transfers', min(block_number), max(block_number) FROM native_transfers
    UNION ALL SELECT 'balance_diffs', min(block_number), max(block_number) FROM balance_diffs
    UNION ALL SELECT 'nonce_diffs', min(block_number), max(block_number) FROM nonce_diffs
    UNION ALL SELECT 'code_diffs', min(block_number), max(block_number) FROM code_diffs
    UNION ALL SELECT 'storage_diffs', min(block_number), max(block_number) FROM storage_diffs
    UNION ALL SELECT 'balance_reads', min(block_number), max(block_number) FROM balance_reads
    UNION ALL SELECT 'nonce_reads', min(block_number), max(block_number) FROM nonce_reads
    UNION ALL SELECT 'code_reads', min(block_number), max(block_number) FROM code_reads
    UNION ALL SELECT 'storage_reads', min(block_number), max(block_number) FROM storage_reads
    UNION ALL SELECT 'four_byte_counts', min(block_number), max(block_number) FROM four_byte_counts
    UNION ALL SELECT 'address_appearances', min(block_number), max(block_number) FROM address_appearances
    UNION ALL SELECT 'opcodes', min(block_number), max(block_number) FROM opcodes
)
SELECT dataset, first_block, last_block, start_block, end_block
FROM seen
LEFT JOIN reach USING (dataset)
WHERE first_block IS NOT NULL
    AND (start_block IS NULL OR first_block < start_block OR last_block >= end_block)
