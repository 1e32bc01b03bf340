-- who may spend any number of other people's tokens
-- needs erc20_approvals
SELECT
    hex0x(spender) AS spender,
    count(DISTINCT owner) AS owners,
    count(DISTINCT token_address) AS tokens,
    count(*) AS approvals,
    max(block_number) AS last_block
FROM erc20_approvals
WHERE value_u256 >= bin('0x8000000000000000000000000000000000000000000000000000000000000000')
GROUP BY erc20_approvals.spender
ORDER BY owners DESC, spender
LIMIT 10
