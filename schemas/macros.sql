-- Macros stored in the database file: they make BLOB and wei columns pleasant to read and to write.
-- Exact for every value, except where a macro says that it returns a DOUBLE. NULL in, NULL out.
--
-- What stands directly above a macro is its comment in the database and its line in README.md; why it is made as it is stands inside.

-- 0x-text to BLOB, of which a BLOB stays one: WHERE to_address = bin('0x00000000219ab540356cbb839cbe05303d7705fa').
CREATE OR REPLACE MACRO bin(hex_text) AS
    -- A constant argument is folded, so the comparison is pushed into the scan.
    CASE
        WHEN hex_text IS NULL THEN NULL
        WHEN typeof(hex_text) = 'BLOB' THEN hex_text::BLOB
        WHEN regexp_full_match(hex_text::VARCHAR, '0x([0-9a-fA-F]{2})*') THEN unhex((hex_text::VARCHAR)[3:])
        ELSE error('bin() takes 0x-text with an even number of hex digits, not ' || hex_text::VARCHAR)
    END;

-- BLOB to 0x-text, lower case; 0x-text stays as it is.
CREATE OR REPLACE MACRO hex0x(bytes) AS
    CASE WHEN typeof(bytes) = 'VARCHAR' THEN bytes::VARCHAR ELSE '0x' || lower(hex(bytes)) END;

-- So many bytes, of 0x-text or of a BLOB; anything else fails in the name of who asked.
CREATE OR REPLACE MACRO _bytes(bytes, width, asked) AS
    CASE
        WHEN octet_length(bin(bytes)) = width THEN bin(bytes)
        WHEN bytes IS NOT NULL
            THEN error(asked || ' takes ' || width || ' bytes as BLOB or 0x-text, not ' || octet_length(bin(bytes)))
    END;

-- The n-th 32 bytes of data, n from 0, as the ABI lays arguments out: word(data, 1) of a log, word(input[5:], 0) after the selector.
-- NULL where data ends before. Takes 0x-text too.
CREATE OR REPLACE MACRO word(data, n) AS
    CASE WHEN octet_length(bin(data)) >= 32 * (n + 1) THEN bin(data)[32 * n + 1 : 32 * n + 32] END;

-- The address (20 bytes) in a word of 32 bytes: address_of(topic1), address_of(word(data, 0)). NULL where the 12 bytes before it are
-- not zero, so that the word is no address. Takes 0x-text too.
CREATE OR REPLACE MACRO address_of(word) AS
    CASE WHEN _bytes(word, 32, 'address_of()')[1:12] = unhex(repeat('00', 12)) THEN bin(word)[13:32] END;

-- The first 4 bytes of data: of input which function is called, of the output of a failed call which custom error it ended with
-- (0x08c379a0 is Error(string), 0x4e487b71 is Panic(uint256)). NULL where there are fewer. Takes 0x-text too.
CREATE OR REPLACE MACRO selector(data) AS
    CASE WHEN octet_length(bin(data)) >= 4 THEN bin(data)[1:4] END;

-- Wei to ether, DECIMAL(38,18): every DECIMAL(38,0) fits. Of sums: scaled(wei, 18).
CREATE OR REPLACE MACRO eth(wei) AS
    -- DECIMAL division would be DOUBLE, so whole and rest are taken apart as integers.
    (wei::HUGEINT // 1000000000000000000)::DECIMAL(38,18)
    + (wei::HUGEINT % 1000000000000000000)::DECIMAL(18,0) * 0.000000000000000001::DECIMAL(18,18);

-- Wei to gwei, DECIMAL(38,9): every DECIMAL(38,0) fits.
CREATE OR REPLACE MACRO gwei(wei) AS
    (wei::HUGEINT // 1000000000)::DECIMAL(38,9)
    + (wei::HUGEINT % 1000000000)::DECIMAL(9,0) * 0.000000001::DECIMAL(9,9);

-- uint256 as big-endian BLOB (32 bytes or fewer) to decimal text, which sorts as text: number() sorts as a number.
CREATE OR REPLACE MACRO u256_dec(blob32) AS
    -- The value is w0 + w1·2^64 + w2·2^128 + w3·2^192. Each power is written in limbs of 10^18, the products are summed
    -- per limb (below 2^125, so HUGEINT is exact), then carried from the lowest limb up. The one-element lists only
    -- give names to what is used more than once.
    list_transform([blob32], lambda b:
    list_transform([CASE
        WHEN octet_length(b) <= 32 THEN lpad(hex(b), 64, '0')
        WHEN b IS NOT NULL THEN error('u256_dec() takes at most 32 bytes, not ' || octet_length(b))
    END], lambda h:
    list_transform([{
        'w0': ('0x' || h[49:64])::UBIGINT::HUGEINT,
        'w1': ('0x' || h[33:48])::UBIGINT::HUGEINT,
        'w2': ('0x' || h[17:32])::UBIGINT::HUGEINT,
        'w3': ('0x' || h[1:16])::UBIGINT::HUGEINT
    }], lambda w:
    list_transform([{
        's0': w.w0 + w.w1 * 446744073709551616 + w.w2 * 374607431768211456 + w.w3 * 355444464034512896,
        's1': w.w1 * 18 + w.w2 * 282366920938463463 + w.w3 * 789423207666416102,
        's2': w.w2 * 340 + w.w3 * 101735386680763835,
        's3': w.w3 * 6277
    }], lambda s:
    list_transform([s.s0 // 1000000000000000000], lambda c0:
    list_transform([(s.s1 + c0) // 1000000000000000000], lambda c1:
    list_transform([(s.s2 + c1) // 1000000000000000000], lambda c2:
    list_transform([(s.s3 + c2) // 1000000000000000000], lambda c3:
        CASE WHEN h IS NOT NULL THEN coalesce(nullif(ltrim(
            c3::VARCHAR
            || lpad(((s.s3 + c2) % 1000000000000000000)::VARCHAR, 18, '0')
            || lpad(((s.s2 + c1) % 1000000000000000000)::VARCHAR, 18, '0')
            || lpad(((s.s1 + c0) % 1000000000000000000)::VARCHAR, 18, '0')
            || lpad((s.s0 % 1000000000000000000)::VARCHAR, 18, '0'),
        '0'), ''), '0') END
    )[1])[1])[1])[1])[1])[1])[1])[1];

-- uint256 as big-endian BLOB (32 bytes or fewer) to a BIGNUM, which compares, sorts and adds up as the number that it is:
-- number(word(data, 0)), number(token_id). Takes 0x-text too. Text of it (::VARCHAR) is for clients: pandas does not read BIGNUM.
CREATE OR REPLACE MACRO number(blob32) AS u256_dec(bin(blob32))::BIGNUM;

-- Decimal text (or any integer) to uint256 as big-endian BLOB(32); the inverse of u256_dec.
CREATE OR REPLACE MACRO u256(decimal_text) AS
    -- As u256_dec, with the bases exchanged: limbs of 10^18 in, words of 2^64 out.
    list_transform([CASE
        WHEN decimal_text IS NULL THEN NULL
        WHEN regexp_full_match(decimal_text::VARCHAR, '[0-9]{1,78}') THEN lpad(decimal_text::VARCHAR, 90, '0')
        ELSE error('u256() takes decimal digits, at most 78, not ' || decimal_text::VARCHAR)
    END], lambda d:
    list_transform([{
        'g0': d[73:90]::HUGEINT,
        'g1': d[55:72]::HUGEINT,
        'g2': d[37:54]::HUGEINT,
        'g3': d[19:36]::HUGEINT,
        'g4': d[1:18]::HUGEINT
    }], lambda g:
    list_transform([{
        's0': g.g0 + g.g1 * 1000000000000000000 + g.g2 * 12919594847110692864 + g.g3 * 10538423128046960640,
        's1': g.g2 * 54210108624275221 + g.g3 * 14202551164014556797 + g.g4 * 3588752519208427776,
        's2': g.g3 * 2938735877055718 + g.g4 * 4200376900514301694,
        's3': g.g4 * 159309191113245
    }], lambda s:
    list_transform([s.s0 // 18446744073709551616], lambda c0:
    list_transform([(s.s1 + c0) // 18446744073709551616], lambda c1:
    list_transform([s.s3 + (s.s2 + c1) // 18446744073709551616], lambda w3:
        CASE
            WHEN w3 < 18446744073709551616 THEN unhex(
                lpad(hex(w3), 16, '0')
                || lpad(hex((s.s2 + c1) % 18446744073709551616), 16, '0')
                || lpad(hex((s.s1 + c0) % 18446744073709551616), 16, '0')
                || lpad(hex(s.s0 % 18446744073709551616), 16, '0'))
            WHEN w3 IS NOT NULL THEN error('u256() takes a value below 2^256, not ' || ltrim(d, '0'))
        END
    )[1])[1])[1])[1])[1])[1];

-- Amounts that may be above 10^38-1 are in two columns, of which one is NULL: value and value_u256. amount() is both as one BIGNUM,
-- which adds, subtracts, compares and sorts exactly: amount(value, value_u256), amount(to_value, to_value_u256),
-- amount(balance, balance_text). Text of it (::VARCHAR) is for clients: pandas does not read BIGNUM. Sums: sum_amount().
CREATE OR REPLACE MACRO amount(value, value_u256) AS
    -- By way of text: DuckDB 1.5.6 casts HUGEINT to BIGNUM wrongly (2^56 to 0, 2^120 to 0).
    CASE
        WHEN value_u256 IS NULL THEN value::VARCHAR::BIGNUM
        -- Of erc20_balances, whose sums may be negative or longer than 32 bytes; the 0x-text of hex views goes below.
        WHEN typeof(value_u256) = 'VARCHAR' AND NOT starts_with(value_u256::VARCHAR, '0x') THEN value_u256::VARCHAR::BIGNUM
        ELSE u256_dec(CASE WHEN typeof(value_u256) = 'VARCHAR' THEN unhex((value_u256::VARCHAR)[3:]) ELSE value_u256::BLOB END)::BIGNUM
    END;

-- The sum of amounts, a BIGNUM: sum(value) would overflow, and leave out what stands in value_u256. It is an aggregate for GROUP BY:
-- SELECT token_address, sum_amount(value, value_u256) FROM erc20_transfers GROUP BY token_address. FILTER does not go with a macro:
-- sum_amount(CASE WHEN c THEN value END, CASE WHEN c THEN value_u256 END). What came less what went: two sums, as -value leaves value_u256
-- as it is.
CREATE OR REPLACE MACRO sum_amount(value, value_u256) AS
    -- Values below 10^28 are summed as they are, of which 10^10 fit: a BIGNUM takes some 30 times as long.
    CASE WHEN count(value) + count(value_u256) > 0 THEN
        coalesce(sum(CASE WHEN abs(value) < 10000000000000000000000000000 THEN value END)::VARCHAR::BIGNUM, 0::BIGNUM)
        + coalesce(sum(CASE
            WHEN value_u256 IS NOT NULL OR abs(value) >= 10000000000000000000000000000 THEN amount(value, value_u256)
        END), 0::BIGNUM)
    END;

-- An amount, or any number of smallest units, in units of 10^decimals, a DOUBLE: exact to 15 digits. Ether: scaled(wei, 18). Tokens:
-- scaled(sum_amount(value, value_u256), decimals), with the decimals that the table tokens has.
CREATE OR REPLACE MACRO scaled(units, decimals) AS units::DOUBLE / pow(10::DOUBLE, decimals);

-- Gas times its price, a BIGNUM of wei: fee(gas_used, effective_gas_price). Sums: sum_fee().
CREATE OR REPLACE MACRO fee(gas, price) AS
    -- A HUGEINT overflows at prices that only test chains have; gas is below 2^63 (EIP-4803). The price is taken in two halves of 19
    -- digits where the product may be too large.
    CASE
        WHEN price < 10000000000000000000 THEN (gas::HUGEINT * price::HUGEINT)::VARCHAR::BIGNUM
        ELSE ((gas::HUGEINT * (price::HUGEINT // 10000000000000000000))::VARCHAR || '0000000000000000000')::BIGNUM
            + (gas::HUGEINT * (price::HUGEINT % 10000000000000000000))::VARCHAR::BIGNUM
    END;

-- The sum of fee(gas, price), a BIGNUM of wei: sum_fee(gas_used, effective_gas_price) is what senders paid. NULL where a price is not
-- known that gas was paid for (NULL, above 10^38-1).
CREATE OR REPLACE MACRO sum_fee(gas, price) AS
    -- What is below 10^27 is multiplied and summed as DECIMAL, several times as fast as HUGEINT (19 digits: 18 would have the product
    -- in 64 bits).
    CASE WHEN count(gas) > 0 AND count(CASE WHEN price IS NULL THEN gas END) = 0 THEN
        coalesce(sum(CASE
            WHEN gas < 1000000000000 AND price < 1000000000000000 THEN gas::DECIMAL(19,0) * price::DECIMAL(19,0)
        END)::VARCHAR::BIGNUM, 0::BIGNUM)
        + coalesce(sum(CASE WHEN gas >= 1000000000000 OR price >= 1000000000000000 THEN fee(gas, price) END), 0::BIGNUM)
    END;

-- The instructions of EVM code in front of its first JUMPDEST, each as hex text with its operand.
CREATE OR REPLACE MACRO first_instructions(code) AS
    -- Matches follow each other without a gap, so that operands are never taken for instructions.
    list_transform([regexp_extract_all(lower(hex(code)),
        '60.{2}|61.{4}|62.{6}|63.{8}|64.{10}|65.{12}|66.{14}|67.{16}|68.{18}|69.{20}|6a.{22}|6b.{24}|6c.{26}|6d.{28}'
        || '|6e.{30}|6f.{32}|70.{34}|71.{36}|72.{38}|73.{40}|74.{42}|75.{44}|76.{46}|77.{48}|78.{50}|79.{52}|7a.{54}'
        || '|7b.{56}|7c.{58}|7d.{60}|7e.{62}|7f.{64}|.{2}')],
        lambda instructions: instructions[1 : coalesce(list_position(instructions, '5b'), len(instructions) + 1) - 1])[1];

-- A byte string that is too long for its row: payload(block_number, input_hash). NULL where there is none.
CREATE OR REPLACE MACRO payload(block, hash) AS (
    -- Columns get other names inside: an argument that is a column of the caller would otherwise mean the table's own. The last
    -- condition always holds; it makes DuckDB find the payloads that are asked for, and not put all of them together first.
    SELECT unhex(string_agg(hex(_piece), '' ORDER BY _index))
    FROM (SELECT block_number AS _block, payload_hash AS _hash, piece_index AS _index, piece AS _piece
        FROM main.payloads)
    WHERE _block = block AND _hash = hash AND _index + 32 >= octet_length(hash)
);

-- How many bytes payload(block_number, input_hash) has.
CREATE OR REPLACE MACRO payload_bytes(block, hash) AS (
    SELECT sum(octet_length(_piece))::UINTEGER
    FROM (SELECT block_number AS _block, payload_hash AS _hash, piece_index AS _index, piece AS _piece
        FROM main.payloads)
    WHERE _block = block AND _hash = hash AND _index + 32 >= octet_length(hash)
);

-- The state after a block, out of the diffs. They are whole where the database starts at genesis or from a state that was loaded, and
-- the diffs were not left out. What is asked for is checked in a row of its own: in the condition it would keep DuckDB from a hash join.

-- TRUE; fails in the name of who asked where the chain starts from a state of a later block (state_block in _meta). It is asked in
-- a row of its own too: beside _bytes() it would keep DuckDB from seeing a wrong argument where the table is empty.
CREATE OR REPLACE MACRO _known_at(height, asked) AS
    CASE WHEN height < (SELECT value::UBIGINT FROM main._meta WHERE key = 'state_block')
        THEN error(asked || ' knows nothing before block ' || (SELECT value FROM main._meta WHERE key = 'state_block')
            || ', whose state the chain starts from')
        ELSE true
    END;

-- Wei of an account after a block: balance_at('0x00000000219ab540356cbb839cbe05303d7705fa', 19000000). Takes 20 bytes as BLOB or
-- 0x-text. NULL for an account that does not exist, and above 10^38-1, which only a test chain reaches: balance_u256_at() has it.
-- Asked beyond the last loaded block it tells what holds after that one, as all of these do.
CREATE OR REPLACE MACRO balance_at(account, height) AS (
    SELECT arg_max_null(_value, _at)
    FROM (SELECT address AS _address, block_number AS _block, (block_number, change_index) AS _at, to_value AS _value
        FROM main.balance_diffs), (SELECT _bytes(account, 20, 'balance_at()') AS _account),
        (SELECT _known_at(height, 'balance_at()') AS _known)
    WHERE _address = _account AND _block <= height AND _known
);

-- The same as 32 bytes, big-endian, for every balance: number(balance_u256_at('0x…', 19000000)).
CREATE OR REPLACE MACRO balance_u256_at(account, height) AS (
    SELECT coalesce(arg_max_null(_value_u256, _at), u256(arg_max_null(_value, _at)))
    FROM (SELECT address AS _address, block_number AS _block, (block_number, change_index) AS _at, to_value AS _value,
        to_value_u256 AS _value_u256 FROM main.balance_diffs), (SELECT _bytes(account, 20, 'balance_u256_at()') AS _account),
        (SELECT _known_at(height, 'balance_u256_at()') AS _known)
    WHERE _address = _account AND _block <= height AND _known
);

-- The nonce of an account after a block: nonce_at('0x…', 19000000). Takes 20 bytes as BLOB or 0x-text. NULL for an account that does
-- not exist.
CREATE OR REPLACE MACRO nonce_at(account, height) AS (
    SELECT arg_max_null(_value, _at)
    FROM (SELECT address AS _address, block_number AS _block, (block_number, change_index) AS _at, to_value AS _value
        FROM main.nonce_diffs), (SELECT _bytes(account, 20, 'nonce_at()') AS _account),
        (SELECT _known_at(height, 'nonce_at()') AS _known)
    WHERE _address = _account AND _block <= height AND _known
);

-- The code of an account after a block: code_at('0x…', 19000000). Takes 20 bytes as BLOB or 0x-text. Empty for an account without
-- code, NULL for one that does not exist.
CREATE OR REPLACE MACRO code_at(account, height) AS (
    SELECT coalesce(_last.value, payload(_last.block, _last.hash))
    FROM (
        SELECT arg_max_null({'value': _value, 'hash': _hash, 'block': _block}, _at) AS _last
        FROM (SELECT address AS _address, block_number AS _block, (block_number, change_index) AS _at, to_value AS _value,
            to_value_hash AS _hash FROM main.code_diffs), (SELECT _bytes(account, 20, 'code_at()') AS _account),
        (SELECT _known_at(height, 'code_at()') AS _known)
        WHERE _address = _account AND _block <= height AND _known
    )
);

-- A slot of an account after a block, 32 bytes; zero where nothing was ever written: storage_at('0x…', u256(0), 19000000). Takes 20 and
-- 32 bytes as BLOB or 0x-text.
CREATE OR REPLACE MACRO storage_at(account, slot_key, height) AS coalesce((
    SELECT arg_max(_value, _at)
    FROM (SELECT address AS _address, slot AS _slot, block_number AS _block, (block_number, change_index) AS _at,
        to_value AS _value FROM main.storage_diffs),
        (SELECT _bytes(account, 20, 'storage_at()') AS _account, _bytes(slot_key, 32, 'storage_at()') AS _key),
        (SELECT _known_at(height, 'storage_at()') AS _known)
    WHERE _address = _account AND _slot = _key AND _block <= height AND _known
), bin('0x0000000000000000000000000000000000000000000000000000000000000000'));

-- What a holder has of an ERC-20 token after a block by the token's logs, a BIGNUM of smallest units (erc20_balances has it after the
-- last block): token_balance_at('0x…', '0x…', 19000000), first the token. Takes 20 bytes as BLOB or 0x-text. 0 where nothing moved.
CREATE OR REPLACE MACRO token_balance_at(token, account, height) AS (
    SELECT
        coalesce(sum_amount(CASE WHEN _to = _account THEN _value END, CASE WHEN _to = _account THEN _value_u256 END), 0::BIGNUM)
        - coalesce(sum_amount(CASE WHEN _from = _account THEN _value END, CASE WHEN _from = _account THEN _value_u256 END), 0::BIGNUM)
    FROM (SELECT block_number AS _block, token_address AS _of, from_address AS _from, to_address AS _to, value AS _value,
        value_u256 AS _value_u256 FROM main.erc20_transfers),
        (SELECT _bytes(token, 20, 'token_balance_at()') AS _token, _bytes(account, 20, 'token_balance_at()') AS _account)
    WHERE _of = _token AND (_from = _account OR _to = _account) AND _block <= height
);

-- Every instruction of some blocks with the gas that it took itself: SELECT op, sum(own_gas) FROM own_gas(100, 110) GROUP BY op. Both
-- blocks belong to it. gas_cost counts with a call what the called frame is given; own_gas does not, and counts with the instruction at
-- which a frame halts all the gas that the frame loses by it. For a transaction they add up to the gas_used of its root frame in
-- traces (NULL where that halted), but for what stored code costs (200 gas a byte, no instruction: the frames of contracts). Needs
-- opcodes, which are not filled by default, and traces.
CREATE OR REPLACE MACRO own_gas(from_block, to_block) AS TABLE
    WITH steps AS (
        SELECT *,
            lead(gas) OVER following AS next_gas,
            lead(depth) OVER following AS next_depth,
            lead(trace_index) OVER following AS next_trace_index
        FROM main.opcodes
        WHERE block_number BETWEEN from_block AND to_block
        WINDOW following AS (PARTITION BY block_number, transaction_index ORDER BY step)
    )
    SELECT steps.block_number, steps.transaction_index, step, steps.trace_index, steps.depth, steps.address, steps.pc, op,
        (CASE
            WHEN traces.block_number IS NULL THEN error('own_gas() needs traces beside opcodes: --datasets blocks,traces,opcodes')
            -- A call that enters a frame, whose first instruction has what it was given; that of a creation is not in its gas_cost.
            WHEN next_depth > depth AND op IN ('CREATE', 'CREATE2') THEN gas_cost
            WHEN next_depth > depth THEN gas_cost::BIGINT - next_gas::BIGINT
            -- Anything else, calls of accounts without code and of precompiles among it.
            WHEN next_trace_index = steps.trace_index THEN steps.gas::BIGINT - next_gas::BIGINT
            -- The last of its frame.
            WHEN traces.error IS NULL OR traces.error = 'Reverted' THEN gas_cost
            ELSE steps.gas
        END)::BIGINT AS own_gas
    FROM steps
    LEFT JOIN (FROM main.traces WHERE block_number BETWEEN from_block AND to_block) AS traces
        ON traces.block_number = steps.block_number AND traces.trace_index = steps.trace_index;
