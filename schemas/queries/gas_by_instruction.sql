-- which instructions take the gas by themselves, without what calls pass on, in the last ten blocks
-- needs blocks, opcodes, traces
WITH own AS (
    SELECT op::VARCHAR AS op, own_gas
    FROM own_gas((SELECT greatest(max(block_number)::BIGINT - 9, 0) FROM blocks), (SELECT max(block_number) FROM blocks))
    UNION ALL
    -- What stored code costs is taken when its creation returns, by no instruction (before Amsterdam: EIP-8037).
    SELECT 'code deposit', 200 * coalesce(octet_length(output), payload_bytes(block_number, output_hash))
    FROM traces
    WHERE trace_type = 'create' AND error IS NULL AND EXISTS (FROM opcodes)
        AND block_number + 10 > (SELECT max(block_number) FROM blocks)
)
SELECT
    op AS instruction,
    count(*) AS times,
    sum(own_gas)::BIGINT AS gas,
    round(sum(own_gas) / count(*), 1) AS gas_each,
    (100 * sum(own_gas) / sum(sum(own_gas)) OVER ())::DECIMAL(4,1) AS percent_of_gas
FROM own
GROUP BY instruction
ORDER BY gas DESC, instruction
LIMIT 10
