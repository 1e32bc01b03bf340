-- erc721_transfers has exactly the logs that say Transfer(address,address,uint256) in 4 topics and no data
-- needs logs, erc721_transfers
WITH transfers AS (
    SELECT block_number, transaction_index, log_index, address AS token_address, hex(topic1) AS from_word,
        hex(topic2) AS to_word, topic3 AS token_id
    FROM logs
    WHERE topic0 = bin('0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef')
        AND topic3 IS NOT NULL AND octet_length(data) = 0
)
SELECT block_number, log_index, hex0x(erc721_transfers.token_address) AS token_address
FROM transfers
FULL JOIN erc721_transfers USING (block_number, log_index)
WHERE transfers.token_address IS DISTINCT FROM erc721_transfers.token_address
    OR transfers.transaction_index IS DISTINCT FROM erc721_transfers.transaction_index
    OR transfers.from_word[25:64] IS DISTINCT FROM hex(erc721_transfers.from_address)
    OR transfers.to_word[25:64] IS DISTINCT FROM hex(erc721_transfers.to_address)
    OR transfers.token_id IS DISTINCT FROM erc721_transfers.token_id
