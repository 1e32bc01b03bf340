-- who was called how often, by how many, for how much gas
-- needs traces
CREATE TABLE IF NOT EXISTS contract_stats (
    address          BLOB NOT NULL,
    calls            UBIGINT NOT NULL,
    failed_calls     UBIGINT NOT NULL,
    callers          UBIGINT NOT NULL,
    gas_used         DECIMAL(38,0) NOT NULL,
    first_call_block UBIGINT NOT NULL,
    last_call_block  UBIGINT NOT NULL
);
COMMENT ON TABLE contract_stats IS 'One row per account whose code was called (of a delegatecall the one that has the code), or that was sent to, up to the last derived block. In no order.';
COMMENT ON COLUMN contract_stats.address IS '20 bytes.';
COMMENT ON COLUMN contract_stats.calls IS 'Calls of any kind, the transaction''s own among them.';
COMMENT ON COLUMN contract_stats.failed_calls IS 'Calls that failed themselves or below a frame that did.';
COMMENT ON COLUMN contract_stats.callers IS 'Different addresses that called.';
COMMENT ON COLUMN contract_stats.gas_used IS 'Gas that the calls used, those below them included; none of calls that halted, as in traces.';
COMMENT ON COLUMN contract_stats.first_call_block IS 'Height of the block with the first call.';
COMMENT ON COLUMN contract_stats.last_call_block IS 'Height of the block with the last call.';
CREATE OR REPLACE VIEW hex.contract_stats AS
SELECT * REPLACE (hex0x(address) AS address)
FROM main.contract_stats;
COMMENT ON VIEW hex.contract_stats IS 'contract_stats with 0x-text instead of BLOB.';
-- update
CREATE OR REPLACE TEMP TABLE _called AS
SELECT DISTINCT to_address AS address
FROM traces
WHERE trace_type = 'call' AND block_number >= getvariable('start_block') AND block_number < getvariable('end_block');
DELETE FROM contract_stats WHERE address IN (SELECT address FROM _called);
-- From the beginning, for those that were called: different callers cannot be added up.
INSERT INTO contract_stats
SELECT to_address, count(*), count(*) FILTER (NOT success), count(DISTINCT from_address), coalesce(sum(gas_used), 0),
    min(block_number), max(block_number)
FROM traces
WHERE trace_type = 'call' AND block_number < getvariable('end_block')
    AND to_address IN (SELECT address FROM _called)
GROUP BY to_address;
DROP TABLE _called;
