"""Call frames and instructions of one transaction, out of what the specification tells its tracer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from ethereum import trace
from ethereum_types.bytes import Bytes0

from .forks import at_least
from .faults import Attempt, other_reasons, stack_fault
from .programs import OPS

CALLS = {OPS[name]: name.lower() for name in ("CALL", "CALLCODE", "DELEGATECALL", "STATICCALL")}
CREATIONS = {OPS[name]: name.lower() for name in ("CREATE", "CREATE2")}
SELFDESTRUCT, SSTORE = OPS["SELFDESTRUCT"], OPS["SSTORE"]
MAX_DEPTH, MAX_NONCE = 1024, 2**64 - 1

# Parity's words for the specification's exceptions.
ERRORS = {
    "OutOfGasError": "Out of gas",
    "StackUnderflowError": "Stack underflow",
    "StackOverflowError": "Out of stack",
    "InvalidOpcode": "Bad instruction",
    "InvalidJumpDestError": "Bad jump destination",
    "OutOfBoundsRead": "Out of bounds",
    "WriteInStaticContext": "Mutable Call In Static Context",
    "InvalidContractPrefix": "Invalid code",
}


@dataclass
class Step:
    """An instruction, as geth's structLog has it."""

    frame: Frame
    depth: int
    address: bytes
    pc: int
    op: int
    gas: int
    refund: int
    stack: list[int]
    # `None` of one that failed.
    cost: int | None = 0
    # Why it could not be run: each is right.
    errors: list[str | None] = field(default_factory=lambda: [None])
    is_charged: bool = False
    is_done: bool = False
    # What the frame had below it, and its contract, when the instruction began.
    children: int = 0
    balance: int = 0


@dataclass
class Frame:
    """A call frame, a creation, or a self-destruct."""

    kind: str
    depth: int
    from_address: bytes
    to_address: bytes | None
    value: int
    gas: int
    input: bytes
    children: list[Frame] = field(default_factory=list)
    gas_used: int | None = None
    output: bytes | None = None
    # Why it failed: all reasons that hold.
    errors: set[str] = field(default_factory=set)
    is_precompile: bool = False
    message: Any = None
    step: Step | None = None
    # What it was last charged, and what it had then.
    charge: tuple[int, int] = (0, 0)
    # Its row in `traces`, once rows are made.
    trace_index: int = 0


class Watcher:
    """Watches one transaction."""

    def __init__(self, rules: SimpleNamespace) -> None:
        self.rules = rules
        self.root: Frame | None = None
        self.open: list[Frame] = []
        self.steps: list[Step] = []
        self.created: list[bytes] = []
        # What EIP-7702 grants before the first instruction.
        self.granted = 0
        # Gas that the transaction left, and what it earned back without a limit.
        self.gas_left = self.earned = 0
        # The gas that the frame of the last call gets.
        self.call_gas: int | None = None

    # Frames.

    def end_of_transaction(self, message: Any) -> None:
        """The root of a creation whose address is taken: no other function sees it."""
        if self.root is None:
            root = Frame("create", 0, bytes(message.caller), None, int(message.value), int(message.gas), bytes(message.code))
            root.errors = {"contract address collision"}
            self.root = root

    def run(self, original: Callable[..., Any], message: Any) -> Any:
        """A frame from its begin to its end. The specification runs a creation's code as a message too: the same one."""
        if self.open and self.open[-1].message is message:
            return original(message)
        frame = self.enter(message)
        evm = original(message)
        self.leave(frame, evm)
        return evm

    def enter(self, message: Any) -> Frame:
        is_creation = isinstance(message.target, Bytes0)
        if not self.open:
            kind = "create" if is_creation else "call"
            from_address, to_address = bytes(message.caller), bytes(message.target)
        else:
            step = self.open[-1].step
            assert step is not None
            kind = (CREATIONS if is_creation else CALLS)[step.op]
            from_address = step.address
            to_address = b"" if is_creation else word_address(step.stack[-2])
        frame = Frame(
            kind,
            int(message.depth),
            from_address,
            None if is_creation else to_address,
            0 if kind == "staticcall" else int(message.value),
            int(message.gas),
            bytes(message.code if is_creation else message.data),
            message=message,
        )
        precompiles = self.rules.interpreter.PRE_COMPILED_CONTRACTS
        frame.is_precompile = message.code_address in precompiles and not getattr(message, "disable_precompiles", False)
        self.hang(frame)
        self.open.append(frame)
        return frame

    def hang(self, frame: Frame) -> None:
        """Puts a frame below the innermost open one."""
        if self.open:
            self.open[-1].children.append(frame)
        else:
            self.root = frame

    def leave(self, frame: Frame, evm: Any) -> None:
        self.open.pop()
        frame.message = frame.step = None
        used, output = frame.gas - int(evm.gas_left), bytes(evm.output)
        if evm.error is None:
            if frame.to_address is None:
                frame.to_address = bytes(evm.message.current_target)
                self.created.append(frame.to_address)
            frame.gas_used, frame.output = used, output
        elif type(evm.error).__name__ == "Revert":
            frame.errors, frame.gas_used, frame.output = {"Reverted"}, used, output
        elif frame.is_precompile:
            # To some precompiles of the specification a bad input is out of gas; some look at it before they charge any, clients after.
            charged, left = frame.charge
            frame.errors = {"Out of gas"} if charged > left else {"Built-in failed"}
            if charged == 0:
                frame.errors.add("Out of gas")
        else:
            frame.errors.add(ERRORS[type(evm.error).__name__])

    def refuse(self, evm: Any, frame: Frame, step: Step) -> None:
        """A frame that was asked for and never entered."""
        is_creation = step.op in CREATIONS
        has_value = is_creation or step.op in (OPS["CALL"], OPS["CALLCODE"])
        value = step.stack[-1 if is_creation else -3] if has_value else 0
        creator = self.rules.state.get_account(evm.message.block_env.state, evm.message.current_target)
        if step.depth > MAX_DEPTH:
            error = "max call depth exceeded"
        elif int(creator.balance) < value:
            error = "insufficient balance for transfer"
        elif int(creator.nonce) == MAX_NONCE:
            error = "nonce uint64 overflow"
        else:
            error = "contract address collision"
        if step.op == OPS["DELEGATECALL"]:
            value = int(evm.message.value)
        if is_creation:
            kind, to_address = CREATIONS[step.op], None
            gas = step.gas - step.cost
            if at_least(self.rules.name, "tangerine_whistle"):
                gas -= gas // 64
            offset, size = step.stack[-2], step.stack[-3]
        else:
            kind, to_address = CALLS[step.op], word_address(step.stack[-2])
            gas = self.call_gas if self.call_gas is not None else step.stack[-1]
            at = -4 if has_value else -3
            offset, size = step.stack[at], step.stack[at - 1]
        refused = Frame(kind, step.depth, step.address, to_address, value, gas, bytes(evm.memory[offset : offset + size]))
        refused.errors = {error}
        refused.is_precompile = to_address in self.rules.interpreter.PRE_COMPILED_CONTRACTS
        frame.children.append(refused)

    # Events of the specification's interpreter.

    def on_event(self, evm: Any, event: Any) -> None:
        """What `ethereum.trace` asks of a tracer."""
        if isinstance(event, trace.OpStart):
            self.open[-1].step = self.new_step(evm, event.op.value)
        elif isinstance(event, trace.GasAndRefund):
            self.on_charge(evm, event.gas_cost)
        elif isinstance(event, trace.OpEnd):
            self.on_end(evm)
        elif isinstance(event, trace.OpException):
            self.on_failure(evm, event.error)
        elif isinstance(event, trace.EvmStop) and evm.running and len(evm.code) > 0:
            self.new_step(evm, OPS["STOP"]).is_done = True

    def new_step(self, evm: Any, op: int) -> Step:
        frame = self.open[-1]
        target = evm.message.current_target
        stack = [int(word) for word in evm.stack]
        depth = int(evm.message.depth) + 1
        step = Step(frame, depth, bytes(target), int(evm.pc), op, int(evm.gas_left), self.refund(evm), stack)
        step.children = len(frame.children)
        if op == SELFDESTRUCT:
            step.balance = int(self.rules.state.get_account(evm.message.block_env.state, target).balance)
        self.steps.append(step)
        self.call_gas = None
        return step

    def refund(self, evm: Any) -> int:
        """The refund counter of the transaction: what frames that are open have earned."""
        earned = self.granted
        while evm is not None:
            earned += int(evm.refund_counter)
            evm = evm.message.parent_evm
        return earned

    def on_charge(self, evm: Any, amount: int) -> None:
        frame = self.open[-1]
        frame.charge = (amount, int(evm.gas_left))
        step = frame.step
        if step is not None and not step.is_done and not step.is_charged:
            step.cost, step.is_charged = amount, True

    def on_end(self, evm: Any) -> None:
        frame = self.open[-1]
        step = frame.step
        assert step is not None
        step.is_done = True
        if step.op in (SSTORE, SELFDESTRUCT):
            step.refund = self.refund(evm)
        if step.op == SELFDESTRUCT:
            heir = word_address(step.stack[-1])
            frame.children.append(Frame("suicide", step.depth, step.address, heir, step.balance, 0, b""))
        elif (step.op in CALLS or step.op in CREATIONS) and len(frame.children) == step.children:
            self.refuse(evm, frame, step)

    def on_failure(self, evm: Any, error: Exception) -> None:
        frame = self.open[-1]
        if frame.is_precompile:
            return
        if frame.step is None or frame.step.is_done:
            # A byte that is no instruction: the specification does not begin to run it.
            step = self.new_step(evm, error.code)  # type: ignore[attr-defined]
            step.cost, step.is_done = None, True
            return
        step = frame.step
        step.is_done = True
        if type(error).__name__ == "Revert":
            return
        attempt = Attempt(
            self.rules.name,
            step.op,
            step.gas,
            step.stack,
            step.cost if step.is_charged else None,
            bool(getattr(evm.message, "is_static", False)),
            len(getattr(evm, "return_data", b"")),
        )
        # What it would have cost is not defined.
        step.cost = None
        frame.errors = other_reasons(attempt)
        fault = stack_fault(attempt)
        reasons = frame.errors | {ERRORS.get(type(error).__name__, "")}
        out_of_gas = ["out of gas"] if "Out of gas" in reasons else []
        step.errors = [fault] if fault is not None else [*out_of_gas, *([None] if reasons - {"Out of gas"} else [])]


def word_address(word: int) -> bytes:
    """The address in a word of the stack."""
    return (word & ((1 << 160) - 1)).to_bytes(20, "big")
