-- Which tokens move most: how many transfers and mints, from how many senders?
-- needs logs
WITH transfers AS (
    -- Transfer(address,address,uint256): ERC-721 indexes the third argument (the token's id), ERC-20
    -- (an amount) does not. Some old tokens index none: then the sender is in the data too.
    SELECT
        block_number,
        address,
        if(topic3 IS NULL, 'ERC-20', 'ERC-721') AS standard,
        coalesce(topic1, data[1:32]) AS sender
    FROM logs
    WHERE topic0 = bin('0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef')
)
SELECT
    hex0x(address) AS token,
    standard,
    count(*) AS transfers,
    -- What is new comes from address zero.
    count(*) FILTER (sender = unhex(repeat('00', 32))) AS mints,
    count(DISTINCT sender) AS senders,
    min(block_number) AS from_block,
    max(block_number) AS to_block
FROM transfers
GROUP BY address, standard
ORDER BY transfers DESC, token
LIMIT 10
