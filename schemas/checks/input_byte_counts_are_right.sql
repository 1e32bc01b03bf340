-- n_input_bytes counts the bytes of input, and no more of them are zero than there are
-- needs transactions
SELECT block_number, transaction_index, n_input_bytes, expected, n_input_zero_bytes
FROM (SELECT *, coalesce(octet_length(input), payload_bytes(block_number, input_hash)) AS expected FROM transactions)
WHERE n_input_bytes IS DISTINCT FROM expected OR n_input_zero_bytes > n_input_bytes
