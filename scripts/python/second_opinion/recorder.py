"""What the specification does while it executes a block, and what each part of the block changes.

The specification calls its own functions by the names that they have in its modules. The recorder puts itself in front of
some of them (`install`), and changes nothing that they do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

from ethereum import trace
from ethereum.exceptions import EthereumException
from ethereum_rlp import rlp
from ethereum_types.numeric import Uint

from .frames import Frame, Step, Watcher

Accounts = dict[bytes, tuple[int, int, bytes]]
Slots = dict[tuple[bytes, bytes], int]


@dataclass
class Part:
    """A part of a block (a transaction, or what happens outside of them), and the state before and after it."""

    transaction: int | None
    before: tuple[Accounts, Slots]
    after: tuple[Accounts, Slots]
    # Accounts that a self-destruct removed, with the wei that they still held.
    destroyed: dict[bytes, int]


@dataclass
class Transaction:
    """A transaction that the specification accepted."""

    tx: Any
    # As it stands in a block.
    encoded: Any
    root: Frame
    steps: list[Step]
    cumulative_gas: int
    gas_used: int
    # Before the refund, and the refund within its limit.
    gas_spent: int
    gas_refunded: int
    # EIP-7623, from Prague on.
    floor_gas: int | None
    receipt: Any


def snapshot(state: Any) -> tuple[Accounts, Slots]:
    """The accounts (nonce, balance, code) and slots of a state."""
    accounts = {
        bytes(address): (int(account.nonce), int(account.balance), bytes(account.code))
        for address, account in state._main_trie._data.items()
    }
    slots = {
        (bytes(address), bytes(key)): int(value)
        for address, kept in state._storage_tries.items()
        for key, value in kept._data.items()
    }
    return accounts, slots


class Recorder:
    """Records one chain. The specification's functions report to the one that was started last."""

    current: Recorder

    def __init__(self, state: Any) -> None:
        self.state = snapshot(state)
        self.parts: list[Part] = []
        self.transactions: list[Transaction] = []
        # Why the specification refused transactions of the plan.
        self.refused: list[str] = []
        # Every contract that was created so far.
        self.created: list[bytes] = []
        self.destroyed: dict[bytes, int] = {}
        # Rewards that the block pays, in order: to whom, wei.
        self.rewards: list[tuple[bytes, int]] = []
        self.rules = SimpleNamespace(name="")
        # There while a transaction runs.
        self.watcher: Watcher | None = None

    def start_block(self, rules: SimpleNamespace) -> None:
        """Forgets the block before."""
        self.rules = rules
        self.parts, self.transactions, self.rewards = [], [], []
        Recorder.current = self
        install(rules)

    def end_part(self, state: Any, transaction: int | None = None) -> None:
        """Notes what has changed since the last part."""
        after = snapshot(state)
        self.parts.append(Part(transaction, self.state, after, self.destroyed))
        self.state, self.destroyed = after, {}

    def process_transaction(self, original: Callable[..., None], block_env: Any, output: Any, tx: Any, _: Any) -> None:
        """Executes a transaction under the next number, or leaves it out where the specification refuses it."""
        index = Uint(len(self.transactions))
        gas_before = int(output.block_gas_used)
        watcher = self.watcher = Watcher(self.rules)
        trace.set_evm_trace(watcher.on_event)
        try:
            original(block_env, output, tx, index)
        except EthereumException as error:
            if snapshot(block_env.state) != self.state:
                raise
            output.transactions_trie._data.pop(rlp.encode(index), None)
            self.refused.append(f"{type(error).__name__}: {error}")
            return
        finally:
            self.watcher = None
            trace.set_evm_trace(trace.discard_evm_trace)
        assert watcher.root is not None
        self.created += watcher.created
        encode = getattr(self.rules.transactions, "encode_transaction", lambda tx: tx)
        receipt = self.rules.trie.trie_get(output.receipts_trie, rlp.encode(index))
        if isinstance(receipt, bytes):
            receipt = self.rules.blocks.decode_receipt(receipt)
        cumulative = int(output.block_gas_used)
        gas_spent = int(tx.gas) - watcher.gas_left
        # EIP-3529 came with the base fee.
        gas_refunded = min(gas_spent // (5 if hasattr(block_env, "base_fee_per_gas") else 2), watcher.earned)
        intrinsic = self.rules.transactions.calculate_intrinsic_cost(tx)
        floor_gas = int(intrinsic[1]) if isinstance(intrinsic, tuple) else None
        gas = (cumulative, cumulative - gas_before, gas_spent, gas_refunded, floor_gas)
        self.transactions.append(Transaction(tx, encode(tx), watcher.root, watcher.steps, *gas, receipt))
        self.end_part(block_env.state, int(index))


def install(rules: SimpleNamespace) -> None:
    """Puts the recorder in front of a fork's functions, once."""
    if getattr(rules, "is_watched", False):
        return
    rules.is_watched = True

    def wrap(module: ModuleType, name: str, wrapper: Callable[..., Any]) -> None:
        original = getattr(module, name, None)
        if original is not None:
            setattr(module, name, lambda *args, **named: wrapper(Recorder.current, original, *args, **named))

    def part(state_of: Callable[..., Any]) -> Callable[..., Any]:
        def run(recorder: Recorder, original: Callable[..., Any], *args: Any, **named: Any) -> Any:
            result = original(*args, **named)
            recorder.end_part(state_of(*args, **named))
            return result

        return run

    def frame(recorder: Recorder, original: Callable[..., Any], message: Any) -> Any:
        return recorder.watcher.run(original, message) if recorder.watcher else original(message)

    def message_call(recorder: Recorder, original: Callable[..., Any], message: Any) -> Any:
        output = original(message)
        if recorder.watcher:
            recorder.watcher.end_of_transaction(message)
            recorder.watcher.gas_left, recorder.watcher.earned = int(output.gas_left), int(output.refund_counter)
        return output

    def delegation(recorder: Recorder, original: Callable[..., Any], message: Any) -> Any:
        granted = original(message)
        if recorder.watcher:
            recorder.watcher.granted = int(granted)
        return granted

    def call_gas(recorder: Recorder, original: Callable[..., Any], *args: Any) -> Any:
        computed = original(*args)
        if recorder.watcher:
            recorder.watcher.call_gas = int(computed.sub_call)
        return computed

    def destroy(recorder: Recorder, original: Callable[..., Any], state: Any, address: Any) -> None:
        if recorder.watcher:
            recorder.destroyed[bytes(address)] = int(rules.state.get_account(state, address).balance)
        original(state, address)

    def reward(recorder: Recorder, original: Callable[..., Any], state: Any, address: Any, amount: Any) -> None:
        recorder.rewards.append((bytes(address), int(amount)))
        original(state, address, amount)

    wrap(rules.fork, "create_ether", reward)
    wrap(rules.fork, "process_transaction", Recorder.process_transaction)
    wrap(rules.fork, "process_message_call", message_call)
    wrap(rules.fork, "destroy_account", destroy)
    wrap(rules.fork, "pay_rewards", part(lambda state, *_args, **_named: state))
    wrap(rules.fork, "process_withdrawals", part(lambda block_env, *_args: block_env.state))
    wrap(rules.fork, "process_system_transaction", part(lambda *args, **named: (args or [named["block_env"]])[0].state))
    wrap(rules.interpreter, "process_message", frame)
    wrap(rules.interpreter, "process_create_message", frame)
    wrap(rules.interpreter, "set_delegation", delegation)
    wrap(rules.system, "calculate_message_call_gas", call_gas)
