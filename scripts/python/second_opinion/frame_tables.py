"""Rows about call frames, out of what the specification saw: `traces`, `contracts`, `native_transfers`, `opcodes`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ethereum.crypto.hash import keccak256

from .chains import Chain, SeenBlock
from .frames import Frame
from .programs import OPS
from .values import OneOf, Row, payload, wei, wei_bytes, word

WEI_PER_GWEI = 10**9
MOVING_KINDS = {"call", "create", "create2"}
# Where the DAO fork moved the wei of the accounts that it emptied (EIP-779).
DAO_REFUND = bytes.fromhex("bf4ed7b27f1d666546e30d74d50d173d20bca754")
# A byte has its name at any fork: EIP-7843 and EIP-8024 come after those that are here, DIFFICULTY is what PREVRANDAO was.
OP_NAMES = (
    {first + n: f"{name}{n + start}" for name, first, start, count in (
        ("PUSH", 0x5F, 0, 33), ("DUP", 0x80, 1, 16), ("SWAP", 0x90, 1, 16), ("LOG", 0xA0, 0, 5),
    ) for n in range(count)}
    | {code: name for name, code in OPS.items()}
    | {0x44: "DIFFICULTY", 0x4B: "SLOTNUM", 0xE6: "DUPN", 0xE7: "SWAPN", 0xE8: "EXCHANGE"}
)


def is_listed(frame: Frame) -> bool:
    """Parity's rule: a call of a precompile below the root is a row only if it has a value."""
    return not frame.is_precompile or frame.value > 0 or frame.depth == 0


def walk(frame: Frame, path: list[int], is_kept: bool) -> Iterator[tuple[Frame, list[int], bool, int]]:
    """A frame and those below it that are rows: where each is, whether what it did stayed, how many are below it."""
    is_kept = is_kept and not frame.errors
    below = [child for child in frame.children if is_listed(child)]
    yield frame, path, is_kept, len(below)
    for index, child in enumerate(below):
        yield from walk(child, [*path, index], is_kept)


def traces(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Row]:
    nothing = (None,) * 6
    position = 0
    for kind, source, address, amount in irregular(chain, seen, number):
        yield (
            number, None, position, [], kind, None, source, address, wei(amount), wei_bytes(amount),
            *nothing, 0, None, None, True, None, None,
        )  # fmt: skip
        position += 1
    for index, done in enumerate(seen.transactions):
        success = not done.root.errors
        for frame, path, is_kept, subtraces in walk(done.root, [], True):
            frame.trace_index = position
            yield trace(number, index, position, frame, path, is_kept, subtraces, success)
            position += 1
    for at, (address, amount) in enumerate(seen.rewards):
        yield (
            number, None, position, [], "reward", None, None, address, wei(amount), wei_bytes(amount),
            *nothing, 0, None, None, True, None, "uncle" if at else "block",
        )  # fmt: skip
        position += 1


def trace(
    number: int, index: int, position: int, frame: Frame, path: list[int], is_kept: bool, subtraces: int, success: bool
) -> Row:
    is_suicide = frame.kind == "suicide"
    has_result = not is_suicide and frame.gas_used is not None
    return (
        number,
        index,
        position,
        path,
        "suicide" if is_suicide else "create" if frame.kind.startswith("create") else "call",
        None if is_suicide else frame.kind,
        frame.from_address,
        frame.to_address,
        wei(frame.value),
        wei_bytes(frame.value),
        None if is_suicide else frame.gas,
        frame.gas_used if has_result else None,
        *payload(None if is_suicide else frame.input),
        *payload(frame.output if has_result else None),
        subtraces,
        OneOf(*sorted(frame.errors)) if frame.errors else None,
        revert_reason(frame.output or b"") if frame.errors == {"Reverted"} else None,
        is_kept,
        success,
        None,
    )


PANICS = {0x11: "arithmetic underflow or overflow", 0x12: "division or modulo by zero"}


def revert_reason(output: bytes) -> str | None:
    """The text of `Error(string)` and `Panic(uint256)`, as far as programs of this generator make them."""
    selector, arguments = output[:4], output[4:]
    if selector == bytes.fromhex("08c379a0") and len(arguments) >= 64:
        length = int.from_bytes(arguments[32:64], "big")
        return arguments[64 : 64 + length].decode()
    if selector == bytes.fromhex("4e487b71") and len(arguments) >= 32:
        code = int.from_bytes(arguments[:32], "big")
        return PANICS.get(code, f"unknown panic code: {code:#x}")
    return None


def irregular(chain: Chain, seen: SeenBlock, number: int) -> Iterator[tuple[str, bytes | None, bytes, int]]:
    """Balances that no frame and no reward accounts for."""
    if number == 0:
        for address, (_, balance, _) in sorted(seen.state[0].items()):
            if balance > 0:
                yield "genesis", None, address, balance
    elif seen.parts and seen.rules.name == "dao_fork" and chain.blocks[number - 1].rules is not seen.rules:
        part = seen.parts[0]
        for address, (_, balance, _) in sorted(part.before[0].items()):
            after = part.after[0].get(address, (0, 0, b""))[1]
            if balance > after:
                yield "daofork", address, DAO_REFUND, balance - after


def contracts(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Row]:
    position = 0
    for index, done in enumerate(seen.transactions):
        for frame, _, is_kept, _ in walk(done.root, [], True):
            if not frame.kind.startswith("create"):
                continue
            code = None if frame.errors else frame.output
            init_code, _ = payload(frame.input)
            yield (
                number,
                index,
                position,
                frame.to_address,
                done.root.from_address,
                frame.from_address,
                init_code,
                payload(code)[0],
                keccak256(frame.input),
                None if code is None else keccak256(code),
                is_kept,
            )
            position += 1


def native_transfers(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Row]:
    for position, (index, source, heir, amount, kind) in enumerate(movements(chain, seen, number)):
        yield number, index, position, source, heir, wei(amount), wei_bytes(amount), kind


def movements(chain: Chain, seen: SeenBlock, number: int) -> Iterator[tuple[int | None, bytes | None, bytes | None, int, str]]:
    """Every movement of wei but fees."""
    for kind, source, address, amount in irregular(chain, seen, number):
        yield None, source, address, amount, "daofork" if kind == "daofork" else "genesis"
    by_transaction = {part.transaction: part for part in seen.parts}
    for index, done in enumerate(seen.transactions):
        destroyed = by_transaction[index].destroyed
        for frame, path, is_kept, _ in walk(done.root, [], True):
            if not is_kept or frame.value == 0:
                continue
            if frame.kind == "suicide" and frame.from_address == frame.to_address:
                if frame.from_address in destroyed:
                    yield index, frame.from_address, None, frame.value, "burn"
            elif frame.kind == "suicide":
                yield index, frame.from_address, frame.to_address, frame.value, "suicide"
            elif frame.kind in MOVING_KINDS:
                kind = "transaction" if not path else "create" if frame.kind != "call" else "call"
                yield index, frame.from_address, frame.to_address, frame.value, kind
        for address, held in sorted(destroyed.items()):
            if held > 0:
                yield index, address, None, held, "burn"
    for at, (address, amount) in enumerate(seen.rewards):
        if amount > 0:
            yield None, None, address, amount, "ommer_reward" if at else "reward"
    for withdrawal in getattr(seen.block, "withdrawals", ()):
        if int(withdrawal.amount) > 0:
            yield None, None, bytes(withdrawal.address), int(withdrawal.amount) * WEI_PER_GWEI, "withdrawal"


def opcodes(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Any]:
    for index, done in enumerate(seen.transactions):
        for position, step in enumerate(done.steps):
            op = OP_NAMES.get(step.op, f"opcode {step.op:#x} not defined")
            where = (number, index, position, step.depth, step.frame.trace_index, step.address, step.pc, op, step.gas)
            stack = [word(entry) for entry in step.stack]
            rows = [(*where, step.cost, max(step.refund, 0), stack, error) for error in step.errors]
            yield rows[0] if len(rows) == 1 else OneOf(*rows)
