-- per callee and selector, a transaction's calls with at least four bytes are those in traces
-- needs traces, four_byte_counts
WITH calls AS (
    SELECT traces.block_number, transaction_index, to_address AS address, coalesce(input, piece)[1:4] AS selector,
        coalesce(octet_length(input), payload_bytes(traces.block_number, input_hash)) - 4 AS calldata_size
    FROM traces
    LEFT JOIN payloads ON payloads.block_number = traces.block_number AND payload_hash = input_hash AND piece_index = 0
    WHERE trace_type = 'call'
), expected AS (
    SELECT *, count(*) AS calls
    FROM calls
    WHERE calldata_size >= 0
    GROUP BY ALL
)
SELECT block_number, transaction_index, hex0x(address) AS address, hex0x(selector) AS selector, calldata_size,
    count, calls AS expected
FROM four_byte_counts
FULL JOIN expected USING (block_number, transaction_index, address, selector, calldata_size)
WHERE count IS DISTINCT FROM calls
