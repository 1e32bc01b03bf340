"""Transactions of a plan, with what the state decides filled in, and signed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from coincurve import PrivateKey
from ethereum.crypto.hash import keccak256
from ethereum_rlp import rlp
from ethereum_types.bytes import Bytes0, Bytes20, Bytes32
from ethereum_types.numeric import U8, U64, U256, Uint

from .forks import CHAIN_ID, at_least, make
from .plans import secret, sender_address

# Kinds of transactions by the first fork that has them; below it they become legacy ones.
KINDS = {1: "berlin", 2: "london", 3: "cancun", 4: "prague"}
CLASSES = {1: "AccessListTransaction", 2: "FeeMarketTransaction", 3: "BlobTransaction", 4: "SetCodeTransaction"}
SIGNING_HASHES = {1: "signing_hash_2930", 2: "signing_hash_1559", 3: "signing_hash_4844", 4: "signing_hash_7702"}
SET_CODE_MAGIC = b"\x05"


def address(number: int) -> Bytes20:
    """An address as the specification has it."""
    return Bytes20(number.to_bytes(20, "big"))


def sign(signer: int, digest: bytes) -> tuple[int, U256, U256]:
    """The parity, r and s of a signature."""
    signature = PrivateKey(secret(signer)).sign_recoverable(digest, hasher=None)
    r, s = (U256(int.from_bytes(signature[at : at + 32], "big")) for at in (0, 32))
    return signature[64], r, s


def build(planned: dict[str, Any], rules: SimpleNamespace, state: Any, base_fee: int, created: list[bytes]) -> Any:
    """The transaction of a plan, signed for the state that it finds."""
    kind = planned["kind"] if planned["kind"] and at_least(rules.name, KINDS[planned["kind"]]) else 0
    sender = planned["sender"]
    nonce = int(rules.state.get_account(state, address(sender_address(sender))).nonce)
    to: Any = Bytes0()
    if isinstance(planned["to"], dict):
        to = Bytes20(created[planned["to"]["created"] % len(created)]) if created else address(0xDEAD0001)
    elif planned["to"] is not None:
        to = address(planned["to"])
    fee = base_fee + planned["headroom"] + planned["tip"]
    values: dict[str, Any] = {
        "chain_id": U64(CHAIN_ID),
        "nonce": U256(nonce) if kind != 4 else U64(nonce),
        "gas_price": Uint(base_fee + planned["tip"]),
        "max_priority_fee_per_gas": Uint(planned["tip"]),
        "max_fee_per_gas": Uint(fee),
        "gas": Uint(planned["gas"]),
        "to": to,
        "value": U256(planned["value"]),
        "data": b"".join(bytes.fromhex(piece) for piece in planned["data"]),
        "y_parity": U256(0),
        "v": U256(0),
        "r": U256(0),
        "s": U256(0),
    }
    transactions = rules.transactions
    if kind == 0:
        return sign_legacy(planned, rules, values)
    values["access_list"] = tuple(
        transactions.Access(address(account), tuple(Bytes32(slot.to_bytes(32, "big")) for slot in slots))
        for account, slots in planned["access"]
    )
    values["max_fee_per_blob_gas"] = U256(10**9)
    blobs = range(planned.get("blobs", 0))
    values["blob_versioned_hashes"] = tuple(Bytes32(b"\x01" + keccak256(bytes([blob]))[1:]) for blob in blobs)
    values["authorizations"] = authorizations(planned, rules, state, nonce)
    cls = getattr(transactions, CLASSES[kind])
    unsigned = make(cls, values)
    parity, values["r"], values["s"] = sign(sender, getattr(transactions, SIGNING_HASHES[kind])(unsigned))
    values["y_parity"] = U256(parity)
    return make(cls, values)


def sign_legacy(planned: dict[str, Any], rules: SimpleNamespace, values: dict[str, Any]) -> Any:
    """A transaction of the oldest kind, with or without the chain's id in its signature (EIP-155)."""
    transactions = rules.transactions
    cls = getattr(transactions, "LegacyTransaction", None) or transactions.Transaction
    unsigned = make(cls, values)
    if planned["is_bound_to_chain"] and hasattr(transactions, "signing_hash_155"):
        digest, first = transactions.signing_hash_155(unsigned, U64(CHAIN_ID)), 35 + 2 * CHAIN_ID
    else:
        digest = getattr(transactions, "signing_hash", None) or transactions.signing_hash_pre155
        digest, first = digest(unsigned), 27
    parity, values["r"], values["s"] = sign(planned["sender"], digest)
    values["v"] = U256(first + parity)
    return make(cls, values)


def authorizations(planned: dict[str, Any], rules: SimpleNamespace, state: Any, sender_nonce: int) -> tuple[Any, ...]:
    """Signed authorizations (EIP-7702). Nonces count up where one account signs several of a transaction."""
    signed = []
    used: dict[int, int] = {planned["sender"]: 1}
    for wanted in planned.get("authorizations", ()):
        signer = wanted["signer"]
        nonce = int(rules.state.get_account(state, address(sender_address(signer))).nonce) + used.get(signer, 0)
        nonce += wanted["nonce_offset"]
        if wanted["nonce_offset"] == 0 and wanted["chain"] in (0, CHAIN_ID):
            used[signer] = used.get(signer, 0) + 1
        message = (U256(wanted["chain"]), address(wanted["address"]), U64(nonce))
        parity, r, s = sign(signer, keccak256(SET_CODE_MAGIC + rlp.encode(message)))
        if wanted["is_broken"]:
            r = U256(5)
        signed.append(rules.types.Authorization(*message, U8(parity), r, s))
    return tuple(signed)
