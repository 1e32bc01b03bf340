-- a block's ommer rewards are its reward traces of type uncle, in number and in sum
-- needs ommers, traces
WITH paid AS (
    SELECT block_number, count(*) AS rewards, sum_amount(reward, NULL) AS wei FROM ommers GROUP BY block_number
), traced AS (
    SELECT block_number, count(*) AS rewards, sum_amount(value, value_u256) AS wei FROM traces WHERE reward_type = 'uncle' GROUP BY block_number
)
SELECT block_number, coalesce(traced.rewards, 0) AS rewards, traced.wei,
    coalesce(paid.rewards, 0) AS expected_rewards, paid.wei AS expected_wei
FROM paid
FULL JOIN traced USING (block_number)
WHERE paid.rewards IS DISTINCT FROM traced.rewards OR paid.wei IS DISTINCT FROM traced.wei
