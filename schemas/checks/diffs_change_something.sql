-- the diffs of a block are indexed from 0 without gap, in the order of its transactions, and each is a change
-- needs balance_diffs, nonce_diffs, code_diffs, storage_diffs
WITH diffs AS (
    SELECT 'balance_diffs' AS diffs, block_number, transaction_index, change_index,
        from_value IS DISTINCT FROM to_value OR from_value_u256 IS DISTINCT FROM to_value_u256 AS is_change
    FROM balance_diffs
    UNION ALL
    SELECT 'nonce_diffs', block_number, transaction_index, change_index, from_value IS DISTINCT FROM to_value
    FROM nonce_diffs
    UNION ALL
    SELECT 'code_diffs', block_number, transaction_index, change_index,
        from_value IS DISTINCT FROM to_value OR from_value_hash IS DISTINCT FROM to_value_hash
    FROM code_diffs
    UNION ALL
    SELECT 'storage_diffs', block_number, transaction_index, change_index, from_value <> to_value
    FROM storage_diffs
), numbered AS (
    SELECT *, row_number() OVER in_order - 1 AS expected,
        max(transaction_index) OVER (PARTITION BY diffs, block_number ORDER BY change_index) AS latest_transaction
    FROM diffs
    WINDOW in_order AS (PARTITION BY diffs, block_number ORDER BY change_index)
)
SELECT diffs, block_number, transaction_index, change_index, expected, is_change
FROM numbered
WHERE change_index <> expected OR NOT is_change OR transaction_index < latest_transaction
