-- an address in order of time: its transactions, creations, ether, fees and tokens (calls by contracts: traces); here the busiest sender
-- needs blocks, transactions, contracts, code_diffs, native_transfers, erc20_transfers, erc20_approvals, erc721_transfers, erc1155_transfers
WITH account AS (
    -- Or of another: SELECT bin('0x…') AS address.
    SELECT from_address AS address FROM transactions GROUP BY from_address ORDER BY count(*) DESC, from_address LIMIT 1
), happened AS (
    -- Its ether is in a row of its own, below.
    SELECT block_number, transaction_index, 0 AS part, 0 AS place,
        CASE WHEN from_address <> (FROM account) THEN 'is called' WHEN to_address IS NULL THEN 'creates' ELSE 'calls' END
            || CASE WHEN success THEN '' ELSE ' in vain' END AS what,
        CASE WHEN from_address <> (FROM account) THEN from_address ELSE coalesce(to_address, contract_address) END AS other,
        NULL AS token, NULL::VARCHAR AS amount, NULL AS token_id
    FROM transactions WHERE from_address = (FROM account) OR to_address = (FROM account)
    UNION ALL
    SELECT block_number, transaction_index, 0, 1, 'pays a fee', NULL, NULL,
        (fee(gas_used, effective_gas_price) + CASE WHEN blob_gas_used > 0 THEN fee(blob_gas_used, blob_gas_price) ELSE 0::BIGNUM END)::VARCHAR,
        NULL
    FROM transactions WHERE from_address = (FROM account)
    UNION ALL
    -- What the senders of a block paid to who made it.
    SELECT block_number, NULL, 4, 0, 'gets tips', NULL, NULL,
        sum_fee(transactions.gas_used, effective_gas_price - coalesce(base_fee_per_gas, 0))::VARCHAR, NULL
    FROM transactions JOIN blocks USING (block_number)
    WHERE blocks.miner = (FROM account)
    GROUP BY block_number
    UNION ALL
    SELECT block_number, transaction_index, 1, create_index, 'is created', factory, NULL, NULL, NULL
    FROM contracts WHERE contract_address = (FROM account) AND success
    UNION ALL
    -- By its own code; by its transactions above.
    SELECT block_number, transaction_index, 1, create_index, 'creates', contract_address, NULL, NULL, NULL
    FROM contracts WHERE factory = (FROM account) AND success AND contract_address NOT IN (
        SELECT contract_address FROM transactions WHERE from_address = (FROM account) AND contract_address IS NOT NULL)
    UNION ALL
    -- EIP-7702.
    SELECT block_number, transaction_index, 1, change_index,
        CASE WHEN octet_length(to_value) = 23 THEN 'delegates to' ELSE 'delegates no more to' END,
        CASE WHEN octet_length(to_value) = 23 THEN to_value[4:23] ELSE from_value[4:23] END, NULL, NULL, NULL
    FROM code_diffs
    WHERE address = (FROM account) AND (
        (octet_length(to_value) = 23 AND to_value[1:3] = unhex('ef0100'))
        OR (octet_length(from_value) = 23 AND from_value[1:3] = unhex('ef0100')))
    UNION ALL
    -- Ether, by transactions, calls, self-destructs, rewards and withdrawals.
    SELECT block_number, transaction_index, 2, transfer_index,
        CASE WHEN from_address = to_address THEN 'sends itself ether: ' WHEN from_address = (FROM account) THEN 'sends ether: ' ELSE 'gets ether: ' END
            || transfer_type::VARCHAR,
        CASE WHEN from_address = (FROM account) THEN to_address ELSE from_address END, NULL, amount(value, value_u256)::VARCHAR, NULL
    FROM native_transfers WHERE from_address = (FROM account) OR to_address = (FROM account)
    UNION ALL
    SELECT block_number, transaction_index, 3, log_index, CASE WHEN from_address = to_address THEN 'sends itself tokens' WHEN from_address = (FROM account) THEN 'sends tokens' ELSE 'gets tokens' END,
        CASE WHEN from_address = (FROM account) THEN to_address ELSE from_address END, token_address,
        amount(value, value_u256)::VARCHAR, NULL
    FROM erc20_transfers WHERE from_address = (FROM account) OR to_address = (FROM account)
    UNION ALL
    SELECT block_number, transaction_index, 3, log_index, CASE WHEN owner = (FROM account) THEN 'lets spend' ELSE 'may spend' END,
        CASE WHEN owner = (FROM account) THEN spender ELSE owner END, token_address, amount(value, value_u256)::VARCHAR, NULL
    FROM erc20_approvals WHERE owner = (FROM account) OR spender = (FROM account)
    UNION ALL
    SELECT block_number, transaction_index, 3, log_index, CASE WHEN from_address = to_address THEN 'sends itself a token' WHEN from_address = (FROM account) THEN 'sends a token' ELSE 'gets a token' END,
        CASE WHEN from_address = (FROM account) THEN to_address ELSE from_address END, token_address, '1', u256_dec(token_id)
    FROM erc721_transfers WHERE from_address = (FROM account) OR to_address = (FROM account)
    UNION ALL
    SELECT block_number, transaction_index, 3, log_index, CASE WHEN from_address = to_address THEN 'sends itself tokens' WHEN from_address = (FROM account) THEN 'sends tokens' ELSE 'gets tokens' END,
        CASE WHEN from_address = (FROM account) THEN to_address ELSE from_address END, token_address,
        amount(value, value_u256)::VARCHAR, u256_dec(token_id)
    FROM erc1155_transfers WHERE from_address = (FROM account) OR to_address = (FROM account)
)
SELECT block_number, timestamp, hex0x(transaction_hash) AS transaction_hash, what, hex0x(other) AS other, hex0x(token) AS token, amount, token_id
FROM happened
LEFT JOIN blocks USING (block_number)
LEFT JOIN transactions USING (block_number, transaction_index)
-- What happens outside of transactions comes after them, except in genesis, which has none.
ORDER BY block_number, transaction_index NULLS LAST, part, place, what, token_id, amount
LIMIT 10
