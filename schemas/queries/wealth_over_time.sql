-- the balance of the account with the largest one, at ten moments
-- needs blocks, balance_diffs
WITH last AS (
    -- The last change decides, also where it removes the account.
    SELECT address, arg_max_null(to_value, (block_number, change_index)) AS value,
        arg_max_null(to_value_u256, (block_number, change_index)) AS value_u256
    FROM balance_diffs
    GROUP BY address
), richest AS (
    -- What stands in value_u256 is larger than any value, and bytes sort as the numbers that they are.
    SELECT address FROM last
    ORDER BY value_u256 DESC NULLS LAST, value DESC NULLS LAST, address
    LIMIT 1
), moments AS (
    SELECT min(block_number) + (max(block_number) - min(block_number)) * tenth // 10 AS height
    FROM blocks, range(1, 11) AS tenths(tenth)
    GROUP BY tenth
), held AS (
    SELECT richest.address, height, coalesce(amount(
        arg_max_null(to_value, (block_number, change_index)),
        arg_max_null(to_value_u256, (block_number, change_index))
    ), 0::BIGNUM) AS wei
    FROM moments
    JOIN richest ON true
    JOIN balance_diffs ON balance_diffs.address = richest.address AND block_number <= height
    GROUP BY richest.address, height
)
SELECT hex0x(address) AS account, height, held.wei::VARCHAR AS wei, round(scaled(held.wei, 18), 6) AS ether
FROM held
ORDER BY height
