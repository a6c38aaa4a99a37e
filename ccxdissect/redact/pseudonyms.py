"""Pseudonyms: the same value gets the same one wherever it stands; digits stay digits, letters letters, and the
length in bytes stays what it is.

A text is taken word by word (a word is a run of letters and digits; all else is kept), so that an agent's id inside a
longer text gets the pseudonym it has as a field. An IPv4 address in a text gets that of the address in packets.
Different words get different pseudonyms. To make sure that no word of the input comes back by chance, the words are
collected first (`note`), and a pseudonym that is or contains one of them is passed over for the next. Where the input
has a good part of all words there can be of a kind, such as most numbers of three digits, that is no chance any more
and tells nothing: then one may come back as the pseudonym of another.
"""

from __future__ import annotations

import ipaddress
import re
import string
from bisect import bisect_right
from collections import Counter
from math import prod
from typing import NamedTuple

from ccxdissect.bounded import Memo
from ccxdissect.redact.permutations import Permutations

#: Words collected; what comes after so many gets its first pseudonym, unchecked.
MOST_WORDS = 1_000_000
#: Shorter words are in everything, and are not looked for inside others.
_SHORTEST_SOUGHT = 3
#: One in so many words of a length, of digits or of letters, and they are not looked for either.
_RARE = 256
#: More than this share of the words that are alike in their kinds of characters, and any of them may be a pseudonym.
_CROWDED = 0.4
_TRIES = 64

_ADDRESS = re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?!\w|\.\w)",
                      re.ASCII)  # fmt: skip
_WORD = re.compile(r"(?:[A-Za-z0-9]|[^\x00-\x7f])+")
#: Ranges of characters that are replaced within themselves: all of one range take as many bytes in UTF-8.
_RANGES = (
    0x30, 0x3A, 0x41, 0x5B, 0x61, 0x7B, 0x80, 0xC0, 0x250, 0x370, 0x400, 0x530, 0x800, 0x3000, 0x4E00, 0xA000, 0xAC00,
    0xD7A4, 0xD800, 0xDC80, 0xDCC0, 0xDD00, 0xE000, 0x10000, 0x110000,
)  # fmt: skip


#: Texts remembered; and how many dots an IPv4 address has.
_MOST_TEXTS = 1 << 16
_MOST_DIGITS = 1000
#: What tells kinds of words apart: the first characters of the ranges of their characters.
Sameness = bytes | tuple[int, ...]
_DOTS = 3


class Pseudonyms:
    """The pseudonyms of one key. First `note` everything, then `settle`, then ask."""

    def __init__(self, key: bytes) -> None:
        self._permutations = Permutations(key)
        self._noted: set[str] = set()
        self._noted_addresses: set[bytes] = set()
        self._sought: dict[int, set[str]] = {}
        self._crowded: set[Sameness] = set()
        self._words: dict[str, str] = {}
        self._addresses: dict[bytes, bytes] = {}
        self._hardware: Memo[bytes, bytes] = Memo(MOST_WORDS)
        #: The same texts come again and again: those that were noted, and the pseudonyms of those that were asked for.
        self._texts_noted: Memo[bytes, None] = Memo(_MOST_TEXTS)
        #: What there is to know of words that are alike in their kinds of characters.
        self._kinds: Memo[Sameness, _Kind] = Memo(_MOST_TEXTS)
        self._texts: Memo[bytes, bytes] = Memo(_MOST_TEXTS)

    # -- collecting ------------------------------------------------------------------------------------------

    def note(self, data: bytes) -> None:
        """Remember the words of a text that will be replaced."""
        if data in self._texts_noted:
            return
        self._texts_noted.remember(data, None)
        alone = data.rstrip(b"\0")
        if alone.isalnum():
            # One word, as most texts are.
            if len(self._noted) < MOST_WORDS:
                self._noted.add(alone.decode("ascii"))
            return
        text = data.decode("utf-8", "surrogateescape")
        if data.count(b".") >= _DOTS:
            for found in _ADDRESS.findall(text):
                self.note_address(ipaddress.IPv4Address(found).packed)
            text = _ADDRESS.sub(" ", text)
        if len(self._noted) < MOST_WORDS:
            self._noted.update(_WORD.findall(text))

    def note_address(self, packed: bytes) -> None:
        """Remember an IP address of a host."""
        if len(self._noted_addresses) < MOST_WORDS:
            self._noted_addresses.add(packed)

    def settle(self) -> None:
        """Everything was noted: choose the pseudonyms."""
        self._texts_noted.clear()
        self._texts.clear()
        by_length: dict[tuple[int, int], set[str]] = {}
        for word in self._noted:
            if len(word) >= _SHORTEST_SOUGHT:
                by_length.setdefault((len(word), 10 if word.isdecimal() else 26), set()).add(word)
        for (length, characters), words in by_length.items():
            if len(words) * _RARE <= characters**length:
                self._sought.setdefault(length, set()).update(words)
        used: set[str] = set()
        noted = sorted(self._noted)
        alike = Counter(map(_sameness, noted))
        example = {_sameness(word): word for word in noted}
        self._crowded = {same for same, count in alike.items() if count > _CROWDED * self._kind(example[same]).size}
        for word in noted:
            self._words[word] = chosen = self._choose_word(word, used)
            used.add(chosen)
        taken: set[bytes] = set()
        for packed in sorted(self._noted_addresses):
            self._addresses[packed] = address = self._choose_address(packed, taken)
            taken.add(address)

    # -- texts -----------------------------------------------------------------------------------------------

    def text(self, data: bytes) -> bytes:
        """The pseudonym of a text, as long in bytes; NULs and everything else between words are kept."""
        known = self._texts.get(data)
        return known if known is not None else self._texts.remember(data, self._text(data))

    def _text(self, data: bytes) -> bytes:
        alone = data.rstrip(b"\0")
        if alone.isalnum():
            return self.word(alone.decode("ascii")).encode("ascii") + bytes(len(data) - len(alone))
        text = data.decode("utf-8", "surrogateescape")
        pieces = []
        at = 0
        for found in _ADDRESS.finditer(text) if data.count(b".") >= _DOTS else ():
            pieces.append(_WORD.sub(self._replace, text[at : found.start()]))
            packed = ipaddress.IPv4Address(found.group()).packed
            pieces.append(str(ipaddress.IPv4Address(self.address(packed))))
            at = found.end()
        pieces.append(_WORD.sub(self._replace, text[at:]))
        return "".join(pieces).encode("utf-8", "surrogateescape")

    def _replace(self, found: re.Match[str]) -> str:
        return self.word(found.group())

    def word(self, word: str) -> str:
        """The pseudonym of one word."""
        known = self._words.get(word)
        return known if known is not None else self._choose_word(word, ())

    def _choose_word(self, word: str, used: set[str] | tuple[()]) -> str:
        fallback = ""
        crowded = _sameness(word) in self._crowded
        for attempt in range(_TRIES):
            candidate = self._candidate(word, attempt)
            if candidate in used or candidate == word:
                continue
            if crowded or (candidate not in self._noted and not self._gives_away(candidate)):
                return candidate
            fallback = fallback or candidate
        return fallback or self._candidate(word, 0)

    def _gives_away(self, candidate: str) -> bool:
        size = len(candidate)
        for length, words in self._sought.items():
            if length <= size and not words.isdisjoint(
                [candidate[at : at + length] for at in range(size - length + 1)]
            ):
                return True
        return False

    def _candidate(self, word: str, attempt: int) -> str:
        classes, size, pattern, decimal = self._kind(word)
        tweak = b"word" + bytes([attempt]) + pattern
        if decimal:
            return str(self._permutations.at(size, int(word), tweak)).zfill(len(word))
        place = 0
        for character, (start, stop) in zip(word, classes, strict=True):
            place = place * (stop - start) + ord(character) - start
        place = self._permutations.at(size, place, tweak)
        characters = []
        for start, stop in reversed(classes):
            place, digit = divmod(place, stop - start)
            characters.append(chr(start + digit))
        return "".join(reversed(characters))

    def _kind(self, word: str) -> _Kind:
        same = _sameness(word)
        return self._kinds.get(same) or self._kinds.remember(same, _kind_of(word))

    # -- numbers and addresses -------------------------------------------------------------------------------

    def opaque(self, data: bytes) -> bytes:
        """Other bytes for bytes that are no text."""
        return self._permutations.noise(len(data), b"opaque", data)

    def address(self, packed: bytes) -> bytes:
        """The pseudonym of an IP address: as long in digits too, and alike at the front where two are alike.

        What names no host (multicast, broadcast, unspecified) is kept.
        """
        known = self._addresses.get(packed)
        if known is None:
            known = self._addresses[packed] = self._choose_address(packed, set())
        return known

    def _choose_address(self, packed: bytes, taken: set[bytes]) -> bytes:
        first = packed[0]
        if not any(packed) or (first >= 224 if len(packed) == 4 else first == 0xFF):
            return packed
        fallback = packed
        for attempt in range(_TRIES):
            make = self._candidate_v4 if len(packed) == 4 else self._candidate_v6
            candidate = make(packed, attempt)
            if candidate in taken:
                continue
            if candidate not in self._noted_addresses and candidate != packed:
                return candidate
            fallback = candidate
        return fallback

    def _candidate_v4(self, packed: bytes, attempt: int) -> bytes:
        made = bytearray()
        for place, octet in enumerate(packed):
            start, stop = (0, 10) if octet < 10 else (10, 100) if octet < 100 else (100, 256)
            if place == 0:
                start, stop = max(start, 1), min(stop, 224)
                if octet == 0:
                    made.append(0)
                    continue
            tweak = b"v4" + bytes([attempt]) + packed[:place]
            made.append(start + self._permutations.at(stop - start, octet - start, tweak))
        return bytes(made)

    def _candidate_v6(self, packed: bytes, attempt: int) -> bytes:
        made = bytearray()
        for place in range(0, 16, 2):
            group = int.from_bytes(packed[place : place + 2], "big")
            if group == 0 or (place == 0 and group & 0xFFC0 == 0xFE80):
                made += packed[place : place + 2]
                continue
            digits = (group.bit_length() + 3) // 4
            start = 16 ** (digits - 1)
            stop = 0xFE00 if place == 0 and digits == 4 and group < 0xFE00 else 16**digits
            tweak = b"v6" + bytes([attempt]) + packed[:place]
            made += (start + self._permutations.at(stop - start, group - start, tweak)).to_bytes(2, "big")
        return bytes(made)

    def hardware(self, address: bytes) -> bytes:
        """The pseudonym of a hardware address; none, multicast and broadcast are kept."""
        if not any(address) or address[0] & 1:
            return address
        known = self._hardware.get(address)
        if known is None:
            made = bytearray(self._permutations.noise(len(address), b"hardware", address))
            made[0] = made[0] & 0xFC | 0x02
            known = self._hardware.remember(address, bytes(made))
        return known


class _Kind(NamedTuple):
    """What words have in common that can be each other's pseudonyms."""

    #: The range of each character.
    ranges: tuple[tuple[int, int], ...]
    #: How many such words there can be.
    size: int
    pattern: bytes
    #: Whether they are digits and nothing else, and not more than Python takes for a number at once.
    decimal: bool


def _sameness(word: str) -> Sameness:
    """What is the same of two words just when their characters are of the same ranges."""
    if word.isascii():
        return word.encode().translate(_FIRST_OF_RANGE)
    return tuple(_range_of(ord(character))[0] for character in word)


def _kind_of(word: str) -> _Kind:
    ranges = tuple(_range_of(ord(character)) for character in word)
    size = prod(stop - start for start, stop in ranges)
    pattern = b"".join(start.to_bytes(4, "big") for start, _ in ranges)
    return _Kind(ranges, size, pattern, set(ranges) == {_range_of(ord("0"))} and len(word) <= _MOST_DIGITS)


def _range_of(code: int) -> tuple[int, int]:
    at = bisect_right(_RANGES, code) - 1
    return _RANGES[at], _RANGES[at + 1]


#: The range of each letter and digit, told by its first one; nothing else of ASCII is in a word.
_FIRST_OF_RANGE = bytes(
    _range_of(code)[0] if chr(code) in string.ascii_letters + string.digits else 0 for code in range(256)
)
