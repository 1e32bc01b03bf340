-- How much ether do contracts move below the transactions themselves (depth 0)?
-- needs traces
SELECT
    len(trace_address) AS depth,
    count(*) AS transfers,
    count(*) FILTER (trace_type = 'create') AS to_new_contracts,
    count(*) FILTER (trace_type = 'suicide') AS self_destructs,
    count(DISTINCT to_address) AS recipients,
    round(eth(sum(value)), 6) AS ether,
    (100 * sum(value) / sum(sum(value)) OVER ())::DECIMAL(4,1) AS percent_of_ether
FROM traces
WHERE success
    AND value > 0
    AND (call_type IN ('call', 'create', 'create2') OR trace_type = 'suicide')
GROUP BY depth
ORDER BY depth
LIMIT 10
