"""Cutting a stream of bytes into messages, and finding the next one when step is lost."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from building import build, every_combination
from ccxdissect.codec import Decoder
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.framing import Boundaries, Framed, Framer, Skipped
from conversation import six

BOUNDS = Boundaries(UCCX_CTI)
DECODER = Decoder(UCCX_CTI)
MESSAGES = six()
STREAM = b"".join(MESSAGES)


def framed(pieces: list[tuple[int, bytes]], in_step: bool = True) -> list[Framed | Skipped]:
    """What a framer gives for (missing, data) pieces and the end, doubting as the dissector does."""
    framer = Framer(BOUNDS, lambda number, body: DECODER.fits(number, body, 14), in_step)
    found: list[Framed | Skipped] = []
    offset = 0
    for missing, data in pieces:
        offset += missing
        for item in framer.feed(offset, missing, data, 0, 0):
            found.append(item)
            if isinstance(item, Framed):
                decoded = DECODER.decode(item.number, item.body, 14)
                if decoded.undecoded:
                    framer.doubt(item.body[len(item.body) - decoded.undecoded :])
        offset += len(data)
    found += framer.flush(offset)
    return found


def bodies(found: list[Framed | Skipped]) -> list[bytes]:
    return [item.body for item in found if isinstance(item, Framed)]


def accounted(found: list[Framed | Skipped]) -> int:
    """Bytes that came out, one way or the other."""
    return sum(len(item.body) + 8 if isinstance(item, Framed) else len(item.data) - item.retracted for item in found)


def test_in_step_messages_are_what_their_headers_say() -> None:
    assert bodies(framed([(0, STREAM)])) == [message[8:] for message in MESSAGES]


def test_byte_by_byte_gives_the_same() -> None:
    assert framed([(0, STREAM[i : i + 1]) for i in range(len(STREAM))]) == framed([(0, STREAM)])


def test_a_gap_behind_a_header_that_turns_out_to_be_none_hides_no_message() -> None:
    # A message longer than its fields; the header of no known type behind it would go on for long.
    doubtful = (11).to_bytes(4, "big") + MESSAGES[5][4:12] + b"\0" * 7
    strange = (400).to_bytes(4, "big") + (65_000).to_bytes(4, "big") + b"\xff" * 40
    rest = b"".join(MESSAGES[1:4])
    found = framed([(0, MESSAGES[0] + doubtful + strange), (96, rest)])
    assert bodies(found) == [MESSAGES[0][8:], doubtful[8:], *(message[8:] for message in MESSAGES[1:4])]
    assert accounted(found) == len(MESSAGES[0] + doubtful + strange + rest)


def test_a_gap_within_a_message_does_not_lose_step() -> None:
    cut = len(MESSAGES[0]) + 12
    found = framed([(0, STREAM[:cut]), (5, STREAM[cut + 5 :])])
    assert bodies(found) == [message[8:] for message in MESSAGES[:1] + MESSAGES[2:]]
    assert [len(item.data) for item in found if isinstance(item, Skipped)] == [12, len(MESSAGES[1]) - 17]


def test_a_message_that_is_never_finished_gives_back_those_it_swallowed() -> None:
    swollen = (5000).to_bytes(4, "big") + MESSAGES[1][4:]
    found = framed([(0, swollen + STREAM)])
    assert bodies(found) == [message[8:] for message in MESSAGES]
    assert accounted(found) == len(swollen + STREAM)


def test_out_of_step_a_lookalike_without_a_successor_is_no_message() -> None:
    lookalike = b"\x01\0\0\0\x04\0\0\0\x05\0\0\0\x01\xee"
    found = framed([(0, lookalike + STREAM)], in_step=False)
    assert bodies(found) == [message[8:] for message in MESSAGES]


def test_every_message_is_found_out_of_step() -> None:
    for message, version, form, layout in every_combination():
        if version != 14:
            continue
        raw = build(message, version, form, layout)
        found = framed([(0, b"\xee\xee\xee" + raw + STREAM)], in_step=False)
        assert bodies(found)[0] == raw[8:], message.name


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False), st.binary(max_size=60), st.booleans())
def test_segmentation_changes_nothing_whatever_the_bytes(source: random.Random, noise: bytes, in_step: bool) -> None:
    at = source.randrange(len(STREAM))
    data = STREAM[:at] + noise + STREAM[source.choice([at, min(at + 7, len(STREAM))]) :] + STREAM
    pieces = []
    rest = data
    while rest:
        size = source.choice([1, 3, 8, 30, 500])
        pieces.append((0, rest[:size]))
        rest = rest[size:]
    whole = framed([(0, data)], in_step)
    parts = framed(pieces, in_step)
    assert bodies(whole) == bodies(parts)
    assert accounted(whole) == accounted(parts) == len(data)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.binary(max_size=60)), max_size=8), st.booleans())
def test_every_byte_is_accounted_for(pieces: list[tuple[int, bytes]], in_step: bool) -> None:
    assert accounted(framed(pieces, in_step)) == sum(len(data) for _, data in pieces)


def headers_within_headers(size: int) -> bytes:
    """An absurd header, then bytes that begin a large message at every fourteenth, of fields that hold the next."""
    block = (15_974).to_bytes(4, "big") + (5).to_bytes(4, "big") + bytes(4) + b"\x09\x0c"
    return b"\x7f\xff\xff\xff" * 2 + block * (size // len(block))


def test_searching_hostile_bytes_takes_time_in_proportion_to_them() -> None:
    tried = 0

    def fits(number: int, body: bytes) -> bool:
        nonlocal tried
        tried += len(body)
        return DECODER.fits(number, body, 14)

    hostile = headers_within_headers(1 << 18)
    found = []
    framer = Framer(BOUNDS, fits, True)
    for at in range(0, len(hostile), 1460):
        found += framer.feed(at, 0, hostile[at : at + 1460], 0, 0)
    # What lies around the last 16 KiB is looked at once more when nothing follows.
    found += framer.flush(len(hostile))
    assert accounted(found) == len(hostile)
    assert tried < 10 * len(hostile) + (1 << 18)


def test_what_follows_hostile_bytes_is_found_however_they_are_cut() -> None:
    stream = headers_within_headers(1 << 16) + bytes(40_000) + STREAM
    whole = framed([(0, stream)])
    assert bodies(whole)[-len(MESSAGES) :] == [message[8:] for message in MESSAGES]
    for size in (1000, 16_001):
        assert framed([(0, stream[at : at + size]) for at in range(0, len(stream), size)]) == whole


def test_a_message_has_the_packets_that_began_and_completed_it_however_late_it_is_believed() -> None:
    """One of an unknown type, behind bytes that no field accounts for, is believed when the next one's header is there."""
    framer = Framer(BOUNDS, lambda number, body: True, True)
    unknown = (5).to_bytes(4, "big") + (9999).to_bytes(4, "big") + b"hello"
    found: list[Framed | Skipped] = []
    offset = 0
    pieces = [MESSAGES[1], unknown[:9], unknown[9:], MESSAGES[2][:20], MESSAGES[2][20:], MESSAGES[3]]
    for frame, data in enumerate(pieces, 1):
        some = list(framer.feed(offset, 0, data, frame, 10 * frame))
        if frame == 1:
            framer.doubt(b"x")
        assert bool(some) is (frame in (1, 4, 5, 6))
        found += some
        offset += len(data)
    told = [(item.frame, item.time, item.begun) for item in found if isinstance(item, Framed)]
    assert told == [(1, 10, 10), (3, 30, 20), (5, 50, 40), (6, 60, 60)]


def test_a_message_in_pieces_may_be_of_any_time() -> None:
    far = 1 << 94  # pcapng: the latest second of all, in nanoseconds
    framer = Framer(BOUNDS, lambda number, body: True, True)
    found = [*framer.feed(0, 0, MESSAGES[0][:30], 7, far), *framer.feed(30, 0, MESSAGES[0][30:], 8, far + 1)]
    assert found == [Framed(MESSAGES[0][7], MESSAGES[0][8:], 0, 8, far + 1, far)]


def test_lending_what_is_held_and_taking_it_back_changes_nothing() -> None:
    """Cut anywhere in the first two messages, and some of what follows lost."""
    for cut in range(1, len(MESSAGES[0]) + 30):
        for missing in (0, 3, 5, 40, 60):
            rest = [(missing, STREAM[cut + missing :])]
            whole, lent = (Framer(BOUNDS, lambda number, body: DECODER.fits(number, body, 14), True) for _ in range(2))
            found = []
            for framer in (whole, lent):
                told = list(framer.feed(0, 0, STREAM[:cut], 1, 1))
                if framer is lent:
                    given = framer.lend()
                    assert given is not None
                    held, brought = given
                    framer.take_back(held, brought, cut - len(held), False)
                for lost, data in rest:
                    told += framer.feed(cut + lost, lost, data, 2, 2)
                found.append(told + list(framer.flush(len(STREAM))))
            assert found[0] == found[1], (cut, missing)


def test_what_looks_like_a_message_within_one_that_is_not_whole_yet_is_none() -> None:
    inner = MESSAGES[0]
    outer = (len(inner) + 4).to_bytes(4, "big") + MESSAGES[1][4:8] + b"half" + inner
    framer = Framer(BOUNDS, lambda number, body: True, in_step=True)
    assert framer.whole(outer) == [(int.from_bytes(outer[4:8], "big"), outer[8:])]
    assert list(framer.feed(0, 0, outer[:12], 1, 1)) == []
    assert framer.whole(inner) is None
    (found,) = framer.feed(12, 0, inner, 2, 2)
    assert isinstance(found, Framed) and found.body == outer[8:]


def test_out_of_step_nothing_is_taken_at_once() -> None:
    assert Framer(BOUNDS, lambda number, body: True, in_step=False).whole(MESSAGES[0]) is None
