-- One row per log that is an ERC-20 approval.

CREATE TABLE IF NOT EXISTS erc20_approvals (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER NOT NULL,
    log_index         UINTEGER NOT NULL,
    token_address     BLOB USING COMPRESSION dictionary NOT NULL,
    owner             BLOB USING COMPRESSION dictionary NOT NULL,
    spender           BLOB USING COMPRESSION dictionary NOT NULL,
    value             DECIMAL(38,0),
    value_u256        BLOB
);

COMMENT ON TABLE erc20_approvals IS 'One row per log whose first topic is Approval(address,address,uint256) and whose other topics and words of data are three in number, but for those with all three in topics, which are approvals of single ERC-721 tokens. Whole tokens: scaled(sum_amount(value, value_u256), decimals), with decimals of tokens. sum(value) overflows, or leaves out what is in value_u256. Ordered by block_number, log_index.';
COMMENT ON COLUMN erc20_approvals.block_number IS 'Height of the block.';
COMMENT ON COLUMN erc20_approvals.transaction_index IS 'Position of the transaction in the block, from 0.';
COMMENT ON COLUMN erc20_approvals.log_index IS 'Position of the log in the block, from 0: that of its row in logs.';
COMMENT ON COLUMN erc20_approvals.token_address IS '20 bytes: the contract that logged.';
COMMENT ON COLUMN erc20_approvals.owner IS '20 bytes: whose tokens may be spent.';
COMMENT ON COLUMN erc20_approvals.spender IS '20 bytes: who may spend them.';
COMMENT ON COLUMN erc20_approvals.value IS 'Smallest units of the token that may be spent from now on. NULL above 10^38-1: value_u256 then has it. In sums take both: sum_amount(value, value_u256); amount(value, value_u256) is one number.';
COMMENT ON COLUMN erc20_approvals.value_u256 IS 'Smallest units of the token that may be spent from now on as 32 bytes, big-endian, where value cannot hold it. NULL otherwise.';
