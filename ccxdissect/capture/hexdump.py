"""Hexadecimal text, as people paste it, -> bytes.

Taken: plain digits in any grouping; `0x00, 0x01` and `\\x00\\x01` in the syntax of most languages, a Python bytes literal;
`00:01:02`; dumps with offsets (hexadecimal, or octal as od writes them) and an ASCII column, as of hexdump, xxd, od, tcpdump
and Wireshark; the server log's `MHDR:` and `MDATA:` rows, on lines of their own or all on one; base64.
"""

from __future__ import annotations

import ast
import base64
import re
from collections.abc import Iterator

from ccxdissect.capture.ascii_column import past_column
from ccxdissect.capture.log_lines import LogLine
from ccxdissect.capture.mivr import DumpEntry, entries_of
from ccxdissect.errors import CaptureError

#: No more text than this is looked at.
LARGEST_TEXT = 16 << 20

#: A header of eight bytes has as many characters of base64.
_SHORTEST_BASE64 = 12
_SOURCE = "hexadecimal text"
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_ESCAPED = re.compile(r"(?:\\x|0[xX])([0-9A-Fa-f]{1,2})(?![0-9A-Fa-f])")
_OFFSET_COLON = re.compile(r"\s{0,64}(?:0[xX])?([0-9A-Fa-f]{3,16}):(?=\s|$)")
_OFFSET_BARE = re.compile(r"\s{0,64}([0-9A-Fa-f]{3,16})(?=\s)")
_GROUP = re.compile(r"(\s{0,64})((?:[0-9A-Fa-f]{2})+)(?![0-9A-Za-z_])")
_BETWEEN_BARS = re.compile(r"\s\|(.*)\|\s*$")
_DIGITS = frozenset(b"0123456789abcdefABCDEF ")
_LABELS = re.compile(r"M(?:HDR|DATA):")
_WORDS = re.compile(r"[^\s:,;|-]+")


def parse_hex(text: str) -> bytes:
    """The bytes that a text stands for. Raises CaptureError, with the line, when it is no hexadecimal."""
    if len(text) > LARGEST_TEXT:
        raise CaptureError(_SOURCE, f"longer than {LARGEST_TEXT} characters")
    literal = _literal(text.strip())
    if literal is not None:
        return literal
    packed = _base64(text)
    if packed is not None:
        return packed
    if _LABELS.search(text):
        return _labelled(text)
    text = _COMMENT.sub(" ", text)
    if "\\x" in text or (re.search(r"0[xX][0-9A-Fa-f]{1,2}(?![0-9A-Fa-f])", text) and not _looks_dumped(text)):
        return bytes(int(found, 16) for found in _ESCAPED.findall(text))
    return _lines(text)


def _literal(text: str) -> bytes | None:
    if re.match(r"[bB][\"']", text) is None:
        return None
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, bytes) else None


def _base64(text: str) -> bytes | None:
    """The bytes that base64 stands for; None for what is none, or may be hexadecimal as well."""
    joined = "".join(text.split())
    if len(joined) < _SHORTEST_BASE64 or len(joined) % 4 or re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", joined) is None:
        return None
    return None if re.fullmatch(r"[0-9A-Fa-fxX]+", joined) else base64.b64decode(joined)


def _looks_dumped(text: str) -> bool:
    return any(_OFFSET_COLON.match(line) for line in text.splitlines()[:4])


def _labelled(text: str) -> bytes:
    lines = (
        LogLine(number, line.encode("utf-8", "surrogateescape"), _SOURCE, number)
        for number, line in enumerate(text.splitlines(), start=1)
    )
    found = bytearray()
    for entry in entries_of(lines):
        if isinstance(entry, DumpEntry):
            if not entry.whole:
                have = len(entry.body)
                raise CaptureError(
                    _SOURCE, f"the rows of line {entry.line} end after {have} of {entry.length} body bytes"
                )
            found += entry.header + entry.body
    if not found:
        raise CaptureError(_SOURCE, "no rows stand behind MHDR: and MDATA:")
    return bytes(found)


def _lines(text: str) -> bytes:
    found = bytearray()
    base: int | None = None  # the first row's offset
    octal = False
    for number, line in _rows(text):
        at, offset, is_octal = _offset(line, None if base is None else (base, len(found), octal))
        if offset is not None:
            if base is None:
                base, octal = offset, False
            elif is_octal:
                octal = True
            if at >= len(line.rstrip()):
                continue  # the offset alone, which some tools print at the end
            found += _row(line, at, number, columns=True)
            continue
        found += _row(line, at, number, columns=base is not None)
    if not found:
        raise CaptureError(_SOURCE, "there are no hexadecimal digits")
    return bytes(found)


def _rows(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, by number; a line that holds several rows of 16 bytes gives each of them."""
    for number, line in enumerate(text.splitlines(), start=1):
        first = _OFFSET_COLON.match(line)
        start, offset = 0, int(first.group(1), 16) if first else 0
        while first is not None:
            offset += 16
            following = re.compile(rf"\s(?:0x)?0*{offset:x}:(?=\s)", re.IGNORECASE).search(line, start)
            if following is None:
                break
            yield number, line[start : following.start()]
            start = following.start()
        if line[start:].strip():
            yield number, line[start:]


def _offset(line: str, known: tuple[int, int, bool] | None) -> tuple[int, int | None, bool]:
    """Where the row's bytes begin, its offset (None: it has none), and whether that is octal."""
    found = _OFFSET_COLON.match(line)
    if found is not None and not re.match(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+", line.strip()):
        return found.end(), int(found.group(1), 16), False
    found = _OFFSET_BARE.match(line) or re.match(r"\s{0,64}([0-9A-Fa-f]{3,16})$", line.rstrip())
    if found is None:
        return 0, None, False
    digits = found.group(1)
    if known is not None:
        base, size, octal = known
        if int(digits, 16) == base + size and not octal:
            return found.end(), int(digits, 16), False
        if not re.search(r"[89A-Fa-f]", digits) and int(digits, 8) == size and base == 0:
            return found.end(), int(digits, 8), True
        return 0, None, False
    # The first row: an offset of zeros before groups of another width.
    following = _GROUP.match(line, found.end())
    if following is not None and int(digits, 16) == 0 and len(following.group(2)) != len(digits):
        return found.end(), 0, False
    return 0, None, False


def _row(line: str, at: int, number: int, columns: bool) -> bytes:
    """The bytes of one row; with `columns`, what stands behind them may be an ASCII column."""
    if not columns:
        return _plain(line, at, number)
    bars = _BETWEEN_BARS.search(line, at)
    if bars is not None:
        fenced = "".join(line[at : bars.start()].split())
        if len(fenced) == 2 * len(bars.group(1)) and _DIGITS.issuperset(fenced.encode()):
            return bytes.fromhex(fenced)
    groups: list[tuple[int, int, bytes]] = []  # the gap before it, where it ends, its bytes
    place = at
    while (found := _GROUP.match(line, place)) is not None:
        groups.append((len(found.group(1)), found.end(), bytes.fromhex(found.group(2))))
        place = found.end()
    taken = b"".join(data for _, _, data in groups)
    if not groups:
        raise CaptureError(_SOURCE, f"line {number}: no hexadecimal digits behind the offset")
    rest = line[place:]
    if not rest.strip():
        # The last groups may be an ASCII column that looks like digits: it then repeats what stands before it.
        for count in range(len(groups) - 1, 0, -1):
            if groups[count][0] >= 2:
                before = b"".join(data for _, _, data in groups[:count])
                end = groups[count - 1][1]
                # A byte that is no character stands there as a dot, and never as a digit.
                if _DIGITS.issuperset(before) and past_column(line, end, before) >= len(line.rstrip()):
                    return before
        return taken
    for count in range(len(groups), 0, -1):
        before = b"".join(data for _, _, data in groups[:count])
        end = groups[count - 1][1]
        reached = past_column(line, end, before)
        if reached > end and reached >= len(line.rstrip()):
            return before
    if re.match(r"\s|$", rest):
        return taken
    raise CaptureError(_SOURCE, f"line {number}: {_WORDS.findall(rest)[0][:20]!r} is not hexadecimal")


def _plain(line: str, at: int, number: int) -> bytes:
    digits = re.sub(r"[\s:,;.\-_{}()\[\]\"'h]|0[xX]", "", line[at:])
    wrong = re.search(r"[^0-9A-Fa-f]", digits)
    if wrong is not None:
        raise CaptureError(_SOURCE, f"line {number}: {wrong.group()!r} is no hexadecimal digit")
    if len(digits) % 2:
        raise CaptureError(_SOURCE, f"line {number}: an odd number of digits ({len(digits)})")
    return bytes.fromhex(digits)
