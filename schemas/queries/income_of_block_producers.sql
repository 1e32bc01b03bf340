-- what fee recipients earned in tips and rewards
-- needs blocks, transactions, native_transfers
WITH tips AS (
    SELECT miner, count(DISTINCT block_number) AS blocks,
        sum(transactions.gas_used::HUGEINT * (effective_gas_price::HUGEINT - coalesce(base_fee_per_gas::HUGEINT, 0))) AS wei
    FROM blocks
    JOIN transactions USING (block_number)
    GROUP BY miner
), rewards AS (
    SELECT to_address AS miner, sum(value::HUGEINT) AS wei
    FROM native_transfers
    WHERE transfer_type IN ('reward', 'ommer_reward')
    GROUP BY to_address
)
SELECT
    hex0x(miner) AS fee_recipient,
    coalesce(blocks, 0) AS blocks_with_transactions,
    round(eth(coalesce(tips.wei, 0)::DECIMAL(38,0)), 6) AS tips_ether,
    round(eth(coalesce(rewards.wei, 0)::DECIMAL(38,0)), 6) AS rewards_ether
FROM tips
FULL JOIN rewards USING (miner)
ORDER BY coalesce(tips.wei, 0) + coalesce(rewards.wei, 0) DESC, fee_recipient
LIMIT 10
