-- transaction_success of a trace is success of its transaction, and NULL where there is no transaction
-- needs transactions, traces
SELECT block_number, transaction_index, trace_index, transaction_success, transactions.success AS expected
FROM traces
LEFT JOIN transactions USING (block_number, transaction_index)
WHERE transaction_success IS DISTINCT FROM transactions.success
