"""The rows that blockmill's tables have to hold, out of what the specification saw.

What a column means stands in `schemas/src/rows/*.sql`, and where it follows geth or parity in `stages/trace/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ethereum.crypto.hash import keccak256
from ethereum_rlp import rlp

from .chains import Chain, SeenBlock
from .forks import at_least, has_field
from .frame_tables import contracts, native_transfers, opcodes, traces
from .recorder import Part, Transaction
from .values import Row, payload, wei, wei_bytes, word

BLOB_GAS = 131_072


def expected(chain: Chain) -> dict[str, list[Row]]:
    """The rows of every table, in the order of the table."""
    rows: dict[str, list[Row]] = {}
    for table, rows_of in TABLES.items():
        rows[table] = [row for number, seen in enumerate(chain.blocks) for row in rows_of(chain, seen, number)]
    return rows


def blocks(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Row]:
    header, kind = seen.block.header, type(seen.block.header)

    def of(name: str, convert: type = int) -> Any:
        return convert(getattr(header, name)) if has_field(kind, name) else None

    yield (
        number,
        keccak256(rlp.encode(header)),
        bytes(header.parent_hash),
        int(header.timestamp),
        bytes(header.coinbase),
        int(header.gas_limit),
        int(header.gas_used),
        of("base_fee_per_gas"),
        wei(int(header.difficulty)),
        wei(seen.total_difficulty),
        len(rlp.encode(seen.block)),
        bytes(header.extra_data),
        bytes(header.bloom),
        bytes(header.state_root),
        bytes(header.transactions_root),
        bytes(header.receipt_root),
        bytes(header.ommers_hash),
        of("mix_digest", bytes) or of("prev_randao", bytes),
        bytes(header.nonce),
        of("withdrawals_root", bytes),
        of("parent_beacon_block_root", bytes),
        of("requests_hash", bytes),
        of("blob_gas_used"),
        of("excess_blob_gas"),
        # Access list hash and slot number came with Amsterdam, which the specification does not have.
        None,
        None,
        len(seen.block.transactions),
        len(seen.block.ommers),
        len(seen.block.withdrawals) if has_field(kind, "withdrawals_root") else None,
    )


def ommers(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Row]:
    for index, ommer in enumerate(seen.block.ommers):
        _, reward = seen.rewards[1 + index]
        yield (
            number,
            index,
            keccak256(rlp.encode(ommer)),
            int(ommer.number),
            bytes(ommer.coinbase),
            int(ommer.timestamp),
            int(ommer.difficulty),
            int(ommer.gas_limit),
            int(ommer.gas_used),
            reward,
        )


def withdrawals(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Row]:
    for withdrawal in getattr(seen.block, "withdrawals", ()):
        index, validator, amount = (int(of) for of in (withdrawal.index, withdrawal.validator_index, withdrawal.amount))
        yield number, index, validator, bytes(withdrawal.address), amount


def transactions(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Row]:
    for index, done in enumerate(seen.transactions):
        yield transaction(seen, number, index, done)


def transaction_gas(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Row]:
    for index, done in enumerate(seen.transactions):
        yield number, index, done.gas_spent, done.gas_refunded, done.floor_gas


def transaction(seen: SeenBlock, number: int, index: int, done: Transaction) -> Row:
    tx, header, rules = done.tx, seen.block.header, seen.rules

    def of(name: str) -> Any:
        return int(getattr(tx, name)) if hasattr(tx, name) else None

    is_typed = isinstance(done.encoded, bytes)
    base_fee = int(getattr(header, "base_fee_per_gas", 0))
    most, tip = of("max_fee_per_gas"), of("max_priority_fee_per_gas")
    price = of("gas_price") if most is None else min(most, base_fee + tip)
    sender, nonce, is_creation = done.root.from_address, int(tx.nonce), len(tx.to) == 0
    blobs = [bytes(blob) for blob in tx.blob_versioned_hashes] if hasattr(tx, "blob_versioned_hashes") else None
    has_status = at_least(rules.name, "byzantium")
    success = not done.root.errors
    access_list = None
    if hasattr(tx, "access_list"):
        access_list = [
            {"address": bytes(access.account), "storage_keys": [bytes(slot) for slot in access.slots]}
            for access in tx.access_list
        ]
    return (
        number,
        index,
        keccak256(done.encoded if is_typed else rlp.encode(done.encoded)),
        done.encoded[0] if is_typed else 0,
        sender,
        None if is_creation else bytes(tx.to),
        nonce,
        wei(int(tx.value)),
        wei_bytes(int(tx.value)),
        *payload(bytes(tx.data)),
        int(tx.gas),
        of("gas_price"),
        most,
        tip,
        price,
        done.gas_used,
        done.cumulative_gas,
        success,
        (1 if success else 0) if has_status else None,
        None if has_status else bytes(done.receipt.post_state),
        keccak256(rlp.encode((sender, tx.nonce)))[12:] if is_creation else None,
        of("max_fee_per_blob_gas"),
        len(blobs) * BLOB_GAS if blobs is not None else None,
        int(rules.gas.calculate_blob_gas_price(header.excess_blob_gas)) if blobs is not None else None,
        blobs,
        access_list,
        [authorization(rules, signed) for signed in tx.authorizations] if hasattr(tx, "authorizations") else None,
        of("v") if hasattr(tx, "v") else of("y_parity"),
        word(int(tx.r)),
        word(int(tx.s)),
        len(tx.data),
        bytes(tx.data).count(0),
    )


def authorization(rules: Any, signed: Any) -> dict[str, Any]:
    """An authorization as it was signed, and by whom."""
    try:
        authority = bytes(rules.delegation.recover_authority(signed))
    except Exception:  # noqa: BLE001  The specification has more than one class for a signature without a signer.
        authority = None
    return {
        "chain_id": wei(int(signed.chain_id)),
        "address": bytes(signed.address),
        "nonce": int(signed.nonce),
        "y_parity": int(signed.y_parity),
        "r": word(int(signed.r)),
        "s": word(int(signed.s)),
        "authority": authority,
    }


def logs(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Row]:
    position = 0
    for index, done in enumerate(seen.transactions):
        for log in done.receipt.logs:
            topics = [bytes(topic) for topic in log.topics]
            yield number, index, position, bytes(log.address), *topics, *[None] * (4 - len(topics)), *payload(bytes(log.data))
            position += 1


def parts(seen: SeenBlock, number: int) -> list[Part]:
    """The parts of a block; the genesis state comes out of nothing."""
    return seen.parts if number else [Part(None, ({}, {}), seen.state, {})]


def account_diffs(seen: SeenBlock, number: int, at: int) -> Iterator[tuple[int | None, bytes, Any, Any]]:
    """What parts changed of accounts: of their nonces (`at` is 0), balances (1) or code (2)."""
    for part in parts(seen, number):
        before, after = part.before[0], part.after[0]
        for address in sorted(before.keys() | after.keys()):
            old, new = (state[address][at] if address in state else None for state in (before, after))
            if old != new:
                yield part.transaction, address, old, new


def nonce_diffs(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Row]:
    for position, (index, address, old, new) in enumerate(account_diffs(seen, number, 0)):
        yield number, index, position, address, old, new


def balance_diffs(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Row]:
    for position, (index, address, old, new) in enumerate(account_diffs(seen, number, 1)):
        yield number, index, position, address, wei(old), wei_bytes(old), wei(new), wei_bytes(new)


def code_diffs(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Row]:
    for position, (index, address, old, new) in enumerate(account_diffs(seen, number, 2)):
        yield number, index, position, address, *payload(old), *payload(new)


def storage_diffs(chain: Chain, seen: SeenBlock, number: int) -> Iterator[Row]:
    position = 0
    for part in parts(seen, number):
        before, after = part.before[1], part.after[1]
        for address, slot in sorted(before.keys() | after.keys()):
            old, new = (state.get((address, slot), 0) for state in (before, after))
            if old != new:
                yield number, part.transaction, position, address, slot, word(old), word(new)
                position += 1


TABLES = {
    table.__name__: table
    for table in (
        blocks,
        ommers,
        withdrawals,
        transactions,
        transaction_gas,
        logs,
        # Numbers the frames, which `opcodes` names.
        traces,
        contracts,
        native_transfers,
        balance_diffs,
        nonce_diffs,
        code_diffs,
        storage_diffs,
        opcodes,
    )
}
