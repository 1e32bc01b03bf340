-- blocks, transactions, gas and fees of every day
-- needs blocks, transactions
CREATE TABLE IF NOT EXISTS daily_stats (
    day                 DATE NOT NULL,
    blocks              UBIGINT NOT NULL,
    transactions        UBIGINT NOT NULL,
    failed_transactions UBIGINT NOT NULL,
    senders             UBIGINT NOT NULL,
    active_addresses    UBIGINT NOT NULL,
    gas_used            DECIMAL(38,0) NOT NULL,
    gas_limit           DECIMAL(38,0) NOT NULL,
    fees                DECIMAL(38,0),
    base_fees           DECIMAL(38,0),
    tips                DECIMAL(38,0),
    blob_fees           DECIMAL(38,0)
);
COMMENT ON TABLE daily_stats IS 'One row per day (UTC) with a block, up to the last derived block. The last day may not be whole. Blocks after the year 294246, which have no timestamp, are in none. In no order.';
COMMENT ON COLUMN daily_stats.day IS 'The day, UTC, by the blocks'' timestamps.';
COMMENT ON COLUMN daily_stats.blocks IS 'Blocks.';
COMMENT ON COLUMN daily_stats.transactions IS 'Transactions.';
COMMENT ON COLUMN daily_stats.failed_transactions IS 'Transactions that failed.';
COMMENT ON COLUMN daily_stats.senders IS 'Different addresses that sent a transaction.';
COMMENT ON COLUMN daily_stats.active_addresses IS 'Different addresses that sent a transaction, received one, or were created by one: by what transactions say, not by the calls in them.';
COMMENT ON COLUMN daily_stats.gas_used IS 'Gas used by the blocks.';
COMMENT ON COLUMN daily_stats.gas_limit IS 'Gas that the blocks could have used.';
COMMENT ON COLUMN daily_stats.fees IS 'Wei that senders paid for gas, base_fees among it, without blob_fees. NULL above 10^38-1, which only a test chain pays, as the three below.';
COMMENT ON COLUMN daily_stats.base_fees IS 'Wei of fees that were burned (EIP-1559); with blob_fees it is all that was burned.';
COMMENT ON COLUMN daily_stats.tips IS 'Wei of fees that went to those who made the blocks.';
COMMENT ON COLUMN daily_stats.blob_fees IS 'Wei paid and burned for blobs (EIP-4844).';
CREATE OR REPLACE VIEW hex.daily_stats AS
SELECT *
FROM main.daily_stats;
COMMENT ON VIEW hex.daily_stats IS 'daily_stats, which has no BLOB: every table is in this schema.';
-- update
CREATE OR REPLACE TEMP TABLE _days AS
SELECT DISTINCT timestamp::DATE AS day
FROM blocks
WHERE block_number >= getvariable('start_block') AND block_number < getvariable('end_block') AND timestamp IS NOT NULL;
DELETE FROM daily_stats WHERE day IN (SELECT day FROM _days);
INSERT INTO daily_stats
WITH of_days AS (
    SELECT block_number, timestamp::DATE AS day, gas_used AS gas_of_block, gas_limit, base_fee_per_gas
    FROM blocks
    WHERE timestamp::DATE IN (SELECT day FROM _days) AND block_number < getvariable('end_block')
), sent AS (
    SELECT day, count(*) AS transactions, count(*) FILTER (NOT success) AS failed_transactions,
        count(DISTINCT from_address) AS senders,
        sum_fee(gas_used, effective_gas_price) AS fees,
        -- What transactions pay for is not the gas of the block from Amsterdam on.
        sum_fee(gas_used, coalesce(base_fee_per_gas, 0)) AS base_fees,
        sum_fee(blob_gas_used, blob_gas_price) AS blob_fees,
        count(blob_gas_used) AS with_blobs
    FROM transactions
    JOIN of_days USING (block_number)
    GROUP BY day
), active AS (
    SELECT day, count(DISTINCT address) AS active_addresses
    FROM (
        SELECT block_number, unnest([from_address, to_address, contract_address]) AS address FROM transactions
    )
    JOIN of_days USING (block_number)
    WHERE address IS NOT NULL
    GROUP BY day
), made AS (
    SELECT day, count(*) AS blocks, sum(gas_of_block) AS gas_used, sum(gas_limit::HUGEINT) AS gas_limit
    FROM of_days
    GROUP BY day
)
SELECT day, blocks, coalesce(transactions, 0), coalesce(failed_transactions, 0), coalesce(senders, 0),
    coalesce(active_addresses, 0), gas_used, gas_limit,
    -- A DECIMAL where it can be one, else NULL.
    TRY_CAST(CASE WHEN transactions IS NULL THEN '0' ELSE fees::VARCHAR END AS DECIMAL(38,0)),
    TRY_CAST(CASE WHEN transactions IS NULL THEN '0' ELSE base_fees::VARCHAR END AS DECIMAL(38,0)),
    TRY_CAST(CASE WHEN transactions IS NULL THEN '0' ELSE (fees - base_fees)::VARCHAR END AS DECIMAL(38,0)),
    TRY_CAST(CASE WHEN coalesce(with_blobs, 0) = 0 THEN '0' ELSE blob_fees::VARCHAR END AS DECIMAL(38,0))
FROM made
LEFT JOIN sent USING (day)
LEFT JOIN active USING (day);
DROP TABLE _days;
