-- what tokens say of themselves after the last block, and whether their transfers give their balances
-- needs contracts, erc20_transfers, erc721_transfers, erc1155_transfers
CREATE TABLE IF NOT EXISTS tokens (
    address           BLOB NOT NULL,
    standard          TEXT NOT NULL,
    name              TEXT,
    symbol            TEXT,
    decimals          UTINYINT,
    total_supply      DECIMAL(38,0),
    total_supply_u256 BLOB,
    balances_agree    BOOLEAN
);
COMMENT ON TABLE tokens IS 'One row per contract that logged a token transfer or whose code has the functions of ERC-20 or ERC-721. The contract itself was asked: its functions were executed on the state after the last derived block, with 5,000,000 gas each. Read anew for all tokens each time. In order of address.';
COMMENT ON COLUMN tokens.address IS '20 bytes.';
COMMENT ON COLUMN tokens.standard IS 'erc721 or erc1155 where the contract says so (supportsInterface, asked as ERC-165 demands); otherwise by what it logged: erc20 before erc721 before erc1155.';
COMMENT ON COLUMN tokens.name IS 'What name() returns: a string, or a bytes32 as tokens before the standard have it. NULL where the call fails, returns something else (always, once the contract is destroyed), or more than 4,096 bytes. NUL characters are left out; bytes of a string that are not UTF-8 show as U+FFFD.';
COMMENT ON COLUMN tokens.symbol IS 'What symbol() returns, like name.';
COMMENT ON COLUMN tokens.decimals IS 'What decimals() returns: an amount of 10^decimals is one token. NULL where the call fails or returns more than 255.';
COMMENT ON COLUMN tokens.total_supply IS 'What totalSupply() returns, in smallest units. NULL where the call fails, and above 10^38-1. In sums take both: sum_amount(total_supply, total_supply_u256); amount(total_supply, total_supply_u256) is one number.';
COMMENT ON COLUMN tokens.total_supply_u256 IS 'The same as 32 bytes, big-endian, where total_supply cannot hold it. NULL otherwise.';
COMMENT ON COLUMN tokens.balances_agree IS 'Of ERC-20 tokens: whether balanceOf() returns what erc20_balances has, for the 8 holders who have least and the 8 who have most. False for tokens that rebase, take fees without a log, or log what did not happen. NULL where erc20_balances has no holder of it or was not made (tables that do not start at genesis).';
CREATE OR REPLACE VIEW etl.tokens AS
SELECT
    hex0x(token.address) AS address,
    symbol,
    name,
    decimals,
    coalesce(total_supply::VARCHAR, u256_dec(total_supply_u256)) AS total_supply,
    block_number
FROM main.tokens AS token
LEFT JOIN (
    SELECT contract_address AS address, max(block_number) AS block_number
    FROM main.contracts WHERE success GROUP BY contract_address
) USING (address);
COMMENT ON VIEW etl.tokens IS 'ethereum-etl''s tokens, read after the last derived block and not after the block of the creation; total_supply is text. Tokens that only their logs tell are there too, which ethereum-etl finds by code alone.';
CREATE OR REPLACE VIEW hex.tokens AS
SELECT * REPLACE (hex0x(address) AS address, hex0x(total_supply_u256) AS total_supply_u256)
FROM main.tokens;
COMMENT ON VIEW hex.tokens IS 'tokens with 0x-text instead of BLOB.';
COMMENT ON COLUMN etl.tokens.address IS '20 bytes as 0x-text.';
COMMENT ON COLUMN etl.tokens.symbol IS 'What symbol() returns.';
COMMENT ON COLUMN etl.tokens.name IS 'What name() returns.';
COMMENT ON COLUMN etl.tokens.decimals IS 'What decimals() returns: an amount of 10^decimals is one token.';
COMMENT ON COLUMN etl.tokens.total_supply IS 'What totalSupply() returns, in smallest units, as decimal text.';
COMMENT ON COLUMN etl.tokens.block_number IS 'Height of the block that created the contract. NULL where no row of contracts tells.';
-- candidates
CREATE OR REPLACE TEMP TABLE _candidates AS
WITH signs AS (
    SELECT token_address AS address, 'erc20' AS standard, 1 AS precedence
    FROM erc20_transfers WHERE block_number < getvariable('end_block')
    UNION ALL
    SELECT token_address, 'erc721', 2
    FROM erc721_transfers WHERE block_number < getvariable('end_block')
    UNION ALL
    SELECT token_address, 'erc1155', 3
    FROM erc1155_transfers WHERE block_number < getvariable('end_block')
    UNION ALL
    SELECT unhex(address[3:]), if(is_erc20, 'erc20', 'erc721'), 4
    FROM etl.contracts
    WHERE (is_erc20 OR is_erc721) AND block_number < getvariable('end_block')
)
SELECT address, arg_min(standard, precedence) AS standard, row_number() OVER (ORDER BY address) - 1 AS position
FROM signs
GROUP BY address;
-- holders
CREATE OR REPLACE TEMP TABLE _holders AS
SELECT token_address AS address, address AS holder, balance
FROM erc20_balances
WHERE balance IS NOT NULL AND token_address IN (SELECT address FROM _candidates WHERE standard = 'erc20')
QUALIFY row_number() OVER (PARTITION BY token_address ORDER BY balance, holder) <= 8
    OR row_number() OVER (PARTITION BY token_address ORDER BY balance DESC, holder) <= 8;
