-- per callee and selector, a transaction's calls with at least four bytes are those in traces
-- needs traces, four_byte_counts
WITH expected AS (
    SELECT block_number, transaction_index, to_address AS address, input[1:4] AS selector,
        octet_length(input) - 4 AS calldata_size, count(*) AS calls
    FROM traces
    WHERE trace_type = 'call' AND octet_length(input) >= 4
    GROUP BY ALL
)
SELECT block_number, transaction_index, hex0x(address) AS address, hex0x(selector) AS selector, calldata_size,
    count, calls AS expected
FROM four_byte_counts
FULL JOIN expected USING (block_number, transaction_index, address, selector, calldata_size)
WHERE count IS DISTINCT FROM calls
