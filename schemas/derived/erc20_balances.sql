-- what ERC-20 transfers left every holder
-- needs erc20_transfers
-- from genesis
CREATE TABLE IF NOT EXISTS erc20_balances (
    token_address       BLOB NOT NULL,
    address             BLOB NOT NULL,
    balance             DECIMAL(38,0),
    last_transfer_block UBIGINT NOT NULL
);
COMMENT ON TABLE erc20_balances IS 'One row per token and holder: the transfers to the address less those from it, up to the last derived block, where they are not zero. It is what a token logged, not what its balanceOf answers: tokens that make or move balances without a transfer (rebasing ones, fees) differ, and may be negative here. The zero address is left out. In no order.';
COMMENT ON COLUMN erc20_balances.token_address IS '20 bytes: the contract that logged.';
COMMENT ON COLUMN erc20_balances.address IS '20 bytes: the holder.';
COMMENT ON COLUMN erc20_balances.balance IS 'Smallest units of the token. NULL where a transfer or the sum is beyond 10^38-1.';
COMMENT ON COLUMN erc20_balances.last_transfer_block IS 'Height of the block with the holder''s last transfer.';
-- update
CREATE OR REPLACE TEMP TABLE _moved AS
WITH sides AS (
    SELECT token_address, to_address AS address, value::HUGEINT AS value, block_number
    FROM erc20_transfers
    WHERE block_number >= getvariable('start_block') AND block_number < getvariable('end_block')
    UNION ALL
    SELECT token_address, from_address, -value::HUGEINT, block_number
    FROM erc20_transfers
    WHERE block_number >= getvariable('start_block') AND block_number < getvariable('end_block')
    UNION ALL
    SELECT token_address, address, balance::HUGEINT, last_transfer_block FROM erc20_balances
), held AS (
    -- In two halves of 19 digits, so that no number of transfers is too much for a sum.
    SELECT token_address, address,
        sum(value // 10000000000000000000) AS high,
        sum(value % 10000000000000000000) AS low,
        bool_or(value IS NULL) AS is_beyond,
        max(block_number) AS last_transfer_block,
        bool_or(block_number >= getvariable('start_block')) AS is_changed
    FROM sides
    WHERE address <> bin('0x0000000000000000000000000000000000000000')
    GROUP BY token_address, address
)
SELECT token_address, address, is_changed,
    CASE WHEN NOT is_beyond AND abs(high) < 9000000000000000000 AND abs(low) < 1000000000000000000000000000000000000
        THEN (high * 10000000000000000000 + low)::DECIMAL(38,0) END AS balance,
    last_transfer_block
FROM held
WHERE is_changed;
DELETE FROM erc20_balances
WHERE (token_address, address) IN (SELECT (token_address, address) FROM _moved);
INSERT INTO erc20_balances
SELECT token_address, address, balance, last_transfer_block
FROM _moved
WHERE balance IS DISTINCT FROM 0;
DROP TABLE _moved;
