-- One row per instruction that a transaction runs, as geth's structLog lists them (debug_traceTransaction without a
-- tracer). Memory and storage are not here: a copy of either per step cannot be stored.

CREATE TABLE IF NOT EXISTS opcodes (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER NOT NULL,
    step              UINTEGER NOT NULL,
    depth             UINTEGER NOT NULL,
    trace_index       UINTEGER NOT NULL,
    address           BLOB USING COMPRESSION dictionary NOT NULL,
    pc                UINTEGER NOT NULL,
    op                VARCHAR USING COMPRESSION dictionary NOT NULL,
    gas               UBIGINT NOT NULL,
    gas_cost          UBIGINT,
    refund            UBIGINT NOT NULL,
    stack             BLOB[],
    error             VARCHAR
);

COMMENT ON TABLE opcodes IS 'One row per instruction that a transaction runs, those of frames that fail included, as geth''s structLog lists them (debug_traceTransaction without a tracer; the rules are those of go-ethereum 1.16). Instructions of system calls are not here. Ordered by block_number, transaction_index, step.';
COMMENT ON COLUMN opcodes.block_number IS 'Height of the block.';
COMMENT ON COLUMN opcodes.transaction_index IS 'Position of the transaction in the block, from 0.';
COMMENT ON COLUMN opcodes.step IS 'Position of the instruction in the transaction, from 0: the index in geth''s structLogs.';
COMMENT ON COLUMN opcodes.depth IS 'Frames that are open, as geth: 1 in the root frame. It is the length of the trace_address of the frame plus 1.';
COMMENT ON COLUMN opcodes.trace_index IS 'traces.trace_index of the frame that runs the instruction; geth has no such number.';
COMMENT ON COLUMN opcodes.address IS '20 bytes: the contract in whose context the code runs, as the instruction ADDRESS tells: of a delegatecall and a callcode the one that makes the call. Its storage is read and written. Not in geth''s JSON; its tracers call it the address of the scope.';
COMMENT ON COLUMN opcodes.pc IS 'Position of the instruction in the code, in bytes from 0. A STOP right after the last byte is what ends code that does not end itself.';
COMMENT ON COLUMN opcodes.op IS 'Name of the instruction in capitals, as geth writes it. STOP, ADD, MUL, SUB, DIV, SDIV, MOD, SMOD, ADDMOD, MULMOD, EXP, SIGNEXTEND, LT, GT, SLT, SGT, EQ, ISZERO, AND, OR, XOR, NOT, BYTE, SHL, SHR, SAR, CLZ, KECCAK256, ADDRESS, BALANCE, ORIGIN, CALLER, CALLVALUE, CALLDATALOAD, CALLDATASIZE, CALLDATACOPY, CODESIZE, CODECOPY, GASPRICE, EXTCODESIZE, EXTCODECOPY, RETURNDATASIZE, RETURNDATACOPY, EXTCODEHASH, BLOCKHASH, COINBASE, TIMESTAMP, NUMBER, DIFFICULTY, GASLIMIT, CHAINID, SELFBALANCE, BASEFEE, BLOBHASH, BLOBBASEFEE, SLOTNUM, POP, MLOAD, MSTORE, MSTORE8, SLOAD, SSTORE, JUMP, JUMPI, PC, MSIZE, GAS, JUMPDEST, TLOAD, TSTORE, MCOPY, PUSH0 to PUSH32, DUP1 to DUP16, SWAP1 to SWAP16, LOG0 to LOG4, DUPN, SWAPN, EXCHANGE, CREATE, CALL, CALLCODE, RETURN, DELEGATECALL, CREATE2, STATICCALL, REVERT, INVALID, SELFDESTRUCT; of any other byte opcode 0x… not defined. The name is that of the byte at any fork: before its fork an instruction is listed and fails.';
COMMENT ON COLUMN opcodes.gas IS 'Gas that the frame has left before the instruction.';
COMMENT ON COLUMN opcodes.gas_cost IS 'Gas that the instruction takes, as geth: of a call with the gas that the new frame is given (without the stipend that comes with value), of a creation without it. Sums by instruction count that gas again in the called frame: own_gas(from_block, to_block) does not. NULL of an instruction that fails other than by REVERT: what it would have taken depends on how far it came (geth writes a number there), and the frame loses all its gas.';
COMMENT ON COLUMN opcodes.refund IS 'Gas on the refund counter of the transaction, as geth: what SSTORE and SELFDESTRUCT grant is there in their own row, what a frame earned is taken back when it fails, and what EIP-7702 grants for authorities that exist is there from the first step on. A failed SSTORE is without what it would have granted, which geth counts.';
COMMENT ON COLUMN opcodes.stack IS 'The stack before the instruction, bottom to top as geth, 32 bytes each. NULL unless the stack was asked for (--opcodes stack).';
COMMENT ON COLUMN opcodes.error IS 'Why the instruction could not be run, in geth''s words: stack underflow (1 <=> 2), stack limit reached 1024 (1023), out of gas (after which geth may have a detail). NULL otherwise, and as geth also for an instruction that fails while it runs: REVERT, a bad jump, a byte that is no instruction, a write in a static call; traces.error has why the frame failed.';
