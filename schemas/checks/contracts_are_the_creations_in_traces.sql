-- contracts has exactly the traces that create, in their order, with the sender of their transaction
-- needs transactions, traces, contracts
WITH creations AS (
    SELECT block_number, transaction_index,
        row_number() OVER (PARTITION BY block_number ORDER BY trace_index) - 1 AS create_index,
        traces.to_address, traces.from_address AS factory, transactions.from_address AS deployer, traces.input, traces.input_hash,
        CASE WHEN traces.to_address IS NOT NULL THEN output END AS output,
        CASE WHEN traces.to_address IS NOT NULL THEN output_hash END AS output_hash, traces.success
    FROM traces
    JOIN transactions USING (block_number, transaction_index)
    WHERE trace_type = 'create'
)
SELECT block_number, create_index, hex0x(contract_address) AS contract_address, hex0x(to_address) AS expected
FROM creations
FULL JOIN contracts USING (block_number, create_index)
WHERE contracts.transaction_index IS DISTINCT FROM creations.transaction_index
    OR contract_address IS DISTINCT FROM to_address
    OR contracts.factory IS DISTINCT FROM creations.factory
    OR contracts.deployer IS DISTINCT FROM creations.deployer
    OR init_code IS DISTINCT FROM input
    OR init_code_hash <> input_hash
    OR code IS DISTINCT FROM output
    OR code_hash <> output_hash
    OR contracts.success IS DISTINCT FROM creations.success
    OR (code_hash IS NULL) <> (output IS NULL AND output_hash IS NULL)
