-- a transaction uses 131,072 blob gas per blob (EIP-4844), and a block's sum is the header's blob_gas_used
-- needs blocks, transactions
WITH spent AS (SELECT block_number, sum(blob_gas_used) AS blob_gas_used FROM transactions GROUP BY block_number)
SELECT block_number, NULL::UINTEGER AS transaction_index,
    coalesce(spent.blob_gas_used, 0) AS blob_gas_used, coalesce(blocks.blob_gas_used, 0) AS expected
FROM blocks
LEFT JOIN spent USING (block_number)
WHERE coalesce(spent.blob_gas_used, 0) <> coalesce(blocks.blob_gas_used, 0)
UNION ALL
SELECT block_number, transaction_index, coalesce(blob_gas_used, 0), coalesce(len(blob_versioned_hashes), 0) * 131072
FROM transactions
WHERE coalesce(blob_gas_used, 0) <> coalesce(len(blob_versioned_hashes), 0) * 131072
