-- every log belongs to a transaction, and to one that succeeded
-- needs transactions, logs
SELECT block_number, transaction_index, log_index, success
FROM logs
LEFT JOIN transactions USING (block_number, transaction_index)
WHERE success IS NOT TRUE
