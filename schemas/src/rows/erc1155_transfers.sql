-- One row per token type that an ERC-1155 transfer moves.

CREATE TABLE IF NOT EXISTS erc1155_transfers (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER NOT NULL,
    log_index         UINTEGER NOT NULL,
    batch_index       UINTEGER NOT NULL,
    token_address     BLOB USING COMPRESSION dictionary NOT NULL,
    operator          BLOB USING COMPRESSION dictionary NOT NULL,
    from_address      BLOB USING COMPRESSION dictionary NOT NULL,
    to_address        BLOB USING COMPRESSION dictionary NOT NULL,
    token_id          BLOB NOT NULL,
    value             DECIMAL(38,0),
    value_u256        BLOB
);

COMMENT ON TABLE erc1155_transfers IS 'One row per TransferSingle(address,address,address,uint256,uint256) log, and one per pair of id and value of a TransferBatch(address,address,address,uint256[],uint256[]) log. A batch whose lists differ in length or do not fit into its data is not here; it is in logs. Sums: sum_amount(value, value_u256). sum(value) overflows, or leaves out what is in value_u256. Ordered by block_number, log_index, batch_index.';
COMMENT ON COLUMN erc1155_transfers.block_number IS 'Height of the block.';
COMMENT ON COLUMN erc1155_transfers.transaction_index IS 'Position of the transaction in the block, from 0.';
COMMENT ON COLUMN erc1155_transfers.log_index IS 'Position of the log in the block, from 0: that of its row in logs.';
COMMENT ON COLUMN erc1155_transfers.batch_index IS 'Position among the token types of the log, from 0; 0 for TransferSingle.';
COMMENT ON COLUMN erc1155_transfers.token_address IS '20 bytes: the contract that logged.';
COMMENT ON COLUMN erc1155_transfers.operator IS '20 bytes: who asked for the transfer.';
COMMENT ON COLUMN erc1155_transfers.from_address IS '20 bytes: who had the tokens; zero where they were made.';
COMMENT ON COLUMN erc1155_transfers.to_address IS '20 bytes: who has the tokens now; zero where they were destroyed.';
COMMENT ON COLUMN erc1155_transfers.token_id IS '32 bytes, big-endian: which token type of the contract.';
COMMENT ON COLUMN erc1155_transfers.value IS 'Tokens of this type. NULL above 10^38-1: value_u256 then has it. In sums take both: sum_amount(value, value_u256); amount(value, value_u256) is one number.';
COMMENT ON COLUMN erc1155_transfers.value_u256 IS 'Tokens of this type as 32 bytes, big-endian, where value cannot hold it. NULL otherwise.';
