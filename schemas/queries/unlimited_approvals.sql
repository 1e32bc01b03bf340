-- who may spend any number of other people's tokens
-- needs erc20_approvals
WITH standing AS (
    -- An approval replaces the one before it, of the same token by the same owner for the same spender.
    SELECT token_address, owner, spender, max(block_number) AS block_number,
        arg_max_null(value_u256, (block_number, log_index)) AS value_u256
    FROM erc20_approvals
    GROUP BY token_address, owner, spender
)
SELECT
    hex0x(spender) AS spender,
    count(DISTINCT owner) AS owners,
    count(DISTINCT token_address) AS tokens,
    count(*) AS approvals,
    max(block_number) AS last_block
FROM standing
WHERE value_u256 >= bin('0x8000000000000000000000000000000000000000000000000000000000000000')
GROUP BY standing.spender
ORDER BY owners DESC, spender
LIMIT 10
