"""Sessions of either dialect beside each other: the columns tell what the dissector tells, and settle a dialect before they
decode where the first messages say which it is."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from both_paths import PORTS, ByColumns, assert_same_segments, by_segments, told
from fuzz import streams

from building import build, every_combination, value_for
from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import read_segments
from ccxdissect.codec import Encoder
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Message, Protocol, Side
from ccxdissect.stream.dialect import MOST_WAITING, Weighing
from ccxdissect.stream.dissector import Dissector
from conversation import CLIENT, SERVER, Conversation, renumbered

BOTH = tuple(DIALECTS.values())
CCX, CCE = BOTH
SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.pcapng"))
SIDES = {Side.CLIENT: CLIENT, Side.SERVER: SERVER}
#: Slots whose values speak for one dialect or the other.
TELLING = ("PeripheralID", "PeripheralType", "ServicesRequested", "ICMCentralControllerTime", "VersionNumber")
TOLD = (0, 1, 17, 21, 5000, 0x40000, 0x2000000, 9, 12, 14, 18, 20, 24)


def message(source: random.Random, protocol: Protocol, version: int) -> tuple[Message, bytes]:
    """Any message of a protocol, some of its fields being such as speak for one or the other."""
    declared = source.choice([one for one in protocol if one.fields_known and one.since <= version])
    fixed: dict[str, int | bytes] = {
        row.name: source.choice([value for value in TOLD if value < 1 << 8 * row.type.size])
        for row in declared.fixed
        if row.name in TELLING and row.since <= version and source.random() < 0.5
    }
    if source.random() < 0.8 and "VersionNumber" in fixed:
        fixed["VersionNumber"] = version
    rows = [row for row in declared.floating if row.in_version(version) and row.tag < 250]
    chosen = source.sample(rows, min(len(rows), source.randrange(4)))
    data = Encoder(protocol).encode(
        declared, fixed, [(row.tag, value_for(row, source.randrange(99))) for row in chosen], version=version
    )
    return declared, data


def mixed(seed: int, sessions: int = 8, most: int = 60) -> list[Segment]:
    """Sessions on ports that both use; some begin with an opening request, some with anything at all."""
    source = random.Random(seed)
    found: list[Segment] = []
    for number in range(sessions):
        protocol = source.choice(BOTH)
        version = source.choice(protocol.versions)
        port = source.choice((12028, 42027, 43027))
        talk = Conversation(ends=((b"\x0a\0\0\x01", 50001 + number), (b"\x0a\0\0\x09", port)))
        if source.random() < 0.8:
            talk.handshake()
        if source.random() < 0.7:
            opening = {"VersionNumber": version, "PeripheralID": source.choice((0, 1, 0xFFFFFFFF))}
            talk.send(CLIENT, Encoder(protocol).encode("OPEN_REQ", opening, version=version))
        for _ in range(source.randrange(most)):
            # Now and then something of the other dialect strays in.
            speaks = protocol if source.random() < 0.95 else source.choice(BOTH)
            declared, data = message(source, speaks, version)
            if source.random() < 0.1:
                data += message(source, speaks, version)[1]
            talk.send(SIDES[declared.sender], data)
        found += talk.close().segments if source.random() < 0.5 else talk.segments
    return renumbered(found)


def slowly(seed: int) -> list[Segment]:
    """Such sessions beside each other, at any pace: what waits for a sign, or behind a hole, waits its time."""
    source = random.Random(seed)
    talks: dict[frozenset[object], list[Segment]] = {}
    for segment in mixed(seed, most=20):
        talks.setdefault(frozenset([segment[2:4], segment[4:6]]), []).append(segment)
    found: list[Segment] = []
    while talks:
        ends = source.choice(list(talks))
        found.append(talks[ends].pop(0))
        if not talks[ends]:
            del talks[ends]
    found = [segment for segment in found if source.random() > 0.05]
    time = found[0].time
    for place, segment in enumerate(found):
        time += source.choice([1, 1, 1, 200, 700, 1_001, 3_000, 40_000, -5_000]) * 1_000_000
        found[place] = segment._replace(frame=place + 1, time=time)
    return found


#: In the last ones a clock jumps back between the first messages of two sessions, or two wait until the same segment.
@pytest.mark.parametrize("seed", [*range(12), 14, 36, 39, 41, 201, 206, 223])
def test_what_time_decides_is_decided_at_the_same_place(seed: int) -> None:
    assert_same_segments(slowly(seed), (1 << 20, 40, 7), BOTH)


@pytest.mark.parametrize("seed", range(12))
def test_it_is_the_same_whether_time_is_looked_at_often_or_only_with_the_next_segment(seed: int) -> None:
    """So that live traffic, where time passes by itself, reads as its capture does."""
    source = random.Random(seed)
    segments = slowly(seed)
    dissector = Dissector(BOTH, PORTS)
    found = []
    before = segments[0].time
    for segment in segments:
        for _ in range(source.randrange(4)):
            before += max(segment.time - before, 0) * source.randrange(101) // 100
            found += [told(event) for event in dissector.advance(before)]
        found += [told(event) for event in dissector.feed(segment)]
        before = segment.time
    assert found + [told(event) for event in dissector.flush()] == by_segments(segments, BOTH)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples(path: Path) -> None:
    assert_same_segments(list(read_segments(str(path), PORTS)), (1 << 20, 37), BOTH)


@pytest.mark.parametrize("seed", range(12))
def test_sessions_of_both(seed: int) -> None:
    assert_same_segments(mixed(seed), (1 << 20, 50), BOTH)


def test_an_end_that_is_in_doubt_no_longer_holds_nothing_up() -> None:
    """Two messages of a segment, the first of which ends in bytes of no field, before one of a type that is not known."""
    assert_same_segments(mixed(212), (7,), BOTH)


@pytest.mark.parametrize("seed", range(4))
def test_one_dialect_alone_by_columns(seed: int) -> None:
    assert_same_segments(mixed(seed), (1 << 20,), (CCE,))


@pytest.mark.parametrize("seed", [0, 2, 18])
def test_fuzzed_streams(seed: int) -> None:
    segments, _ = streams.made(seed)
    assert_same_segments(segments[:1200], (1 << 20, 37), BOTH)


def test_a_type_of_the_other_dialect_in_a_settled_session() -> None:
    opening = Encoder(CCX).encode("OPEN_REQ", {"VersionNumber": 14, "ServicesRequested": 0x40000}, version=14)
    beats = Encoder(CCX).encode("HEARTBEAT_REQ", {"InvokeID": 1}, version=14)
    talk = Conversation().handshake().send(CLIENT, opening)
    for number in sorted(CCE.by_number.keys() - CCX.by_number.keys()):
        talk.send(CLIENT, beats).send(SERVER, len(beats[8:]).to_bytes(4, "big") + number.to_bytes(4, "big") + beats[8:])
    assert_same_segments(talk.segments, (1 << 20, 3), BOTH)


@pytest.mark.parametrize("seed", range(8))
def test_signs_in_plain_messages(seed: int) -> None:
    """They count in the order in which they come, also for the other dialect, though no message is looked at by itself."""
    source = random.Random(seed)
    talk = Conversation().handshake()
    talk.send(CLIENT, Encoder(CCX).encode("OPEN_REQ", {"VersionNumber": 14, "ServicesRequested": 0x40000}, version=14))
    held = [one for one in CCX if one.fields_known and one.since <= 14 and {row.name for row in one.fixed} & {*TELLING}]
    told = [one for one in CCX if one.fields_known and one.since <= 14 and {5, 194} & set(one.tags)]
    for number in range(40):
        declared = source.choice([one for one in source.choice([held, told]) if one.name != "OPEN_REQ"])
        slots = {row.name: source.choice((0, 1, 17, 21)) for row in declared.fixed if row.name in TELLING[:-1]}
        tags = [(tag, str(number)) for tag in (5, 194) if tag in declared.tags and source.random() < 0.5]
        usual = [(row.tag, value_for(row, 1)) for row in declared.floating if row.tag < 3]
        data = Encoder(CCX).encode(declared, slots, [*usual, *tags], version=14)
        talk.send(SIDES[declared.sender], data)
    segments = renumbered(talk.close().segments)
    assert_same_segments(segments, (1 << 20, 7), BOTH)
    columns = ByColumns(BOTH)
    columns.segments(segments, 1 << 20)
    assert columns.columns.by_dissector < 10


def test_plain_sessions_take_the_quick_way_from_their_first_message_on() -> None:
    """Whichever dialect they speak: what is decoded by itself is what shows a version or a form, or may bear a sign."""
    for protocol, version in ((CCX, 14), (CCE, 24)):
        talk = Conversation().handshake()
        services = {"ServicesRequested": 0x40000 if protocol is CCX else 0x2000000}
        opening = {"VersionNumber": version, "PeripheralID": 0 if protocol is CCX else 0xFFFFFFFF, **services}
        talk.send(CLIENT, Encoder(protocol).encode("OPEN_REQ", opening, [("ClientID", "x")], version=version))
        beat = Encoder(protocol).encode("HEARTBEAT_REQ", {"InvokeID": 1}, version=version)
        for _ in range(500):
            talk.send(CLIENT, beat)
        columns = ByColumns(BOTH)
        found = columns.segments(talk.segments, 1 << 20)
        assert found == by_segments(talk.segments, BOTH)
        assert columns.columns.by_columns >= 498
        assert columns.columns.by_dissector <= 3


def test_every_message_of_the_usual_dialect_beside_the_other() -> None:
    talk = Conversation().handshake()
    talk.send(CLIENT, Encoder(CCX).encode("OPEN_REQ", {"VersionNumber": 14, "ServicesRequested": 0x40000}, version=14))
    for declared, version, form, layout in every_combination():
        if version == 14:
            talk.send(SERVER, build(declared, version, form, layout))
    assert_same_segments(talk.segments, (1 << 20, 40), BOTH)


def test_only_what_waits_for_a_sign_is_told_singly() -> None:
    """A session whose first messages speak for both is told by columns as soon as it waits no longer."""
    talk = Conversation(ends=((b"\x0a\0\0\x01", 50001), (b"\x0a\0\0\x09", 12028))).handshake()
    encoder = Encoder(CCX)
    talk.send(CLIENT, encoder.encode("OPEN_REQ", {"VersionNumber": 14, "PeripheralID": 7}, version=14))
    common = {one.number for one in CCX} & {one.number for one in CCE} - Weighing(BOTH).alike
    either = next(one for one in CCX if one.number in common and "EVENT" in one.name and one.since <= 14)
    for _ in range(300):
        talk.send(SERVER, encoder.encode(either, version=14))
    columns = ByColumns(BOTH)
    assert columns.segments(talk.segments, 1 << 20) == by_segments(talk.segments, BOTH)
    assert 10 < columns.columns.by_dissector <= MOST_WAITING + 2
