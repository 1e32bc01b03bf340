-- a header names the hash of the empty list exactly where the block has no transactions, ommers, withdrawals
-- needs blocks
SELECT block_number, transaction_count, ommer_count, withdrawal_count
FROM blocks
WHERE (transaction_count = 0)
        <> (transactions_root = bin('0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'))
    OR (ommer_count = 0)
        <> (ommers_hash = bin('0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'))
    OR (withdrawals_root IS NULL) <> (withdrawal_count IS NULL)
    OR (withdrawal_count = 0)
        <> (withdrawals_root = bin('0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'))
