-- who held the most of the token with the most transfers, in the middle of the chain
-- needs blocks, erc20_transfers
WITH moment AS (
    SELECT (min(block_number) + max(block_number)) // 2 AS height FROM blocks
), token AS (
    SELECT token_address FROM erc20_transfers GROUP BY token_address ORDER BY count(*) DESC, token_address LIMIT 1
), moved AS (
    SELECT to_address AS holder, value::HUGEINT AS value FROM erc20_transfers
    WHERE token_address = (FROM token) AND block_number <= (FROM moment)
    UNION ALL
    SELECT from_address, -value::HUGEINT FROM erc20_transfers
    WHERE token_address = (FROM token) AND block_number <= (FROM moment)
)
SELECT
    (SELECT hex0x(token_address) FROM token) AS token,
    (FROM moment) AS height,
    hex0x(holder) AS holder,
    sum(value) AS balance
FROM moved
WHERE holder <> bin('0x0000000000000000000000000000000000000000')
GROUP BY holder
HAVING sum(value) > 0
ORDER BY balance DESC, holder
LIMIT 10
