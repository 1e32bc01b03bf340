-- what ERC-20 transfers left every holder
-- needs erc20_transfers
-- from genesis
CREATE TABLE IF NOT EXISTS erc20_balances (
    token_address       BLOB NOT NULL,
    address             BLOB NOT NULL,
    balance             DECIMAL(38,0),
    balance_text        TEXT,
    last_transfer_block UBIGINT NOT NULL
);
COMMENT ON TABLE erc20_balances IS 'One row per token and holder: the transfers to the address less those from it, up to the last derived block, where they are not zero. It is what a token logged, not what its balanceOf answers: tokens that make or move balances without a transfer (rebasing ones, fees) differ, and may be negative here. The zero address is left out. Whole tokens: scaled(sum_amount(balance, balance_text), decimals), with decimals of tokens. sum(balance) overflows, or leaves out what is in balance_text. In no order.';
COMMENT ON COLUMN erc20_balances.token_address IS '20 bytes: the contract that logged.';
COMMENT ON COLUMN erc20_balances.address IS '20 bytes: the holder.';
COMMENT ON COLUMN erc20_balances.balance IS 'Smallest units of the token. NULL beyond 10^38-1, above or below zero: balance_text then has it. In sums take both: sum_amount(balance, balance_text); amount(balance, balance_text) is one number.';
COMMENT ON COLUMN erc20_balances.balance_text IS 'The same as decimal text, where balance cannot hold it: sums of uint256 take more than 32 bytes, and may be negative. NULL otherwise.';
COMMENT ON COLUMN erc20_balances.last_transfer_block IS 'Height of the block with the holder''s last transfer.';
CREATE OR REPLACE VIEW hex.erc20_balances AS
SELECT * REPLACE (hex0x(token_address) AS token_address, hex0x(address) AS address)
FROM main.erc20_balances;
COMMENT ON VIEW hex.erc20_balances IS 'erc20_balances with 0x-text instead of BLOB.';
-- update
CREATE OR REPLACE TEMP TABLE _moved AS
WITH sides AS (
    SELECT token_address, to_address AS address, value AS got, value_u256 AS got_u256, NULL::DECIMAL(38,0) AS gave,
        NULL::BLOB AS gave_u256, NULL::TEXT AS held, block_number
    FROM erc20_transfers
    WHERE block_number >= getvariable('start_block') AND block_number < getvariable('end_block')
    UNION ALL
    SELECT token_address, from_address, NULL, NULL, value, value_u256, NULL, block_number
    FROM erc20_transfers
    WHERE block_number >= getvariable('start_block') AND block_number < getvariable('end_block')
    UNION ALL
    -- Of those that had something before: one row each, of any size.
    SELECT token_address, address, NULL, NULL, NULL, NULL, coalesce(balance::VARCHAR, balance_text), last_transfer_block
    FROM erc20_balances
    WHERE (token_address, address) IN (
        SELECT (token_address, unnest([from_address, to_address])) FROM erc20_transfers
        WHERE block_number >= getvariable('start_block') AND block_number < getvariable('end_block')
    )
), summed AS (
    SELECT token_address, address,
        coalesce(sum_amount(got, got_u256), 0::BIGNUM) - coalesce(sum_amount(gave, gave_u256), 0::BIGNUM)
            + coalesce(sum(held::BIGNUM), 0::BIGNUM) AS balance,
        max(block_number) AS last_transfer_block
    FROM sides
    WHERE address <> bin('0x0000000000000000000000000000000000000000')
    GROUP BY token_address, address
)
SELECT token_address, address, balance::VARCHAR AS balance_text, last_transfer_block,
    balance BETWEEN '-99999999999999999999999999999999999999'::BIGNUM AND '99999999999999999999999999999999999999'::BIGNUM
        AS fits
FROM summed;
DELETE FROM erc20_balances
WHERE (token_address, address) IN (SELECT (token_address, address) FROM _moved);
INSERT INTO erc20_balances
SELECT token_address, address, CASE WHEN fits THEN balance_text::DECIMAL(38,0) END,
    CASE WHEN NOT fits THEN balance_text END, last_transfer_block
FROM _moved
WHERE balance_text <> '0';
DROP TABLE _moved;
