-- what fee recipients earned in tips and rewards
-- needs blocks, transactions, native_transfers
WITH tips AS (
    SELECT miner, count(DISTINCT block_number) AS blocks,
        sum_fee(transactions.gas_used, effective_gas_price - coalesce(base_fee_per_gas, 0)) AS wei
    FROM blocks
    JOIN transactions USING (block_number)
    GROUP BY miner
), rewards AS (
    SELECT to_address AS miner, sum_amount(value, value_u256) AS wei
    FROM native_transfers
    WHERE transfer_type IN ('reward', 'ommer_reward')
    GROUP BY to_address
), earned AS (
    -- Tips at a price above 10^38-1 are not known, and NULL.
    SELECT miner, coalesce(blocks, 0) AS blocks, CASE WHEN blocks IS NULL THEN 0::BIGNUM ELSE tips.wei END AS tips,
        coalesce(rewards.wei, 0::BIGNUM) AS rewards
    FROM tips
    FULL JOIN rewards USING (miner)
)
SELECT
    hex0x(miner) AS fee_recipient,
    earned.blocks AS blocks_with_transactions,
    round(scaled(tips, 18), 6) AS tips_ether,
    round(scaled(rewards, 18), 6) AS rewards_ether
FROM earned
ORDER BY tips + rewards DESC NULLS LAST, fee_recipient
LIMIT 10
