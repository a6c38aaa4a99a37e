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

import sys
from array import array
from collections.abc import Callable
from hashlib import blake2s, shake_256

from ccxdissect.bounded import Memo
from ccxdissect.redact.rounds import BLOCK, ROUNDS, Mac, Rounds, rounds

_SHUFFLED = 1024
_KEPT = 4096


#: A network that was asked so often remembers what its rounds mix in, if that is not more than so many numbers for one
#: round; and so many for all.
_OFTEN = 512
_WIDEST_TABLE = 1 << 16
_MOST_TABLED = 8 << 20
#: So many places of one range are permuted by columns, where what that takes was loaded for the capture itself.
_MANY = 1000
#: Not known yet.
_UNKNOWN = -1


def _stays(_: int) -> int:
    return 0


class Room:
    """How many numbers may still be remembered of rounds."""

    def __init__(self, left: int) -> None:
        self.left = left

    def takes(self, count: int) -> bool:
        """Whether so many more may be; then they are."""
        fits = count <= self.left
        self.left -= count if fits else 0
        return fits


class Permutations:
    """All permutations of one key: `at(size, place, tweak)` is where `place` goes; other tweaks are others."""

    def __init__(self, key: bytes) -> None:
        self._key = shake_256(b"ccxdissect redaction\0" + key).digest(32)
        self._keyed = blake2s(digest_size=BLOCK, key=self._key)
        self._networks: Memo[tuple[int, bytes], Callable[[int], int]] = Memo(_KEPT)
        self._tables: Memo[tuple[int, bytes], list[int]] = Memo(_KEPT)
        self._room = Room(_MOST_TABLED)

    def noise(self, size: int, *what: bytes) -> bytes:
        """`size` bytes that depend on the key and on `what`."""
        joined = b"".join(len(part).to_bytes(4, "big") + part for part in what)
        return shake_256(self._key + joined).digest(size)

    def at(self, size: int, place: int, tweak: bytes) -> int:
        """Where `place` of the range 0 to `size` - 1 goes."""
        return self.of(size, tweak)(place)

    def of(self, size: int, tweak: bytes) -> Callable[[int], int]:
        """The permutation of the range 0 to `size` - 1: where each of it goes."""
        if size <= 1:
            return _stays
        if size <= _SHUFFLED:
            return self._table(size, tweak).__getitem__
        known = self._networks.get((size, tweak))
        return self._networks.remember((size, tweak), self._walk(size, tweak)) if known is None else known

    def all_of(self, size: int, tweak: bytes, places: list[int]) -> list[int]:
        """Where each of these places of the range 0 to `size` - 1 goes: `of` for many."""
        if size > _SHUFFLED and len(places) >= _MANY and "numpy" in sys.modules:
            from ccxdissect.redact.permutations_in_bulk import permuted

            whole = _told_apart(tweak, size)
            found = permuted(rounds(self._keyed, 2, (size - 1).bit_length(), whole), size, places)
            if found is not None:
                return found
        return list(map(self.of(size, tweak), places))

    def _walk(self, size: int, tweak: bytes) -> Callable[[int], int]:
        moved = feistel(self._keyed, 2, (size - 1).bit_length(), _told_apart(tweak, size), self._room)

        def walked(place: int) -> int:
            place = moved(place)
            while place >= size:
                place = moved(place)
            return place

        return walked

    def _table(self, size: int, tweak: bytes) -> list[int]:
        table = self._tables.get((size, tweak))
        if table is None:
            table = sorted(range(size), key=lambda n: self.noise(16, b"table", tweak, n.to_bytes(4, "big")))
            self._tables.remember((size, tweak), table)
        return table


def _told_apart(tweak: bytes, size: int) -> bytes:
    """A tweak that ranges of other sizes do not have."""
    return tweak + size.to_bytes((size.bit_length() + 7) // 8, "big")


def _mixer(mac: Mac, common: Rounds) -> Callable[[int, int, int], int]:
    """What a round mixes into one half, by its number, the other half, and the range of the one."""
    copy, size, wanted = common.begun.copy, common.width + 1, common.wanted
    number_of = int.from_bytes

    def mixed_in(number: int, half: int, into: int) -> int:
        made = copy()
        made.update((number + half).to_bytes(size, "big"))
        stream = block = made.digest()
        count = 0
        while len(stream) < wanted:
            count += 1
            mixed = number_of(block, "big") ^ count
            made = mac.copy()
            made.update(mixed.to_bytes(BLOCK, "big"))
            stream += made.digest()
        return number_of(stream[:wanted], "big") % into

    return mixed_in


def feistel(mac: Mac, radix: int, length: int, tweak: bytes, room: Room | None = None) -> Callable[[int], int]:
    """FF1 (NIST SP 800-38G, algorithm 7): of the number of a numeral string of `length` digits in `radix` to another.

    `mac`: the round function, which was given nothing so far, and is given whole blocks of 16 bytes; the standard's is
    AES-CBC-MAC with a zero IV. `room`: for what its rounds came to, which a narrow one that is asked often remembers.
    """
    common = rounds(mac, radix, length, tweak)
    mixed_in = _mixer(mac, common)
    right_range, each = common.right_range, common.each
    #: The same with what the rounds came to, once they are asked often.
    tabled: list[tuple[array[int], int, int]] = []
    asked = 0

    def moved(value: int) -> int:
        nonlocal asked
        left, right = divmod(value, right_range)
        if tabled:
            for table, number, into in tabled:
                mixed = table[right]
                if mixed == _UNKNOWN:
                    mixed = table[right] = mixed_in(number, right, into)
                left, right = right, (left + mixed) % into
            return left * right_range + right
        for number, _, into in each:
            left, right = right, (left + mixed_in(number, right, into)) % into
        asked += 1
        if asked == _OFTEN and room and right_range <= _WIDEST_TABLE and room.takes(ROUNDS * right_range):
            tabled.extend((array("i", [_UNKNOWN]) * half, number, into) for number, half, into in each)
        return left * right_range + right

    return moved
