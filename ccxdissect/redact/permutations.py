"""Permutations of small and huge ranges of integers that only a key tells apart.

Small ranges are shuffled; larger ones go through a Feistel network of the next even number of bits, walking on while
the result lies outside the range (format-preserving encryption by cycle walking, as in Black and Rogaway 2002).
"""

from __future__ import annotations

from hashlib import shake_256

_SHUFFLED = 1024
_ROUNDS = 8
_KEPT = 4096


class Permutations:
    """All permutations of one key: `at(size, place, tweak)` is where `place` goes; other tweaks are others."""

    def __init__(self, key: bytes) -> None:
        self._key = shake_256(b"ccxdissect redaction\0" + key).digest(32)
        self._tables: dict[tuple[int, bytes], list[int]] = {}

    def noise(self, size: int, *what: bytes) -> bytes:
        """`size` bytes that depend on the key and on `what`."""
        joined = b"".join(len(part).to_bytes(4, "big") + part for part in what)
        return shake_256(self._key + joined).digest(size)

    def at(self, size: int, place: int, tweak: bytes) -> int:
        """Where `place` of the range 0 to `size` - 1 goes."""
        if size <= 1:
            return 0
        if size <= _SHUFFLED:
            return self._table(size, tweak)[place]
        half = (size.bit_length() + 1) // 2
        mask = (1 << half) - 1
        width = (half + 7) // 8
        label = tweak + size.to_bytes((size.bit_length() + 7) // 8, "big")
        while True:
            left, right = place >> half, place & mask
            for number in range(_ROUNDS):
                mixed = self.noise(width, label, bytes([number]), right.to_bytes(width, "big"))
                left, right = right, left ^ (int.from_bytes(mixed, "big") & mask)
            place = left << half | right
            if place < size:
                return place

    def _table(self, size: int, tweak: bytes) -> list[int]:
        table = self._tables.get((size, tweak))
        if table is None:
            order = sorted(range(size), key=lambda n: self.noise(16, b"table", tweak, n.to_bytes(4, "big")))
            table = order
            if len(self._tables) >= _KEPT:
                self._tables.clear()
            self._tables[size, tweak] = table
        return table
