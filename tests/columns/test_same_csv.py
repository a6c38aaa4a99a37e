"""CSV by columns is that of the writer that takes message by message, to the letter."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from both_paths import PORTS, ByColumns, table
from fuzz import streams

from building import ENCODER, build, every_combination
from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import read_segments
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.headers import Addresses
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Record
from ccxdissect.views.column_csv import CsvWriter
from ccxdissect.views.formats.csv import write
from ccxdissect.views.message_rows import message_schema
from ccxdissect.views.messages import Showing
from ccxdissect.views.text import use_zone
from conversation import CLIENT, SERVER, Conversation, renumbered

BOTH = tuple(DIALECTS.values())
SAMPLES = Path(__file__).parents[2] / "samples"
SHOWN = [Showing(), Showing(True, True)]


def one_by_one(segments: Iterable[Segment], showing: Showing) -> str:
    dissector = Dissector(BOTH, PORTS)
    out = io.StringIO()

    def messages() -> Iterator[Record]:
        for segment in segments:
            yield from (event for event in dissector.feed(segment) if isinstance(event, Record))
        yield from (event for event in dissector.flush() if isinstance(event, Record))

    write(message_schema(showing), messages(), out)
    return out.getvalue()


def by_columns(segments: list[Segment], showing: Showing) -> str:
    columns = ByColumns(BOTH).columns

    def batches() -> Iterator[Batch]:
        yield from columns.tell(table(segments, Addresses()))
        yield from columns.flush()

    return "".join(CsvWriter(showing).text(batches()))


@pytest.mark.parametrize("showing", SHOWN)
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pcapng")), ids=lambda path: path.stem)
def test_samples(path: Path, showing: Showing) -> None:
    wanted = one_by_one(read_segments(str(path), PORTS), showing)
    for size in (1 << 20, 3000):
        assert "".join(CsvWriter(showing).text(ByColumns(BOTH).batches(str(path), size))) == wanted


@pytest.mark.parametrize("showing", SHOWN)
def test_every_version_form_and_layout(showing: Showing) -> None:
    segments = []
    for port, version in enumerate((10, 12, 14, 18)):
        said = [("ClientID", "desk"), ("ClientPassword", "x")]
        conversation = Conversation(ends=((b"\x0a\0\0\x01", 50001 + port), (b"\x0a\0\0\x09", 12028))).handshake()
        conversation.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": version}, said, version=version))
        for message, of_version, form, layout in every_combination():
            if of_version == version:
                conversation.send(SERVER, build(message, version, form, layout, seed=port))
        segments += conversation.close().segments
    segments = renumbered(segments)
    assert by_columns(segments, showing) == one_by_one(segments, showing)


@pytest.mark.parametrize("seed", [0, 5, 22])
def test_fuzzed_streams(seed: int) -> None:
    segments = streams.made(seed)[0][:800]
    assert by_columns(segments, Showing()) == one_by_one(segments, Showing())


def strange() -> list[Segment]:
    """Texts that have to be quoted, or that a spreadsheet would take for a formula; times of every length."""
    conversation = Conversation().handshake()
    services = {"VersionNumber": 14, "ServicesRequested": 0x40000}
    conversation.send(CLIENT, ENCODER.encode("OPEN_REQ", services, version=14))
    for number, text in enumerate(
        ['a"b\\c', "é, ö", "\x7f\x00x", "\ud800", "", "plain", "\x1b[0m", "=1+1", "@", "a\nb"]
    ):
        data = text.encode("utf-8", "surrogatepass")
        for fixed in ({"InvokeID": number}, {"InvokeID": 0xFFFFFFFF}):
            body = ENCODER.encode("ANSWER_CALL_REQ", fixed, [("ConnectionDeviceID", data)], version=14)
            conversation.send(CLIENT, body)
            told = {"CallID": number or 0xFFFFFFFF, "CallType": number}
            conversation.send(SERVER, ENCODER.encode("BEGIN_CALL_EVENT", told, [("ANI", data)], version=14))
        # What it says begins with an arrow, as a formula may.
        conversation.send(SERVER, ENCODER.encode("AGENT_STATE_EVENT", {"AgentState": 3}, [], version=14))
        conversation.send(SERVER, ENCODER.encode("SYSTEM_EVENT", {}, [("ConnectionDeviceID", data)], version=14))
    times = [5, 10**9 - 1, -3, 10**18, 1_700_000_000_123_456_789, 10**19 // 2 // 10**9 * 10**9, 0, 1500]
    return [segment._replace(time=times[place % len(times)]) for place, segment in enumerate(conversation.segments)]


def test_texts_that_have_to_be_quoted_and_times_of_every_length() -> None:
    wanted = one_by_one(strange(), Showing())
    assert by_columns(strange(), Showing()) == wanted
    assert '"' in wanted and ",'->" in wanted


@pytest.mark.parametrize("far", [10**21, -(10**21)])
def test_times_that_no_calendar_reaches(far: int) -> None:
    for batch in ByColumns(BOTH).columns.tell(table(strange(), Addresses())):
        if len(batch):
            batch.time = batch.time.astype(object) + far
            out = io.StringIO()
            write(message_schema(Showing()), [batch.record(place) for place in range(len(batch))], out)
            assert "".join(CsvWriter(Showing()).text([batch])) == out.getvalue()


def test_times_of_another_zone() -> None:
    use_zone(timezone(timedelta(hours=5, minutes=30)), "there")
    try:
        wanted = one_by_one(strange(), Showing())
        assert by_columns(strange(), Showing()) == wanted
    finally:
        use_zone(timezone.utc, "UTC")
    assert "+05:30" in wanted


def test_nothing_has_a_heading_and_a_batch_without_messages_none() -> None:
    heading = CsvWriter(Showing()).heading()
    assert "".join(CsvWriter(Showing()).text([])) == heading == one_by_one([], Showing())
    assert list(CsvWriter(Showing()).text([Batch(0), Batch(0)])) == [heading]


def test_plain_messages_are_written_without_an_object_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = Conversation().handshake()
    conversation.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
    for number in range(300):
        conversation.send(CLIENT, ENCODER.encode("ANSWER_CALL_REQ", {"InvokeID": number}, [], version=14))
    made = []
    whole = Batch.record
    monkeypatch.setattr(Batch, "record", lambda self, index: made.append(index) or whole(self, index))
    by_columns(conversation.segments, Showing())
    assert len(made) < 12
