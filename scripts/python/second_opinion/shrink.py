"""Makes a failing plan smaller while it fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from typing import Any

from .plans import Plan

# Lists whose entries can be left out one by one, in blocks, transactions and accounts.
BLOCK_LISTS = ("transactions", "withdrawals", "ommers")
TRANSACTION_LISTS = ("data", "access", "authorizations")
PLAIN = {
    "value": 0,
    "tip": 0,
    "headroom": 0,
    "kind": 0,
    "sender": 0,
    "is_bound_to_chain": False,
    "extra": "",
    "gas_limit_step": 0,
    "seconds": 1,
    "coinbase": 0xC0FFEE,
    "balance": 0,
}


def shrink(plan: Plan, fails: Callable[[Plan], bool], attempts: int) -> Plan:
    """The smallest plan found that still fails. Greedy: whatever can be left out is left out, until nothing can, or the
    number of attempts is used up."""
    is_smaller = True
    while is_smaller:
        is_smaller = False
        # The last ones first, so that what was passed keeps its place when something is left out.
        for change in list(changes(plan)):
            if attempts == 0:
                return plan
            smaller = deepcopy(plan)
            if not change(smaller):
                continue
            attempts -= 1
            if fails(smaller):
                plan, is_smaller = smaller, True
    return plan


Change = Callable[[Plan], bool]


def changes(plan: Plan) -> Iterator[Change]:
    """What can be left out of a plan, largest first. A change says whether it changed anything: after others it may not."""
    for index in reversed(range(len(plan["blocks"]))):
        yield partial(drop_block, index=index)
    for number, block in enumerate(plan["blocks"]):
        for name in BLOCK_LISTS:
            yield from drops(["blocks", number, name], block[name])
    yield from drops(["accounts"], plan["accounts"])
    for number, account in enumerate(plan["accounts"]):
        yield from drops(["accounts", number, "code"], account["code"])
        yield from drops(["accounts", number, "storage"], account["storage"])
    for number, block in enumerate(plan["blocks"]):
        for index, transaction in enumerate(block["transactions"]):
            for name in TRANSACTION_LISTS:
                yield from drops(["blocks", number, "transactions", index, name], transaction.get(name, []))
            yield from simplifications(["blocks", number, "transactions", index], transaction)
        yield from simplifications(["blocks", number], block)
    for number, account in enumerate(plan["accounts"]):
        yield from simplifications(["accounts", number], account)


def drop_block(plan: Plan, index: int) -> bool:
    """Leaves a block out; a fork that began after it begins one block earlier."""
    if index >= len(plan["blocks"]):
        return False
    del plan["blocks"][index]
    for fork in plan["forks"][1:]:
        if fork[1] > index + 1:
            fork[1] -= 1
    plan["forks"] = [fork for fork in plan["forks"] if fork[1] <= len(plan["blocks"])]
    return True


def drops(path: list[Any], entries: Any) -> Iterator[Change]:
    """Leaves out an entry of a list or of a map."""
    for entry in reversed(list(entries) if isinstance(entries, dict) else range(len(entries))):
        yield partial(drop, path=path, entry=entry)


def drop(plan: Plan, path: list[Any], entry: Any) -> bool:
    found = lookup(plan, path)
    if found is None or (entry not in found if isinstance(found, dict) else entry >= len(found)):
        return False
    del found[entry]
    return True


def simplifications(path: list[Any], holder: dict[str, Any]) -> Iterator[Change]:
    """Puts the plainest value in place of another."""
    for name in holder:
        if name in PLAIN and holder[name] != PLAIN[name]:
            yield partial(simplify, path=path, name=name)


def simplify(plan: Plan, path: list[Any], name: str) -> bool:
    found = lookup(plan, path)
    if found is None or found.get(name, PLAIN[name]) == PLAIN[name]:
        return False
    found[name] = PLAIN[name]
    return True


def lookup(plan: Any, path: list[Any]) -> Any:
    """What stands at a path; `None` where nothing does any more."""
    for step in path:
        if step >= len(plan) if isinstance(step, int) else step not in plan:
            return None
        plan = plan[step]
    return plan


def size(plan: Plan) -> tuple[int, int, int, int]:
    """Blocks, transactions, accounts and pieces of code of a plan."""
    return (
        len(plan["blocks"]),
        sum(len(block["transactions"]) for block in plan["blocks"]),
        len(plan["accounts"]),
        sum(len(account["code"]) for account in plan["accounts"]),
    )
