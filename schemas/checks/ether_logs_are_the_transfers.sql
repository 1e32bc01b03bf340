-- from Amsterdam on, the logs of moved ether (EIP-7708) are the movements from account to account in native_transfers
-- needs blocks, logs, native_transfers
WITH logged AS (
    SELECT block_number, transaction_index, right(hex(topic1), 40) AS from_account, right(hex(topic2), 40) AS to_account,
        data AS wei, count(*) AS logs
    FROM logs
    WHERE address = bin('0xfffffffffffffffffffffffffffffffffffffffe')
    GROUP BY ALL
), moved AS (
    SELECT block_number, transaction_index, hex(from_address) AS from_account, hex(to_address) AS to_account,
        coalesce(value_u256, u256(value)) AS wei, count(*) AS transfers
    FROM native_transfers
    JOIN blocks USING (block_number)
    WHERE slot_number IS NOT NULL AND transaction_index IS NOT NULL AND from_address <> to_address
    GROUP BY ALL
)
SELECT block_number, transaction_index, from_account, to_account, hex0x(wei) AS wei, logs, transfers
FROM logged
FULL JOIN moved USING (block_number, transaction_index, from_account, to_account, wei)
WHERE logs IS DISTINCT FROM transfers
