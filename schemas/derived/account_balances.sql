-- the balance of every account after the last block
-- needs balance_diffs
-- from genesis or a state
CREATE TABLE IF NOT EXISTS account_balances (
    address           BLOB NOT NULL,
    balance           DECIMAL(38,0),
    balance_u256      BLOB,
    last_change_block UBIGINT NOT NULL
);
COMMENT ON TABLE account_balances IS 'One row per account that exists after the last derived block: the end of its history in balance_diffs. Ether: scaled(sum_amount(balance, balance_u256), 18). sum(balance) overflows, or leaves out what is in balance_u256. In no order.';
COMMENT ON COLUMN account_balances.address IS '20 bytes.';
COMMENT ON COLUMN account_balances.balance IS 'Wei. NULL above 10^38-1, which only a test chain reaches: balance_u256 then has it. In sums take both: sum_amount(balance, balance_u256); amount(balance, balance_u256) is one number.';
COMMENT ON COLUMN account_balances.balance_u256 IS 'Wei as 32 bytes, big-endian, where balance cannot hold it. NULL otherwise.';
COMMENT ON COLUMN account_balances.last_change_block IS 'Height of the block that changed it last.';
CREATE OR REPLACE VIEW hex.account_balances AS
SELECT * REPLACE (hex0x(address) AS address, hex0x(balance_u256) AS balance_u256)
FROM main.account_balances;
COMMENT ON VIEW hex.account_balances IS 'account_balances with 0x-text instead of BLOB.';
-- update
CREATE OR REPLACE TEMP TABLE _changed AS
SELECT address,
    arg_max_null(to_value, (block_number, change_index)) AS balance,
    arg_max_null(to_value_u256, (block_number, change_index)) AS balance_u256,
    max(block_number) AS last_change_block
FROM balance_diffs
WHERE block_number >= getvariable('start_block') AND block_number < getvariable('end_block')
GROUP BY address;
DELETE FROM account_balances WHERE address IN (SELECT address FROM _changed);
INSERT INTO account_balances
SELECT address, balance, balance_u256, last_change_block
FROM _changed
WHERE balance IS NOT NULL OR balance_u256 IS NOT NULL;
DROP TABLE _changed;
