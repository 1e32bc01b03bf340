-- erc20_approvals has exactly the logs that say Approval(address,address,uint256) in 4 words but not in 4 topics
-- needs logs, erc20_approvals
WITH events AS (
    SELECT block_number, transaction_index, log_index, address AS token_address,
        concat(hex(topic1), hex(topic2), hex(data)) AS words
    FROM logs
    WHERE topic0 = bin('0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925') AND topic3 IS NULL
), expected AS (
    SELECT * FROM events WHERE length(words) = 192
)
SELECT block_number, log_index, hex0x(erc20_approvals.token_address) AS token_address, expected.words
FROM expected
FULL JOIN erc20_approvals USING (block_number, log_index)
WHERE expected.token_address IS DISTINCT FROM erc20_approvals.token_address
    OR expected.transaction_index IS DISTINCT FROM erc20_approvals.transaction_index
    OR expected.words[25:64] IS DISTINCT FROM hex(erc20_approvals.owner)
    OR expected.words[89:128] IS DISTINCT FROM hex(erc20_approvals.spender)
    OR unhex(expected.words[129:192]) IS DISTINCT FROM coalesce(erc20_approvals.value_u256, u256(erc20_approvals.value))
