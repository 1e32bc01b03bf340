-- token transfers of nothing: senders who write themselves into the histories of many others
-- needs transactions, erc20_transfers
SELECT
    hex0x(transactions.from_address) AS sender,
    hex0x(token_address) AS token,
    count(*) AS empty_transfers,
    count(DISTINCT erc20_transfers.from_address) AS supposed_senders,
    count(DISTINCT erc20_transfers.to_address) AS recipients
FROM erc20_transfers
JOIN transactions USING (block_number, transaction_index)
WHERE erc20_transfers.value = 0
GROUP BY transactions.from_address, token_address
ORDER BY empty_transfers DESC, sender, token
LIMIT 10
