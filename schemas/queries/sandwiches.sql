-- sandwiches: a sender buys from a pool before another does and sells after it, within a block; and the gain
-- needs transactions, erc20_transfers
WITH moves AS (
    SELECT block_number, transaction_index, token_address, to_address AS pool, value AS came, value_u256 AS came_u256,
        NULL::DECIMAL(38,0) AS went, NULL::BLOB AS went_u256
    FROM erc20_transfers
    UNION ALL
    SELECT block_number, transaction_index, token_address, from_address, NULL, NULL, value, value_u256
    FROM erc20_transfers
), busy AS (
    -- It takes three transactions.
    SELECT block_number, token_address, pool
    FROM moves
    WHERE pool <> bin('0x0000000000000000000000000000000000000000')
    GROUP BY ALL
    HAVING count(DISTINCT transaction_index) > 2
), flows AS (
    -- What an address got of a token by a transaction; less than nothing where it gave.
    SELECT block_number, transaction_index, token_address, pool,
        coalesce(sum_amount(came, came_u256), 0::BIGNUM) - coalesce(sum_amount(went, went_u256), 0::BIGNUM) AS flow
    FROM moves
    JOIN busy USING (block_number, token_address, pool)
    GROUP BY block_number, transaction_index, token_address, pool
), sent AS (
    SELECT flows.*, flow < 0::BIGNUM AS bought, transactions.from_address AS sender, transactions.to_address AS called
    FROM flows
    JOIN transactions USING (block_number, transaction_index)
    WHERE pool <> transactions.from_address AND flow <> 0::BIGNUM
), cases AS (
    -- Of a pair both tokens are here: the one that was bought, and the one that it was paid with, which flows the other way.
    SELECT block_number, pool, first.sender, first.transaction_index AS first, middle.transaction_index AS victim,
        last.transaction_index AS last,
        any_value(CASE WHEN first.bought THEN token_address END) AS token,
        any_value(CASE WHEN first.bought THEN 0::BIGNUM - first.flow END) AS bought,
        any_value(CASE WHEN first.bought THEN last.flow END) AS sold,
        any_value(CASE WHEN NOT first.bought THEN token_address END) AS paid_with,
        any_value(CASE WHEN NOT first.bought THEN 0::BIGNUM - first.flow - last.flow END) AS gain
    FROM sent AS first
    JOIN sent AS middle USING (block_number, token_address, pool)
    JOIN sent AS last USING (block_number, token_address, pool)
    WHERE first.sender = last.sender AND first.called = last.called AND middle.sender <> first.sender
        AND first.transaction_index < middle.transaction_index AND middle.transaction_index < last.transaction_index
        AND first.bought = middle.bought AND first.bought <> last.bought
    GROUP BY ALL
), judged AS (
    -- More or less sold than bought: what changed is other stock, and no gain.
    SELECT * REPLACE (CASE WHEN sold::DOUBLE BETWEEN 0.95 * bought::DOUBLE AND 1.05 * bought::DOUBLE THEN gain END AS gain)
    FROM cases
)
SELECT block_number, hex0x(judged.sender) AS around, judged.first, victim, judged.last, hex0x(judged.token) AS token,
    judged.bought::VARCHAR AS bought, judged.sold::VARCHAR AS sold, hex0x(paid_with) AS paid_with,
    judged.gain::VARCHAR AS gain, hex0x(judged.pool) AS pool
FROM judged
WHERE judged.token IS NOT NULL AND paid_with IS NOT NULL
ORDER BY judged.gain IS NULL, block_number, first, victim, last, pool
LIMIT 10
