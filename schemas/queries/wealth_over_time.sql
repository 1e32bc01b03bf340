-- the balance of the account with the largest one, at ten moments
-- needs blocks, balance_diffs
WITH richest AS (
    SELECT address FROM balance_diffs
    GROUP BY address
    ORDER BY max_by(to_value, (block_number, change_index)) DESC NULLS LAST, address
    LIMIT 1
), moments AS (
    SELECT min(block_number) + (max(block_number) - min(block_number)) * tenth // 10 AS height
    FROM blocks, range(1, 11) AS tenths(tenth)
    GROUP BY tenth
)
SELECT
    hex0x(richest.address) AS account,
    height,
    round(eth(max_by(to_value, (block_number, change_index))), 6) AS ether
FROM moments
JOIN richest ON true
JOIN balance_diffs ON balance_diffs.address = richest.address AND block_number <= height
GROUP BY richest.address, height
ORDER BY height
