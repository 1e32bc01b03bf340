-- from one instruction of a frame to the next gas falls by what the first took, unless it opened a frame
-- needs opcodes
SELECT block_number, transaction_index, step, op, gas, gas_cost, next_gas
FROM (
    SELECT *,
        lead(trace_index) OVER in_order AS next_trace,
        lead(gas) OVER in_order AS next_gas
    FROM opcodes
    WINDOW in_order AS (PARTITION BY block_number, transaction_index ORDER BY step)
)
WHERE next_trace = trace_index
    AND op NOT IN ('CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL', 'CREATE', 'CREATE2')
    AND next_gas IS DISTINCT FROM gas - gas_cost
