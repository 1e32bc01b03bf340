-- an erc1155_transfers row belongs to a TransferSingle or TransferBatch log of its token, and those of a log are numbered from 0
-- needs logs, erc1155_transfers
WITH numbered AS (
    SELECT block_number, transaction_index, log_index, batch_index, token_address,
        row_number() OVER (PARTITION BY block_number, log_index ORDER BY batch_index) - 1 AS expected
    FROM erc1155_transfers
)
SELECT block_number, log_index, batch_index, expected, hex0x(logs.topic0) AS topic0
FROM numbered
LEFT JOIN logs USING (block_number, transaction_index, log_index)
WHERE batch_index <> expected
    OR logs.address IS DISTINCT FROM token_address
    OR (logs.topic0 <> bin('0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb') AND (
        logs.topic0 <> bin('0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62') OR batch_index > 0))
