-- What the database records about itself, written in the same transaction as the rows it describes.

CREATE TABLE IF NOT EXISTS _loaded (
    dataset TEXT NOT NULL,
    start_block UBIGINT NOT NULL,
    end_block UBIGINT NOT NULL,
    rows UBIGINT NOT NULL,
    digest BLOB NOT NULL,
    format UINTEGER NOT NULL,
    program_version TEXT NOT NULL
);
COMMENT ON TABLE _loaded IS 'What is in the tables: one row per unit (a block range) and dataset, committed together with the unit''s rows.';
COMMENT ON COLUMN _loaded.dataset IS 'Table that the rows went to.';
COMMENT ON COLUMN _loaded.start_block IS 'First block of the unit.';
COMMENT ON COLUMN _loaded.end_block IS 'Exclusive end of the unit: its last block is the one before.';
COMMENT ON COLUMN _loaded.rows IS 'Rows of the dataset in the unit.';
COMMENT ON COLUMN _loaded.digest IS 'BLAKE3 digest of the unit''s rows, 32 bytes, made when they were extracted; independent of batches and threads.';
COMMENT ON COLUMN _loaded.format IS 'Format number of the spill unit that the rows came from.';
COMMENT ON COLUMN _loaded.program_version IS 'Version of blockmill that extracted the rows.';

CREATE TABLE IF NOT EXISTS _meta (
    key TEXT NOT NULL,
    value TEXT NOT NULL
);
COMMENT ON TABLE _meta IS 'Facts about the database as a whole, one per key.';
COMMENT ON COLUMN _meta.key IS 'Name of the fact: format (version of the table layout), kind (chain where the blocks form one chain), first_block, state_block (the block after which a state was loaded, where the chain starts from one), …';
COMMENT ON COLUMN _meta.value IS 'The fact as text.';

CREATE TABLE IF NOT EXISTS _derived (
    name TEXT NOT NULL,
    end_block UBIGINT NOT NULL
);
COMMENT ON TABLE _derived IS 'How far each derived table is, committed together with its rows.';
COMMENT ON COLUMN _derived.name IS 'The derived table.';
COMMENT ON COLUMN _derived.end_block IS 'Exclusive end of the blocks that it takes into account, from the first one on.';
