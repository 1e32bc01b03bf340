-- the logs of a block are indexed from 0 without gap, in the order of its transactions
-- needs logs
WITH numbered AS (
    SELECT block_number, transaction_index, log_index,
        row_number() OVER in_order - 1 AS expected,
        lag(transaction_index) OVER in_order AS previous_transaction
    FROM logs
    WINDOW in_order AS (PARTITION BY block_number ORDER BY log_index)
)
SELECT block_number, transaction_index, log_index, expected
FROM numbered
WHERE log_index <> expected OR previous_transaction > transaction_index
