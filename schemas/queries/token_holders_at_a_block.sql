-- who held the most of the token with the most transfers, in the middle of the chain
-- needs blocks, erc20_transfers
WITH moment AS (
    SELECT (min(block_number) + max(block_number)) // 2 AS height FROM blocks
), token AS (
    SELECT token_address FROM erc20_transfers GROUP BY token_address ORDER BY count(*) DESC, token_address LIMIT 1
), transfers AS (
    SELECT from_address, to_address, value, value_u256 FROM erc20_transfers
    WHERE token_address = (FROM token) AND block_number <= (FROM moment)
), moved AS (
    SELECT to_address AS holder, value AS got, value_u256 AS got_u256, NULL::DECIMAL(38,0) AS gave, NULL::BLOB AS gave_u256
    FROM transfers
    UNION ALL
    SELECT from_address, NULL, NULL, value, value_u256 FROM transfers
), held AS (
    SELECT holder, coalesce(sum_amount(got, got_u256), 0::BIGNUM) - coalesce(sum_amount(gave, gave_u256), 0::BIGNUM) AS balance
    FROM moved
    WHERE holder <> bin('0x0000000000000000000000000000000000000000')
    GROUP BY holder
)
SELECT
    (SELECT hex0x(token_address) FROM token) AS token,
    (FROM moment) AS height,
    hex0x(holder) AS holder,
    -- In whole tokens: scaled(held.balance, decimals), with decimals of tokens.
    held.balance::VARCHAR AS balance
FROM held
WHERE held.balance > 0::BIGNUM
ORDER BY held.balance DESC, holder
LIMIT 10
