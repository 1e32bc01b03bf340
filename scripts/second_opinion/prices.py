"""What geth says of an instruction that fails.

The specification stops at the first thing that is wrong and geth at another: geth looks at the stack, takes the fixed part
of the price, computes the rest, and only then runs the instruction (core/vm/interpreter.go of go-ethereum 1.16). The rows
of `opcodes` follow geth, so its order is written down here; the sums are the specification's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .forks import at_least
from .programs import OPS

MAX_STACK = 1024
MAX_WORD = 1 << 64
# From here on geth's price of memory would overflow.
MAX_MEMORY = 0x1F_FFFF_FFE0
MAX_INIT_CODE = 49_152
STIPEND = 2_300
TRANSFER, NEW_ACCOUNT = 9_000, 25_000

CALLS = {OPS[name] for name in ("CALL", "CALLCODE", "DELEGATECALL", "STATICCALL")}
CREATIONS = {OPS[name] for name in ("CREATE", "CREATE2")}
LOGS = {OPS["LOG0"] + topics for topics in range(5)}
WRITES = {OPS[name] for name in ("SSTORE", "TSTORE", "SELFDESTRUCT")} | CREATIONS | LOGS

# Words taken from the stack and put there.
_ARITY = {
    (0, 0): "STOP JUMPDEST INVALID",
    (0, 1): "ADDRESS ORIGIN CALLER CALLVALUE CALLDATASIZE CODESIZE GASPRICE RETURNDATASIZE COINBASE TIMESTAMP NUMBER "
    "PREVRANDAO GASLIMIT CHAINID SELFBALANCE BASEFEE BLOBBASEFEE PC MSIZE GAS PUSH0",
    (1, 0): "POP JUMP SELFDESTRUCT",
    (1, 1): "ISZERO NOT CLZ BALANCE CALLDATALOAD EXTCODESIZE EXTCODEHASH BLOCKHASH BLOBHASH MLOAD SLOAD TLOAD",
    (2, 0): "MSTORE MSTORE8 SSTORE TSTORE JUMPI RETURN REVERT",
    (2, 1): "ADD MUL SUB DIV SDIV MOD SMOD EXP SIGNEXTEND LT GT SLT SGT EQ AND OR XOR BYTE SHL SHR SAR KECCAK256",
    (3, 0): "CALLDATACOPY CODECOPY RETURNDATACOPY MCOPY",
    (3, 1): "ADDMOD MULMOD CREATE",
    (4, 0): "EXTCODECOPY",
    (4, 1): "CREATE2",
    (6, 1): "DELEGATECALL STATICCALL",
    (7, 1): "CALL CALLCODE",
}
ARITY = {OPS[name]: arity for arity, names in _ARITY.items() for name in names.split()}
ARITY |= {0x60 + count: (0, 1) for count in range(32)}
ARITY |= {0x80 + count: (count + 1, count + 2) for count in range(16)}
ARITY |= {0x90 + count: (count + 2, count + 2) for count in range(16)}
ARITY |= {0xA0 + count: (count + 2, 0) for count in range(5)}

# The fixed part of prices, in every fork the same.
_FIXED = {
    0: "STOP INVALID EXP SSTORE RETURN REVERT",
    1: "JUMPDEST",
    2: "ADDRESS ORIGIN CALLER CALLVALUE CALLDATASIZE CODESIZE GASPRICE RETURNDATASIZE COINBASE TIMESTAMP NUMBER PREVRANDAO "
    "GASLIMIT CHAINID BASEFEE BLOBBASEFEE POP PC MSIZE GAS PUSH0",
    3: "ADD SUB LT GT SLT SGT EQ ISZERO AND OR XOR NOT BYTE SHL SHR SAR CALLDATALOAD CALLDATACOPY CODECOPY RETURNDATACOPY "
    "MCOPY MLOAD MSTORE MSTORE8 BLOBHASH",
    5: "MUL DIV SDIV MOD SMOD SIGNEXTEND SELFBALANCE CLZ",
    8: "ADDMOD MULMOD JUMP",
    10: "JUMPI",
    20: "BLOCKHASH",
    30: "KECCAK256",
    100: "TLOAD TSTORE",
    32_000: "CREATE CREATE2",
}
FIXED = {OPS[name]: price for price, names in _FIXED.items() for name in names.split()}
FIXED |= {0x60 + count: 3 for count in range(64)} | dict.fromkeys(LOGS, 0)
# Those that forks repriced: from which fork on, at what.
_REPRICED = {
    "BALANCE": {"frontier": 20, "tangerine_whistle": 400, "istanbul": 700, "berlin": 100},
    "EXTCODESIZE": {"frontier": 20, "tangerine_whistle": 700, "berlin": 100},
    "EXTCODECOPY": {"frontier": 20, "tangerine_whistle": 700, "berlin": 100},
    "EXTCODEHASH": {"constantinople": 400, "istanbul": 700, "berlin": 100},
    "SLOAD": {"frontier": 50, "tangerine_whistle": 200, "istanbul": 800, "berlin": 0},
    "SELFDESTRUCT": {"frontier": 0, "berlin": 5_000},
} | {name: {"frontier": 40, "tangerine_whistle": 700, "berlin": 100} for name in "CALL CALLCODE DELEGATECALL STATICCALL".split()}
REPRICED = {OPS[name]: prices for name, prices in _REPRICED.items()}

# Offset and length of the memory that an instruction touches: positions on the stack, or a length in bytes.
_MEMORY: dict[str, list[tuple[int, int | str]]] = {
    "KECCAK256": [(0, 1)],
    "RETURN": [(0, 1)],
    "REVERT": [(0, 1)],
    "CALLDATACOPY": [(0, 2)],
    "CODECOPY": [(0, 2)],
    "RETURNDATACOPY": [(0, 2)],
    "EXTCODECOPY": [(1, 3)],
    "MCOPY": [(0, 2), (1, 2)],
    "MLOAD": [(0, "32")],
    "MSTORE": [(0, "32")],
    "MSTORE8": [(0, "1")],
    "CREATE": [(1, 2)],
    "CREATE2": [(1, 2)],
    "CALL": [(5, 6), (3, 4)],
    "CALLCODE": [(5, 6), (3, 4)],
    "DELEGATECALL": [(4, 5), (2, 3)],
    "STATICCALL": [(4, 5), (2, 3)],
}
MEMORY = {OPS[name]: ranges for name, ranges in _MEMORY.items()} | {op: [(0, 1)] for op in LOGS}


@dataclass(frozen=True)
class Attempt:
    """An instruction that failed, as it found its frame."""

    fork: str
    op: int
    gas: int
    stack: list[int]
    # The price in the specification; `None` where it did not come so far.
    total: int | None
    # What the specification's rule for the gas of a call was given: value, gas asked for, gas left, price of memory, the rest.
    call_gas: tuple[Any, ...] | None
    is_static: bool
    returned: int

    def word(self, at: int) -> int:
        """A word of the stack, from the top."""
        return self.stack[-1 - at]


def fixed_price(fork: str, op: int) -> int:
    """What geth takes first, whatever the instruction is to do."""
    if op in FIXED:
        return FIXED[op]
    return [price for since, price in REPRICED[op].items() if at_least(fork, since)][-1]


def failed_step(attempt: Attempt) -> tuple[int, str | None]:
    """What geth says the instruction takes, and its word for why it could not run; `None` for one that fails while it runs."""
    op, gas = attempt.op, attempt.gas
    fixed = fixed_price(attempt.fork, op)
    fault = stack_fault(attempt)
    if fault is not None:
        return fixed, fault
    if gas < fixed:
        return fixed, "out of gas"
    call = call_price(attempt, fixed) if op in CALLS and attempt.call_gas is not None else None
    if call == REFUSED_ACCESS:
        return fixed, "out of gas: out of gas"
    end = memory_end(attempt)
    if end is None:
        return fixed, "gas uint64 overflow"
    if op == OPS["SSTORE"] and at_least(attempt.fork, "istanbul") and gas <= STIPEND:
        return fixed, "out of gas: not enough gas for reentrancy sentry"
    if end > MAX_MEMORY or (call is not None and call >= MAX_WORD):
        return fixed, "out of gas: gas uint64 overflow"
    if op in CREATIONS and at_least(attempt.fork, "shanghai") and attempt.word(2) > MAX_INIT_CODE:
        return fixed, f"out of gas: max initcode size exceeded: size {attempt.word(2)}"
    if op in CALLS and call is None and attempt.word(0) >= MAX_WORD:
        # Before EIP-150 the gas asked for is the gas given.
        return fixed, "out of gas: gas uint64 overflow"
    assert attempt.total is not None or call is not None, f"no price of instruction {op:#x}"
    price = call if call is not None else attempt.total
    assert price is not None
    return price, "out of gas" if price > gas else None


def stack_fault(attempt: Attempt) -> str | None:
    """Why the stack does not do, in geth's words."""
    taken, put = ARITY[attempt.op]
    height, most = len(attempt.stack), MAX_STACK + taken - put
    if height < taken:
        return f"stack underflow ({height} <=> {taken})"
    return f"stack limit reached {height} ({most})" if height > most else None


def memory_end(attempt: Attempt) -> int | None:
    """Where the memory must end that the instruction touches; `None` where that has no 64 bits."""
    last = 0
    for offset, length in MEMORY.get(attempt.op, []):
        size = int(length) if isinstance(length, str) else attempt.word(length)
        if size > 0:
            start = attempt.word(offset)
            if start >= MAX_WORD or size >= MAX_WORD or start + size + 31 >= MAX_WORD:
                return None
            last = max(last, start + size)
    return last


# Stands for a call that cannot even pay for looking at the account.
REFUSED_ACCESS = -1


def call_price(attempt: Attempt, fixed: int) -> int | None:
    """The price of a call since EIP-150, with the gas that the new frame is given. geth takes the base from what is left
    without looking whether it is covered, so that the rest goes round."""
    assert attempt.call_gas is not None
    if not at_least(attempt.fork, "tangerine_whistle"):
        return None
    value, asked, left, memory, extra = (int(number) for number in attempt.call_gas[:5])
    transfer = TRANSFER if value else 0
    creation = NEW_ACCOUNT if extra - transfer >= NEW_ACCOUNT else 0
    surcharge = extra - transfer - creation - fixed
    available = left - fixed
    if surcharge > available:
        return REFUSED_ACCESS
    base = memory + transfer + creation
    most = (available - surcharge - base) % MAX_WORD
    given = min(asked, most - most // 64)
    return fixed + surcharge + base + given


def other_reasons(attempt: Attempt) -> set[str]:
    """Parity's words for all that is wrong with an instruction beside what the specification stopped at. Clients look at
    stack, gas and write protection in different orders, and each of the reasons is true."""
    fault = stack_fault(attempt)
    reasons = set()
    if fault is not None:
        reasons.add("Stack underflow" if "underflow" in fault else "Out of stack")
    price = attempt.total if attempt.total is not None else fixed_price(attempt.fork, attempt.op)
    if price > attempt.gas:
        reasons.add("Out of gas")
    if attempt.is_static and attempt.op in WRITES:
        reasons.add("Mutable Call In Static Context")
    if fault is not None:
        return reasons
    if attempt.is_static and attempt.op == OPS["CALL"] and attempt.word(2) > 0:
        reasons.add("Mutable Call In Static Context")
    if attempt.op == OPS["RETURNDATACOPY"] and attempt.word(1) + attempt.word(2) > attempt.returned:
        reasons.add("Out of bounds")
    return reasons
