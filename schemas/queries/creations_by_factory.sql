-- which contracts create the most contracts, and how much alike these are
-- needs contracts
SELECT
    hex0x(factory) AS factory,
    count(*) AS created,
    count(*) FILTER (NOT success) AS failed,
    count(DISTINCT code_hash) AS different_codes,
    count(DISTINCT deployer) AS senders,
    round(avg(coalesce(octet_length(code), payload_bytes(block_number, code_hash)))) AS code_bytes
FROM contracts
WHERE factory <> deployer
GROUP BY factory
ORDER BY created DESC, factory
LIMIT 10
