"""The forks of the specification: their modules, their keys in a geth genesis file, how a chain goes from one to the next."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, fields
from functools import cache
from types import SimpleNamespace
from typing import Any

from ethereum.fork_criteria import ByBlockNumber

CHAIN_ID = 1337
# What enters a genesis file for a fork is one of these.
BY_BLOCK, BY_DIFFICULTY, BY_TIME = "block", "difficulty", "time"


@dataclass(frozen=True)
class Fork:
    """A fork: its module in `ethereum.forks`, its keys in a geth genesis file, and what these count."""

    name: str
    keys: tuple[str, ...]
    by: str = BY_BLOCK


FORKS = (
    Fork("frontier", ()),
    Fork("homestead", ("homesteadBlock",)),
    Fork("dao_fork", ("daoForkBlock",)),
    Fork("tangerine_whistle", ("eip150Block",)),
    Fork("spurious_dragon", ("eip155Block", "eip158Block")),
    Fork("byzantium", ("byzantiumBlock",)),
    # The specification has no Constantinople without Petersburg, as no public chain kept one.
    Fork("constantinople", ("constantinopleBlock", "petersburgBlock")),
    Fork("istanbul", ("istanbulBlock",)),
    Fork("muir_glacier", ("muirGlacierBlock",)),
    Fork("berlin", ("berlinBlock",)),
    Fork("london", ("londonBlock",)),
    Fork("arrow_glacier", ("arrowGlacierBlock",)),
    Fork("gray_glacier", ("grayGlacierBlock",)),
    Fork("paris", (), BY_DIFFICULTY),
    Fork("shanghai", ("shanghaiTime",), BY_TIME),
    Fork("cancun", ("cancunTime",), BY_TIME),
    Fork("prague", ("pragueTime",), BY_TIME),
    Fork("osaka", ("osakaTime",), BY_TIME),
    Fork("bpo1", ("bpo1Time",), BY_TIME),
    Fork("bpo2", ("bpo2Time",), BY_TIME),
)
ORDER = {fork.name: index for index, fork in enumerate(FORKS)}


def at_least(name: str, other: str) -> bool:
    """Whether the rules of fork `other` hold at fork `name`."""
    return ORDER[name] >= ORDER[other]


@cache
def rules(name: str) -> SimpleNamespace:
    """The parts of a fork's specification, by short names; `None` for a part that the fork does not have."""
    parts = {
        "fork": "fork",
        "blocks": "blocks",
        "transactions": "transactions",
        "types": "fork_types",
        "state": "state",
        "trie": "trie",
        "bloom": "bloom",
        "vm": "vm",
        "interpreter": "vm.interpreter",
        "system": "vm.instructions.system",
        "gas": "vm.gas",
        "requests": "requests",
        "delegation": "vm.eoa_delegation",
    }
    base = f"ethereum.forks.{name}"

    def part(path: str) -> Any:
        try:
            return importlib.import_module(f"{base}.{path}")
        except ModuleNotFoundError:
            return None

    found = SimpleNamespace(name=name, **{short: part(path) for short, path in parts.items()})
    if hasattr(found.fork, "validate_proof_of_work"):
        # Blockmill does not look at the seal, and a valid one would take minutes for each block.
        found.fork.validate_proof_of_work = lambda _header: None
    return found


def make(kind: type, values: dict[str, Any]) -> Any:
    """A dataclass of the specification out of those values that it has fields for: forks differ in their number."""
    return kind(**{field.name: values[field.name] for field in fields(kind)})


def has_field(kind: type, name: str) -> bool:
    """Whether a dataclass of the specification has a field."""
    return any(field.name == name for field in fields(kind))


def start(name: str, first_block: int, before: str | None) -> None:
    """Tells the rules of a fork where they begin, which the specification knows of mainnet only."""
    module = rules(name)
    if hasattr(module.fork, "FORK_CRITERIA"):
        module.fork.FORK_CRITERIA = ByBlockNumber(first_block)
    if before is not None and has_field(module.blocks.Header, "excess_blob_gas"):
        # The first block of a fork follows a header of the fork before, whose blobs count if it has any.
        kinds = (rules(before).blocks.Header, module.blocks.Header)
        module.gas.Header = tuple(kind for kind in kinds if has_field(kind, "excess_blob_gas"))


def carry_state(state: Any, old: str, new: str) -> Any:
    """The same state in the classes of another fork."""
    if old == new:
        return state
    module = rules(new)
    carried = module.state.State()
    for address, account in state._main_trie._data.items():
        copied = module.types.Account(nonce=account.nonce, balance=account.balance, code=account.code)
        module.state.set_account(carried, address, copied)
    for address, trie in state._storage_tries.items():
        for key, value in trie._data.items():
            module.state.set_storage(carried, address, key, value)
    return carried
