-- One row per account and transaction whose balance changed.

CREATE TABLE IF NOT EXISTS balance_diffs (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER,
    change_index      UINTEGER NOT NULL,
    address           BLOB USING COMPRESSION dictionary NOT NULL,
    from_value        DECIMAL(38,0),
    from_value_u256   BLOB,
    to_value          DECIMAL(38,0),
    to_value_u256     BLOB
);

COMMENT ON TABLE balance_diffs IS 'One row per account and part of a block (a transaction, or what happens outside of them) that left it with another balance than it found. What changed and changed back in the same transaction is not here, nor what was reverted. Within the history of one account each from_value is the to_value of the row before. The rewards of a single block that came without its ommers are not known and not here. As one number: amount(to_value, to_value_u256); what a balance changed by is coalesce(amount(to_value, to_value_u256), 0::BIGNUM) - coalesce(amount(from_value, from_value_u256), 0::BIGNUM). Ordered by block_number, change_index.';
COMMENT ON COLUMN balance_diffs.block_number IS 'Height of the block.';
COMMENT ON COLUMN balance_diffs.transaction_index IS 'Position of the transaction in the block, from 0. NULL outside transactions: genesis, the DAO fork, system calls, rewards, withdrawals.';
COMMENT ON COLUMN balance_diffs.change_index IS 'Position among the rows of this table in the block, from 0: system calls before the transactions, transactions in order, then rewards and withdrawals, and system calls after them.';
COMMENT ON COLUMN balance_diffs.address IS '20 bytes: whose balance.';
COMMENT ON COLUMN balance_diffs.from_value IS 'Wei before. NULL where the account did not exist, and above 10^38-1, which only a test chain reaches: from_value_u256 then has it. In sums take both: sum_amount(from_value, from_value_u256); amount(from_value, from_value_u256) is one number.';
COMMENT ON COLUMN balance_diffs.from_value_u256 IS 'Wei before as 32 bytes, big-endian, where from_value cannot hold it. NULL otherwise.';
COMMENT ON COLUMN balance_diffs.to_value IS 'Wei after. NULL where the account does not exist any more, and above 10^38-1, which only a test chain reaches: to_value_u256 then has it. In sums take both: sum_amount(to_value, to_value_u256); amount(to_value, to_value_u256) is one number.';
COMMENT ON COLUMN balance_diffs.to_value_u256 IS 'Wei after as 32 bytes, big-endian, where to_value cannot hold it. NULL otherwise.';
