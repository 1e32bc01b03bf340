-- One row per log that is an ERC-721 transfer.

CREATE TABLE IF NOT EXISTS erc721_transfers (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER NOT NULL,
    log_index         UINTEGER NOT NULL,
    token_address     BLOB USING COMPRESSION dictionary NOT NULL,
    from_address      BLOB USING COMPRESSION dictionary NOT NULL,
    to_address        BLOB USING COMPRESSION dictionary NOT NULL,
    token_id          BLOB NOT NULL
);

COMMENT ON TABLE erc721_transfers IS 'One row per log with the four topics Transfer(address,address,uint256), from, to and token id, and without data. Ordered by block_number, log_index.';
COMMENT ON COLUMN erc721_transfers.block_number IS 'Height of the block.';
COMMENT ON COLUMN erc721_transfers.transaction_index IS 'Position of the transaction in the block, from 0.';
COMMENT ON COLUMN erc721_transfers.log_index IS 'Position of the log in the block, from 0: that of its row in logs.';
COMMENT ON COLUMN erc721_transfers.token_address IS '20 bytes: the contract that logged.';
COMMENT ON COLUMN erc721_transfers.from_address IS '20 bytes: who had the token; zero where it was made.';
COMMENT ON COLUMN erc721_transfers.to_address IS '20 bytes: who has the token now; zero where it was destroyed.';
COMMENT ON COLUMN erc721_transfers.token_id IS '32 bytes, big-endian: which token of the contract.';
