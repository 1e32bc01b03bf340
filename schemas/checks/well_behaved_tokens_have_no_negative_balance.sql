-- no holder has a negative balance of a token whose balanceOf agrees with its transfers
-- derived erc20_balances, tokens
WITH holdings AS (
    -- One of balance and balance_text; tables that an earlier version derived have only the first.
    SELECT token_address, address, concat_ws('', *COLUMNS('^balance(_text)?$')) AS balance
    FROM erc20_balances
)
SELECT hex0x(token_address) AS token_address, hex0x(holdings.address) AS address, balance
FROM holdings
JOIN tokens ON tokens.address = token_address
WHERE balances_agree AND balance LIKE '-%'
