"""What is wrong with an instruction that fails.

The specification stops at the first thing that is wrong, and clients at another: geth looks at the stack, then at the gas, and
only then runs the instruction.
"""

from __future__ import annotations

from dataclasses import dataclass

from .forks import at_least
from .programs import OPS

MAX_STACK = 1024

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


@dataclass(frozen=True)
class Attempt:
    """An instruction that failed, as it found its frame."""

    fork: str
    op: int
    gas: int
    stack: list[int]
    # The price in the specification; `None` where it did not come so far.
    total: int | None
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


def stack_fault(attempt: Attempt) -> str | None:
    """Why the stack does not do, in geth's words."""
    taken, put = ARITY[attempt.op]
    height, most = len(attempt.stack), MAX_STACK + taken - put
    if height < taken:
        return f"stack underflow ({height} <=> {taken})"
    return f"stack limit reached {height} ({most})" if height > most else None


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
