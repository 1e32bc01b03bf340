-- collections of ERC-721 tokens by how many were made, and how many of these went on
-- needs erc721_transfers
WITH made AS (
    SELECT token_address, token_id, min(block_number) AS block_number
    FROM erc721_transfers
    WHERE from_address = bin('0x0000000000000000000000000000000000000000')
    GROUP BY token_address, token_id
), moved AS (
    SELECT token_address, token_id, count(*) AS transfers
    FROM erc721_transfers
    WHERE from_address <> bin('0x0000000000000000000000000000000000000000')
    GROUP BY token_address, token_id
)
SELECT
    hex0x(token_address) AS collection,
    count(*) AS minted,
    count(transfers) AS of_these_moved,
    coalesce(max(transfers), 0) AS most_transfers,
    min(block_number) AS first_block
FROM made
LEFT JOIN moved USING (token_address, token_id)
GROUP BY token_address
ORDER BY minted DESC, collection
LIMIT 10
