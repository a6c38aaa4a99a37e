"""Connections kept by columns are as all others to whoever asks for them, or sends something to them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from both_paths import ALONE, ByColumns, table, told
from test_same_handshakes import counts
from test_same_lives import fed, life, lives, standing, together

from ccxdissect.capture.segment import Segment
from ccxdissect.columns import lasting as kept
from ccxdissect.columns.delivery import Delivered, Deliverer
from ccxdissect.columns.headers import Addresses
from ccxdissect.columns.lasting import LastingFlow
from ccxdissect.stream.connections import Connections
from ccxdissect.stream.reassembly import Limits
from conversation import ACK, CLIENT, FIN, SERVER, START, SYN, Conversation, six

_SECOND = 10**9


def placed(talks: Sequence[Sequence[Segment]], step: int = 10**6) -> list[Segment]:
    """What was said, one after the other, as it was captured."""
    found = [one for talk in talks for one in talk]
    return [
        one._replace(frame=place + 1, time=START + place * step, seq=one.seq % 2**32, ack=one.ack % 2**32)
        for place, one in enumerate(found)
    ]


def talks(count: int, host: bytes = b"\x0a\0\1") -> list[Conversation]:
    """Sessions that say something and go on, of clients whose addresses begin so."""
    found = []
    for number in range(count):
        ends = (host + bytes([number]), 40001), (host + b"\xf9", 42027)
        found.append(Conversation((100 * number, 2**32 - 3), ends).handshake().send(CLIENT, six()[0]))
    return found


def test_what_is_asked_of_one_is_there() -> None:
    segments = placed([one.segments for one in talks(4)])
    columns = ByColumns(ALONE).columns
    list(columns.tell(table(segments, Addresses())))
    ones = columns.dissector.connections.open_ones
    assert all(type(flow) is LastingFlow for one in ones for flow in one.flows)
    known = [[flow.tally.counts() for flow in one.flows] for one in ones]
    lasts = [(one.end, one.last_frame) for one in ones]
    for one in ones:
        client, server = one.flows
        assert (client.key, server.key) == (server.key[2:] + server.key[:2], client.key[2:] + client.key[:2])
        assert client.delivered == client.payload == len(six()[0]) and client.fast == client.expected
        assert not any(type(flow) is LastingFlow for flow in one.flows)
    assert [[flow.tally.counts() for flow in one.flows] for one in ones] == known
    assert [(one.end, one.last_frame) for one in ones] == lasts
    assert standing(columns.dissector) == fed(segments)[2]


def test_what_was_forgotten_is_not_there() -> None:
    talk = talks(1)[0]
    for side, flags in ((CLIENT, FIN | ACK), (SERVER, FIN | ACK), (CLIENT, ACK)):
        talk.add(side, flags)
    others = [one._replace(time=START + 90 * _SECOND) for one in placed([talks(2)[1].segments])]
    columns, addresses = ByColumns(ALONE).columns, Addresses()
    connections = columns.dissector.connections
    list(columns.tell(table(placed([talk.segments]), addresses)))
    (ended,) = connections._lingering
    one, other = ended.flows
    sent = [flow.tally.counts() for flow in ended.flows]
    known = ended.state.known
    list(columns.tell(table(others, addresses)))
    assert not connections._lingering and (one.row, other.row) == (-1, -1)
    assert [tally.counts() for tally in known.tallies] == sent
    with pytest.raises(AttributeError):
        one.position  # noqa: B018
    # The row is another one's by now, or nobody's.
    again = placed([talk.segments])
    list(columns.tell(table([one._replace(time=START + 91 * _SECOND) for one in again], addresses)))
    assert connections.count == 3


def test_endpoints_that_are_mixed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "mixture", lambda low, _: np.asarray(low % 3, np.uint64))
    for seed in range(4):
        segments = lives(seed)
        wanted = fed(segments)
        for size in (1 << 20, 50):
            assert together(segments, size) == wanted


def test_addresses_that_are_numbered_anew() -> None:
    # Those of IPv6 are counted as they come.
    talk, other = talks(1, b"\xfd" + bytes(14))[0], talks(1)[0]
    begins = talk.segments.copy()
    goes_on = talk.send(SERVER, six()[1]).segments[-1:]
    segments = placed([begins, other.segments, goes_on])
    columns = ByColumns(ALONE, Limits(linger=2 * _SECOND)).columns
    said: list[object] = []
    events = []
    for part in (segments[: len(begins)], segments[len(begins) :]):
        for batch in columns.tell(table(part, Addresses())):
            for event in batch.all_events():
                said.append(told(event))
                events.append(event)
    assert (said, counts(events), standing(columns.dissector)) == fed(segments)


def test_what_is_told_singly_finds_them() -> None:
    source = random.Random(3)
    for seed in range(6):
        segments = lives(seed)
        columns, addresses = ByColumns(ALONE, Limits(linger=2 * _SECOND)).columns, Addresses()
        events = []
        for start in range(0, len(segments), 40):
            columns._singly = source.random() < 0.3
            for batch in columns.tell(table(segments[start : start + 40], addresses)):
                events += list(batch.all_events())
        assert ([told(one) for one in events], counts(events), standing(columns.dissector)) == fed(segments)


def test_more_than_there_is_room_for() -> None:
    segments = placed([life(random.Random(number), number) for number in range(100)], 10**7)
    for most in (16, 40):
        limits = Limits(connections=most, linger=2 * _SECOND)
        said = []
        for size in (1, 30, 1 << 20):
            columns, addresses = ByColumns(ALONE, limits).columns, Addresses()
            events = []
            for start in range(0, len(segments), size):
                for batch in columns.tell(table(segments[start : start + size], addresses)):
                    events += list(batch.all_events())
            said.append(([told(one) for one in events], counts(events), standing(columns.dissector)))
        assert said[1:] == said[:1] * 2


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_chunk_ends_anywhere(cut: int, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = talks(1)[0].send(SERVER, six()[1])
    for side, flags in ((CLIENT, FIN | ACK), (SERVER, ACK), (SERVER, FIN | ACK), (CLIENT, ACK)):
        talk.add(side, flags)
    others = [one.segments for one in talks(4)[1:]]
    cut = min(cut, len(talk.segments) - 1)
    segments = placed([*others[:1], talk.segments[:cut], others[1], talk.segments[cut:], *others[2:]])
    at = len(others[0]) + cut
    plainly: list[bool] = []
    deliver = Deliverer.deliver

    def delivered(self: Deliverer) -> Delivered:
        found = deliver(self)
        plainly.append(self._plain is not None)
        return found

    monkeypatch.setattr(Deliverer, "deliver", delivered)
    assert in_two(segments, at) == fed(segments)
    # Between two FINs with an acknowledgement by itself three segments have to be fed.
    fins = [place for place, one in enumerate(talk.segments) if one.flags & FIN]
    if cut != fins[0] + 1:
        assert all(plainly), cut


def test_many_are_forgotten_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[int] = []
    forget_by = Connections.forget_by

    def forgets(self: Connections, now: int) -> object:
        found = forget_by(self, now)
        forgotten.append(len(found or ()))
        return found

    monkeypatch.setattr(Connections, "forget_by", forgets)
    for step in (10**7, 3 * 10**7):
        ended = []
        for talk in talks(30):
            for side, flags in ((SERVER, FIN | ACK), (CLIENT, FIN | ACK), (SERVER, ACK)):
                talk.add(side, flags)
            ended.append(talk.segments)
        segments = placed(ended, step)
        for size in (35, 21):
            assert together(segments, size) == fed(segments)
    assert sum(forgotten) > 10


def _nearly_answered(talk: Conversation) -> None:
    talk.add(CLIENT, ACK)
    early = talk.segments.pop()
    talk.segments.append(early._replace(ack=early.ack + 100))


def _finishes_and_probes(talk: Conversation) -> None:
    talk.add(SERVER, FIN | ACK)
    last = talk.add(CLIENT, ACK)
    talk.segments[-1] = last._replace(seq=last.seq - 2)


def _finishes_and_says_more(talk: Conversation) -> None:
    talk.add(SERVER, FIN | ACK)
    talk.add(CLIENT, ACK, six()[1])


def _finishes_twice(talk: Conversation) -> None:
    talk.add(SERVER, FIN | ACK)
    talk.add(SERVER, FIN | ACK)


def _begins_again_and_probes(talk: Conversation) -> None:
    last = talk.add(CLIENT, ACK)
    again = last._replace(seq=last.seq + 10**6, ack=0, flags=SYN)
    talk.segments[-1:] = [again, last._replace(seq=last.seq - 2)]


@pytest.mark.parametrize(
    "odd", [_finishes_and_probes, _finishes_and_says_more, _finishes_twice, _begins_again_and_probes]
)
def test_two_that_have_to_be_fed(odd: Callable[[Conversation], None]) -> None:
    talk, other = talks(2)
    talk.add(CLIENT, FIN | ACK)
    cut = len(talk.segments)
    odd(talk)
    segments = placed([other.segments[:2], talk.segments[:cut], other.segments[2:], talk.segments[cut:]])
    assert in_two(segments, 2 + cut) == fed(segments)


def test_an_answer_to_something_else() -> None:
    talk = Conversation((100, 900), ((b"\x0a\0\1\7", 40001), (b"\x0a\0\0\x09", 42027)))
    talk.add(CLIENT, SYN)
    answer = talk.add(SERVER, SYN | ACK)
    talk.segments[-1] = answer._replace(ack=answer.ack + 7)
    talk.add(CLIENT, ACK)
    talk.send(CLIENT, six()[0]).send(SERVER, six()[1])
    segments = placed([talk.segments])
    assert in_two(segments, 1) == fed(segments)


def test_an_answer_that_is_not_the_first_word_of_a_side() -> None:
    ends = (b"\x0a\0\1\7", 40001), (b"\x0a\0\0\x09", 42027)
    talk = Conversation((100, 900), ends)
    talk.add(CLIENT, SYN)
    _nearly_answered(talk)
    cut = len(talk.segments)
    talk.add(SERVER, SYN | ACK)
    talk.add(CLIENT, ACK)
    talk.send(CLIENT, six()[0]).send(SERVER, six()[1])
    segments = placed([talk.segments])
    assert in_two(segments, cut) == fed(segments)


def in_two(segments: Sequence[Segment], at: int) -> tuple[list[object], list[str], list[dict[str, object]]]:
    """What comes of them in two chunks, of which the second begins there."""
    columns, addresses = ByColumns(ALONE, Limits(linger=2 * _SECOND)).columns, Addresses()
    said: list[object] = []
    events = []
    for part in (segments[:at], segments[at:]):
        for batch in columns.tell(table(part, addresses)):
            for event in batch.all_events():
                # What is known of its session is what is known by then.
                said.append(told(event))
                events.append(event)
    return said, counts(events), standing(columns.dissector)
