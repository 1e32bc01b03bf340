-- the root trace of a transaction has its sender, value, input and success
-- needs transactions, traces
SELECT block_number, transaction_index,
    hex0x(traces.from_address) AS from_address, hex0x(transactions.from_address) AS expected_from,
    traces.value, transactions.value AS expected_value,
    traces.success, transactions.success AS expected_success
FROM traces
JOIN transactions USING (block_number, transaction_index)
WHERE trace_address = []
    AND (traces.from_address <> transactions.from_address
        OR traces.value IS DISTINCT FROM transactions.value
        OR traces.value_u256 IS DISTINCT FROM transactions.value_u256
        OR traces.input IS DISTINCT FROM transactions.input
        OR traces.input_hash IS DISTINCT FROM transactions.input_hash
        OR traces.success <> transactions.success)
