-- a trace's value stands in value or, above 10^38-1, in value_u256, never in both
-- needs traces
SELECT block_number, transaction_index, trace_index, value, hex0x(value_u256) AS value_u256
FROM traces
WHERE (value IS NOT NULL AND value_u256 IS NOT NULL)
    OR value_u256 <= u256('99999999999999999999999999999999999999')
