-- One row per block: its header, and how much its body holds.

CREATE TABLE IF NOT EXISTS blocks (
    block_number             UBIGINT NOT NULL,
    block_hash               BLOB NOT NULL,
    parent_hash              BLOB NOT NULL,
    timestamp                TIMESTAMP,
    miner                    BLOB NOT NULL,
    gas_limit                UBIGINT NOT NULL,
    gas_used                 UBIGINT NOT NULL,
    base_fee_per_gas         DECIMAL(38,0),
    difficulty               DECIMAL(38,0),
    total_difficulty         DECIMAL(38,0),
    size                     UBIGINT,
    extra_data               BLOB NOT NULL,
    logs_bloom               BLOB NOT NULL,
    state_root               BLOB NOT NULL,
    transactions_root        BLOB NOT NULL,
    receipts_root            BLOB NOT NULL,
    ommers_hash              BLOB NOT NULL,
    mix_hash                 BLOB NOT NULL,
    nonce                    BLOB NOT NULL,
    withdrawals_root         BLOB,
    parent_beacon_block_root BLOB,
    requests_hash            BLOB,
    blob_gas_used            UBIGINT,
    excess_blob_gas          UBIGINT,
    block_access_list_hash   BLOB,
    slot_number              UBIGINT,
    transaction_count        UINTEGER NOT NULL,
    ommer_count              UINTEGER,
    withdrawal_count         UINTEGER
);

COMMENT ON TABLE blocks IS 'One row per block: its header, and how much its body holds. Ordered by block_number.';
COMMENT ON COLUMN blocks.block_number IS 'Height of the block; genesis is 0.';
COMMENT ON COLUMN blocks.block_hash IS '32 bytes: keccak256 of the RLP of the header.';
COMMENT ON COLUMN blocks.parent_hash IS '32 bytes: block_hash of the parent; zero for genesis.';
COMMENT ON COLUMN blocks.timestamp IS 'Time in the header, UTC, whole seconds. NULL after the year 294246, which only a test chain reaches.';
COMMENT ON COLUMN blocks.miner IS '20 bytes: the address that gets the fees and, before the Merge, the block reward (the header''s coinbase).';
COMMENT ON COLUMN blocks.gas_limit IS 'Gas that the transactions of the block may use together.';
COMMENT ON COLUMN blocks.gas_used IS 'Gas that the transactions of the block used together, refunds taken off. From Amsterdam on the larger of what they used for execution and for new state, with refunds left in (EIP-8037, EIP-7778).';
COMMENT ON COLUMN blocks.base_fee_per_gas IS 'Wei per gas that is burned (EIP-1559). NULL before London. What was burned of fees: sum_fee(transactions.gas_used, coalesce(base_fee_per_gas, 0)) over transactions JOIN blocks USING (block_number).';
COMMENT ON COLUMN blocks.difficulty IS 'Expected number of hashes to seal the block; 0 from the Merge on. NULL above 10^38-1, which only a test chain can name.';
COMMENT ON COLUMN blocks.total_difficulty IS 'Sum of difficulty from genesis to this block (hashes). NULL where it is not known: a block from a witness that was made elsewhere does not say. NULL too above 10^38-1.';
COMMENT ON COLUMN blocks.size IS 'Bytes of the RLP of the whole block, as eth_getBlockByNumber gives it; NULL where a foreign witness names the block''s ommers only by their hashes.';
COMMENT ON COLUMN blocks.extra_data IS 'Bytes that the sealer was free to choose; at most 32 on most chains.';
COMMENT ON COLUMN blocks.logs_bloom IS '256 bytes: Bloom filter over the addresses and topics of all logs of the block.';
COMMENT ON COLUMN blocks.state_root IS '32 bytes: root of the state trie after the block.';
COMMENT ON COLUMN blocks.transactions_root IS '32 bytes: root of the trie of the block''s transactions.';
COMMENT ON COLUMN blocks.receipts_root IS '32 bytes: root of the trie of the block''s receipts.';
COMMENT ON COLUMN blocks.ommers_hash IS '32 bytes: keccak256 of the RLP of the list of ommer headers (sha3Uncles in JSON-RPC).';
COMMENT ON COLUMN blocks.mix_hash IS '32 bytes: part of the proof of work before the Merge, the beacon chain''s RANDAO value from then on (EIP-4399).';
COMMENT ON COLUMN blocks.nonce IS '8 bytes: part of the proof of work before the Merge, zero from then on.';
COMMENT ON COLUMN blocks.withdrawals_root IS '32 bytes: root of the trie of the block''s withdrawals (EIP-4895). NULL before Shanghai.';
COMMENT ON COLUMN blocks.parent_beacon_block_root IS '32 bytes: hash tree root of the parent beacon block (EIP-4788). NULL before Cancun.';
COMMENT ON COLUMN blocks.requests_hash IS '32 bytes: sha256 commitment to the execution layer requests (EIP-7685). NULL before Prague.';
COMMENT ON COLUMN blocks.blob_gas_used IS 'Blob gas that the blobs of the block used together (EIP-4844). NULL before Cancun.';
COMMENT ON COLUMN blocks.excess_blob_gas IS 'Blob gas above target, summed over the blocks before: what the blob gas price follows from (EIP-4844). NULL before Cancun.';
COMMENT ON COLUMN blocks.block_access_list_hash IS '32 bytes: keccak256 of the RLP of the block access list (EIP-7928). NULL before Amsterdam.';
COMMENT ON COLUMN blocks.slot_number IS 'Slot of the beacon chain that the block was proposed in (EIP-7843). NULL before Amsterdam.';
COMMENT ON COLUMN blocks.transaction_count IS 'Number of transactions in the block.';
COMMENT ON COLUMN blocks.ommer_count IS 'Number of ommers that the block includes; 0 from the Merge on; NULL where a foreign witness names them only by their hashes.';
COMMENT ON COLUMN blocks.withdrawal_count IS 'Number of withdrawals in the block. NULL before Shanghai.';
