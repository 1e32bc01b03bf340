-- One row per log that is an ERC-20 transfer.

CREATE TABLE IF NOT EXISTS erc20_transfers (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER NOT NULL,
    log_index         UINTEGER NOT NULL,
    token_address     BLOB USING COMPRESSION dictionary NOT NULL,
    from_address      BLOB USING COMPRESSION dictionary NOT NULL,
    to_address        BLOB USING COMPRESSION dictionary NOT NULL,
    value             DECIMAL(38,0),
    value_u256        BLOB
);

COMMENT ON TABLE erc20_transfers IS 'One row per log whose first topic is Transfer(address,address,uint256) and whose other topics and words of data are three in number, but for those with all three in topics, which are in erc721_transfers. Transfers with arguments that are not indexed, as early tokens have them (CryptoKitties among them, whose value is a token id), are here too, as in ethereum-etl; cryo leaves them out. What a contract logs need not be true. The logs of moved ether that the protocol itself writes from Amsterdam on (EIP-7708, by 0xfffffffffffffffffffffffffffffffffffffffe) have the same shape and are left out: ether is no token, and native_transfers has every movement of it. Whole tokens: scaled(sum_amount(value, value_u256), decimals), with decimals of tokens. sum(value) overflows, or leaves out what is in value_u256. Ordered by block_number, log_index.';
COMMENT ON COLUMN erc20_transfers.block_number IS 'Height of the block.';
COMMENT ON COLUMN erc20_transfers.transaction_index IS 'Position of the transaction in the block, from 0.';
COMMENT ON COLUMN erc20_transfers.log_index IS 'Position of the log in the block, from 0: that of its row in logs.';
COMMENT ON COLUMN erc20_transfers.token_address IS '20 bytes: the contract that logged.';
COMMENT ON COLUMN erc20_transfers.from_address IS '20 bytes: who had the tokens; zero where they were made.';
COMMENT ON COLUMN erc20_transfers.to_address IS '20 bytes: who has the tokens now; zero where they were destroyed.';
COMMENT ON COLUMN erc20_transfers.value IS 'Smallest units of the token. NULL above 10^38-1: value_u256 then has it. In sums take both: sum_amount(value, value_u256); amount(value, value_u256) is one number.';
COMMENT ON COLUMN erc20_transfers.value_u256 IS 'Smallest units of the token as 32 bytes, big-endian, where value cannot hold it. NULL otherwise.';
