-- One row per address and the part that it plays in a transaction.

CREATE TYPE IF NOT EXISTS relationship AS ENUM (
    'miner_fee', 'tx_from', 'tx_to', 'call_from', 'call_to', 'factory', 'create', 'suicide', 'suicide_refund', 'log',
    'erc20_transfer_from', 'erc20_transfer_to', 'erc721_transfer_from', 'erc721_transfer_to',
    'erc1155_transfer_from', 'erc1155_transfer_to', 'author', 'withdrawal'
);

CREATE TABLE IF NOT EXISTS address_appearances (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER,
    address           BLOB USING COMPRESSION dictionary NOT NULL,
    relationship      relationship NOT NULL
);

COMMENT ON TABLE address_appearances IS 'One row per transaction, address and relationship, however often it occurs there; failed frames count. Names are cryo''s (which puts the sender of a transfer in both places, and adds a row for each occurrence); those of logs, of ERC-1155, of rewards and of withdrawals are added. Ordered by block_number, transaction_index, address, relationship; those outside transactions come last in their block.';
COMMENT ON COLUMN address_appearances.block_number IS 'Height of the block.';
COMMENT ON COLUMN address_appearances.transaction_index IS 'Position of the transaction in the block, from 0. NULL outside transactions: author and withdrawal.';
COMMENT ON COLUMN address_appearances.address IS '20 bytes.';
COMMENT ON COLUMN address_appearances.relationship IS 'miner_fee: gets the fees of the block; tx_from, tx_to: of the transaction, tx_to also the contract that it created; call_from, call_to: of a call, as in traces; factory, create: of a creation; suicide, suicide_refund: of a SELFDESTRUCT; log: logged; erc20_transfer_from, erc20_transfer_to, erc721_transfer_from, erc721_transfer_to, erc1155_transfer_from, erc1155_transfer_to: of a token transfer; author: rewarded for the block or an ommer; withdrawal: got the withdrawal of a validator.';
