"""Analyses that see only the messages that concern them give what they give of all: exchanges, findings, figures, summaries."""

from __future__ import annotations

import random
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bench.traffic import write
from both_paths import ALONE
from both_results import _batches, assert_same_results, of_batches, of_file
from each import in_part
from fuzz import streams
from stream.test_encapsulations import ROWS

from building import ENCODER
from ccxdissect.analysis.exchanges import Exchanges
from ccxdissect.analysis.findings import Findings
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.capture.segment import Segment
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.sources import subject_columns
from ccxdissect.stream.events import Event, Record
from conversation import CLIENT, SERVER, Conversation, renumbered

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pcapng")), ids=lambda path: path.stem)
def test_samples(path: Path) -> None:
    assert_same_results(of_file(str(path)), (1 << 20, 20), tuple(DIALECTS.values()))


@pytest.mark.parametrize("remembered", [(1, 100), (3, 6), (4096, 1)])
def test_what_values_are_remembered_changes_nothing(
    remembered: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fields of one type share the values of their bytes, however few of them, and however short ones, are remembered."""
    segments = of_file(str(SAMPLES / "queued-call.pcapng"))
    wanted = of_batches(_batches(segments, 1 << 20, ALONE), "calls")
    monkeypatch.setattr(subject_columns, "_REMEMBERED", remembered[0])
    monkeypatch.setattr(subject_columns, "_LONG", remembered[1])
    assert of_batches(_batches(segments, 1 << 20, ALONE), "calls") == wanted and wanted


@pytest.mark.parametrize("size", in_part([3, 1 << 20], 0))
def test_every_fault(size: int) -> None:
    for segments, _ in ROWS.values():
        assert_same_results(renumbered(segments), (size,))


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("swapped", [None, 1, 2, 5])
@pytest.mark.parametrize("again", [None, 0, 3, 5])
def test_a_slow_reply_is_explained_by_what_was_seen_before_it(
    again: int | None, swapped: int | None, back: bool, whole: bool
) -> None:
    """By columns more is known by then: what came behind it in the same batch, also when the clock is put back there. Of a
    connection that was captured whole only what is odd is fed segment by segment."""
    talk = Conversation().handshake().send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
    for number in (1, 2, 3):
        talk.send(CLIENT, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": number}, version=14))
    talk.send(SERVER, ENCODER.encode("HEARTBEAT_CONF", {"InvokeID": 1}, version=14))
    for number in (5, 6, 7):
        talk.send(CLIENT, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": number}, version=14))
    talk.send(SERVER, ENCODER.encode("HEARTBEAT_CONF", {"InvokeID": 2}, version=14))
    before, made = (talk.segments[:3] if whole else []), talk.segments[3:]
    reply = made[4]
    # Two messages of the client change places, and its opening request comes again, before the reply or behind it.
    if swapped is not None:
        made[swapped : swapped + 2] = made[swapped + 1], made[swapped]
    if again is not None:
        made.insert(again + 1, made[0])
    made = before + made
    late = made.index(reply)
    # Each comes later than a copy of a packet would.
    times = [10**18 + place * 2 * 10**7 + (place >= late) * 5 * 10**9 for place in range(len(made))]
    if back:
        times[late + 1 :] = [time - 2 * 10**9 for time in times[late + 1 :]]
    segments = [one._replace(frame=place + 1, time=times[place]) for place, one in enumerate(made)]
    assert_same_results(segments, (1 << 20, 3))
    found, _ = [row for row in of_batches(_batches(segments, 1 << 20, ALONE), "findings") if row[1] == "slow-reply"]
    how = ["sent again"] * (again in (0, 3)) + ["out of order"] * (swapped in (1, 2))
    assert (f"segments {' and '.join(how)} by then" in str(found)) == bool(how)
    assert ("segments" in str(found)) == bool(how)


@pytest.mark.parametrize("between", [0, 1, 4])
def test_a_call_that_a_request_makes_is_told_by_the_confirmation(between: int) -> None:
    """Confirmations concern calls only while one is waited for: also where it comes in a later batch than the request, behind
    others that nobody asked for, and among further requests."""

    def confirm(request: int, call: int) -> None:
        told = {"InvokeID": request, "NewCallID": call}
        talk.send(SERVER, ENCODER.encode("MAKE_CALL_CONF", told, [("NewConnectionDeviceID", "2001")], version=14))

    def pause() -> None:
        for number in range(between):
            talk.send(CLIENT, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 100 + number}, version=14))

    talk = Conversation().handshake().send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
    confirm(1, 70)
    for request, dialed in ((1, "7001"), (2, "7002")):
        dials = [("AgentInstrument", "2001"), ("DialedNumber", dialed)]
        talk.send(CLIENT, ENCODER.encode("MAKE_CALL_REQ", {"InvokeID": request}, dials, version=14))
        pause()
    confirm(3, 71)
    pause()
    for request in (2, 1, 1):
        confirm(request, 72 + request)
        pause()
    sizes = (1 << 20, 1, 2, 3)
    assert_same_results(talk.segments, sizes)
    for size in sizes:
        told = of_batches(_batches(talk.segments, size, ALONE), "calls")
        assert [(call["call"], call["to"]) for call in told] == [(74, "7002"), (73, "7001")]


# Of 3, 12 and 16 it was told what TCP showed only later in the same batch.
@pytest.mark.parametrize("seed", in_part([3, 16, 22, 0, 5, 12, 40], 1))
def test_fuzzed_streams(seed: int) -> None:
    assert_same_results(streams.made(seed)[0][:1000])


@pytest.mark.parametrize("before", [0, 3])
def test_a_call_that_begins_is_waited_for_from_batch_to_batch(before: int) -> None:
    """By it the next request about the call ends what the one that made it led to: at once, and not five seconds later."""
    talk = Conversation().handshake().send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))

    def send(side: Any, name: str, fixed: dict[str, int], *fields: tuple[str, str]) -> None:
        talk.send(side, ENCODER.encode(name, fixed, fields, version=14))

    for call in range(before):
        send(SERVER, "BEGIN_CALL_EVENT", {"CallID": call}, ("ConnectionDeviceID", "2001"))
    send(CLIENT, "MAKE_CALL_REQ", {"InvokeID": 1}, ("AgentInstrument", "2001"), ("DialedNumber", "2002"))
    send(SERVER, "MAKE_CALL_CONF", {"InvokeID": 1, "NewCallID": 7})
    send(SERVER, "BEGIN_CALL_EVENT", {"CallID": 7}, ("ConnectionDeviceID", "2001"))
    send(CLIENT, "CLEAR_CALL_REQ", {"InvokeID": 2, "CallID": 7})
    send(SERVER, "CLEAR_CALL_CONF", {"InvokeID": 9})
    late = len(talk.segments) - 4
    segments = [
        one._replace(frame=place + 1, time=10**18 + place * 10**6 + (place >= late) * 3 * 10**9)
        for place, one in enumerate(talk.segments)
    ]
    assert_same_results(segments, (1 << 20, 1, 2, 3))
    rules = [row[1] for row in of_batches(_batches(segments, 1, ALONE), "findings")]
    assert rules.index("slow-reply") < rules.index("unrequested-reply")


@cache
def _day() -> list[Segment]:
    """Some seconds of the benchmark's day: what agents ask for is answered, and told of."""
    with tempfile.TemporaryDirectory() as folder:
        write(str(Path(folder, "day.pcap")), 400)
        return of_file(str(Path(folder, "day.pcap")))


def test_a_usual_day() -> None:
    assert_same_results(_day(), (1 << 20, 100))


@pytest.mark.parametrize("seed", in_part(range(20), 1))
def test_a_day_with_late_lost_and_repeated_messages(seed: int) -> None:
    """Replies come late, not at all, again or before their requests; clocks leap."""
    source = random.Random(seed)
    made: list[Segment] = []
    late = 0
    for one in _day():
        late += source.choice([0, 0, 0, 10**6, 10**9, 3 * 10**9, 7 * 10**9, -(10**9)]) if source.random() < 0.1 else 0
        moved = one._replace(time=one.time + late)
        made += [moved] * source.choice([0, 2, 2, 2] if one.payload and source.random() < 0.03 else [1])
        if source.random() < 0.03 and len(made) > 1:
            made[-2:] = made[:-3:-1]
    assert_same_results(renumbered(made), (1 << 20, 300))


def test_of_a_usual_day_few_messages_are_looked_at_as_records(monkeypatch: pytest.MonkeyPatch) -> None:
    fed: list[Event] = []
    for analysis in (Findings, Exchanges):
        feed = analysis.feed

        def counting(self: Any, event: Event, feed: Any = feed) -> Any:
            fed.append(event)
            return feed(self, event)

        monkeypatch.setattr(analysis, "feed", counting)
    for kind in ("findings", "summary", "figures", "exchanges"):
        fed.clear()
        of_batches(_batches(_day(), 1 << 20, ALONE), kind)
        assert sum(isinstance(event, Record) for event in fed) < 400 / 5, kind


def test_a_call_that_is_not_there_is_a_zero_elsewhere() -> None:
    """Fields of one type share their values, but where 0 is no call it says nothing."""
    (row,) = [row for row in UCCX_CTI.message("CALL_TRANSFERRED_EVENT").floating if row.name == "ConnectedPartyCallID"]
    (text,) = [row for row in UCCX_CTI.message("BEGIN_CALL_EVENT").floating if row.name == "ANI"]
    read = subject_columns.SubjectColumns(SubjectReader(), lambda message, protocol: None)._values_of
    assert [read(row, False)[bytes(4)], read(row, True)[bytes(4)], read(text, False)[bytes(4)]] == [0, None, "\0\0\0"]
