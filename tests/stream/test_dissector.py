"""Messages out of TCP as it really is: the faults that captures have, and what must come out of each."""

from __future__ import annotations

import gc
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from building import ENCODER
from ccxdissect.capture.segment import Segment
from ccxdissect.codec import ONE_ONE, TWO_ONE, TWO_TWO, FloatingForm, proposed
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.connection import Flow
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Endpoint, NoteKind, Record, SessionState
from ccxdissect.stream.framing import Framer
from ccxdissect.stream.reassembly import RECENT_SEGMENTS, Limits
from ccxdissect.wording.losses import say
from conversation import (
    ACK,
    CLIENT,
    ENDS,
    PSH,
    RST,
    SERVER,
    Conversation,
    dissect,
    ids,
    law_holds,
    losses,
    names,
    records,
    renumbered,
    sessions,
    six,
)

ALL = [1, 2, 3, 4, 5, 6]
STREAM = b"".join(six())


def cut_into(size: int | None) -> list[Segment]:
    return Conversation().handshake().send(CLIENT, STREAM, size).close().segments


@pytest.mark.parametrize("size", [None, 1, 3, 7, 8, 40, 60])
def test_segments_of_any_size_give_six(size: int | None) -> None:
    events = dissect(cut_into(size))
    assert ids(events) == ALL
    assert not losses(events)
    assert all(law_holds(session) for session in sessions(events))


def test_one_message_a_segment_gives_six_each_with_its_frame() -> None:
    conversation = Conversation().handshake()
    for message in six():
        conversation.send(CLIENT, message)
    events = dissect(conversation.segments)
    assert ids(events) == ALL
    assert [record.frame for record in records(events)] == [4, 5, 6, 7, 8, 9]


def test_messages_out_of_order_are_given_in_the_order_of_the_stream() -> None:
    segments = cut_into(40)
    segments[5], segments[6] = segments[6], segments[5]
    assert ids(dissect(renumbered(segments))) == ALL
    whole = Conversation().handshake()
    for message in six():
        whole.send(CLIENT, message)
    swapped = whole.segments
    swapped[5], swapped[6] = swapped[6], swapped[5]
    events = dissect(renumbered(swapped))
    assert ids(events) == ALL
    assert [record.frame for record in records(events)] == [4, 5, 7, 7, 8, 9]


def test_sequence_numbers_wrap_inside_a_message() -> None:
    for isn in range(2**32 - 150, 2**32, 10):
        conversation = Conversation((isn, isn)).handshake().send(CLIENT, STREAM, 11)
        assert ids(dissect(conversation.segments)) == ALL


def test_retransmissions_are_counted_and_given_once() -> None:
    segments = cut_into(40)
    events = dissect(renumbered([segment for one in segments for segment in (one, one)]))
    assert ids(events) == ALL
    (session,) = sessions(events)
    assert session.sent[Side.CLIENT].duplicate == len(STREAM)
    assert law_holds(session)


def test_an_overlap_that_differs_keeps_the_first_bytes_and_is_reported() -> None:
    conversation = Conversation().handshake()
    first = conversation.send(CLIENT, STREAM[:50]).segments[-1]
    changed = first._replace(seq=first.seq + 20, payload=b"\xff" * 30 + STREAM[50:60])
    conversation.segments.append(changed)
    conversation.at[CLIENT] += 10
    conversation.send(CLIENT, STREAM[60:])
    events = dissect(renumbered(conversation.segments))
    assert ids(events) == ALL
    (session,) = sessions(events)
    assert law_holds(session)
    assert session.noted == {NoteKind.CONFLICT: 1}


def test_a_keep_alive_byte_is_no_message() -> None:
    conversation = Conversation().handshake()
    conversation.send(CLIENT, STREAM[:30])
    last = conversation.segments[-1]
    conversation.segments.append(last._replace(seq=last.seq + 29, payload=b"\0"))
    conversation.send(CLIENT, STREAM[30:])
    assert ids(dissect(renumbered(conversation.segments))) == ALL


@pytest.mark.parametrize("again", [5, 500_000])
def test_port_reuse_with_a_new_isn_gives_two_sessions(again: int) -> None:
    first = Conversation((100_000, 200_000)).handshake().send(CLIENT, STREAM)
    second = Conversation((again, again)).handshake().send(CLIENT, STREAM)
    events = dissect(renumbered(first.segments + second.segments))
    assert ids(events) == ALL + ALL
    assert [record.session.number for record in records(events)] == [1] * 6 + [2] * 6


def test_a_gap_inside_a_message_loses_that_message_only() -> None:
    segments = cut_into(10)
    del segments[3 + 8]
    events = dissect(segments)
    assert ids(events) == [1, 3, 4, 5, 6]
    assert [loss.missing for loss in losses(events) if loss.missing] == [10]
    skipped = [say(loss) for loss in losses(events) if loss.skipped]
    assert skipped[0].startswith("ANSWER_CALL_REQ is cut after"), skipped
    (session,) = sessions(events)
    assert law_holds(session)
    assert session.sent[Side.CLIENT].missing == 10


def test_a_gap_that_is_a_whole_message_loses_nothing_else() -> None:
    conversation = Conversation().handshake()
    for message in six():
        conversation.send(CLIENT, message)
    del conversation.segments[5]
    events = dissect(conversation.close().segments)
    assert ids(events) == [1, 2, 4, 5, 6]
    assert len(losses(events)) == 1


def test_a_gap_over_several_messages_resynchronises_on_the_next_header() -> None:
    segments = cut_into(10)
    del segments[3 + 9 : 3 + 14]
    events = dissect(segments)
    assert ids(events)[-2:] == [5, 6]
    assert any("next plausible header" in say(loss) for loss in losses(events))
    assert all(law_holds(session) for session in sessions(events))


def test_a_capture_that_begins_inside_a_message_gives_all_messages_after_it() -> None:
    segments = cut_into(10)[3 + 4 :]
    events = dissect(segments)
    assert ids(events) == [2, 3, 4, 5, 6]
    assert say(losses(events)[0]) == "the capture begins inside a message: passed over up to the next plausible header"
    assert records(events)[0].decoded.version is None


def test_a_capture_that_begins_between_messages_gives_the_first_at_once() -> None:
    conversation = Conversation()
    for message in six():
        conversation.send(CLIENT, message)
    events = dissect(conversation.segments)
    assert ids(events) == ALL
    assert [record.frame for record in records(events)] == ALL


def test_a_reset_inside_a_message_gives_the_whole_ones_and_a_note() -> None:
    conversation = Conversation().handshake().send(CLIENT, STREAM[:-6])
    conversation.add(SERVER, RST)
    events = dissect(conversation.segments)
    assert ids(events) == [1, 2, 3, 4, 5]
    assert say(losses(events)[-1]) == "CLOSE_REQ is cut after 2 of its 8 body bytes: the session ends (reset) there"
    (session,) = sessions(events)
    assert (session.ended_by, session.ended_side) == ("reset", Side.SERVER)


def test_an_absurd_length_costs_one_message() -> None:
    messages = six()
    messages[2] = b"\x7f\xff\xff\xff" + messages[2][4:]
    events = dissect(Conversation().handshake().send(CLIENT, b"".join(messages)).segments)
    assert ids(events) == [1, 2, 4, 5, 6]
    assert "claims 2147483647 bytes" in say(losses(events)[0])


def test_an_unknown_type_is_shown_and_costs_nothing() -> None:
    messages = six()
    messages[2] = messages[2][:4] + (999).to_bytes(4, "big") + messages[2][8:]
    events = dissect(Conversation().handshake().send(CLIENT, b"".join(messages)).segments)
    assert names(events)[2] == "UNKNOWN_999"
    assert len(records(events)) == 6


def test_bytes_that_the_snap_length_cut_are_missing_and_the_others_decode() -> None:
    conversation = Conversation().handshake()
    for message in six():
        conversation.send(CLIENT, message)
    short = [
        segment._replace(payload=segment.payload[:36], cut=max(len(segment.payload) - 36, 0))
        for segment in conversation.close().segments
    ]
    events = dissect(short)
    assert ids(events) == [2, 3, 4, 5, 6]
    (session,) = sessions(events)
    assert law_holds(session)
    assert session.sent[Side.CLIENT].missing == len(six()[0]) - 36
    (cut,) = [loss for loss in losses(events) if loss.skipped]
    assert say(cut).startswith("OPEN_REQ is cut after 28 of its")
    # What is there decodes.
    assert cut.partial is not None
    assert (cut.partial.fixed["InvokeID"], cut.partial.fixed["VersionNumber"]) == (1, 14)
    assert (session.version, session.version_said) == (14, True)


def test_a_length_that_swallows_the_next_header_costs_two_messages_at_most() -> None:
    messages = six()
    messages[2] = (len(messages[2]) - 8 + 5).to_bytes(4, "big") + messages[2][4:]
    events = dissect(Conversation().handshake().send(CLIENT, b"".join(messages)).segments)
    assert ids(events) == ALL
    assert records(events)[2].problems
    assert all(law_holds(session) for session in sessions(events))


def test_the_server_is_found_by_its_messages_when_ports_do_not_tell() -> None:
    ends = ((b"\x0a\0\0\x01", 1024), (b"\x0a\0\0\x09", 50000))
    conversation = Conversation(ends=ends)
    conversation.send(CLIENT, b"".join(six()))
    events = dissect(conversation.segments)
    assert ids(events) == ALL
    assert {record.sender for record in records(events)} == {Side.CLIENT}
    assert records(events)[0].src == "10.0.0.1:1024"


def test_version_and_form_are_kept_for_the_session() -> None:
    for version, form in ((14, ONE_ONE), (18, TWO_ONE), (18, TWO_TWO)):
        opening = ENCODER.encode(
            "OPEN_REQ",
            {"VersionNumber": version},
            [("ClientID", "a"), ("ClientPassword", "")],
            version=version,
            form=form,
        )
        event = ENCODER.encode("CALL_HELD_EVENT", {}, [("ConnectionDeviceID", "1")], version=version, form=form)
        events = dissect(Conversation().handshake().send(CLIENT, opening).send(SERVER, event).segments)
        (session,) = sessions(events)
        assert (session.version, session.version_said, session.form) == (version, True, form)
        assert not any(record.problems for record in records(events))


def test_a_session_without_a_byte_is_still_a_session() -> None:
    conversation = Conversation()
    conversation.add(CLIENT, 2)
    conversation.add(SERVER, RST | ACK)
    (session,) = sessions(dissect(conversation.segments))
    assert (session.ended_by, session.client, session.server) == ("refused", "10.0.0.1:50001", "10.0.0.9:12028")


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.booleans())
def test_any_segmentation_gives_the_same_messages(source: random.Random, shuffled: bool) -> None:
    conversation = Conversation((source.randrange(2**32), 1)).handshake()
    rest = STREAM
    while rest:
        size = source.choice([1, 2, 7, 8, 9, 40, 200])
        conversation.send(CLIENT, rest[:size])
        rest = rest[size:]
    segments = conversation.segments
    if shuffled:
        data = segments[3:]
        data += source.sample(data, len(data) // 2)
        source.shuffle(data)
        segments = segments[:3] + data
    events = dissect(renumbered(segments))
    assert ids(events) == ALL
    assert not losses(events)
    assert all(law_holds(session) for session in sessions(events))


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([0.02, 0.2]))
def test_whatever_is_lost_or_damaged_the_byte_law_holds(source: random.Random, rate: float) -> None:
    conversation = Conversation().handshake().send(CLIENT, STREAM * 3, source.choice([5, 33, 90]))
    segments = []
    for segment in conversation.segments:
        if source.random() < rate:
            continue
        payload = bytearray(segment.payload)
        if payload and source.random() < rate:
            payload[source.randrange(len(payload))] ^= 1 << source.randrange(8)
        segments.append(segment._replace(payload=bytes(payload)))
    events = dissect(segments)
    fed = sum(len(segment.payload) for segment in segments)
    found = sessions(events)
    assert all(law_holds(session) for session in found)
    assert sum(sent.payload for session in found for sent in session.sent.values()) == fed
    numbers = [event.number for event in events if isinstance(event, Record)]
    assert numbers == sorted(numbers)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([CLIENT, SERVER]), st.binary(max_size=80)), max_size=12), st.booleans())
def test_any_bytes_at_all_are_accounted_for(pieces: list[tuple[int, bytes]], shaken: bool) -> None:
    conversation = Conversation()
    if shaken:
        conversation.handshake()
    for side, data in pieces:
        conversation.add(side, PSH | ACK, data)
    found = sessions(dissect(conversation.segments))
    assert all(law_holds(session) for session in found)


def _alive() -> int:
    """How many directions of connections, and cutters of messages, are kept by anybody."""
    gc.collect()
    return sum(isinstance(one, (Flow, Framer)) for one in gc.get_objects())


def test_a_session_that_ended_long_ago_is_all_that_is_left_of_its_connection() -> None:
    """Analyses remember sessions: what they remember is counts, which strays still change for a while, and no buffers."""
    others = _alive()
    dissector = Dissector(UCCX_CTI)
    segments = Conversation().handshake().send(CLIENT, STREAM).close().segments
    given = [event for segment in segments for event in dissector.feed(segment)]
    [session] = sessions(given)
    stray = segments[3]._replace(time=segments[-1].time + 59 * 10**9)
    dissector.feed(stray)
    assert _alive() == others + 2
    dissector.advance(stray.time + 2 * 10**9)
    del dissector
    assert _alive() == others
    sent = session.sent[Side.CLIENT]
    assert (sent.payload, sent.decoded, sent.duplicate) == (2 * len(STREAM), len(STREAM), len(STREAM))


def test_messages_that_share_a_segment_stand_one_behind_the_other() -> None:
    sent = six()[::2]
    (first, second, third) = records(dissect(Conversation().handshake().send(CLIENT, b"".join(sent)).segments))
    assert [one.offset for one in (first, second, third)] == [0, len(sent[0]), len(sent[0]) + len(sent[1])]


def _learned(*steps: tuple[int, int | None, FloatingForm | None]) -> SessionState:
    end = Endpoint("10.0.0.1", 1)
    known = SessionState(1, end, end, 0, 0)
    for number, version, form in steps:
        Dissector(UCCX_CTI).learn(known, number, version, form)
    return known


OPEN_REQ, HEARTBEAT_CONF = 3, 6


def test_what_is_learned_of_a_session() -> None:
    narrow, wide = proposed(UCCX_CTI, 14)[0], proposed(UCCX_CTI, 18)[0]
    assert narrow is not wide
    # A message without floating fields tells nothing of their form.
    assert _learned((HEARTBEAT_CONF, None, narrow), (HEARTBEAT_CONF, None, None)).form is narrow
    # Another version has other forms.
    assert _learned((HEARTBEAT_CONF, None, narrow), (OPEN_REQ, 18, None)).form is None
    # One message that reads otherwise than its version has it does not make the others read so.
    assert _learned((OPEN_REQ, 14, narrow), (HEARTBEAT_CONF, 14, wide)).form is narrow


@pytest.mark.parametrize("when", ["_COLLECTED", "_COLLECTED_AFTER"])
def test_connections_that_are_forgotten_are_let_go_though_nobody_collects(
    when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They refer to each other in rings, and a run of a command collects so seldom that all of them would stay: there are
    so many of them (each has one message here), or so many messages."""
    monkeypatch.setattr(f"ccxdissect.stream.dissector.{when}", 1_024)
    dissector = Dissector(UCCX_CTI, limits=Limits(connections=32))
    gc.collect()
    before = sum(isinstance(one, Flow) for one in gc.get_objects())
    gc.disable()
    try:
        for number in range(1_000, 1_000 + 3 * RECENT_SEGMENTS):
            talk = Conversation(ends=((b"\x0a\0\0\x02", number), ENDS[1])).handshake().send(CLIENT, six()[0])
            for segment in talk.segments:
                dissector.feed(segment)
        assert dissector.connections.count == 3 * RECENT_SEGMENTS
        assert sum(isinstance(one, Flow) for one in gc.get_objects()) - before <= 2 * (32 + 1_024 + RECENT_SEGMENTS)
    finally:
        gc.enable()
