-- accounts that delegate to code (EIP-7702), by the contract they chose last
-- needs code_diffs
WITH last AS (
    SELECT address, max_by(to_value, (block_number, change_index)) AS code, max(block_number) AS block_number
    FROM code_diffs
    WHERE to_value IS NOT NULL
    GROUP BY address
)
SELECT
    hex0x(code[4:23]) AS delegate,
    count(*) AS accounts,
    min(block_number) AS first_block,
    max(block_number) AS last_block
FROM last
WHERE octet_length(code) = 23 AND code[1:3] = bin('0xef0100')
GROUP BY code
ORDER BY accounts DESC, delegate
LIMIT 10
