"""Reads an ere file and prints a JSON object for each block. It is written from the specification alone
(https://github.com/eth-clients/e2store-format-specs, formats/ere.md) and shares nothing with the program: the tests compare both.

    python3 read_ere.py FILE
"""

import hashlib
import json
import struct
import sys

VERSION, INDEX = b"e2", b"g2"
HEADER, BODY, SLIM_RECEIPTS, TOTAL_DIFFICULTY, ACCUMULATOR, PROOF = (bytes([kind, 0]) for kind in (3, 4, 10, 6, 7, 11))
MAX_BLOCKS = 8192


def entry(data, at):
    """Type and data of the entry at an offset, and where the next one starts."""
    kind, length, reserved = struct.unpack_from("<2sIH", data, at)
    assert reserved == 0, f"byte {at}: reserved bytes are not zero"
    end = at + 8 + length
    assert end <= len(data), f"byte {at}: the entry does not end in the file"
    return kind, data[at + 8 : end], end


def crc32c_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


CRC32C = crc32c_table()


def masked_crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC32C[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


def unsnappy(data):
    """A raw snappy block."""
    length, at = varint(data, 0)
    out = bytearray()
    while at < len(data):
        tag = data[at]
        at += 1
        if tag & 3 == 0:
            count = (tag >> 2) + 1
            if count > 60:
                extra = count - 60
                count = int.from_bytes(data[at : at + extra], "little") + 1
                at += extra
            out += data[at : at + count]
            at += count
            continue
        if tag & 3 == 1:
            count, offset = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | data[at]
            at += 1
        else:
            width = 2 if tag & 3 == 2 else 4
            count, offset = (tag >> 2) + 1, int.from_bytes(data[at : at + width], "little")
            at += width
        assert 0 < offset <= len(out)
        for _ in range(count):
            out.append(out[-offset])
    assert len(out) == length
    return bytes(out)


def unframed(data):
    """A stream of snappy frames."""
    at, out = 0, b""
    while at < len(data):
        kind, length = data[at], int.from_bytes(data[at + 1 : at + 4], "little")
        chunk = data[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == 0xFF:
            assert chunk == b"sNaPpY"
        elif kind in (0, 1):
            piece = unsnappy(chunk[4:]) if kind == 0 else chunk[4:]
            assert int.from_bytes(chunk[:4], "little") == masked_crc32c(piece), "a wrong checksum"
            out += piece
        else:
            assert kind >= 0x80, f"a chunk of type {kind}"
    return out


def rlp(data):
    """The one item in `data`: bytes, or a list of items."""
    item, end = rlp_at(data, 0)
    assert end == len(data), "bytes after the RLP"
    return item


def rlp_at(data, at):
    first = data[at]
    if first < 0x80:
        return data[at : at + 1], at + 1
    is_list = first >= 0xC0
    short = first - (0xC0 if is_list else 0x80)
    at += 1
    if short < 56:
        length = short
    else:
        length = int.from_bytes(data[at : at + short - 55], "big")
        at += short - 55
    end = at + length
    assert end <= len(data)
    if not is_list:
        return data[at:end], end
    items = []
    while at < end:
        item, at = rlp_at(data, at)
        items.append(item)
    assert at == end
    return items, end


def keccak256(data):
    def rotated(value, by):
        return (value << by | value >> 64 - by) & (1 << 64) - 1

    lanes = [[0] * 5 for _ in range(5)]
    padded = data + b"\x01" + bytes(-(len(data) + 2) % 136) + b"\x80" if len(data) % 136 != 135 else data + b"\x81"
    for start in range(0, len(padded), 136):
        for lane in range(17):
            at = start + lane * 8
            lanes[lane % 5][lane // 5] ^= int.from_bytes(padded[at : at + 8], "little")
        register = 1
        for _ in range(24):
            columns = [lanes[x][0] ^ lanes[x][1] ^ lanes[x][2] ^ lanes[x][3] ^ lanes[x][4] for x in range(5)]
            mixed = [columns[(x + 4) % 5] ^ rotated(columns[(x + 1) % 5], 1) for x in range(5)]
            lanes = [[lanes[x][y] ^ mixed[x] for y in range(5)] for x in range(5)]
            x, y, current = 1, 0, lanes[1][0]
            for step in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                current, lanes[x][y] = lanes[x][y], rotated(current, (step + 1) * (step + 2) // 2 % 64)
            for y in range(5):
                row = [lanes[x][y] for x in range(5)]
                for x in range(5):
                    lanes[x][y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5])
            for bit in range(7):
                register = (register << 1 ^ (register >> 7) * 0x71) % 256
                if register & 2:
                    lanes[0][0] ^= 1 << (1 << bit) - 1
    return b"".join(lanes[x][0].to_bytes(8, "little") for x in range(4))


def accumulator(records):
    """hash_tree_root(List[HeaderRecord, 8192]) of hashes and total difficulties."""

    def pair(left, right):
        return hashlib.sha256(left + right).digest()

    level, empty = [pair(digest, total.to_bytes(32, "little")) for digest, total in records], bytes(32)
    for _ in range(13):
        level = [pair(level[at], level[at + 1] if at + 1 < len(level) else empty) for at in range(0, len(level), 2)]
        empty = pair(empty, empty)
    return pair(level[0] if level else empty, len(records).to_bytes(32, "little"))


def read(data):
    kind, version, _ = entry(data, 0)
    assert (kind, version) == (VERSION, b"")
    components, count = struct.unpack_from("<QQ", data, len(data) - 16)
    assert 1 <= count <= MAX_BLOCKS and 2 <= components <= 5
    index_at = len(data) - 8 - 8 * (count * components + 3)
    kind, index, end = entry(data, index_at)
    assert kind == INDEX and end == len(data)
    start, offsets = struct.unpack_from("<Q", index)[0], struct.unpack_from(f"<{count * components}q", index, 8)
    columns = {}
    for column in range(components):
        kind, _, _ = entry(data, index_at + offsets[column])
        assert kind in (HEADER, BODY, SLIM_RECEIPTS, TOTAL_DIFFICULTY, PROOF) and kind not in columns
        columns[kind] = column

    def part(position, kind):
        if kind not in columns:
            return None
        found, payload, _ = entry(data, index_at + offsets[position * components + columns[kind]])
        assert found == kind, f"block {start + position}: an entry of type {found.hex()}"
        return payload

    blocks, before_merge, parent, after = [], [], None, 8
    for position in range(count):
        raw = unframed(part(position, HEADER))
        header, digest = rlp(raw), keccak256(raw)
        assert int.from_bytes(header[8], "big") == start + position
        assert parent in (None, header[0]), f"block {start + position} does not follow"
        parent = digest
        body = rlp(unframed(part(position, BODY)))
        block = {"number": start + position, "hash": digest.hex(), "transactions": len(body[0]), "ommers": len(body[1])}
        block["withdrawals"] = len(body[2]) if len(body) > 2 else None
        if (packed := part(position, SLIM_RECEIPTS)) is not None:
            block["receipts"] = [
                {
                    "type": int.from_bytes(kind, "big"),
                    "status": status.hex(),
                    "cumulative_gas": int.from_bytes(gas, "big"),
                    "logs": [[address.hex(), [topic.hex() for topic in topics], log.hex()] for address, topics, log in logs],
                }
                for kind, status, gas, logs in rlp(unframed(packed))
            ]
        if (total := part(position, TOTAL_DIFFICULTY)) is not None:
            assert len(total) == 32
            block["total_difficulty"] = int.from_bytes(total, "little")
            if int.from_bytes(header[7], "big") > 0:
                before_merge.append((digest, block["total_difficulty"]))
        blocks.append(block)
    # What lies between the last entry of a block and the index.
    for kind in columns:
        after = max(after, entry(data, index_at + offsets[(count - 1) * components + columns[kind]])[2])
    while after < index_at:
        kind, payload, after = entry(data, after)
        if kind == ACCUMULATOR:
            assert payload == accumulator(before_merge), "another accumulator"
            blocks[-1]["accumulator"] = payload.hex()
    assert after == index_at
    return blocks


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        for block in read(file.read()):
            print(json.dumps(block))
