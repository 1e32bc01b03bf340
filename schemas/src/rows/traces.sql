-- One row per call frame, self-destruct, reward, and change of state outside transactions, as parity's trace_block
-- lists them. Where geth's callTracer says something else, the column's comment names the difference.

CREATE TYPE IF NOT EXISTS trace_type AS ENUM ('call', 'create', 'suicide', 'reward', 'genesis', 'daofork');
CREATE TYPE IF NOT EXISTS call_type AS ENUM ('call', 'callcode', 'delegatecall', 'staticcall', 'create', 'create2');
CREATE TYPE IF NOT EXISTS reward_type AS ENUM ('block', 'uncle');

CREATE TABLE IF NOT EXISTS traces (
    block_number        UBIGINT NOT NULL,
    transaction_index   UINTEGER,
    trace_index         UINTEGER NOT NULL,
    trace_address       UINTEGER[] NOT NULL,
    trace_type          trace_type NOT NULL,
    call_type           call_type,
    from_address        BLOB USING COMPRESSION dictionary,
    to_address          BLOB USING COMPRESSION dictionary,
    value               DECIMAL(38,0),
    value_u256          BLOB,
    gas                 UBIGINT,
    gas_used            UBIGINT,
    input               BLOB,
    input_hash          BLOB,
    output              BLOB,
    output_hash         BLOB,
    subtraces           UINTEGER NOT NULL,
    error               VARCHAR,
    revert_reason       VARCHAR,
    success             BOOLEAN NOT NULL,
    transaction_success BOOLEAN,
    reward_type         reward_type
);

COMMENT ON TABLE traces IS 'One row per call frame, creation, self-destruct, mining reward, genesis balance and DAO-fork transfer, failed ones included, as parity''s trace_block lists them: calls of precompiles that send no wei are left out unless asked for. Frames that were refused before they were entered are here too, as geth has them and parity does not. System calls have no rows, as in parity: what they move is in native_transfers. Ether: scaled(sum_amount(value, value_u256), 18). sum(value) overflows, or leaves out what is in value_u256. Ordered by block_number, trace_index: transactions in order, frames in the order they were entered, then rewards.';
COMMENT ON COLUMN traces.block_number IS 'Height of the block.';
COMMENT ON COLUMN traces.transaction_index IS 'Position of the transaction in the block, from 0. NULL for reward, genesis and daofork rows, which belong to no transaction.';
COMMENT ON COLUMN traces.trace_index IS 'Position of the row in the block, from 0.';
COMMENT ON COLUMN traces.trace_address IS 'Path from the root frame of the transaction: which child at each level, from 0; [] for the root and outside transactions. As parity: self-destructs count as children, precompile calls that are left out do not (geth''s callTracer keeps all precompile calls).';
COMMENT ON COLUMN traces.trace_type IS 'call: message call, of any call_type; create: contract creation; suicide: SELFDESTRUCT; reward: mining reward; genesis: balance of the genesis state; daofork: account emptied by the DAO fork. Parity''s names.';
COMMENT ON COLUMN traces.call_type IS 'Instruction that opened the frame: call, callcode, delegatecall, staticcall, create, create2; call or create for the transaction itself. NULL for rows that are not call or create.';
COMMENT ON COLUMN traces.from_address IS '20 bytes. call and create: the account whose context made the call (as parity: for a delegatecall the contract that delegates). suicide: the contract that goes. daofork: the account emptied. NULL for reward and genesis.';
COMMENT ON COLUMN traces.to_address IS '20 bytes. call: the account whose code runs, also of a callcode and a delegatecall (as parity). create: the address created, NULL where none was. suicide: who gets the balance. reward: who is rewarded. genesis: who starts with the balance. daofork: the refund contract.';
COMMENT ON COLUMN traces.value IS 'Wei. call and create: the value of the frame (of a delegatecall what it inherits, which does not move). suicide: the balance handed over. reward, genesis, daofork: the amount. Of a staticcall 0, as parity (geth''s callTracer has none). NULL above 10^38-1, which a failed call can name: value_u256 then has it. In sums take both: sum_amount(value, value_u256); amount(value, value_u256) is one number.';
COMMENT ON COLUMN traces.value_u256 IS 'Wei as 32 bytes, big-endian, where value cannot hold it. NULL otherwise.';
COMMENT ON COLUMN traces.gas IS 'Gas that the frame was given. As parity: the root frame''s is the gas limit less the intrinsic gas (geth''s callTracer says the whole gas limit). NULL unless call or create.';
COMMENT ON COLUMN traces.gas_used IS 'Gas that the frame and those below it used. As parity: the root frame''s is without intrinsic gas and before refunds (geth''s callTracer says the receipt''s gas_used); NULL where parity gives no result, a frame that ended in an exceptional halt and so used up all its gas (geth''s callTracer says that number) or that was never entered. NULL unless call or create.';
COMMENT ON COLUMN traces.input IS 'Call data, or the init code of a creation; bytes. NULL unless call or create, and where it is longer than 8,192 bytes: see input_hash.';
COMMENT ON COLUMN traces.input_hash IS '32 bytes: keccak256 of the input where that is longer than 8,192 bytes: payloads has it. NULL otherwise.';
COMMENT ON COLUMN traces.output IS 'Bytes returned or reverted with, or the code of the created contract. NULL where the frame ended in an exceptional halt or was never entered, unless call or create, and where it is longer than 8,192 bytes: see output_hash.';
COMMENT ON COLUMN traces.output_hash IS '32 bytes: keccak256 of the output where that is longer than 8,192 bytes: payloads has it. NULL otherwise.';
COMMENT ON COLUMN traces.subtraces IS 'Number of rows directly below this one. As parity: self-destructs count, precompile calls that are left out do not.';
COMMENT ON COLUMN traces.error IS 'Why the frame itself failed, in parity''s words (Reverted, Out of gas, Bad instruction, ...; geth says execution reverted, out of gas, invalid opcode: ...); a frame that was refused before it was entered in geth''s, parity has none (insufficient balance for transfer, max call depth exceeded, ...). NULL where it did not fail; a frame that succeeded under one that failed has success = false and no error.';
COMMENT ON COLUMN traces.revert_reason IS 'What the revert said, decoded from output: the text of Error(string), or what Panic(uint256) stands for, as geth''s callTracer has it in revertReason. NULL where there is no such text, or more than 8,192 bytes of it; of a custom error selector(output) tells which.';
COMMENT ON COLUMN traces.success IS 'Whether this frame and every frame above it succeeded, so that what it did stayed. True outside transactions.';
COMMENT ON COLUMN traces.transaction_success IS 'Whether the transaction succeeded. NULL outside transactions.';
COMMENT ON COLUMN traces.reward_type IS 'block: for the block itself, its share for included ommers added; uncle: for an ommer. NULL unless trace_type is reward.';
