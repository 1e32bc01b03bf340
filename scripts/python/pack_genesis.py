#!/usr/bin/env python3
"""Packs the genesis states of the chains known by name into stages/chain/genesis, from which they are compiled in.

    scripts/python/pack_genesis.py FOLDER

FOLDER holds mainnet, sepolia, holesky and hoodi as geth's genesis files, NAME.json.gz or NAME.json;
`scripts/fetch_vectors.sh DIR` gets them into DIR/genesis. The packed form is described in stages/chain/src/known_chain.rs,
whose reader and tests decide whether it is right: the state root and the hash of every genesis block.
"""

import gzip
import json
import sys
from pathlib import Path

NAMES = ["mainnet", "sepolia", "holesky", "hoodi"]
PACKED = Path(__file__).resolve().parents[2] / "stages/chain/genesis"


def number(written):
    """A quantity: a JSON number, or decimal or 0x-hexadecimal text."""
    return int(written, 0) if isinstance(written, str) and written else int(written or 0)


def data(written):
    return bytes.fromhex(written.removeprefix("0x"))


def rlp(item):
    if isinstance(item, list):
        payload = b"".join(map(rlp, item))
        return prefix(0xC0, len(payload)) + payload
    if isinstance(item, int):
        item = item.to_bytes((item.bit_length() + 7) // 8, "big")
    if len(item) == 1 and item[0] < 0x80:
        return item
    return prefix(0x80, len(item)) + item


def prefix(kind, length):
    if length < 56:
        return bytes([kind + length])
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([kind + 55 + len(digits)]) + digits


def account(address, written):
    slots = {number(slot): number(value) for slot, value in written.get("storage", {}).items()}
    return [
        data(address),
        number(written["balance"]),
        number(written.get("nonce")),
        data(written.get("code", "")),
        [[slot, value] for slot, value in sorted(slots.items()) if value],
    ]


def packed(genesis):
    # geth reads the names of fields whatever their case, and some files rely on it.
    field = {name.lower(): value for name, value in genesis.items()}
    accounts = [account(address, written) for address, written in field["alloc"].items()]
    header = [
        number(field["nonce"]),
        number(field["timestamp"]),
        data(field["extradata"]),
        number(field["gaslimit"]),
        number(field["difficulty"]),
        data(field["mixhash"]),
        data(field["coinbase"]),
    ]
    # Neither a time nor a file name goes into the gzip header: the same file is packed to the same bytes.
    return gzip.compress(rlp([*header, sorted(accounts)]), 9, mtime=0)


def read(folder, name):
    path = folder / f"{name}.json.gz"
    if path.exists():
        return json.loads(gzip.decompress(path.read_bytes()))
    return json.loads((folder / f"{name}.json").read_bytes())


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: scripts/python/pack_genesis.py FOLDER, with " + ", ".join(f"{name}.json.gz" for name in NAMES))
    PACKED.mkdir(exist_ok=True)
    for name in NAMES:
        content = packed(read(Path(sys.argv[1]), name))
        (PACKED / f"{name}.rlp.gz").write_bytes(content)
        print(f"{name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
