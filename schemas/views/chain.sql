-- What every query may want to know of the database as a whole.

CREATE OR REPLACE VIEW chain AS
SELECT
    (SELECT value::UBIGINT FROM _meta WHERE key = 'chain_id') AS chain_id,
    (SELECT value FROM _meta WHERE key = 'genesis_hash') AS genesis_hash,
    (SELECT min(start_block) FROM _loaded) AS first_block,
    (SELECT max(end_block) - 1 FROM _loaded) AS last_block;
COMMENT ON VIEW chain IS 'Which chain the tables are of, and which blocks they hold: one row.';
COMMENT ON COLUMN chain.chain_id IS 'EIP-155 chain id.';
COMMENT ON COLUMN chain.genesis_hash IS 'Hash of block 0, 0x-text.';
COMMENT ON COLUMN chain.first_block IS 'First block that is loaded.';
COMMENT ON COLUMN chain.last_block IS 'Last block that is loaded.';
