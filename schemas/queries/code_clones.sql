-- the code that was deployed most often
-- needs contracts
SELECT
    hex0x(code_hash) AS code_hash,
    count(*) AS contracts,
    count(DISTINCT deployer) AS senders,
    any_value(coalesce(octet_length(code), payload_bytes(block_number, code_hash))) AS code_bytes,
    hex0x(min_by(contract_address, (block_number, create_index))) AS first_contract,
    min(block_number) AS first_block
FROM contracts
WHERE success AND coalesce(octet_length(code), payload_bytes(block_number, code_hash)) > 0
GROUP BY contracts.code_hash
ORDER BY contracts DESC, code_hash
LIMIT 10
