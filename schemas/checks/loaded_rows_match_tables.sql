-- every table holds as many rows as its loaded units say
WITH counted AS (
    SELECT 'blocks' AS dataset, count(*) AS rows FROM blocks
    UNION ALL SELECT 'ommers', count(*) FROM ommers
    UNION ALL SELECT 'withdrawals', count(*) FROM withdrawals
    UNION ALL SELECT 'transactions', count(*) FROM transactions
    UNION ALL SELECT 'logs', count(*) FROM logs
    UNION ALL SELECT 'traces', count(*) FROM traces
    UNION ALL SELECT 'erc20_transfers', count(*) FROM erc20_transfers
    UNION ALL SELECT 'erc20_approvals', count(*) FROM erc20_approvals
    UNION ALL SELECT 'erc721_transfers', count(*) FROM erc721_transfers
    UNION ALL SELECT 'erc1155_transfers', count(*) FROM erc1155_transfers
    UNION ALL SELECT 'contracts', count(*) FROM contracts
    UNION ALL SELECT 'payloads', count(*) FROM payloads
    UNION ALL SELECT 'native_transfers', count(*) FROM native_transfers
    UNION ALL SELECT 'balance_diffs', count(*) FROM balance_diffs
    UNION ALL SELECT 'nonce_diffs', count(*) FROM nonce_diffs
    UNION ALL SELECT 'code_diffs', count(*) FROM code_diffs
    UNION ALL SELECT 'storage_diffs', count(*) FROM storage_diffs
    UNION ALL SELECT 'balance_reads', count(*) FROM balance_reads
    UNION ALL SELECT 'nonce_reads', count(*) FROM nonce_reads
    UNION ALL SELECT 'code_reads', count(*) FROM code_reads
    UNION ALL SELECT 'storage_reads', count(*) FROM storage_reads
    UNION ALL SELECT 'four_byte_counts', count(*) FROM four_byte_counts
    UNION ALL SELECT 'address_appearances', count(*) FROM address_appearances
    UNION ALL SELECT 'opcodes', count(*) FROM opcodes
), loaded AS (
    SELECT dataset, sum(rows) AS rows FROM _loaded GROUP BY dataset
)
SELECT dataset, counted.rows AS rows, coalesce(loaded.rows, 0) AS expected
FROM counted
LEFT JOIN loaded USING (dataset)
WHERE counted.rows <> coalesce(loaded.rows, 0)
