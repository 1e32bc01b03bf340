-- per callee and selector, a transaction's calls with at least four bytes are those in traces
-- needs traces, four_byte_counts
WITH long_inputs AS (
    SELECT block_number AS payload_block, payload_hash, min_by(piece[1:4], piece_index) AS selector,
        sum(octet_length(piece)) AS bytes
    FROM payloads
    GROUP BY ALL
), calls AS (
    SELECT block_number, transaction_index, to_address AS address, coalesce(input[1:4], long_inputs.selector) AS selector,
        coalesce(octet_length(input), bytes) - 4 AS calldata_size
    FROM traces
    LEFT JOIN long_inputs ON payload_block = block_number AND payload_hash = input_hash
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
