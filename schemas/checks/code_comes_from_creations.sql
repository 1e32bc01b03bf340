-- in a transaction, code appears where a contract was created with it, or as a delegation (EIP-7702)
-- needs contracts, code_diffs
SELECT code_diffs.block_number, code_diffs.transaction_index, hex0x(code_diffs.address) AS address
FROM code_diffs
WHERE (octet_length(to_value) > 0 OR to_value_hash IS NOT NULL) AND transaction_index IS NOT NULL
    AND NOT coalesce(octet_length(to_value) = 23 AND to_value[1:3] = bin('0xef0100'), false)
    AND NOT EXISTS (
        SELECT 1 FROM contracts
        WHERE contracts.block_number = code_diffs.block_number
            AND contracts.transaction_index = code_diffs.transaction_index
            AND contracts.contract_address = code_diffs.address
            AND contracts.code IS NOT DISTINCT FROM code_diffs.to_value
            AND (to_value_hash IS NULL OR contracts.code_hash = to_value_hash) AND contracts.success
    )
