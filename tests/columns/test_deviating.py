"""Messages that deviate from their declarations, by columns: the first of each shape is looked at, and the others counted."""

from __future__ import annotations

import random

import numpy as np
import pytest
from analysis.test_deviating_traffic import traffic
from both_paths import ALONE
from both_results import _batches, assert_same_results, of_batches
from each import in_part

from building import ENCODER
from ccxdissect.analysis.findings import Findings
from ccxdissect.analysis.rules import RULES
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.capture.segment import Segment
from ccxdissect.codec import Encoder
from ccxdissect.codec.checks import Checker, check
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.distinct import distinct
from ccxdissect.columns.shapes import Shapes
from ccxdissect.protocol.codes import Code, Sense
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Kind, Mark, Message, Protocol, Side, Trait
from ccxdissect.sources.analyses import Asked
from ccxdissect.sources.in_bulk import Results
from ccxdissect.stream.events import Record
from conversation import CLIENT, SERVER, Conversation, renumbered

#: Odd in what decides by its value, by its length, by its number; by a field of its own that is missing.
FIELDS = [
    [("AgentID", "x")],
    [("AgentID", "y")],
    [("AgentID", "x" * 70)],
    [("AgentID", "x" * 71)],
    [("AgentID", "x"), ("AgentID", "x")],
    [("ClientPassword", "")],
    [("ClientPassword", "secret")],
    [],
]


def _talk(seed: int, messages: int = 300) -> Conversation:
    source = random.Random(seed)
    talk = Conversation(ends=((b"\x0a\0\0\x01", 50001 + seed), (b"\x0a\0\0\x09", 12028))).handshake()
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
    for number in range(messages):
        name, side = source.choice([("HEARTBEAT_REQ", CLIENT), ("HEARTBEAT_CONF", SERVER), ("SYSTEM_EVENT", SERVER)])
        fixed = {"InvokeID": number} if name != "SYSTEM_EVENT" else {"MonitorID": source.choice([0, 0, 5])}
        fixed = {key: value for key, value in fixed.items() if key in _names(name)}
        talk.send(side, ENCODER.encode(name, fixed, source.choice(FIELDS), version=14))
    return talk


def _names(name: str) -> set[str]:
    return {field.name for field in ENCODER.protocol.message(name).fixed}


@pytest.mark.parametrize("most", [1000, 12, 3])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.heavy) for seed in (1, 2))])
def test_the_same_results(seed: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many different ones each is told: from a place inside of a batch on."""
    monkeypatch.setattr("ccxdissect.analysis.findings.MOST_DIFFERENT", most)
    assert_same_results(traffic(seed), (1 << 20, 100))


@pytest.mark.parametrize("most", [1000, 6])
def test_sessions_that_end_and_stay_open(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccxdissect.analysis.findings.MOST_DIFFERENT", most)
    talks = [_talk(0).close().segments, _talk(1).segments, _talk(2).close().segments]
    mixed = [one for three in zip(*talks, strict=False) for one in three]
    rest = [one for talk in talks for one in talk[min(map(len, talks)) :]]
    assert_same_results(renumbered(mixed + rest), (1 << 20, 40))


def _asked_and_told(seed: int, protocol: Protocol, messages: int = 90) -> list[Segment]:
    """Sessions beside each other that ask, answer and tell of agents, about few of each, deviating in few ways: so that behind
    one that was looked at many are alike, and some of these are the matter of a rule, or have a field twice."""
    source, encoder = random.Random(seed), Encoder(protocol)
    asking = [one for one in protocol if one.kind is Kind.REQUEST and one.replies and one.fields_known]
    asking = source.sample([one for one in asking if not one.traits & Trait.OPENS], 4)
    replies = [protocol.message(name) for one in asking for name in one.replies[-1:]]
    others = [
        one for one in protocol if one.traits & (Trait.AGENT_STATE | Trait.FAILS) and one.kind is not Kind.REQUEST
    ]
    ways = [
        [("TrunkNumber", source.randrange(9))],
        [("AccountCode", "a" * source.randrange(41, 44))],
        [("TrunkNumber", 1), ("AccountCode", "a" * 45)],
        [("AgentID", "smith"), ("AgentID", "jones")],
        [("ClientPassword", "secret")],
    ]
    talks = []
    for session in range(3):
        talk = Conversation(ends=((b"\x0a\0\0\x01", 50001 + session), (b"\x0a\0\0\x09", protocol.ports[0]))).handshake()
        version = 14
        talk.send(CLIENT, encoder.encode("OPEN_REQ", {"VersionNumber": version}, version=version))
        for _ in range(messages):
            message = source.choice([*asking, *replies, *others])
            marked = [row for row in message.floating if row.mark & (Mark.AGENT | Mark.EXTENSION | Mark.INSTRUMENT)]
            fields = [(row.tag, str(2001 + source.randrange(3))) for row in marked[: source.randrange(3)]]
            fields += source.choice([[], [], *ways])
            side = CLIENT if message.sender is Side.CLIENT else SERVER
            talk.send(side, encoder.encode(message, _fixed(source, message), fields, version=version))
        talks.append(talk.close().segments if session else talk.segments)
    mixed = [one for three in zip(*talks, strict=False) for one in three]
    return renumbered(mixed + [one for talk in talks for one in talk[min(map(len, talks)) :]])


def _fixed(source: random.Random, message: Message) -> dict[str, int]:
    """Few numbers of requests; of constants also those by which an agent is lost; now and then a slot that should be constant."""
    found = {}
    for row in message.fixed:
        if row.mark & Mark.INVOKE_ID:
            found[row.name] = source.randrange(4)
        elif row.mark & (Mark.REASON | Mark.AGENT_STATE | Mark.STATUS) and row.codes is not None:
            lost = [code.value for code in row.codes if isinstance(code, Code) and code.sense is Sense.AGENT_LOST]
            found[row.name] = source.choice([1, 2, 3, *lost[:1]])
        elif row.reserved and row.constant is not None and row.type.size == 4 and source.random() < 0.1:
            found[row.name] = 5
    return found


@pytest.mark.parametrize("protocol", DIALECTS.values(), ids=list(DIALECTS))
@pytest.mark.parametrize("seed", in_part([2, 0, 1, 3, 4, 5, 6, 7, 8, 9], 1))
def test_what_deviates_is_paired_and_followed_as_what_does_not(seed: int, protocol: Protocol) -> None:
    segments = _asked_and_told(seed, protocol)
    assert_same_results(segments, (1 << 20, 37), (protocol,))
    told = of_batches(_batches(segments, 1 << 20, (protocol,)), "findings")
    assert sum("more time" in str(row) for row in told) > 10


@pytest.mark.parametrize("seed", in_part(range(6), 1))
def test_too_many_different_ones_among_what_is_paired(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccxdissect.analysis.findings.MOST_DIFFERENT", 3)
    assert_same_results(_asked_and_told(seed, ALONE[0]), (1 << 20, 37))


def test_where_no_rule_is_asked_of_messages_what_they_deviate_in_is_not_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """All are taken without records that have no field twice."""
    talk = Conversation().handshake()
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
    for number in range(60):
        fields = [("AccountCode", "x" * (60 + number))]
        talk.send(CLIENT, ENCODER.encode("QUERY_AGENT_STATE_REQ", {"InvokeID": number}, fields, version=14))
    seen: list[object] = []
    fed = Findings.feed
    monkeypatch.setattr(Findings, "feed", lambda self, one: seen.append(one) or fed(self, one))
    bulk = Results(["findings"], Asked(rules=RULES.across_servers()))
    assert [told for batch in _batches(talk.segments, 1 << 20, ALONE) for told in bulk.of(batch)] == []
    assert sum(isinstance(one, Record) for one in seen) < 5


def test_shapes_are_those_of_the_checker() -> None:
    """Messages are of one shape by columns just where the checker says that they deviate in the same."""
    segments = renumbered([one for seed in range(3) for one in traffic(seed)] + _talk(9).segments)
    shapes, deviations = Shapes(), Checker()
    told = 0
    for batch in _batches(segments, 500, ALONE):
        places = np.flatnonzero(batch.plan >= 0)
        first, which = shapes.of(batch, places)
        records = list(batch.rows(places))
        for record, kind in zip(records, which.tolist(), strict=True):
            if kind >= 0:
                like = records[int(np.flatnonzero(places == first[kind])[0])]
                assert check(record.decoded) == check(like.decoded)
                told += 1
        known = {
            (record.decoded.layout, record.decoded.version, deviations.deviations(record.decoded)) for record in records
        }
        # What no value decides is told apart no further than has to be.
        assert len(distinct(which)) <= 3 * len(known) + 1
    assert told > 500


@pytest.mark.parametrize("mixer", ["_MIXER", "_TURN"])
@pytest.mark.parametrize("differs", ["fixed", "tag", "length", "number"])
def test_two_shapes_in_one_number(differs: str, mixer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two shapes are mixed into one number, none is told."""
    monkeypatch.setattr(
        f"ccxdissect.columns.shapes.{mixer}", np.zeros(80, np.uint64) if mixer == "_TURN" else np.uint64(0)
    )
    talk = Conversation().handshake()
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
    for number in range(60):
        odd = number % 2
        fields = [("ConnectionDeviceID", "2001"), ("AccountCode", "x" * (60 + odd * (differs == "length")))]
        fields.append(("TrunkNumber" if odd and differs == "tag" else "TrunkGroupNumber", 5))
        fields += fields[-1:] * (odd and differs == "number")
        fixed = {"MonitorID": 5 + odd * (differs == "fixed")}
        talk.send(SERVER, ENCODER.encode("CALL_HELD_EVENT", fixed, fields, version=14))
    (batch,) = [one for one in _batches(talk.segments, 1 << 20, ALONE) if len(one)]
    places = np.flatnonzero((batch.plan >= 0) & (batch.side == 1))
    assert len(places) >= 58
    _, which = Shapes().of(batch, places)
    told = distinct(which).tolist()
    assert told == [-1] or (differs, mixer, told) in (("fixed", "_TURN", [0, 1]), ("number", "_TURN", [0, 1]))
    assert_same_results(talk.segments, (1 << 20,))


def test_where_too_many_differ_a_batch_is_not_begun_again_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccxdissect.analysis.findings.MOST_DIFFERENT", 6)
    talk = Conversation().handshake()
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
    for number in range(400):
        fields = [("ConnectionDeviceID", "2001"), ("AccountCode", "x" * (60 + number % 40))]
        talk.send(SERVER, ENCODER.encode("CALL_HELD_EVENT", {}, fields, version=14))
    batches = list(_batches(talk.segments, 1 << 20, ALONE))
    begun: list[object] = []
    rows = Batch.rows
    monkeypatch.setattr(Batch, "rows", lambda self, places: begun.append(self) or rows(self, places))
    of_batches(batches, "findings")
    # Once for the shapes, once for what is wanted, once more for what is wanted besides.
    assert len(begun) <= 3 * len(batches)


def test_few_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Conversation().handshake()
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
    event = ENCODER.protocol.message("CALL_HELD_EVENT")
    assert not Findings().concerns(event, ENCODER.protocol)
    for number in range(500):
        fields = [
            ("ConnectionDeviceID", "2001"),
            ("TrunkNumber", number % 10),
            ("AccountCode", "x" * (60 + number % 3)),
        ]
        talk.send(SERVER, ENCODER.encode("CALL_HELD_EVENT", {}, fields, version=14))
    seen: list[object] = []
    fed = Findings.feed
    monkeypatch.setattr(Findings, "feed", lambda self, one: seen.append(one) or fed(self, one))
    found = of_batches(_batches(talk.segments, 1 << 20, ALONE), "findings")
    assert any("499 more times" in str(row) for row in found)
    assert len(seen) < 20


def test_few_of_those_that_are_paired_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of each shape and session, and what rules say something of."""
    talk = Conversation().handshake()
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
    for number in range(300):
        odd = [("TrunkNumber", 5), ("AccountCode", "x" * (60 + number % 3))]
        request = [("AgentInstrument", "2001"), ("AgentID", "smith"), *odd]
        talk.send(CLIENT, ENCODER.encode("SET_AGENT_STATE_REQ", {"InvokeID": number}, request, version=14))
        talk.send(SERVER, ENCODER.encode("SET_AGENT_STATE_CONF", {"InvokeID": number}, odd, version=14))
        talk.send(SERVER, ENCODER.encode("AGENT_STATE_EVENT", {"AgentState": number % 3}, request, version=14))
    seen: list[object] = []
    fed = Findings.feed
    monkeypatch.setattr(Findings, "feed", lambda self, one: seen.append(one) or fed(self, one))
    found = of_batches(_batches(talk.segments, 1 << 20, ALONE), "findings")
    assert sum("more times" in str(row) for row in found) >= 6
    # Of requests to set a state every one is asked for who acts for the agent.
    names = [one.name for one in seen if isinstance(one, Record)]
    assert [names.count(name) for name in ("SET_AGENT_STATE_REQ", "SET_AGENT_STATE_CONF", "AGENT_STATE_EVENT")] == [
        300,
        3,
        3,
    ]


def test_what_they_are_about_is_read_by_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it, also where messages of their type that deviate in nothing are taken without their records."""
    read: list[object] = []
    alone = SubjectReader._read
    monkeypatch.setattr(SubjectReader, "_read", lambda self, *one: read.append(one) or alone(self, *one))
    of_batches(_batches(traffic(0), 1 << 20, ALONE), "findings")
    assert len(read) < 120


def test_a_marked_field_that_its_message_does_not_list_is_looked_at() -> None:
    """What another message is about is learned from it."""
    talk = Conversation().handshake()
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
    request = [("AgentInstrument", "2001"), ("AgentID", "smith")]
    talk.send(CLIENT, ENCODER.encode("SET_AGENT_STATE_REQ", {"InvokeID": 5}, request, version=14))
    for _ in range(30):
        talk.send(SERVER, ENCODER.encode("SYSTEM_EVENT", {}, [("AgentInstrument", "2001")], version=14))
    segments = talk.close().segments
    assert_same_results(segments, (1 << 20, 7))
    (row,) = [row for row in of_batches(_batches(segments, 1 << 20, ALONE), "exchanges") if row["invoke_id"] == 5]
    assert row["triggered"] == list(range(3, 33))
