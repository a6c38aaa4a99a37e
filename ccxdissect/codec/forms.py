"""The forms of the floating part: how wide a field's tag and its length are.

1+1 at first. From some version on tags take two bytes, and where sources disagree on the length a protocol has several
wide forms: so a form is proposed by the version and decided by the bytes. Tags count from 1: a
zero where a tag should stand is no field.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ccxdissect.protocol.model import Protocol

#: Where floating fields stand: (tag, first data byte, byte after the last), and how far the walk came.
Span = tuple[int, int, int]
Spans = list[Span]
Walk = tuple[Spans, int]


def _walk_1_1(body: bytes, at: int, end: int) -> Walk:
    spans: Spans = []
    last = end - 1
    while at < last:
        tag = body[at]
        start = at + 2
        stop = start + body[at + 1]
        if stop > end or not tag:
            break
        spans.append((tag, start, stop))
        at = stop
    return spans, at


def _walk_2_1(body: bytes, at: int, end: int) -> Walk:
    spans: Spans = []
    last = end - 2
    while at < last:
        tag = body[at] << 8 | body[at + 1]
        start = at + 3
        stop = start + body[at + 2]
        if stop > end or not tag:
            break
        spans.append((tag, start, stop))
        at = stop
    return spans, at


def _walk_2_2(body: bytes, at: int, end: int) -> Walk:
    spans: Spans = []
    last = end - 3
    while at < last:
        tag = body[at] << 8 | body[at + 1]
        start = at + 4
        stop = start + (body[at + 2] << 8 | body[at + 3])
        if stop > end or not tag:
            break
        spans.append((tag, start, stop))
        at = stop
    return spans, at


def _sound_1_1(body: bytes, at: int, end: int, widths: Mapping[int, int]) -> Spans | None:
    spans: Spans = []
    try:
        while at < end:
            tag = body[at]
            start = at + 2
            at = start + body[at + 1]
            width = widths[tag]
            if width and width != at - start and not (width < 0 and is_sound(body, start, at, width)):
                return None
            spans.append((tag, start, at))
    except LookupError:
        return None
    return spans if at == end else None


def _sound_2_1(body: bytes, at: int, end: int, widths: Mapping[int, int]) -> Spans | None:
    spans: Spans = []
    try:
        while at < end:
            tag = body[at] << 8 | body[at + 1]
            start = at + 3
            at = start + body[at + 2]
            width = widths[tag]
            if width and width != at - start and not (width < 0 and is_sound(body, start, at, width)):
                return None
            spans.append((tag, start, at))
    except LookupError:
        return None
    return spans if at == end else None


def _sound_2_2(body: bytes, at: int, end: int, widths: Mapping[int, int]) -> Spans | None:
    spans: Spans = []
    try:
        while at < end:
            tag = body[at] << 8 | body[at + 1]
            start = at + 4
            at = start + (body[at + 2] << 8 | body[at + 3])
            width = widths[tag]
            if width and width != at - start and not (width < 0 and is_sound(body, start, at, width)):
                return None
            spans.append((tag, start, at))
    except LookupError:
        return None
    return spans if at == end else None


def is_sound(body: bytes, start: int, stop: int, width: int) -> bool:
    """Whether data are a BOOL, or name NUL value NUL (an array's have an index byte before that)."""
    if width == BOOLEAN:
        return 1 <= stop - start <= 8
    if width == NAMED_ARRAY:
        start += 1
    return start < stop <= len(body) and body[stop - 1] == 0 and body.find(0, start, stop - 1) >= 0


#: Widths that are no number of bytes: what has to be looked at.
NAMED_VARIABLE = -1
NAMED_ARRAY = -2
BOOLEAN = -3


@dataclass(frozen=True, eq=False)
class FloatingForm:
    """One form of a floating field's header.

    `walk(body, at, end)` finds the fields of a floating part as far as they go. `sound(body, at, end, widths)` does the
    usual case quickly: all spans when every tag is in `widths`, has its width there (0: any; negative: looked at) and
    the last field ends exactly at `end`; else None.
    """

    title: str
    tag_size: int
    length_size: int
    header: struct.Struct
    walk: Callable[[bytes, int, int], Walk]
    sound: Callable[[bytes, int, int, Mapping[int, int]], Spans | None]

    @property
    def header_size(self) -> int:
        """Bytes before a field's data."""
        return self.tag_size + self.length_size

    @property
    def largest_tag(self) -> int:
        """The largest tag this form can carry."""
        return 0xFF if self.tag_size == 1 else 0xFFFF

    @property
    def largest_length(self) -> int:
        """The most data bytes this form can announce."""
        return 0xFF if self.length_size == 1 else 0xFFFF

    def __repr__(self) -> str:
        return f"<floating form {self.title}>"


ONE_ONE = FloatingForm("1+1", 1, 1, struct.Struct(">BB"), _walk_1_1, _sound_1_1)
TWO_ONE = FloatingForm("2+1", 2, 1, struct.Struct(">HB"), _walk_2_1, _sound_2_1)
TWO_TWO = FloatingForm("2+2", 2, 2, struct.Struct(">HH"), _walk_2_2, _sound_2_2)
FORMS = (ONE_ONE, TWO_ONE, TWO_TWO)
BY_TITLE = {form.title: form for form in FORMS}


def proposed(protocol: Protocol, version: int | None) -> tuple[FloatingForm, ...]:
    """The forms that a version allows, the likeliest first; all of them when the version is unknown."""
    if version is not None and version < protocol.wide_tags_since:
        return (ONE_ONE,)
    wide = tuple(BY_TITLE[title] for title in protocol.wide_headers)
    return (ONE_ONE, *wide) if version is None else wide
