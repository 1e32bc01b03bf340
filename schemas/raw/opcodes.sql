-- One row per instruction that a transaction runs, as geth's structLog lists them (debug_traceTransaction without a
-- tracer). Memory and storage are not here: a copy of either per step cannot be stored.

-- In the order of the codes, so that enum_code(op) is the byte in the code. A byte that no fork gives a meaning has geth's
-- words.
CREATE TYPE IF NOT EXISTS opcode AS ENUM (
    'STOP', 'ADD', 'MUL', 'SUB', 'DIV', 'SDIV', 'MOD', 'SMOD', 'ADDMOD', 'MULMOD', 'EXP', 'SIGNEXTEND',
    'opcode 0xc not defined', 'opcode 0xd not defined', 'opcode 0xe not defined', 'opcode 0xf not defined', 'LT',
    'GT', 'SLT', 'SGT', 'EQ', 'ISZERO', 'AND', 'OR', 'XOR', 'NOT', 'BYTE', 'SHL', 'SHR', 'SAR', 'CLZ',
    'opcode 0x1f not defined', 'KECCAK256', 'opcode 0x21 not defined', 'opcode 0x22 not defined',
    'opcode 0x23 not defined', 'opcode 0x24 not defined', 'opcode 0x25 not defined', 'opcode 0x26 not defined',
    'opcode 0x27 not defined', 'opcode 0x28 not defined', 'opcode 0x29 not defined', 'opcode 0x2a not defined',
    'opcode 0x2b not defined', 'opcode 0x2c not defined', 'opcode 0x2d not defined', 'opcode 0x2e not defined',
    'opcode 0x2f not defined', 'ADDRESS', 'BALANCE', 'ORIGIN', 'CALLER', 'CALLVALUE', 'CALLDATALOAD', 'CALLDATASIZE',
    'CALLDATACOPY', 'CODESIZE', 'CODECOPY', 'GASPRICE', 'EXTCODESIZE', 'EXTCODECOPY', 'RETURNDATASIZE',
    'RETURNDATACOPY', 'EXTCODEHASH', 'BLOCKHASH', 'COINBASE', 'TIMESTAMP', 'NUMBER', 'DIFFICULTY', 'GASLIMIT',
    'CHAINID', 'SELFBALANCE', 'BASEFEE', 'BLOBHASH', 'BLOBBASEFEE', 'SLOTNUM', 'opcode 0x4c not defined',
    'opcode 0x4d not defined', 'opcode 0x4e not defined', 'opcode 0x4f not defined', 'POP', 'MLOAD', 'MSTORE',
    'MSTORE8', 'SLOAD', 'SSTORE', 'JUMP', 'JUMPI', 'PC', 'MSIZE', 'GAS', 'JUMPDEST', 'TLOAD', 'TSTORE', 'MCOPY',
    'PUSH0', 'PUSH1', 'PUSH2', 'PUSH3', 'PUSH4', 'PUSH5', 'PUSH6', 'PUSH7', 'PUSH8', 'PUSH9', 'PUSH10', 'PUSH11',
    'PUSH12', 'PUSH13', 'PUSH14', 'PUSH15', 'PUSH16', 'PUSH17', 'PUSH18', 'PUSH19', 'PUSH20', 'PUSH21', 'PUSH22',
    'PUSH23', 'PUSH24', 'PUSH25', 'PUSH26', 'PUSH27', 'PUSH28', 'PUSH29', 'PUSH30', 'PUSH31', 'PUSH32', 'DUP1',
    'DUP2', 'DUP3', 'DUP4', 'DUP5', 'DUP6', 'DUP7', 'DUP8', 'DUP9', 'DUP10', 'DUP11', 'DUP12', 'DUP13', 'DUP14',
    'DUP15', 'DUP16', 'SWAP1', 'SWAP2', 'SWAP3', 'SWAP4', 'SWAP5', 'SWAP6', 'SWAP7', 'SWAP8', 'SWAP9', 'SWAP10',
    'SWAP11', 'SWAP12', 'SWAP13', 'SWAP14', 'SWAP15', 'SWAP16', 'LOG0', 'LOG1', 'LOG2', 'LOG3', 'LOG4',
    'opcode 0xa5 not defined', 'opcode 0xa6 not defined', 'opcode 0xa7 not defined', 'opcode 0xa8 not defined',
    'opcode 0xa9 not defined', 'opcode 0xaa not defined', 'opcode 0xab not defined', 'opcode 0xac not defined',
    'opcode 0xad not defined', 'opcode 0xae not defined', 'opcode 0xaf not defined', 'opcode 0xb0 not defined',
    'opcode 0xb1 not defined', 'opcode 0xb2 not defined', 'opcode 0xb3 not defined', 'opcode 0xb4 not defined',
    'opcode 0xb5 not defined', 'opcode 0xb6 not defined', 'opcode 0xb7 not defined', 'opcode 0xb8 not defined',
    'opcode 0xb9 not defined', 'opcode 0xba not defined', 'opcode 0xbb not defined', 'opcode 0xbc not defined',
    'opcode 0xbd not defined', 'opcode 0xbe not defined', 'opcode 0xbf not defined', 'opcode 0xc0 not defined',
    'opcode 0xc1 not defined', 'opcode 0xc2 not defined', 'opcode 0xc3 not defined', 'opcode 0xc4 not defined',
    'opcode 0xc5 not defined', 'opcode 0xc6 not defined', 'opcode 0xc7 not defined', 'opcode 0xc8 not defined',
    'opcode 0xc9 not defined', 'opcode 0xca not defined', 'opcode 0xcb not defined', 'opcode 0xcc not defined',
    'opcode 0xcd not defined', 'opcode 0xce not defined', 'opcode 0xcf not defined', 'opcode 0xd0 not defined',
    'opcode 0xd1 not defined', 'opcode 0xd2 not defined', 'opcode 0xd3 not defined', 'opcode 0xd4 not defined',
    'opcode 0xd5 not defined', 'opcode 0xd6 not defined', 'opcode 0xd7 not defined', 'opcode 0xd8 not defined',
    'opcode 0xd9 not defined', 'opcode 0xda not defined', 'opcode 0xdb not defined', 'opcode 0xdc not defined',
    'opcode 0xdd not defined', 'opcode 0xde not defined', 'opcode 0xdf not defined', 'opcode 0xe0 not defined',
    'opcode 0xe1 not defined', 'opcode 0xe2 not defined', 'opcode 0xe3 not defined', 'opcode 0xe4 not defined',
    'opcode 0xe5 not defined', 'DUPN', 'SWAPN', 'EXCHANGE', 'opcode 0xe9 not defined', 'opcode 0xea not defined',
    'opcode 0xeb not defined', 'opcode 0xec not defined', 'opcode 0xed not defined', 'opcode 0xee not defined',
    'opcode 0xef not defined', 'CREATE', 'CALL', 'CALLCODE', 'RETURN', 'DELEGATECALL', 'CREATE2',
    'opcode 0xf6 not defined', 'opcode 0xf7 not defined', 'opcode 0xf8 not defined', 'opcode 0xf9 not defined',
    'STATICCALL', 'opcode 0xfb not defined', 'opcode 0xfc not defined', 'REVERT', 'INVALID', 'SELFDESTRUCT'
);

CREATE TABLE IF NOT EXISTS opcodes (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER NOT NULL,
    step              UINTEGER NOT NULL,
    depth             UINTEGER NOT NULL,
    trace_index       UINTEGER NOT NULL,
    address           BLOB USING COMPRESSION dictionary NOT NULL,
    pc                UINTEGER NOT NULL,
    op                opcode NOT NULL,
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
COMMENT ON COLUMN opcodes.pc IS 'Position of the instruction in the code, in bytes from 0. A STOP right behind the last byte is what ends code that does not end itself.';
COMMENT ON COLUMN opcodes.op IS 'Name of the instruction in capitals, as geth writes it; enum_code(op) is its byte. STOP, ADD, MUL, SUB, DIV, SDIV, MOD, SMOD, ADDMOD, MULMOD, EXP, SIGNEXTEND, LT, GT, SLT, SGT, EQ, ISZERO, AND, OR, XOR, NOT, BYTE, SHL, SHR, SAR, CLZ, KECCAK256, ADDRESS, BALANCE, ORIGIN, CALLER, CALLVALUE, CALLDATALOAD, CALLDATASIZE, CALLDATACOPY, CODESIZE, CODECOPY, GASPRICE, EXTCODESIZE, EXTCODECOPY, RETURNDATASIZE, RETURNDATACOPY, EXTCODEHASH, BLOCKHASH, COINBASE, TIMESTAMP, NUMBER, DIFFICULTY, GASLIMIT, CHAINID, SELFBALANCE, BASEFEE, BLOBHASH, BLOBBASEFEE, SLOTNUM, POP, MLOAD, MSTORE, MSTORE8, SLOAD, SSTORE, JUMP, JUMPI, PC, MSIZE, GAS, JUMPDEST, TLOAD, TSTORE, MCOPY, PUSH0 to PUSH32, DUP1 to DUP16, SWAP1 to SWAP16, LOG0 to LOG4, DUPN, SWAPN, EXCHANGE, CREATE, CALL, CALLCODE, RETURN, DELEGATECALL, CREATE2, STATICCALL, REVERT, INVALID, SELFDESTRUCT; of any other byte opcode 0x… not defined. The name is that of the byte at any fork: before its fork an instruction is listed and fails.';
COMMENT ON COLUMN opcodes.gas IS 'Gas that the frame has left before the instruction.';
COMMENT ON COLUMN opcodes.gas_cost IS 'Gas that the instruction takes, as geth: of a call with the gas that the new frame is given (without the stipend that comes with value), of a creation without it. Sums by instruction count that gas again in the called frame: own_gas(from_block, to_block) does not. Of an instruction that fails, what it would have taken as far as geth computes it before it fails: the fixed part where the stack or the gas does not suffice for that, 0 of a byte that is no instruction at this fork. NULL where that rests on an account or slot that the failed instruction never read, and for an instruction that fails from Amsterdam on.';
COMMENT ON COLUMN opcodes.refund IS 'Gas on the refund counter of the transaction, as geth: what SSTORE and SELFDESTRUCT grant is there in their own row, what a frame earned is taken back when it fails, and what EIP-7702 grants for authorities that exist is there from the first step on. Where gas_cost of a failed SSTORE is NULL, without what that one would have granted.';
COMMENT ON COLUMN opcodes.stack IS 'The stack before the instruction, bottom to top as geth, 32 bytes each. NULL unless the stack was asked for (--opcodes stack).';
COMMENT ON COLUMN opcodes.error IS 'Why the instruction could not be run, in geth''s words (out of gas, stack underflow (1 <=> 2), ...). NULL otherwise, and as geth also for an instruction that fails while it runs: REVERT, a bad jump, a byte that is no instruction, a write in a static call; traces.error has why the frame failed.';
