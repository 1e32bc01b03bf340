-- How much ether do contracts move below the transactions themselves (depth 0)?
-- needs traces
WITH moved AS (
    SELECT
        len(trace_address) AS depth,
        count(*) AS transfers,
        count(*) FILTER (trace_type = 'create') AS to_new_contracts,
        count(*) FILTER (trace_type = 'suicide') AS self_destructs,
        count(DISTINCT to_address) AS recipients,
        -- A value above 10^38-1 is in value_u256.
        scaled(sum_amount(value, value_u256), 18) AS ether
    FROM traces
    WHERE success
        AND (value > 0 OR value_u256 IS NOT NULL)
        AND (call_type IN ('call', 'create', 'create2') OR trace_type = 'suicide')
    GROUP BY depth
)
SELECT * REPLACE (round(ether, 6) AS ether), (100 * ether / sum(ether) OVER ())::DECIMAL(4,1) AS percent_of_ether
FROM moved
ORDER BY depth
LIMIT 10
