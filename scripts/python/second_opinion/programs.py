"""Random EVM programs.

A program is a list of pieces. A piece is code that can stand anywhere and be left out, so that a failing program can be
made smaller: it jumps only relative to itself, and leaves the stack as it found it unless it ends the frame.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from .forks import at_least

# Instructions by name; those that no piece uses by name are drawn by `garbage`.
OPS = {
    name: code
    for start, names in {
        0x00: "STOP ADD MUL SUB DIV SDIV MOD SMOD ADDMOD MULMOD EXP SIGNEXTEND",
        0x10: "LT GT SLT SGT EQ ISZERO AND OR XOR NOT BYTE SHL SHR SAR CLZ",
        0x20: "KECCAK256",
        0x30: "ADDRESS BALANCE ORIGIN CALLER CALLVALUE CALLDATALOAD CALLDATASIZE CALLDATACOPY CODESIZE CODECOPY "
        "GASPRICE EXTCODESIZE EXTCODECOPY RETURNDATASIZE RETURNDATACOPY EXTCODEHASH",
        0x40: "BLOCKHASH COINBASE TIMESTAMP NUMBER PREVRANDAO GASLIMIT CHAINID SELFBALANCE BASEFEE BLOBHASH BLOBBASEFEE",
        0x50: "POP MLOAD MSTORE MSTORE8 SLOAD SSTORE JUMP JUMPI PC MSIZE GAS JUMPDEST TLOAD TSTORE MCOPY PUSH0",
        0x80: "DUP1 DUP2 DUP3 DUP4",
        0x90: "SWAP1 SWAP2 SWAP3",
        0xA0: "LOG0",
        0xF0: "CREATE CALL CALLCODE RETURN DELEGATECALL CREATE2",
        0xFA: "STATICCALL",
        0xFD: "REVERT INVALID SELFDESTRUCT",
    }.items()
    for code, name in enumerate(names.split(), start)
}
SINCE = {
    "homestead": "DELEGATECALL",
    "byzantium": "RETURNDATASIZE RETURNDATACOPY STATICCALL REVERT",
    "constantinople": "SHL SHR SAR EXTCODEHASH CREATE2",
    "istanbul": "CHAINID SELFBALANCE",
    "london": "BASEFEE",
    "shanghai": "PUSH0",
    "cancun": "BLOBHASH BLOBBASEFEE TLOAD TSTORE MCOPY",
    "osaka": "CLZ",
}
INTERESTING = [0, 1, 2, 3, 7, 31, 32, 33, 255, 256, 1 << 64, (1 << 255) - 19, 1 << 255, (1 << 256) - 1, (1 << 128) - 1]
ERROR_SELECTOR, PANIC_SELECTOR = 0x08C379A0, 0x4E487B71


def ops(*items: str | int | bytes) -> bytes:
    """Code out of names of instructions, numbers to push, and code."""
    return b"".join(
        bytes([OPS[item]]) if isinstance(item, str) else push(item) if isinstance(item, int) else item for item in items
    )


def push(number: int) -> bytes:
    """The shortest push of a number, for any fork."""
    data = number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")
    return bytes([0x5F + len(data)]) + data


def guarded(body: bytes) -> bytes:
    """Runs `body` unless the number on top of the stack is zero."""
    # The distance is counted from the JUMPI's PC; the body lies between it and the JUMPDEST.
    return ops("ISZERO") + bytes([0x61]) + (len(body) + 3).to_bytes(2, "big") + ops("PC", "ADD", "JUMPI") + body + ops("JUMPDEST")


class Programmer:
    """Draws programs that suit a fork and call accounts of a chain."""

    def __init__(self, rng: Random, fork: str, addresses: list[int]) -> None:
        self.rng, self.fork, self.addresses = rng, fork, addresses
        held_back = {name for since, names in SINCE.items() if not at_least(fork, since) for name in names.split()}
        self.known = [name for name in OPS if name not in held_back]

    def has(self, op: str) -> bool:
        """Whether the fork has an instruction; now and then also where it does not, so that it fails."""
        return op in self.known or self.rng.random() < 0.01

    def number(self) -> int:
        rng = self.rng
        return rng.choice(INTERESTING) if rng.random() < 0.7 else rng.getrandbits(rng.choice([8, 16, 64, 160, 256]))

    def address(self) -> int:
        return self.rng.choice(self.addresses)

    def program(self, depth: int = 0) -> list[bytes]:
        """The pieces of a contract; `depth` counts the creations that it stands in."""
        rng = self.rng
        pieces = [self.piece(depth) for _ in range(rng.choice([0, 1, 2, 3, 4, 6, 9] if depth == 0 else [0, 1, 1, 2, 3]))]
        if rng.random() < 0.75:
            pieces.append(self.ending())
        return pieces

    def piece(self, depth: int) -> bytes:
        """One piece of any kind."""
        kinds: list[tuple[int, Callable[[int], bytes]]] = [
            (8, self.arithmetic),
            (12, self.storage),
            (4, self.memory),
            (8, self.environment),
            (10, self.log),
            (18, self.call),
            (5, self.precompile),
            (8 if depth < 2 else 0, self.creation),
            (5 if depth < 3 else 0, self.branch),
            (3 if depth < 3 else 0, self.loop),
            (4, self.transient),
            (2, self.garbage),
        ]
        weights, draws = zip(*kinds, strict=True)
        return self.rng.choices(draws, weights)[0](depth)

    def keep(self) -> bytes:
        """Takes the top of the stack away: into a slot, so that it shows in the state, or nowhere."""
        return ops(self.rng.randrange(4), "SSTORE") if self.rng.random() < 0.4 else ops("POP")

    def arithmetic(self, _: int) -> bytes:
        names = "ADD MUL SUB DIV SDIV MOD SMOD EXP SIGNEXTEND LT GT SLT SGT EQ AND OR XOR BYTE SHL SHR SAR".split()
        code = ops(self.number())
        for _ in range(self.rng.randrange(1, 4)):
            op = self.rng.choice([name for name in names if self.has(name)])
            code += ops(self.number(), op)
            if self.rng.random() < 0.3:
                code += ops(self.rng.choice([name for name in ("NOT", "ISZERO", "CLZ") if self.has(name)]))
        if self.rng.random() < 0.3:
            code += ops(self.number(), self.number(), self.rng.choice(["ADDMOD", "MULMOD"]))
        return code + self.keep()

    def storage(self, _: int) -> bytes:
        slot = self.rng.choice([0, 1, 2, 3, (1 << 256) - 1])
        if self.rng.random() < 0.25:
            return ops(slot, "SLOAD") + self.keep()
        return ops(self.rng.choice([0, 0, 1, 2, self.number()]), slot, "SSTORE")

    def transient(self, _: int) -> bytes:
        if not self.has("TSTORE"):
            return self.storage(0)
        slot = self.rng.randrange(3)
        return ops(slot, "TLOAD", 1, "ADD", slot, "TSTORE", slot, "TLOAD") + self.keep()

    def memory(self, _: int) -> bytes:
        at = self.rng.choice([0, 1, 32, 100, 1000])
        kinds = [
            ops(self.number(), at, "MSTORE"),
            ops(self.number(), at, "MSTORE8"),
            ops(at, "MLOAD") + self.keep(),
            ops(self.rng.randrange(70), at, "KECCAK256") + self.keep(),
            ops(self.rng.randrange(70), self.rng.randrange(40), at, "CALLDATACOPY"),
            ops(self.rng.randrange(70), self.rng.randrange(40), at, "CODECOPY"),
            ops(self.rng.randrange(70), self.rng.randrange(40), at, self.address(), "EXTCODECOPY"),
        ]
        if self.has("MCOPY"):
            kinds.append(ops(self.rng.randrange(70), self.rng.randrange(40), at, "MCOPY"))
        return self.rng.choice(kinds)

    def environment(self, _: int) -> bytes:
        plain = (
            "ADDRESS ORIGIN CALLER CALLVALUE CALLDATASIZE CODESIZE GASPRICE RETURNDATASIZE COINBASE TIMESTAMP NUMBER PREVRANDAO "
            "GASLIMIT CHAINID SELFBALANCE BASEFEE PC MSIZE GAS PUSH0"
        ).split()
        asking = {
            "BALANCE": self.address(),
            "EXTCODESIZE": self.address(),
            "EXTCODEHASH": self.address(),
            "CALLDATALOAD": self.rng.randrange(40),
        }
        if self.has("BLOBHASH") and self.rng.random() < 0.2:
            return self.rng.choice([ops(self.rng.randrange(3), "BLOBHASH"), ops("BLOBBASEFEE")]) + self.keep()
        if self.rng.random() < 0.15:
            return ops(self.rng.randrange(1, 8), "NUMBER", "SUB", "BLOCKHASH") + self.keep()
        op = self.rng.choice([name for name in plain + list(asking) if self.has(name)])
        return (ops(asking[op]) if op in asking else b"") + ops(op) + self.keep()

    def log(self, _: int) -> bytes:
        topics = self.rng.randrange(5)
        code = b"".join(ops(self.number()) for _ in range(topics))
        return code + ops(self.rng.choice([0, 1, 32, 77]), self.rng.choice([0, 5]), bytes([OPS["LOG0"] + topics]))

    def gas(self) -> bytes:
        choices = [0, 700, 2300, 5000, 30_000, 100_000, 100_000]
        return ops("GAS") if self.rng.random() < 0.6 else ops(self.rng.choice(choices))

    def call(self, _: int) -> bytes:
        """A call of any kind; its outcome and what it returns are kept."""
        rng = self.rng
        kind = rng.choice([name for name in "CALL CALL CALL CALLCODE DELEGATECALL STATICCALL".split() if self.has(name)])
        code = ops(rng.choice([0, 0, 32, 64]), rng.choice([0, 32]), rng.choice([0, 4, 36]), rng.choice([0, 10]))
        if kind in ("CALL", "CALLCODE"):
            code += ops(rng.choice([0, 0, 0, 1, 7, 10**15, 1 << 200]))
        # The address that a creation in this frame left in slot 3, if any, or one of the chain's.
        code += ops(3, "SLOAD") if rng.random() < 0.15 else ops(self.address())
        code += self.gas() + ops(kind) + self.keep()
        if self.has("RETURNDATASIZE") and rng.random() < 0.3:
            code += ops("RETURNDATASIZE", 0, 64, "RETURNDATACOPY")
        return code

    def precompile(self, _: int) -> bytes:
        """A call of a precompiled contract with an input that it may or may not accept."""
        rng = self.rng
        address = rng.choice([1, 2, 3, 4, 5, 6, 7, 9, 0x0B, 0x0C, 0x100, 8])
        words, size = {
            1: ([rng.getrandbits(256), 27, 5, 7], 128),
            5: ([1, 1, rng.choice([0, 1, 2]), (0x03_05_07 << 232) | rng.getrandbits(200)], 99),
            6: ([1, 2, 1, 2] if rng.random() < 0.7 else [1, 3, 0, 0], 128),
            7: ([1, 2, rng.getrandbits(256)], 96),
            8: ([], rng.choice([0, 5])),
            9: ([(rng.randrange(9) << 224) | rng.getrandbits(200), *(rng.getrandbits(256) for _ in range(5)), 0], 213),
        }.get(address, ([rng.getrandbits(256)], rng.choice([0, 1, 32, 160])))
        code = b"".join(ops(word, at * 32, "MSTORE") for at, word in enumerate(words))
        kind = rng.choice([name for name in ("CALL", "CALLCODE", "STATICCALL", "DELEGATECALL") if self.has(name)])
        value = ops(rng.choice([0, 0, 0, 1])) if kind in ("CALL", "CALLCODE") else b""
        code += ops(96, 0, size, 0) + value + ops(address) + self.gas() + ops(kind) + self.keep()
        return code + ops(0, "MLOAD") + self.keep()

    def creation(self, depth: int) -> bytes:
        """A creation whose init code is written into memory word by word; its address goes into slot 3."""
        rng = self.rng
        init_code = b"".join(self.program(depth + 1)) if rng.random() < 0.3 else self.init_code(depth + 1)
        padded = init_code + bytes(-len(init_code) % 32)
        code = b"".join(
            ops(int.from_bytes(padded[at : at + 32], "big"), at, "MSTORE") for at in range(0, len(padded), 32)
        )
        value = rng.choice([0, 0, 1, 5, 1 << 200])
        if self.has("CREATE2") and rng.random() < 0.5:
            code += ops(rng.randrange(3), len(init_code), 0, value, "CREATE2")
        else:
            code += ops(len(init_code), 0, value, "CREATE")
        return code + (ops(3, "SSTORE") if rng.random() < 0.7 else self.keep())

    def init_code(self, depth: int) -> bytes:
        """Some pieces, then code that returns a small contract."""
        runtime = b"".join(self.program(depth)) or b"\0"
        if self.rng.random() < 0.05:
            runtime = b"\xef" + runtime
        before = b"".join(self.piece(depth) for _ in range(self.rng.choice([0, 0, 1])))
        copy_length = len(ops(len(runtime), 0, 0, "CODECOPY", len(runtime), 0, "RETURN"))
        # The runtime follows the copy; its offset takes two bytes whatever it is.
        at = len(before) + copy_length + 1
        copy = push(len(runtime)) + b"\x61" + at.to_bytes(2, "big") + ops(0, "CODECOPY", len(runtime), 0, "RETURN")
        return before + copy + runtime

    def branch(self, depth: int) -> bytes:
        condition = self.rng.choice([ops(0, "CALLDATALOAD"), ops("CALLVALUE"), ops(0, "SLOAD"), ops("NUMBER", 1, "AND")])
        body = self.ending() if self.rng.random() < 0.3 else self.piece(depth + 1)
        return condition + guarded(body)

    def loop(self, depth: int) -> bytes:
        """Runs a piece a few times; the counter stays on the stack below it."""
        body = self.piece(depth + 1)
        code = ops("JUMPDEST") + body + ops(1, "SWAP1", "SUB", "DUP1")
        back = len(code) + 3
        return ops(self.rng.randrange(1, 6)) + code + b"\x61" + back.to_bytes(2, "big") + ops("PC", "SUB", "JUMPI", "POP")

    def garbage(self, _: int) -> bytes:
        """What may fail for any reason, or leave anything on the stack."""
        rng = self.rng
        return rng.choice(
            [
                lambda: rng.randbytes(rng.randrange(1, 8)),
                lambda: bytes([rng.choice(list(OPS.values()))]),
                lambda: ops(self.number(), self.number(), rng.choice(["MSTORE", "KECCAK256", "LOG0", "RETURN", "JUMP"])),
                lambda: ops(self.number(), self.number(), self.number(), rng.choice(["CALLDATACOPY", "CODECOPY", "CREATE"])),
                lambda: ops(0, "JUMPDEST", "DUP1", 4, "PC", "SUB", "JUMP"),
                # Calls itself with nearly all gas: before EIP-150 as deep as calls may go.
                lambda: ops(0, 0, 0, 0, 0, "ADDRESS", rng.choice([100, 300]), "GAS", "SUB", "CALL", "POP"),
                lambda: ops(self.rng.randrange(60_000), 0, 0, "CREATE", "POP"),
            ]
        )()

    def ending(self) -> bytes:
        """What ends a frame."""
        rng = self.rng
        kinds = [
            ops("STOP"),
            ops(rng.choice([0, 32, 96]), 0, "RETURN"),
            ops("INVALID"),
            ops(self.address(), "SELFDESTRUCT"),
            ops("ADDRESS", "SELFDESTRUCT"),
            ops("CALLER", "SELFDESTRUCT"),
        ]
        weights = [4, 6, 1, 3, 1, 2]
        if self.has("REVERT"):
            text = rng.choice([b"no", b"a reason that is longer than one word of thirty-two bytes"])
            reason = (0x20).to_bytes(32, "big") + len(text).to_bytes(32, "big") + text.ljust(64, b"\0")
            stores = b"".join(
                ops(int.from_bytes(reason[at : at + 32], "big"), 4 + at, "MSTORE") for at in range(0, len(reason), 32)
            )
            kinds += [
                ops(rng.choice([0, 32]), 0, "REVERT"),
                ops(ERROR_SELECTOR << 224, 0, "MSTORE") + stores + ops(132, 0, "REVERT"),
                ops(PANIC_SELECTOR << 224, 0, "MSTORE", rng.choice([0x11, 0x12, 0x99]), 4, "MSTORE", 36, 0, "REVERT"),
            ]
            weights += [3, 1, 1]
        return rng.choices(kinds, weights)[0]
