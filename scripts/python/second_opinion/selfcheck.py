"""Plants differences, and sees that the comparison finds them: one that could not fail would say nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
from ethereum.crypto.hash import Hash32

from .chains import Chain, execute
from .compare import Outcome, compare
from .plans import Plan, draw_plan
from .shrink import shrink, size

# A change to one value of a table, and the column that must be named for it.
PLANTED = {
    "traces.gas_used": "UPDATE traces SET gas_used = gas_used + 1 WHERE rowid = "
    "(SELECT min(rowid) FROM traces WHERE gas_used > 0)",
    "transaction_gas.gas_refunded": "UPDATE transaction_gas SET gas_refunded = gas_refunded + 1 WHERE rowid = "
    "(SELECT max(rowid) FROM transaction_gas)",
    "opcodes.refund": "UPDATE opcodes SET refund = refund + 1 WHERE rowid = (SELECT max(rowid) FROM opcodes)",
    "storage_diffs.to_value": "UPDATE storage_diffs SET to_value = from_value WHERE rowid = "
    "(SELECT min(rowid) FROM storage_diffs WHERE block_number > 0)",
}
# Rebuilds that making a planted failure smaller may take.
ATTEMPTS = 10


class NotFound(Exception):
    """A planted difference went unnoticed."""


def planting(statement: str) -> Callable[[Path], None]:
    """What changes a database by a statement."""

    def plant(database: Path) -> None:
        with duckdb.connect(str(database)) as connection:
            connection.execute(statement)

    return plant


def compared(blockmill: Path, plan: Plan, statement: str | None = None) -> Outcome:
    """The outcome for a plan, with a change planted."""
    with tempfile.TemporaryDirectory(prefix="second-opinion-") as folder:
        return compare(blockmill, execute(plan), Path(folder), planting(statement) if statement else None)


def self_check(blockmill: Path, seed: int) -> None:
    """Raises `NotFound` where a planted difference is not found, or not made smaller."""
    plan = next(plan for plan in map(draw_plan, range(seed, seed + 1000)) if is_rich(execute(plan)))
    for what, statement in PLANTED.items():
        found = {difference.what for difference in compared(blockmill, plan, statement).differences}
        if found - {"storage_at"} != {what}:
            raise NotFound(f"planted a difference in {what}, found {sorted(found)}")
    with tempfile.TemporaryDirectory(prefix="second-opinion-") as folder:
        outcome = compare(blockmill, with_wrong_root(execute(plan)), Path(folder))
    if [difference.what for difference in outcome.differences] != ["rebuild"]:
        raise NotFound("a header with a wrong state root was accepted")
    what = "storage_diffs.to_value"
    smaller = shrink(
        plan, lambda tried: what in {found.what for found in compared(blockmill, tried, PLANTED[what]).differences}, ATTEMPTS
    )
    if size(smaller)[:2] >= size(plan)[:2]:
        raise NotFound(f"a failing chain was not made smaller: {size(plan)} to {size(smaller)}")


def is_rich(chain: Chain) -> bool:
    """Whether a chain has what differences are planted in, and something to leave out."""
    done = [transaction for seen in chain.blocks for transaction in seen.transactions]
    writes = any(part.before[1] != part.after[1] for seen in chain.blocks for part in seen.parts)
    return writes and len(chain.blocks) > 3 and len(done) > 3 and any(transaction.steps for transaction in done)


def with_wrong_root(chain: Chain) -> Chain:
    """The chain with another state root in its last header."""
    last = chain.blocks[-1]
    header = replace(last.block.header, state_root=Hash32(bytes(31) + b"\1"))
    blocks = [*chain.blocks[:-1], replace(last, block=replace(last.block, header=header))]
    return replace(chain, blocks=blocks)
