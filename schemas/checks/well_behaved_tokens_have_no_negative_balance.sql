-- nobody holds less than nothing of a token whose balanceOf agrees with its transfers
-- derived erc20_balances, tokens
SELECT hex0x(token_address) AS token_address, hex0x(holding.address) AS address, amount(holding.balance, balance_text)::VARCHAR AS balance
FROM erc20_balances AS holding
JOIN tokens ON tokens.address = token_address
WHERE balances_agree AND (holding.balance < 0 OR balance_text LIKE '-%')
