-- hex.*: the transfers of tokens, as hex.sql has the other tables. Token ids become decimal text.

CREATE OR REPLACE VIEW hex.erc20_transfers AS
SELECT
    erc20_transfers.* REPLACE (
        hex0x(erc20_transfers.token_address) AS token_address,
        hex0x(erc20_transfers.from_address) AS from_address,
        hex0x(erc20_transfers.to_address) AS to_address,
        hex0x(erc20_transfers.value_u256) AS value_u256
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.erc20_transfers
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.erc20_transfers IS 'erc20_transfers with 0x-text instead of BLOB, the hash of the transaction and the time of the block.';

CREATE OR REPLACE VIEW hex.erc20_approvals AS
SELECT
    erc20_approvals.* REPLACE (
        hex0x(erc20_approvals.token_address) AS token_address,
        hex0x(erc20_approvals.owner) AS owner,
        hex0x(erc20_approvals.spender) AS spender,
        hex0x(erc20_approvals.value_u256) AS value_u256
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.erc20_approvals
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.erc20_approvals IS 'erc20_approvals with 0x-text instead of BLOB, the hash of the transaction and the time of the block.';

CREATE OR REPLACE VIEW hex.erc721_transfers AS
SELECT
    erc721_transfers.* REPLACE (
        hex0x(erc721_transfers.token_address) AS token_address,
        hex0x(erc721_transfers.from_address) AS from_address,
        hex0x(erc721_transfers.to_address) AS to_address,
        u256_dec(erc721_transfers.token_id) AS token_id
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.erc721_transfers
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.erc721_transfers IS 'erc721_transfers with 0x-text instead of BLOB, the token id as decimal text, the hash of the transaction and the time of the block.';

CREATE OR REPLACE VIEW hex.erc1155_transfers AS
SELECT
    erc1155_transfers.* REPLACE (
        hex0x(erc1155_transfers.token_address) AS token_address,
        hex0x(erc1155_transfers.operator) AS operator,
        hex0x(erc1155_transfers.from_address) AS from_address,
        hex0x(erc1155_transfers.to_address) AS to_address,
        u256_dec(erc1155_transfers.token_id) AS token_id,
        hex0x(erc1155_transfers.value_u256) AS value_u256
    ),
    hex0x(transactions.transaction_hash) AS transaction_hash,
    blocks.timestamp AS block_timestamp
FROM main.erc1155_transfers
LEFT JOIN main.transactions USING (block_number, transaction_index)
LEFT JOIN main.blocks USING (block_number);
COMMENT ON VIEW hex.erc1155_transfers IS 'erc1155_transfers with 0x-text instead of BLOB, the token id as decimal text, the hash of the transaction and the time of the block.';
