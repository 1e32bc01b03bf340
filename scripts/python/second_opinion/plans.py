"""The plan of a chain: what its genesis holds and what its blocks are to do, drawn from a seed.

A plan is plain JSON. What depends on the state (nonces, base fees, addresses of created contracts) is filled in when the
plan is executed, so that a plan from which something was taken away is still a plan.
"""

from __future__ import annotations

from random import Random
from typing import Any

from ethereum.crypto.hash import keccak256
from ethereum_rlp import rlp
from ethereum_types.numeric import Uint

from . import system_contracts as system
from .forks import FORKS, ORDER, at_least
from .programs import Programmer

Plan = dict[str, Any]

SENDERS = 4
CONTRACTS = 0x1000
NOBODY = [0xDEAD0001, 0xDEAD0002, 0xDEAD0003]
COINBASES = [0xC0FFEE, 0xC0FFEE01]
# The first of the accounts that the DAO fork empties, as the specification lists them.
DAO_ACCOUNT = 0xD4FE7BC31CEDB7BFB8A345F31E668033056B2728


def secret(index: int) -> bytes:
    """The private key of a sender."""
    return keccak256(b"second opinion, sender %d" % index)


def sender_address(index: int) -> int:
    """Whose key it is."""
    from coincurve import PrivateKey

    public = PrivateKey(secret(index)).public_key.format(compressed=False)
    return int.from_bytes(keccak256(public[1:])[12:], "big")


def draw_plan(seed: int, forks: list[str] | None = None) -> Plan:
    """The plan of a seed; `forks` are those to draw from."""
    rng = Random(seed)
    names = forks or [fork.name for fork in FORKS if fork.name != "dao_fork"]
    # Every fork has its turn, whatever the number of chains.
    first = names[seed % len(names)]
    schedule: list[list[Any]] = [[first, 0]]
    block_count = rng.choice([2, 3, 3, 4, 6])
    later = [fork.name for fork in FORKS if ORDER[fork.name] > ORDER[first]]
    if not forks and later and rng.random() < 0.4:
        # Most often the next fork, sometimes a later one: then all in between begin together.
        schedule.append([later[0] if rng.random() < 0.7 else rng.choice(later), rng.randrange(1, block_count + 1)])
        if schedule[1][0] == "dao_fork" and first != "homestead":
            schedule.pop()
        elif not at_least(first, "london") and at_least(schedule[1][0], "london"):
            # Only London itself knows how to follow a block without a base fee.
            schedule[1][0] = "london"
    last = schedule[-1][0]
    contracts = rng.randrange(2, 8)
    pool = [CONTRACTS + index for index in range(contracts)]
    addresses = pool * 3 + [sender_address(0), *NOBODY, COINBASES[0], *range(1, 11), 0x100]
    if at_least(last, "prague"):
        addresses += [sender_address(index) for index in range(SENDERS)] * 2
    programmer = Programmer(rng, last, addresses)
    plan: Plan = {
        "seed": seed,
        "forks": schedule,
        "accounts": [account(programmer, address) for address in pool],
        "blocks": [block(programmer, last, index, pool) for index in range(block_count)],
    }
    plan["accounts"] += extra_accounts(rng, first, [name for name, _ in schedule])
    return plan


def account(programmer: Programmer, address: int) -> dict[str, Any]:
    """A contract of the genesis state."""
    rng = programmer.rng
    return {
        "address": address,
        "nonce": rng.choice([0, 1, 1, 1, 3]) if rng.random() < 0.98 else 2**64 - 2,
        "balance": rng.choice([0, 0, 1, 10**18]),
        "code": [piece.hex() for piece in programmer.program()],
        "storage": {str(rng.randrange(4)): rng.choice([1, 2, 1 << 255]) for _ in range(rng.choice([0, 0, 1, 2]))},
    }


def extra_accounts(rng: Random, first: str, names: list[str]) -> list[dict[str, Any]]:
    """What else the genesis state holds: contracts of the protocol, and accounts that are rare."""

    def held(address: int, code: str = "", balance: int = 0) -> dict[str, Any]:
        nonce = 1 if code else 0
        return {"address": address, "nonce": nonce, "balance": balance, "code": [code] if code else [], "storage": {}}

    last = names[-1]
    accounts = [held(COINBASES[1], balance=5)] if rng.random() < 0.3 else []
    if at_least(last, "cancun"):
        accounts.append(held(system.BEACON_ROOTS, system.BEACON_ROOTS_CODE))
    if at_least(last, "prague"):
        accounts += [
            held(system.HISTORY_STORAGE, system.HISTORY_STORAGE_CODE),
            held(system.WITHDRAWAL_REQUESTS, system.WITHDRAWAL_REQUESTS_CODE),
            held(system.CONSOLIDATION_REQUESTS, system.CONSOLIDATION_REQUESTS_CODE),
            held(system.DEPOSITS, system.deposit_code()),
        ]
    if "dao_fork" in names:
        accounts.append(held(DAO_ACCOUNT, balance=10**18))
    if rng.random() < 0.1:
        # Where a creation will be: an address that is taken by its storage alone (EIP-7610).
        creator = rng.choice([sender_address(0), CONTRACTS]).to_bytes(20, "big")
        taken = keccak256(rlp.encode((creator, Uint(rng.randrange(4)))))[12:]
        accounts.append(held(int.from_bytes(taken, "big"), balance=1) | {"storage": {"1": 1}})
    if not at_least(first, "spurious_dragon") and rng.random() < 0.5:
        # An empty account, which EIP-161 removes once it is touched.
        accounts.append(held(NOBODY[0]))
    return accounts


def block(programmer: Programmer, fork: str, index: int, contracts: list[int]) -> dict[str, Any]:
    """What a block is to hold; what its fork does not know is left aside when it is made."""
    rng = programmer.rng
    withdrawals = [
        {"validator": rng.randrange(1000), "address": rng.choice([*contracts, *NOBODY, *COINBASES]), "amount": amount}
        for amount in rng.sample([0, 1, 10**9, 2**40], rng.choice([0, 0, 1, 3]))
    ]
    return {
        "seconds": rng.choice([1, 5, 12, 13, 20, 40]),
        "coinbase": rng.choice([*COINBASES, contracts[0], sender_address(1)]),
        "extra": rng.randbytes(rng.choice([0, 0, 4, 32])).hex(),
        "gas_limit_step": rng.choice([-1, 0, 0, 1]),
        "randao": rng.randbytes(32).hex(),
        "beacon_root": rng.randbytes(32).hex(),
        # Distances of ommers: 1 is a sibling of the parent.
        "ommers": rng.sample([1, 2, 3, 6], rng.choice([0, 0, 0, 1, 2])) if index > 0 else [],
        "withdrawals": withdrawals,
        "transactions": [transaction(programmer, fork, contracts) for _ in range(rng.choice([0, 1, 2, 4, 8]))],
    }


def transaction(programmer: Programmer, fork: str, contracts: list[int]) -> dict[str, Any]:
    """What a transaction is to do."""
    rng = programmer.rng
    kinds = [0, 0, 1, 2, 2] + ([3] if at_least(fork, "cancun") else []) + ([4, 4] if at_least(fork, "prague") else [])
    kind = rng.choice(kinds)
    drawn: dict[str, Any] = {
        "kind": kind,
        "sender": rng.randrange(SENDERS),
        "to": rng.choice([*contracts, *contracts, *contracts, NOBODY[1], 4, sender_address(2)]),
        "value": rng.choice([0, 0, 0, 1, 10**16]),
        "data": [rng.randbytes(rng.choice([0, 0, 4, 36, 68])).hex(), bytes(rng.choice([0, 0, 32])).hex()],
        "gas": rng.choice([21_000, 40_000, 100_000, 200_000, 400_000, 800_000, 1_200_000, rng.randrange(21_000, 500_000)]),
        "tip": rng.choice([0, 1, 10**9]),
        "headroom": rng.choice([0, 1, 10**9]),
        "is_bound_to_chain": rng.random() < 0.7,
    }
    if kind in (0, 1, 2):
        choice = rng.random()
        if choice < 0.2:
            drawn["to"] = None
            drawn["data"] = [programmer.init_code(0).hex()] if rng.random() < 0.7 else [
                piece.hex() for piece in programmer.program()
            ]
            drawn["gas"] += 150_000
        elif choice < 0.35:
            drawn["to"] = {"created": rng.randrange(8)}
        elif choice < 0.45 and at_least(fork, "prague"):
            drawn |= rng.choice([
                {"to": system.WITHDRAWAL_REQUESTS, "value": 10, "data": [rng.randbytes(56).hex()], "gas": 300_000},
                {"to": system.CONSOLIDATION_REQUESTS, "value": 10, "data": [rng.randbytes(96).hex()], "gas": 400_000},
                {"to": system.DEPOSITS, "value": 0, "data": [], "gas": 100_000},
            ])
    if kind in (1, 2, 3, 4):
        drawn["access"] = [
            [rng.choice([*contracts, *NOBODY, 4]), [rng.randrange(4) for _ in range(rng.randrange(3))]]
            for _ in range(rng.choice([0, 0, 1, 2]))
        ]
    if kind == 3:
        drawn["blobs"] = rng.randrange(1, 4)
    if kind == 4:
        drawn["gas"] += 100_000
        drawn["authorizations"] = [
            {
                "signer": rng.randrange(SENDERS + 2),
                "address": rng.choice([*contracts, *contracts, 0, 4, NOBODY[0], sender_address(0)]),
                "nonce_offset": rng.choice([0, 0, 0, 0, 1]),
                "chain": rng.choice([0, 1337, 1337, 5]),
                "is_broken": rng.random() < 0.1,
            }
            for _ in range(rng.randrange(1, 4))
        ]
    return drawn
