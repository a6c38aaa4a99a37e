"""Permutations of small and huge ranges of integers that only a key tells apart.

A range is permuted by FF1, the format-preserving encryption of NIST SP 800-38G (a Feistel network of ten rounds), on
the binary numerals of its largest member, walking on while the result lies outside the range (cycle walking, Black and
Rogaway 2002). One thing differs from the standard: its round function is AES-CBC-MAC, ours is keyed BLAKE2s, which
Python brings along. `feistel` is given the round function, so that the tests hold it to the published samples with
AES. FF1 is meant for a million values at least; a range up to 1,024 is shuffled whole instead (sorted by a keyed hash
of each member), and between the two the ten rounds are stretched further than the standard recommends.

What this is worth: who does not have the key cannot turn a pseudonym back by computing. Who knows some values beside
their pseudonyms, or can guess from what stands around them, learns those. Without `--key` the key is random for each
run and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2s, shake_256
from typing import Protocol

from ccxdissect.bounded import Memo

_SHUFFLED = 1024
_ROUNDS = 10
_KEPT = 4096
#: Bytes of a block of the round function.
_BLOCK = 16


class Mac(Protocol):
    """A round function that is given its bytes piece by piece, as those of `hashlib` are: to 16 bytes."""

    def copy(self) -> Mac: ...
    def update(self, data: bytes, /) -> object: ...
    def digest(self) -> bytes: ...


class Permutations:
    """All permutations of one key: `at(size, place, tweak)` is where `place` goes; other tweaks are others."""

    def __init__(self, key: bytes) -> None:
        self._key = shake_256(b"ccxdissect redaction\0" + key).digest(32)
        self._keyed = blake2s(digest_size=_BLOCK, key=self._key)
        self._networks: Memo[tuple[int, bytes], Callable[[int], int]] = Memo(_KEPT)
        self._tables: Memo[tuple[int, bytes], list[int]] = Memo(_KEPT)

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
        moved = self._networks.get((size, tweak))
        if moved is None:
            whole = tweak + size.to_bytes((size.bit_length() + 7) // 8, "big")
            moved = self._networks.remember((size, tweak), feistel(self._keyed, 2, (size - 1).bit_length(), whole))
        while True:
            place = moved(place)
            if place < size:
                return place

    def _table(self, size: int, tweak: bytes) -> list[int]:
        table = self._tables.get((size, tweak))
        if table is None:
            table = sorted(range(size), key=lambda n: self.noise(16, b"table", tweak, n.to_bytes(4, "big")))
            self._tables.remember((size, tweak), table)
        return table


def feistel(mac: Mac, radix: int, length: int, tweak: bytes) -> Callable[[int], int]:
    """FF1 (NIST SP 800-38G, algorithm 7): of the number of a numeral string of `length` digits in `radix` to another.

    `mac`: the round function, which was given nothing so far, and is given whole blocks of 16 bytes; the standard's is
    AES-CBC-MAC with a zero IV.
    """
    left_digits = length // 2
    right_digits = length - left_digits
    left_range, right_range = radix**left_digits, radix**right_digits
    width = ((right_range - 1).bit_length() + 7) // 8
    wanted = 4 * ((width + 3) // 4) + 4
    head = (
        b"\x01\x02\x01"
        + radix.to_bytes(3, "big")
        + b"\x0a"
        + bytes([left_digits % 256])
        + length.to_bytes(4, "big")
        + len(tweak).to_bytes(4, "big")
        + tweak
        + bytes(-(len(tweak) + width + 1) % _BLOCK)
    )
    number_of = int.from_bytes
    begun = mac.copy()
    begun.update(head)
    copy = begun.copy
    #: The number of each round, as it stands before the half that it mixes in, and the range of the other one.
    rounds = [(number << 8 * width, right_range if number % 2 else left_range) for number in range(_ROUNDS)]

    def moved(value: int) -> int:
        left, right = divmod(value, right_range)
        for number, into in rounds:
            made = copy()
            made.update((number + right).to_bytes(width + 1, "big"))
            stream = block = made.digest()
            count = 0
            while len(stream) < wanted:
                count += 1
                mixed = number_of(block, "big") ^ count
                made = mac.copy()
                made.update(mixed.to_bytes(_BLOCK, "big"))
                stream += made.digest()
            left, right = right, (left + number_of(stream[:wanted], "big")) % into
        return left * right_range + right

    return moved
