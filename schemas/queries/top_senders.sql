-- which accounts send the most transactions, and what they paid for them
-- needs transactions
SELECT
    hex0x(from_address) AS sender,
    count(*) AS transactions,
    count(*) FILTER (NOT success) AS failed,
    count(DISTINCT to_address) AS recipients,
    sum(gas_used) // 1000000 AS mgas,
    round(scaled(sum_fee(gas_used, effective_gas_price), 18), 6) AS fees_ether
FROM transactions
GROUP BY from_address
ORDER BY transactions DESC, sender
LIMIT 10
