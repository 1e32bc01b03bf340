"""Values as the tables have them."""

from __future__ import annotations

from typing import Any

from ethereum.crypto.hash import keccak256

Row = tuple[Any, ...]

# Longer byte strings are in `payloads`, and a hash stands in their place.
MOST_BYTES_IN_PLACE = 8_192
# DECIMAL(38,0) holds no more; what is beyond it stands in a column of bytes.
MAX_DECIMAL = 10**38 - 1


class OneOf:
    """Equal to any of some values: where more than one is right."""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def __eq__(self, other: object) -> bool:
        return other in self.values

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return " or ".join(map(repr, self.values))


def wei(amount: int | None) -> int | None:
    """What a column of wei holds."""
    return amount if amount is None or amount <= MAX_DECIMAL else None


def wei_bytes(amount: int | None) -> bytes | None:
    """What the column beside it holds."""
    return amount.to_bytes(32, "big") if amount is not None and amount > MAX_DECIMAL else None


def payload(data: bytes | None) -> tuple[bytes | None, bytes | None]:
    """What a column for a byte string and the one for its hash hold."""
    if data is None or len(data) <= MOST_BYTES_IN_PLACE:
        return data, None
    return None, keccak256(data)


def word(number: int) -> bytes:
    """A word of the EVM."""
    return number.to_bytes(32, "big")
