"""The rounds of FF1 (NIST SP 800-38G), as one network of a key has them: what `permutations` goes by, one value at a time
or many."""

from __future__ import annotations

from typing import NamedTuple, Protocol

ROUNDS = 10
#: Bytes of a block of the round function.
BLOCK = 16


class Mac(Protocol):
    """A round function that is given its bytes piece by piece, as those of `hashlib` are: to 16 bytes."""

    def copy(self) -> Mac: ...
    def update(self, data: bytes, /) -> object: ...
    def digest(self) -> bytes: ...


class Rounds(NamedTuple):
    """What the rounds of one network have in common."""

    #: The round function, given all that comes before a half.
    begun: Mac
    #: Bytes of a half, and those that are taken of what the round function comes to.
    width: int
    wanted: int
    #: How many numbers there are for the right half of a value.
    right_range: int
    #: Of each round: its number, as it stands before the half that it mixes in, and the ranges of that and of the other.
    each: list[tuple[int, int, int]]


def rounds(mac: Mac, radix: int, length: int, tweak: bytes) -> Rounds:
    """What the rounds of a network have in common; see `feistel`."""
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
        + bytes(-(len(tweak) + width + 1) % BLOCK)
    )
    begun = mac.copy()
    begun.update(head)
    halves = ((right_range, left_range), (left_range, right_range))
    each = [(number << 8 * width, *halves[number % 2]) for number in range(ROUNDS)]
    return Rounds(begun, width, wanted, right_range, each)
