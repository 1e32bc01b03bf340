-- transactions between two others of one sender, where all three moved the same token through the same address
-- needs transactions, erc20_transfers
WITH touches AS (
    SELECT DISTINCT block_number, transaction_index, token_address, unnest([erc20_transfers.from_address, erc20_transfers.to_address]) AS pool
    FROM erc20_transfers
), sent AS (
    SELECT touches.*, transactions.from_address AS sender, transactions.to_address AS called
    FROM touches
    JOIN transactions USING (block_number, transaction_index)
    WHERE pool <> transactions.from_address AND pool <> bin('0x0000000000000000000000000000000000000000')
)
SELECT
    block_number,
    hex0x(before.sender) AS around,
    before.transaction_index AS first,
    between_them.transaction_index AS victim,
    behind.transaction_index AS last,
    hex0x(before.token_address) AS token,
    hex0x(before.pool) AS pool
FROM sent AS before
JOIN sent AS between_them USING (block_number, token_address, pool)
JOIN sent AS behind USING (block_number, token_address, pool)
WHERE before.sender = behind.sender AND before.called = behind.called AND between_them.sender <> before.sender
    AND before.transaction_index < between_them.transaction_index
    AND between_them.transaction_index < behind.transaction_index
ORDER BY block_number, first, victim, last, token, pool
LIMIT 10
