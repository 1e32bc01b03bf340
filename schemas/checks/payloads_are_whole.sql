-- every long byte string that a row names is in payloads, in pieces without a gap, and nothing else is
-- needs payloads
WITH named AS (
    SELECT block_number, input_hash AS payload_hash FROM transactions WHERE input_hash IS NOT NULL
    UNION SELECT block_number, data_hash FROM logs WHERE data_hash IS NOT NULL
    UNION SELECT block_number, input_hash FROM traces WHERE input_hash IS NOT NULL
    UNION SELECT block_number, output_hash FROM traces WHERE output_hash IS NOT NULL
    UNION SELECT block_number, init_code_hash FROM contracts WHERE init_code IS NULL
    UNION SELECT block_number, code_hash FROM contracts WHERE code IS NULL AND code_hash IS NOT NULL
    UNION SELECT block_number, from_value_hash FROM code_diffs WHERE from_value_hash IS NOT NULL
    UNION SELECT block_number, to_value_hash FROM code_diffs WHERE to_value_hash IS NOT NULL
    UNION SELECT block_number, value_hash FROM code_reads WHERE value_hash IS NOT NULL
), held AS (
    SELECT block_number, payload_hash, count(*) AS pieces, count(DISTINCT piece_index) AS different,
        max(piece_index) + 1 AS expected, sum(octet_length(piece)) AS bytes,
        max(octet_length(piece)) AS longest, min(octet_length(piece)) AS shortest
    FROM payloads
    GROUP BY ALL
)
SELECT block_number, hex0x(payload_hash) AS payload_hash, pieces, expected, bytes
FROM named
FULL JOIN held USING (block_number, payload_hash)
WHERE named.payload_hash IS NULL OR held.payload_hash IS NULL
    OR pieces <> expected OR different <> expected OR longest <> 8192 OR shortest = 0
    OR bytes <= 8192 * (expected - 1)
