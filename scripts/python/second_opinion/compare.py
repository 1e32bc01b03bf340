"""Has blockmill rebuild a chain, and compares its tables with what the specification saw."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from .chains import Chain
from .tables import expected
from .values import OneOf, Row, word

# Seconds that a rebuild of such a small chain never takes.
PATIENCE = 120
MOST_SHOWN = 12


@dataclass
class Difference:
    """Where blockmill and the specification say different things."""

    # What is compared, as `table.column`.
    what: str
    where: str
    specification: str
    blockmill: str

    def __str__(self) -> str:
        return f"{self.what} {self.where}\n  specification: {self.specification}\n  blockmill:     {self.blockmill}"


@dataclass
class Outcome:
    """What came of a comparison."""

    differences: list[Difference] = field(default_factory=list)
    values: int = 0

    def expect(self, what: str, where: str, right: Any, found: Any) -> None:
        """Compares one value."""
        self.values += 1
        if not found == right:
            self.differences.append(Difference(what, where, show(right), show(found)))


def write(chain: Chain, folder: Path) -> None:
    """Writes the files of a chain."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "genesis.json").write_text(json.dumps(chain.genesis, indent=1) + "\n")
    (folder / "chain.rlp").write_bytes(chain.rlp())
    (folder / "plan.json").write_text(json.dumps(chain.plan, indent=1) + "\n")


def rebuild(blockmill: Path, folder: Path) -> str | None:
    """Has blockmill rebuild the chain of a folder; what it says if it does not."""
    command = [
        str(blockmill), "--log", "plain", "rebuild", "--chain", "genesis.json", "--source", "chain.rlp", "--data-dir", "data",
        "--out", "chain.duckdb", "--root-interval", "1", "--datasets", "all", "--opcodes", "stack", "--threads", "1",
        "--memory", "512MiB",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return f"it did not end within {PATIENCE} seconds"
    return None if done.returncode == 0 else f"exit code {done.returncode}: " + done.stderr.strip()[-2000:]


def compare(blockmill: Path, chain: Chain, folder: Path, plant: Callable[[Path], None] | None = None) -> Outcome:
    """Compares a chain. `plant` may change the database before it is looked at, to see that this is noticed."""
    write(chain, folder)
    refusal = rebuild(blockmill, folder)
    if refusal is not None:
        return Outcome([Difference("rebuild", "", "a valid chain", refusal)])
    database = folder / "chain.duckdb"
    if plant is not None:
        plant(database)
    outcome = Outcome()
    with duckdb.connect(str(database), read_only=True) as connection:
        datasets = {name for (name,) in connection.execute("SELECT DISTINCT dataset FROM _loaded").fetchall()}
        outcome.expect("datasets", "", ORDERS.keys() | READS.keys() | FROM_OTHERS, datasets)
        for table, rows in expected(chain).items():
            compare_table(connection, table, rows, outcome)
        compare_history(connection, chain, outcome)
        compare_reads(connection, chain, outcome)
    return outcome


def compare_table(connection: duckdb.DuckDBPyConnection, table: str, rows: list[Any], outcome: Outcome) -> None:
    """Compares a table row by row and column by column."""
    columns = [name for name, *_ in connection.execute(f"DESCRIBE {table}").fetchall()]
    query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY {ORDERS[table]}"
    found = [tuple(map(normal, row)) for row in connection.execute(query).fetchall()]
    outcome.expect(f"{table}.rows", "", len(rows), len(found))
    if table.endswith("_diffs"):
        outcome.expect(f"{table}.change_index", "", [row[2] for row in rows], [row[2] for row in found])
        keys = 2 if table == "storage_diffs" else 1
        rows, found = by_address(rows, keys), by_address(found, keys)
    for right, plain in zip(rows, found, strict=False):
        alternatives = right.values if isinstance(right, OneOf) else (right,)
        outcome.values += len(columns)
        if any(plain == alternative for alternative in alternatives):
            continue
        where = ", ".join(f"{column} {show(value)}" for column, value in zip(columns, plain, strict=True) if column in KEYS)
        for column, right_value, value in zip(columns, alternatives[0], plain, strict=True):
            if not value == right_value:
                outcome.differences.append(Difference(f"{table}.{column}", where, show(right_value), show(value)))
        if len(outcome.differences) > MOST_SHOWN:
            return


def by_address(rows: list[Row], keys: int) -> list[Row]:
    """Changes sorted by address and slot among those of one transaction, or of what happens between two. Their order there is
    not promised: which of the two system calls at the begin of a block comes first is not the same in all clients."""
    ordered = []
    for _, group in groupby(rows, key=lambda row: row[:2]):
        # Without their own positions; those of one account or slot keep their order.
        ordered += [(*row[:2], None, *row[3:]) for row in sorted(group, key=lambda row: row[3 : 3 + keys])]
    return ordered


def compare_history(connection: duckdb.DuckDBPyConnection, chain: Chain, outcome: Outcome) -> None:
    """Asks for the balance, nonce and code of every account at every block, and for every slot."""
    everyone = sorted({address for seen in chain.blocks for address in seen.state[0]})
    slots = sorted({key for seen in chain.blocks for key in seen.state[1]})
    heights = range(len(chain.blocks))
    connection.execute("CREATE TEMP TABLE asked AS SELECT unnest(?::BLOB[]) AS who", [everyone])
    query = (
        "SELECT who, height, balance_at(who, height), nonce_at(who, height), code_at(who, height) FROM asked, "
        "(SELECT unnest(range(?)) AS height)"
    )
    for who, height, balance, nonce, code in connection.execute(query, [len(heights)]).fetchall():
        right_nonce, right_balance, right_code = chain.blocks[height].state[0].get(who, (None, None, None))
        where = f"{who.hex()} at block {height}"
        outcome.expect("balance_at", where, right_balance, normal(balance))
        outcome.expect("nonce_at", where, right_nonce, nonce)
        outcome.expect("code_at", where, right_code, code)
    connection.execute(
        "CREATE TEMP TABLE asked_slots AS SELECT unnest(?::BLOB[]) AS who, unnest(?::BLOB[]) AS word",
        [[who for who, _ in slots], [slot for _, slot in slots]],
    )
    query = "SELECT who, word, height, storage_at(who, word, height) FROM asked_slots, (SELECT unnest(range(?)) AS height)"
    for who, slot, height, value in connection.execute(query, [len(heights)]).fetchall():
        right = chain.blocks[height].state[1].get((who, slot), 0)
        outcome.expect("storage_at", f"{who.hex()} slot {slot.hex()} at block {height}", word(right), value)


def compare_reads(connection: duckdb.DuckDBPyConnection, chain: Chain, outcome: Outcome) -> None:
    """What a transaction read has the value that it had before, and what it changed it had read."""
    for table, value_of in READS.items():
        keys = ["address", "slot"] if table == "storage_reads" else ["address"]
        columns = ", ".join(["block_number", "transaction_index", *keys, "value"])
        query = f"SELECT {columns} FROM {table} WHERE transaction_index IS NOT NULL"
        read: dict[tuple[int, int], dict[Any, Any]] = {}
        for number, index, *key, value in connection.execute(query).fetchall():
            read.setdefault((number, index), {})[tuple(key)] = normal(value)
        for number, seen in enumerate(chain.blocks):
            for part in seen.parts:
                if part.transaction is None:
                    continue
                found = read.pop((number, part.transaction), {})
                where = f"block {number}, transaction {part.transaction}"
                for key, value in found.items():
                    at = f"{where}: {' '.join(entry.hex() for entry in key)}"
                    outcome.expect(f"{table}.value", at, value_of(part.before, key), value)
                if table == "balance_reads":
                    before, after = part.before[0], part.after[0]
                    changed = {who for who in before.keys() | after.keys() if before.get(who) != after.get(who)}
                    unread = {who.hex() for who in changed if (who,) not in found}
                    outcome.expect(f"{table}.address", f"{where}: changed but not read", set(), unread)
        outcome.expect(f"{table}.rows", "of no transaction", {}, read)


READS: dict[str, Callable[[Any, Any], Any]] = {
    "nonce_reads": lambda state, key: state[0].get(key[0], (None,))[0],
    "balance_reads": lambda state, key: state[0].get(key[0], (None, None))[1],
    "code_reads": lambda state, key: state[0][key[0]][2],
    "storage_reads": lambda state, key: word(state[1].get(key, 0)),
}
# Made from the rows of compared tables, which the checks of `blockmill verify` hold against them.
FROM_OTHERS = {
    "payloads", "erc20_transfers", "erc20_approvals", "erc721_transfers", "erc1155_transfers", "four_byte_counts",
    "address_appearances",
}  # fmt: skip
KEYS = {
    "block_number", "transaction_index", "trace_index", "log_index", "step", "op", "change_index", "transfer_index", "address",
    "call_type", "trace_type", "create_index", "slot",
}  # fmt: skip
ORDERS = {
    "blocks": "block_number",
    "ommers": "block_number, ommer_index",
    "withdrawals": "block_number, withdrawal_index",
    "transactions": "block_number, transaction_index",
    "transaction_gas": "block_number, transaction_index",
    "logs": "block_number, log_index",
    "traces": "block_number, trace_index",
    "contracts": "block_number, create_index",
    "native_transfers": "block_number, transfer_index",
    "balance_diffs": "block_number, change_index",
    "nonce_diffs": "block_number, change_index",
    "code_diffs": "block_number, change_index",
    "storage_diffs": "block_number, change_index",
    "opcodes": "block_number, transaction_index, step",
}


def normal(value: Any) -> Any:
    """A value of DuckDB in the type that the expected rows have."""
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, datetime):
        return int(value.replace(tzinfo=UTC).timestamp())
    if isinstance(value, list):
        return [normal(entry) for entry in value]
    if isinstance(value, dict):
        return {name: normal(entry) for name, entry in value.items()}
    return value


def show(value: Any) -> str:
    """A value as a difference prints it."""
    text = "0x" + value.hex() if isinstance(value, bytes) else str(value) if not isinstance(value, list) else show_list(value)
    return text if len(text) <= 400 else f"{text[:400]}... ({len(text)} characters)"


def show_list(values: list[Any]) -> str:
    return "[" + ", ".join(map(show, values)) + "]"
