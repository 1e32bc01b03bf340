"""A plan becomes a chain: the specification executes its blocks, and what it saw is kept beside their headers."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from ethereum.crypto.hash import Hash32, keccak256
from ethereum.exceptions import EthereumException
from ethereum_rlp import rlp
from ethereum_types.bytes import Bytes8, Bytes32
from ethereum_types.numeric import U64, U256, Uint

from . import forks
from .forks import BY_BLOCK, BY_DIFFICULTY, CHAIN_ID, FORKS, ORDER, has_field, make, rules
from .plans import SENDERS, Plan, sender_address
from .recorder import Accounts, Part, Recorder, Slots, Transaction
from .signing import address, build

GENESIS_TIME = 1_700_000_000
GAS_LIMIT = 12_000_000
DIFFICULTY = 131_072
SENDER_BALANCE = 10**24
INITIAL_BASE_FEE = 10**9
DAO_EXTRA = b"dao-hard-fork"


@dataclass
class SeenBlock:
    """A block, and what the specification saw when it executed it."""

    rules: SimpleNamespace
    block: Any
    # Every part of it, in order; of genesis none.
    parts: list[Part]
    transactions: list[Transaction]
    # The state at its end.
    state: tuple[Accounts, Slots]
    total_difficulty: int
    # To whom rewards of proof of work went, and wei: first that of the block, then those of its ommers.
    rewards: list[tuple[bytes, int]]


@dataclass
class Chain:
    """A chain: its blocks from genesis on, as the specification has them."""

    plan: Plan
    genesis: dict[str, Any]
    blocks: list[SeenBlock] = field(default_factory=list)
    # Why the specification refused transactions of the plan, which are not in the chain.
    refused: list[str] = field(default_factory=list)

    def rlp(self) -> bytes:
        """What `geth export` writes."""
        return b"".join(rlp.encode(seen.block) for seen in self.blocks)


def fork_of(plan: Plan, number: int) -> str:
    """The fork of a block."""
    return next(name for name, first in reversed(plan["forks"]) if number >= first)


def execute(plan: Plan) -> Chain:
    """Executes a plan."""
    first = plan["forks"][0][0]
    module = rules(first)
    forks.start(first, 0, None)
    state = module.state.State()
    for account in genesis_accounts(plan):
        held = address(account["address"])
        code = b"".join(bytes.fromhex(piece) for piece in account["code"])
        made = module.types.Account(Uint(account["nonce"]), U256(account["balance"]), code)
        module.state.set_account(state, held, made)
        for slot, value in account["storage"].items():
            module.state.set_storage(state, held, Bytes32(int(slot).to_bytes(32, "big")), U256(value))
    recorder = Recorder(state)
    genesis_block = first_block(module, state)
    difficulty = int(genesis_block.header.difficulty)
    chain = Chain(plan, {}, [SeenBlock(module, genesis_block, [], [], recorder.state, difficulty, [])])
    past = module.fork.BlockChain([genesis_block], state, U64(CHAIN_ID))
    name = first
    for number, planned in enumerate(plan["blocks"], 1):
        old, name = name, fork_of(plan, number)
        module = rules(name)
        recorder.start_block(module)
        if old != name:
            forks.start(name, number, old)
            past.state = forks.carry_state(past.state, old, name)
            past = module.fork.apply_fork(module.fork.BlockChain(past.blocks, past.state, past.chain_id))
            if name == "dao_fork":
                recorder.end_part(past.state)
        chain.blocks.append(execute_block(module, past, recorder, planned, chain.blocks))
    chain.refused = recorder.refused
    chain.genesis = genesis_json(plan, chain)
    return chain


def genesis_accounts(plan: Plan) -> list[dict[str, Any]]:
    """All accounts of the genesis state."""
    senders = [
        {"address": sender_address(index), "nonce": 0, "balance": SENDER_BALANCE, "code": [], "storage": {}}
        for index in range(SENDERS)
    ]
    return plan["accounts"] + senders


def first_block(module: SimpleNamespace, state: Any) -> Any:
    """The genesis block."""
    is_merged = not has_field(module.blocks.Header, "mix_digest")
    empty = module.trie.root(module.trie.Trie(False, None))
    header = {
        "difficulty": Uint(0 if is_merged else DIFFICULTY),
        "number": Uint(0),
        "gas_limit": Uint(GAS_LIMIT),
        "timestamp": U256(GENESIS_TIME),
        "parent_hash": Hash32(bytes(32)),
        "coinbase": address(0),
        "extra_data": b"",
        "mix_digest": Bytes32(bytes(32)),
        "prev_randao": Bytes32(bytes(32)),
        "base_fee_per_gas": Uint(INITIAL_BASE_FEE),
        "excess_blob_gas": U64(0),
        "parent_beacon_block_root": Hash32(bytes(32)),
    }
    output = {
        "state_root": module.state.state_root(state),
        "transactions_root": empty,
        "receipt_root": empty,
        "bloom": module.bloom.logs_bloom(()),
        "gas_used": Uint(0),
        "withdrawals_root": empty,
        "blob_gas_used": U64(0),
        "requests_hash": module.requests.compute_requests_hash([]) if module.requests else None,
    }
    return close_block(module, header | output, (), (), ())


def close_block(module: SimpleNamespace, header: dict[str, Any], transactions: Any, ommers: Any, withdrawals: Any) -> Any:
    """A block whose header holds all of `header` that its fork has a field for."""
    header = header | {"ommers_hash": keccak256(rlp.encode(ommers)), "nonce": Bytes8(bytes(8))}
    values = {
        "header": make(module.blocks.Header, header),
        "transactions": transactions,
        "ommers": ommers,
        "withdrawals": withdrawals,
    }
    return make(module.blocks.Block, values)


def execute_block(
    module: SimpleNamespace, past: Any, recorder: Recorder, planned: dict[str, Any], blocks: list[SeenBlock]
) -> SeenBlock:
    """Has the specification execute a block, and completes its header out of that."""
    fork, header_type = module.fork, module.blocks.Header
    header = open_header(module, past, planned)
    ommers = pick_ommers(module, past, planned, blocks)
    withdrawals = tuple(
        module.blocks.Withdrawal(U64(index), U64(wanted["validator"]), address(wanted["address"]), U256(wanted["amount"]))
        for index, wanted in enumerate(planned["withdrawals"])
    ) if has_field(header_type, "withdrawals_root") else ()  # fmt: skip
    env = make(module.vm.BlockEnvironment, header | {
        "chain_id": past.chain_id,
        "state": past.state,
        "block_gas_limit": header["gas_limit"],
        "block_hashes": fork.get_last_256_block_hashes(past),
        "time": header["timestamp"],
    })  # fmt: skip
    base_fee = int(header["base_fee_per_gas"])

    def transactions() -> Any:
        # The specification takes one when it has executed the one before, so that each is made for the state it finds.
        for wanted in planned["transactions"]:
            tx = build(wanted, module, past.state, base_fee, recorder.created)
            yield getattr(module.transactions, "encode_transaction", lambda tx: tx)(tx)

    body = {"transactions": transactions(), "ommers": ommers, "withdrawals": withdrawals}
    wanted_by = inspect.signature(fork.apply_body).parameters
    output = fork.apply_body(env, **{name: value for name, value in body.items() if name in wanted_by})
    trie = module.trie
    header |= {
        "state_root": module.state.state_root(past.state),
        "transactions_root": trie.root(output.transactions_trie),
        "receipt_root": trie.root(output.receipts_trie),
        "bloom": module.bloom.logs_bloom(output.block_logs),
        "gas_used": output.block_gas_used,
        "withdrawals_root": trie.root(getattr(output, "withdrawals_trie", trie.Trie(False, None))),
        "blob_gas_used": getattr(output, "blob_gas_used", U64(0)),
        "requests_hash": module.requests.compute_requests_hash(output.requests) if module.requests else None,
    }
    encoded = tuple(transaction.encoded for transaction in recorder.transactions)
    block = close_block(module, header, encoded, ommers, withdrawals)
    fork.validate_header(past, block.header)
    past.blocks.append(block)
    total = blocks[-1].total_difficulty + int(block.header.difficulty)
    return SeenBlock(module, block, recorder.parts, recorder.transactions, recorder.state, total, recorder.rewards)


def open_header(module: SimpleNamespace, past: Any, planned: dict[str, Any]) -> dict[str, Any]:
    """The fields of a header that are known before the block is executed."""
    fork, header_type, parent = module.fork, module.blocks.Header, past.blocks[-1].header
    timestamp = parent.timestamp + U256(planned["seconds"])
    number = parent.number + Uint(1)
    is_dao = module.name == "dao_fork"
    # A fork that has EIP-1559 doubles the limit at its first block: half of it is the target.
    is_first_of_london = has_field(header_type, "base_fee_per_gas") and not hasattr(parent, "base_fee_per_gas")
    limit = parent.gas_limit * Uint(2 if is_first_of_london else 1)
    step = (limit // Uint(1024) - Uint(1)) * Uint(abs(planned["gas_limit_step"]))
    limit = limit - step if planned["gas_limit_step"] < 0 else limit + step
    difficulty = Uint(0)
    if has_field(header_type, "mix_digest"):
        arguments = [number, timestamp, parent.timestamp, parent.difficulty]
        if len(inspect.signature(fork.calculate_block_difficulty).parameters) == 5:
            arguments.append(parent.ommers_hash != keccak256(rlp.encode(())))
        difficulty = fork.calculate_block_difficulty(*arguments)
    base_fee = Uint(0)
    if has_field(header_type, "base_fee_per_gas"):
        base_fee = Uint(INITIAL_BASE_FEE) if is_first_of_london else fork.calculate_base_fee_per_gas(
            limit, parent.gas_limit, parent.gas_used, parent.base_fee_per_gas
        )  # fmt: skip
    blob_gas = U64(0)
    if has_field(header_type, "excess_blob_gas"):
        blob_gas = module.gas.calculate_excess_blob_gas(parent)
    return {
        "parent_hash": keccak256(rlp.encode(parent)),
        "coinbase": address(planned["coinbase"]),
        "difficulty": difficulty,
        "number": number,
        "gas_limit": limit,
        "timestamp": timestamp,
        "extra_data": DAO_EXTRA if is_dao else bytes.fromhex(planned["extra"]),
        "mix_digest": Bytes32(bytes.fromhex(planned["randao"])),
        "prev_randao": Bytes32(bytes.fromhex(planned["randao"])),
        "base_fee_per_gas": base_fee,
        "excess_blob_gas": blob_gas,
        "parent_beacon_block_root": Hash32(bytes.fromhex(planned["beacon_root"])),
    }


def pick_ommers(module: SimpleNamespace, past: Any, planned: dict[str, Any], blocks: list[SeenBlock]) -> tuple[Any, ...]:
    """Siblings of earlier blocks, those that the specification accepts."""
    if not hasattr(module.fork, "validate_ommers"):
        return ()
    picked: list[Any] = []
    number = len(blocks)
    for distance in planned["ommers"]:
        sibling = number - distance
        # A block of another fork has another kind of header; the specification speaks of its own only.
        if sibling < 1 or blocks[sibling].rules is not module or len(picked) == 2:
            continue
        header = blocks[sibling].block.header
        marked = replace(header, coinbase=address(0x0E0E + distance), nonce=Bytes8(number.to_bytes(8, "big")))
        candidate = (*picked, marked)
        # What it looks at of the block itself is its number, its parent and its ommers.
        block_header = replace(
            past.blocks[-1].header,
            number=Uint(number),
            parent_hash=keccak256(rlp.encode(past.blocks[-1].header)),
            ommers_hash=keccak256(rlp.encode(candidate)),
        )
        try:
            module.fork.validate_ommers(candidate, block_header, past)
        except EthereumException:
            continue
        picked = list(candidate)
    return tuple(picked)


def genesis_json(plan: Plan, chain: Chain) -> dict[str, Any]:
    """The genesis file that geth would be given for the chain."""
    config: dict[str, Any] = {"chainId": CHAIN_ID}
    schedule = plan["forks"]
    for fork in FORKS:
        first = next((first for name, first in schedule if ORDER[fork.name] <= ORDER[name]), None)
        if first is None or first >= len(chain.blocks):
            continue
        if fork.name == "dao_fork":
            if any(name == "dao_fork" for name, _ in schedule):
                config |= {"daoForkBlock": first, "daoForkSupport": True}
        elif fork.by == BY_BLOCK:
            config |= dict.fromkeys(fork.keys, first)
        elif fork.by == BY_DIFFICULTY:
            config["terminalTotalDifficulty"] = chain.blocks[first - 1].total_difficulty if first else 0
        else:
            config |= dict.fromkeys(fork.keys, int(chain.blocks[first].block.header.timestamp) if first else 0)
    if "cancunTime" in config:
        config["depositContractAddress"] = "0x00000000219ab540356cbb839cbe05303d7705fa"
    header = chain.blocks[0].block.header
    alloc = {
        f"0x{account['address']:040x}": {
            "balance": hex(account["balance"]),
            "nonce": hex(account["nonce"]),
            "code": "0x" + "".join(account["code"]),
            "storage": {f"0x{int(slot):064x}": f"0x{value:064x}" for slot, value in account["storage"].items()},
        }
        for account in genesis_accounts(plan)
    }
    return {
        "config": config,
        "nonce": "0x0000000000000000",
        "timestamp": hex(GENESIS_TIME),
        "extraData": "0x",
        "gasLimit": hex(GAS_LIMIT),
        "difficulty": hex(int(header.difficulty)),
        "mixHash": "0x" + "00" * 32,
        "coinbase": "0x" + "00" * 20,
        "alloc": alloc,
    }
