-- the storage slots that were written most often
-- needs storage_diffs
SELECT
    hex0x(address) AS contract,
    hex0x(slot) AS slot,
    count(*) AS writes,
    count(DISTINCT block_number) AS blocks,
    count(DISTINCT to_value) AS different_values
FROM storage_diffs
WHERE transaction_index IS NOT NULL
GROUP BY storage_diffs.address, storage_diffs.slot
ORDER BY writes DESC, contract, slot
LIMIT 10
