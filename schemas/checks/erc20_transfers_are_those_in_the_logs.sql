-- erc20_transfers has exactly the logs of contracts that say Transfer(address,address,uint256) in 4 words but not in 4 topics
-- needs logs, erc20_transfers
WITH events AS (
    SELECT block_number, transaction_index, log_index, address AS token_address,
        concat(hex(topic1), hex(topic2), hex(data)) AS words
    FROM logs
    WHERE topic0 = bin('0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef') AND topic3 IS NULL
        AND address <> bin('0xfffffffffffffffffffffffffffffffffffffffe')
), expected AS (
    SELECT * FROM events WHERE length(words) = 192
)
SELECT block_number, log_index, hex0x(erc20_transfers.token_address) AS token_address, expected.words
FROM expected
FULL JOIN erc20_transfers USING (block_number, log_index)
WHERE expected.token_address IS DISTINCT FROM erc20_transfers.token_address
    OR expected.transaction_index IS DISTINCT FROM erc20_transfers.transaction_index
    OR expected.words[25:64] IS DISTINCT FROM hex(erc20_transfers.from_address)
    OR expected.words[89:128] IS DISTINCT FROM hex(erc20_transfers.to_address)
    OR unhex(expected.words[129:192]) IS DISTINCT FROM coalesce(erc20_transfers.value_u256, u256(erc20_transfers.value))
