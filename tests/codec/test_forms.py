"""The walk over floating fields: as far as they go and no further; and what the quick way may take for sound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxdissect.codec.forms import (
    BOOLEAN,
    FORMS,
    NAMED_ARRAY,
    NAMED_VARIABLE,
    FloatingForm,
    is_sound,
    proposed,
)
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

forms = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.title)


def packed(form: FloatingForm, *fields: tuple[int, bytes]) -> bytes:
    return b"".join(form.header.pack(tag, len(data)) + data for tag, data in fields)


@forms
def test_a_walk_finds_the_fields_between_its_ends_and_looks_no_further(form: FloatingForm) -> None:
    head = form.header_size
    part = packed(form, (5, b"abc"), (7, b""), (200, b"z"))
    ends = [2 + head, 5 + 2 * head, 5 + 3 * head]
    spans = [(5, ends[0], ends[0] + 3), (7, ends[1], ends[1]), (200, ends[2], ends[2] + 1)]
    body = b"\xff\xff" + part + packed(form, (9, b"behind"))
    assert form.walk(body, 2, 2 + len(part)) == (spans, 2 + len(part))
    # An empty field may be the last one.
    assert form.walk(body, 2, ends[1]) == (spans[:2], ends[1])


@forms
def test_a_walk_stops_before_what_is_no_field(form: FloatingForm) -> None:
    head = form.header_size
    first = packed(form, (5, b"abc"))
    whole = ([(5, head, head + 3)], head + 3)
    for rest in (
        form.header.pack(7, 3) + b"xy",  # longer than what is left
        form.header.pack(0, 1) + b"x",  # no tag is zero
        form.header.pack(7, 0)[:-1],  # half a header
        b"",
    ):
        assert form.walk(first + rest, 0, len(first + rest)) == whole, rest
    # What stands behind the end is not this field's.
    assert form.walk(first + form.header.pack(7, 3) + b"xyz", 0, len(first) + head + 2) == whole


def test_tags_and_lengths_are_read_as_wide_as_the_form_has_them() -> None:
    one, two_one, two_two = FORMS
    assert one.walk(b"\x81\x01A", 0, 3) == ([(0x81, 2, 3)], 3)
    assert two_one.walk(b"\x81\x02\x01A", 0, 4) == ([(0x8102, 3, 4)], 4)
    assert two_two.walk(b"\x81\x02\x01\x02" + bytes(258), 0, 262) == ([(0x8102, 4, 262)], 262)
    assert [(form.largest_tag, form.largest_length) for form in FORMS] == [(255, 255), (65535, 255), (65535, 65535)]


@pytest.mark.parametrize(
    ("data", "width", "sound"),
    [
        (b"", BOOLEAN, False),
        (b"\1", BOOLEAN, True),
        (bytes(8), BOOLEAN, True),
        (bytes(9), BOOLEAN, False),
        (b"", NAMED_VARIABLE, False),
        (b"\0", NAMED_VARIABLE, False),
        (b"\0\0", NAMED_VARIABLE, True),
        (b"n\0v\0", NAMED_VARIABLE, True),
        (b"n\0v", NAMED_VARIABLE, False),
        (b"nv\0", NAMED_VARIABLE, False),
        # An array's index is no NUL between name and value.
        (b"\0nv\0", NAMED_VARIABLE, True),
        (b"\0nv\0", NAMED_ARRAY, False),
        (b"\0\0\0", NAMED_ARRAY, True),
        (b"\1n\0v\0", NAMED_ARRAY, True),
        (b"\1", NAMED_ARRAY, False),
        (b"\0\0", NAMED_ARRAY, False),
    ],
)
def test_what_is_sound(data: bytes, width: int, sound: bool) -> None:
    for before, behind in ((b"", b""), (b"\0\0", b"\0\0"), (b"x", b"x")):
        body = before + data + behind
        assert is_sound(body, len(before), len(before) + len(data), width) is sound
    if data:
        # What the body has not is not sound, whatever was announced.
        assert not (width != BOOLEAN and is_sound(data, 0, len(data) + 1, width))


WIDTHS = {1: 0, 2: 4, 3: BOOLEAN, 4: NAMED_VARIABLE, 5: NAMED_ARRAY}


@forms
@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, 2, 3, 4, 5, 6]),
            st.one_of(st.binary(max_size=9), st.sampled_from([b"\0\0\0\1", b"a\0b\0", b"\1a\0b\0"])),
        ),
        max_size=4,
    ),
    st.integers(-1, 1),
)
def test_the_quick_way_takes_just_what_is_listed_as_wide_as_it_should_be_and_ends_at_the_end(
    form: FloatingForm, fields: list[tuple[int, bytes]], more: int
) -> None:
    part = packed(form, *fields)
    end = 3 + len(part) + more
    found = form.sound(bytes(3) + part + bytes(more > 0), 3, end, WIDTHS)
    good = more == 0 and all(
        tag in WIDTHS
        and (WIDTHS[tag] <= 0 or WIDTHS[tag] == len(data))
        and (WIDTHS[tag] >= 0 or is_sound(data, 0, len(data), WIDTHS[tag]))
        for tag, data in fields
    )
    if good or (more == -1 and not fields):
        assert found == (form.walk(bytes(3) + part, 3, 3 + len(part))[0] if good else None)
    else:
        assert found is None


#: Fields that are all as they should be, and such of which one is not.
SOUND = (
    [], [(1, b"")], [(1, b"abc")], [(2, b"abcd")], [(3, b"\1")], [(3, bytes(8))], [(4, b"n\0v\0")], [(5, b"\1n\0v\0")],
    [(2, b"abcd"), (1, b"xyz"), (4, b"\0\0"), (2, b"efgh"), (1, b"")], [(0x41, b"A"), (1, b"")],
)  # fmt: skip
UNSOUND = (
    [(6, b"")], [(2, b"abc")], [(2, b"abcde")], [(2, b"")], [(3, b"")], [(3, bytes(9))], [(4, b"nv\0")], [(4, b"n\0v")],
    [(5, b"\0nv\0")], [(2, b"ab\0c\0")], [(1, b"xyz"), (2, b"abc")], [(2, b"abc"), (1, b"xyz")], [(0, b"")],
)  # fmt: skip


@forms
def test_what_the_quick_way_takes_and_what_it_leaves(form: FloatingForm) -> None:
    widths = {**WIDTHS, 0x41: 1}
    for fields in SOUND:
        for before in (b"", b"\1\1\1\1\1"):
            body = before + packed(form, *fields)
            start, stop = len(before), len(body)
            spans = form.walk(body, start, stop)[0]
            assert [(tag, body[first:last]) for tag, first, last in spans] == fields
            assert form.sound(body, start, stop, widths) == spans
            # One byte more or less, and the last field does not end at the end.
            assert not form.sound(body + b"\1", start, stop + 1, widths)
            assert not form.sound(body, start, stop - 1, widths)
    for fields in UNSOUND:
        body = packed(form, *fields)
        assert form.sound(body, 0, len(body), widths) is None, fields
    if form.tag_size == 2:
        # Both bytes of a tag count.
        high = packed(form, (0x0141, b"A"))
        assert form.sound(high, 0, len(high), widths) is None
        assert form.sound(high, 0, len(high), {0x0141: 1}) == form.walk(high, 0, len(high))[0]
    if form.length_size == 2:
        long = packed(form, (1, bytes(300)), (2, b"abcd"))
        assert form.sound(long, 0, len(long), widths) == form.walk(long, 0, len(long))[0]


def test_a_version_proposes_its_forms() -> None:
    one, two_one, two_two = FORMS
    for version in range(1, 18):
        assert proposed(UCCX_CTI, version) == (one,)
    wide = proposed(UCCX_CTI, 18)
    assert set(wide) == {two_one, two_two} and proposed(UCCX_CTI, 99) == wide
    assert proposed(UCCX_CTI, None) == (one, *wide)
