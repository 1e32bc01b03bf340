-- Who burns the gas: which contracts do transactions call most, and how often does that fail?
-- needs transactions
SELECT
    CASE
        WHEN to_address IS NULL THEN 'new contracts'
        WHEN gas_used = 21000 THEN 'plain transfers'
        ELSE hex0x(to_address)
    END AS contract,
    count(*) AS transactions,
    count(DISTINCT from_address) AS senders,
    (sum(gas_used) / 1e6)::DECIMAL(18,2) AS mgas,
    (100 * sum(gas_used) / sum(sum(gas_used)) OVER ())::DECIMAL(4,1) AS percent_of_gas,
    (100 * avg((NOT success)::INT))::DECIMAL(4,1) AS percent_failed
FROM transactions
GROUP BY contract
ORDER BY sum(gas_used) DESC, contract
LIMIT 10
