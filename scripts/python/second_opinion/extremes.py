"""A chain of extreme values, for the tests of the tables: `python -m second_opinion.extremes FOLDER` writes it.

`pipeline/fixtures/extremes` is what it wrote. Amounts at and above 2^127, times after 2106 and after what a TIMESTAMP holds,
a fee above 2^127 (one above 2^128 is a limit of revm): wherever consensus allows it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ethereum.crypto.hash import keccak256

from .chains import execute
from .plans import Plan, sender_address

MOST = 2**256 - 1
# Wei to an address: call data of two words.
WALLET = 0x1000
WALLET_CODE = "60006000600060006020356000355af100"
# LOG3 of four words, topics first; LOG4 of four topics.
TOKEN, COLLECTIBLE = 0x2000, 0x3000
TOKEN_CODE = "6020606060003760403560203560003560206000a300"
COLLECTIBLE_CODE = "60603560403560203560003560006000a400"
# A slot, and what it becomes.
SLOTS, SLOTS_CODE = 0x4000, "6020356000355500"
ALICE, BOB, CAROL, DAVE, ERIN, SPENDER = 0xA, 0xB, 0xC, 0xD, 0xE, 0xF
TRANSFER = int.from_bytes(keccak256(b"Transfer(address,address,uint256)"), "big")
APPROVAL = int.from_bytes(keccak256(b"Approval(address,address,uint256)"), "big")


def held(address: int, code: str, balance: int = 0) -> dict[str, Any]:
    """A contract of the genesis state."""
    return {"address": address, "nonce": 1, "balance": balance, "code": [code], "storage": {}}


def sent(to: int, words: list[int], sender: int = 0, value: int = 0, tip: int = 0) -> dict[str, Any]:
    """A transaction with these words as call data."""
    data = [word.to_bytes(32, "big").hex() for word in words]
    return {
        "kind": 0, "sender": sender, "to": to, "value": value, "data": data, "gas": 21_000 if not words else 200_000,
        "tip": tip, "headroom": 0, "is_bound_to_chain": True,
    }  # fmt: skip


def block(seconds: int, transactions: list[dict[str, Any]], withdrawals: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """What a block holds."""
    return {
        "seconds": seconds, "coinbase": 0xC0FFEE, "extra": "", "gas_limit_step": 0, "randao": "00" * 32,
        "beacon_root": "00" * 32, "ommers": [], "withdrawals": withdrawals or [], "transactions": transactions,
    }  # fmt: skip


def plan() -> Plan:
    """What happens, block by block."""
    rich = sender_address(1)
    transfers = [(0, ALICE, MOST), (ALICE, BOB, 2**255), (0, CAROL, 10**38 - 1), (0, CAROL, 1), (0, DAVE, 2**127), (0, ERIN, 2**128 - 1)]
    approvals = [(ALICE, SPENDER, MOST), (ALICE, SPENDER, 0), (BOB, SPENDER, MOST), (CAROL, SPENDER, 0), (CAROL, SPENDER, MOST)]
    return {
        "seed": 0,
        "forks": [["shanghai", 0]],
        "accounts": [
            held(WALLET, WALLET_CODE, 2**255),
            held(TOKEN, TOKEN_CODE),
            held(COLLECTIBLE, COLLECTIBLE_CODE),
            held(SLOTS, SLOTS_CODE),
            {"address": ALICE, "nonce": 0, "balance": 2**126, "code": [], "storage": {}},
            {"address": BOB, "nonce": 0, "balance": 2**126, "code": [], "storage": {}},
            {"address": CAROL, "nonce": 0, "balance": 2**126, "code": [], "storage": {}},
        ],
        "blocks": [
            block(12, [sent(TOKEN, [TRANSFER, *transfer]) for transfer in transfers]),
            block(12, [sent(TOKEN, [APPROVAL, *approval]) for approval in approvals] + [sent(WALLET, [rich, 2**254])]),
            # After 2106; ether through an account that ends with what it had, and a fee above 2^127.
            block(
                5_000_000_000,
                [sent(ERIN, [], 1, 2**253), sent(DAVE, [], 1, 7, tip=10**34), sent(SLOTS, [MOST, MOST]), sent(WALLET, [WALLET, 2**128])],
                [{"validator": 2**64 - 1, "address": CAROL, "amount": 2**64 - 1}],
            ),
            # In the last years that a TIMESTAMP holds, and after them.
            block(9_000_000_000_000, [sent(COLLECTIBLE, [TRANSFER, 0, ALICE, MOST]), sent(SLOTS, [MOST, 2**255])]),
            block(9_000_000_000_000, [sent(TOKEN, [TRANSFER, DAVE, ALICE, MOST]), sent(TOKEN, [TRANSFER, ERIN, BOB, 2**128 - 1])]),
        ],
    }


def main() -> None:
    """Writes the chain."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    chain = execute(plan())
    if chain.refused:
        sys.exit(f"the specification refused transactions: {chain.refused}")
    (folder / "genesis.json").write_text(json.dumps(chain.genesis, indent=1) + "\n")
    (folder / "chain.rlp").write_bytes(chain.rlp())


if __name__ == "__main__":
    main()
