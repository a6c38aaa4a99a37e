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
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
#: A fraction: of a word of hundreds of characters there are more than a float can say.
_CROWDED = 2, 5
_TRIES = 64
_ASCII = 0x7F

_ADDRESS = re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?!\w|\.\w)",
                      re.ASCII)  # fmt: skip
_WORDS = re.compile(r"((?:[A-Za-z0-9]|[^\x00-\x7f])+)")
#: Ranges of characters that are replaced within themselves: all of one range take as many bytes in UTF-8.
_RANGES = (
    0x30, 0x3A, 0x41, 0x5B, 0x61, 0x7B, 0x80, 0xC0, 0x250, 0x370, 0x400, 0x530, 0x800, 0x3000, 0x4E00, 0xA000, 0xAC00,
    0xD7A4, 0xD800, 0xDC80, 0xDCC0, 0xDD00, 0xE000, 0x10000, 0x110000,
)  # fmt: skip


#: Texts remembered, and kinds of words; and how many dots an IPv4 address has.
_MOST_TEXTS = 1 << 16
_MOST_KINDS = 4096
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
        self._within = _Within({})
        self._crowded: set[Sameness] = set()
        self._words: dict[str, str] = {}
        self._addresses: dict[bytes, bytes] = {}
        self._hardware: Memo[bytes, bytes] = Memo(MOST_WORDS)
        #: The same texts come again and again: those that were noted, and the pseudonyms of those that were asked for.
        self.texts_noted: Memo[bytes, None] = Memo(_MOST_TEXTS)
        #: What there is to know of words that are alike in their kinds of characters.
        self._kinds: Memo[Sameness, _Kind] = Memo(_MOST_KINDS)
        self._texts: Memo[bytes, bytes] = Memo(_MOST_TEXTS)

    # -- collecting ------------------------------------------------------------------------------------------

    def note(self, data: bytes) -> None:
        """Remember the words of a text that will be replaced."""
        if data in self.texts_noted:
            return
        self.texts_noted.remember(data, None)
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
            self._noted.update(_WORDS.findall(text))

    def note_all(self, texts: Iterable[bytes], others: int) -> bool:
        """Remember the words of many texts, as `note` does of each; `others`: how many words may be noted besides before
        anybody asks again. False, and nothing is remembered: there may be too many, and their order matters."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self.texts_noted]
        dotted = [text for text in fresh if text.count(b".") >= _DOTS]
        plain = [text for text in fresh if text.count(b".") < _DOTS] if dotted else fresh
        # What stands between texts is of no word, and of no character of two bytes.
        found = _WORDS.findall(b"\0".join(plain).decode("utf-8", "surrogateescape"))
        if len(self._noted) < MOST_WORDS:
            if len(self._noted) + len(found) + others + sum(map(len, dotted)) >= MOST_WORDS:
                return False
            self._noted.update(found)
        for text in plain:
            self.texts_noted.remember(text, None)
        for text in dotted:
            self.note(text)
        return True

    def note_address(self, packed: bytes) -> None:
        """Remember an IP address of a host."""
        if len(self._noted_addresses) < MOST_WORDS:
            self._noted_addresses.add(packed)

    def settle(self) -> None:
        """Everything was noted: choose the pseudonyms."""
        self.texts_noted.clear()
        self._texts.clear()
        alike: dict[Sameness, list[str]] = {}
        for word in self._noted:
            alike.setdefault(_sameness(word), []).append(word)
        self._within = _Within(alike)
        for same, words in alike.items():
            self._choose_words(sorted(words), same)
        taken: set[bytes] = set()
        for packed in sorted(self._noted_addresses):
            self._addresses[packed] = address = self._choose_address(packed, taken)
            taken.add(address)

    # -- texts -----------------------------------------------------------------------------------------------

    def text(self, data: bytes) -> bytes:
        """The pseudonym of a text, as long in bytes; NULs and everything else between words are kept."""
        known = self._texts.get(data)
        return known if known is not None else self._texts.remember(data, self._text(data))

    def texts(self, given: Sequence[bytes]) -> Iterator[bytes]:
        """The pseudonyms of many texts, in their order: what `text` gives for each."""
        made: dict[bytes, bytes] = dict.fromkeys(given, b"")
        plain = []
        for data in made:
            if data.count(b".") >= _DOTS:
                made[data] = self.text(data)
            else:
                plain.append(data)
        # What stands between them is of no word, and every word stays as long as it is.
        joined = self._replaced(b"\0".join(plain).decode("utf-8", "surrogateescape"))
        replaced = joined.encode("utf-8", "surrogateescape")
        at = 0
        for data in plain:
            stop = at + len(data)
            made[data] = replaced[at:stop]
            at = stop + 1
        return map(made.__getitem__, given)

    def _text(self, data: bytes) -> bytes:
        alone = data.rstrip(b"\0")
        if alone.isalnum():
            return self.word(alone.decode("ascii")).encode("ascii") + bytes(len(data) - len(alone))
        text = data.decode("utf-8", "surrogateescape")
        pieces = []
        at = 0
        for found in _ADDRESS.finditer(text) if data.count(b".") >= _DOTS else ():
            pieces.append(self._replaced(text[at : found.start()]))
            packed = ipaddress.IPv4Address(found.group()).packed
            pieces.append(str(ipaddress.IPv4Address(self.address(packed))))
            at = found.end()
        pieces.append(self._replaced(text[at:]))
        return "".join(pieces).encode("utf-8", "surrogateescape")

    def _replaced(self, text: str) -> str:
        # What stands between words, and words, by turns.
        parts = _WORDS.split(text)
        words = parts[1::2]
        try:
            parts[1::2] = [self._words[word] for word in words]
        except KeyError:
            parts[1::2] = map(self.word, words)
        return "".join(parts)

    def word(self, word: str) -> str:
        """The pseudonym of one word."""
        known = self._words.get(word)
        return known if known is not None else self._choose_word(word, _sameness(word), ())

    def _choose_words(self, words: list[str], same: Sameness) -> None:
        """Choose the pseudonyms of all words that were noted of a kind."""
        kind = self._kind(words[0])
        share, whole = _CROWDED
        crowded = whole * len(words) > share * kind.size
        if crowded:
            self._crowded.add(same)
        candidates = self._first_candidates(words, kind)
        unfit: set[str] = set()
        if not crowded:
            unfit = self._noted.intersection(candidates)
            unfit.update(self._within.holding(candidates, same))
        chosen = self._words
        # Words that are not alike never get the same pseudonym.
        used: set[str] = set()
        for word, candidate in zip(words, candidates, strict=True):
            if candidate in unfit or candidate in used or candidate == word:
                candidate = self._choose_word(word, same, used)
            chosen[word] = candidate
            used.add(candidate)

    def _first_candidates(self, words: list[str], kind: _Kind) -> list[str]:
        """What `_candidate` gives for each at the first attempt."""
        tweak = _tweak(0, kind.pattern)
        if kind.decimal:
            length = len(words[0])
            moved = self._permutations.all_of(kind.size, tweak, list(map(int, words)))
            return [str(place).zfill(length) for place in moved]
        places = [_place_of(word, kind.ranges) for word in words]
        return [_word_at(place, kind.ranges) for place in self._permutations.all_of(kind.size, tweak, places)]

    def _choose_word(self, word: str, same: Sameness, used: set[str] | tuple[()]) -> str:
        kind = self._kinds.get(same) or self._kinds.remember(same, self._kind(word))
        fallback = ""
        crowded = same in self._crowded
        for attempt in range(_TRIES):
            candidate = self._candidate(word, kind, attempt)
            if candidate in used or candidate == word:
                continue
            if crowded or (candidate not in self._noted and not self._within.holds(candidate, same)):
                return candidate
            fallback = fallback or candidate
        return fallback or self._candidate(word, kind, 0)

    def _candidate(self, word: str, kind: _Kind, attempt: int) -> str:
        classes, size, pattern, decimal, first = kind
        moved = self._permutations.of(size, _tweak(attempt, pattern)) if attempt else first
        if decimal:
            return str(moved(int(word))).zfill(len(word))
        return _word_at(moved(_place_of(word, classes)), classes)

    def _kind(self, word: str) -> _Kind:
        ranges = tuple(_range_of(ord(character)) for character in word)
        size = prod(stop - start for start, stop in ranges)
        pattern = b"".join(start.to_bytes(4, "big") for start, _ in ranges)
        decimal = set(ranges) == {_range_of(ord("0"))} and len(word) <= _MOST_DIGITS
        return _Kind(ranges, size, pattern, decimal, self._permutations.of(size, _tweak(0, pattern)))

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


class _Within:
    """Tells whether a word has one of many others within it, of those that are not short and not many of their length."""

    def __init__(self, alike: Mapping[Sameness, Collection[str]]) -> None:
        # By their length, and how many characters they are of.
        by_length: dict[tuple[int, int], list[tuple[Sameness, Collection[str]]]] = {}
        for same, words in alike.items():
            if len(same) >= _SHORTEST_SOUGHT:
                for characters, some in _by_characters(same, words):
                    by_length.setdefault((len(same), characters), []).append((same, some))
        #: Those looked for, by what they have in common with those that may have them within; and how long they are.
        self._sought: dict[Sameness, set[str]] = {}
        self._lengths: list[int] = []
        for (length, characters), of_length in by_length.items():
            if sum(len(some) for _, some in of_length) * _RARE <= characters**length:
                self._lengths.append(length)
                for same, some in of_length:
                    self._sought.setdefault(same, set()).update(some)
        #: For each kind of word, where what is looked for could stand in it.
        self._places: Memo[Sameness, list[tuple[int, int, set[str]]]] = Memo(_MOST_TEXTS)

    def holds(self, word: str, same: Sameness) -> bool:
        """Whether one is; `same`: what the word has in common with those alike."""
        for start, stop, words in self._places_of(same):  # noqa: SIM110 (any() takes twice as long)
            if word[start:stop] in words:
                return True
        return False

    def holding(self, alike: Sequence[str], same: Sameness) -> Iterator[str]:
        """Those of words that are alike which have one within them, some of them more than once."""
        for start, stop, words in self._places_of(same):
            yield from [word for word in alike if word[start:stop] in words]

    def _places_of(self, same: Sameness) -> list[tuple[int, int, set[str]]]:
        places = self._places.get(same)
        return self._places.remember(same, self._places_in(same)) if places is None else places

    def _places_in(self, same: Sameness) -> list[tuple[int, int, set[str]]]:
        found = []
        for length in self._lengths:
            for start in range(len(same) - length + 1):
                piece = same[start : start + length]
                words = self._sought.get(piece if isinstance(piece, bytes) or max(piece) > _ASCII else bytes(piece))
                if words is not None:
                    found.append((start, start + length, words))
        return found


def _by_characters(same: Sameness, words: Collection[str]) -> Iterator[tuple[int, Collection[str]]]:
    """Words that are alike, those of digits alone apart from all others: of how many characters they are, and they."""
    if isinstance(same, bytes):
        yield 10 if same == b"0" * len(same) else 26, words
        return
    decimal = [word for word in words if word.isdecimal()]
    if decimal:
        yield 10, decimal
    if len(decimal) < len(words):
        yield 26, [word for word in words if not word.isdecimal()]


class _Kind(NamedTuple):
    """What words have in common that can be each other's pseudonyms."""

    #: The range of each character.
    ranges: tuple[tuple[int, int], ...]
    #: How many such words there can be.
    size: int
    pattern: bytes
    #: Whether they are digits and nothing else, and not more than Python takes for a number at once.
    decimal: bool
    #: Where each of them goes, at the first attempt.
    first: Callable[[int], int]


def _place_of(word: str, ranges: Sequence[tuple[int, int]]) -> int:
    """The place of a word among all whose characters are of these ranges."""
    place = 0
    for character, (start, stop) in zip(word, ranges, strict=True):
        place = place * (stop - start) + ord(character) - start
    return place


def _word_at(place: int, ranges: Sequence[tuple[int, int]]) -> str:
    """The word at a place among those."""
    characters = []
    for start, stop in reversed(ranges):
        place, digit = divmod(place, stop - start)
        characters.append(chr(start + digit))
    return "".join(reversed(characters))


def _sameness(word: str) -> Sameness:
    """What is the same of two words just when their characters are of the same ranges."""
    if word.isascii():
        return word.encode().translate(_FIRST_OF_RANGE)
    return tuple(_range_of(ord(character))[0] for character in word)


def _tweak(attempt: int, pattern: bytes) -> bytes:
    return b"word" + bytes([attempt]) + pattern


def _range_of(code: int) -> tuple[int, int]:
    at = bisect_right(_RANGES, code) - 1
    return _RANGES[at], _RANGES[at + 1]


#: The range of each letter and digit, told by its first one; nothing else of ASCII is in a word.
_FIRST_OF_RANGE = bytes(
    _range_of(code)[0] if chr(code) in string.ascii_letters + string.digits else 0 for code in range(256)
)
