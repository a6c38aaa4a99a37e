"""Lines of JSON by columns are those of the writer that takes message by message, to the letter."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from both_paths import PORTS, ByColumns, table
from fuzz import streams

from building import ENCODER, build, every_combination, rows_for, value_for
from ccxdissect.capture.segments import read_segments
from ccxdissect.codec import proposed
from ccxdissect.columns.headers import Addresses
from ccxdissect.protocol.model import Fixed, Floating, Mark
from ccxdissect.protocol.types import Reading
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Record
from ccxdissect.views.column_lines import ColumnWriter
from ccxdissect.views.messages import MessageWriter, Showing
from conversation import CLIENT, SERVER, Conversation, renumbered

SAMPLES = Path(__file__).parents[2] / "samples"
SHOWN = [Showing(), Showing(True, True)]


def one_by_one(segments: object, showing: Showing) -> bytes:
    dissector = Dissector(UCCX_CTI, PORTS)
    writer = MessageWriter(showing)
    events = [event for segment in segments for event in dissector.feed(segment)]  # type: ignore[attr-defined]
    events += dissector.flush()
    return "".join(writer.line(event) + "\n" for event in events if isinstance(event, Record)).encode("ascii")


@pytest.mark.parametrize("showing", SHOWN)
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pcapng")), ids=lambda path: path.stem)
def test_samples(path: Path, showing: Showing) -> None:
    wanted = one_by_one(read_segments(str(path), PORTS), showing)
    for size in (1 << 20, 3000):
        writer = ColumnWriter(showing)
        assert b"".join(writer.lines(batch) for batch in ByColumns().batches(str(path), size)) == wanted


def _by_columns(segments: list, showing: Showing) -> bytes:  # type: ignore[type-arg]
    writer, columns = ColumnWriter(showing), ByColumns()
    found = b"".join(writer.lines(batch) for batch in columns.columns.tell(table(segments, Addresses())))
    return found + b"".join(writer.lines(batch) for batch in columns.columns.flush())


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
    assert _by_columns(segments, showing) == one_by_one(segments, showing)


@pytest.mark.parametrize("seed", [0, 5, 22])
def test_fuzzed_streams(seed: int) -> None:
    segments = streams.made(seed)[0][:800]
    assert _by_columns(segments, Showing()) == one_by_one(segments, Showing())


def test_texts_that_have_to_be_escaped_and_times_of_every_length() -> None:
    conversation = Conversation().handshake()
    for number, text in enumerate(['a"b\\c', "é", "\x7f\x00x", "\ud800", "", "plain", "\x1b[0m", "="]):
        data = text.encode("utf-8", "surrogatepass")
        conversation.send(
            CLIENT,
            ENCODER.encode("ANSWER_CALL_REQ", {"InvokeID": number}, [("ConnectionDeviceID", data)], version=14),
        )
    times = [5, 10**9 - 1, 10**9 * 10**9, 1_700_000_000_123_456_789, 10**19 // 2 // 10**9 * 10**9, 0, 1500]
    segments = [segment._replace(time=times[place % len(times)]) for place, segment in enumerate(conversation.segments)]
    assert _by_columns(segments, Showing()) == one_by_one(segments, Showing())


def test_some_messages_only() -> None:
    path = str(sorted(SAMPLES.glob("*.pcapng"))[0])
    (batch, *_) = ByColumns().batches(path, 1 << 20)
    every = bytes(ColumnWriter(Showing()).lines(batch)).splitlines(keepends=True)
    chosen = np.arange(len(batch)) % 3 == 1
    assert bytes(ColumnWriter(Showing()).lines(batch, chosen)) == b"".join(every[1::3])


def test_no_message_with_text_yet() -> None:
    conversation = Conversation().handshake()
    conversation.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, [], version=14))
    answer = ENCODER.encode("OPEN_CONF", {}, [("NumPeripherals", 1)], version=14)
    # The first one shows the form of the fields, so that it is told by itself.
    segments = conversation.send(SERVER, answer).send(SERVER, answer).segments
    wanted = one_by_one(segments, Showing())
    assert _by_columns(segments, Showing()) == wanted and wanted.count(b'"NumPeripherals","value":1') == 2


def _values(row: Fixed | Floating, draw: random.Random) -> list[int]:
    """Values that such an integer can hold: those that have names, their neighbours, and the outermost ones."""
    bits = 8 * row.size
    least, largest = (-(1 << bits - 1), (1 << bits - 1) - 1) if row.type.signed else (0, (1 << bits) - 1)
    members = [] if row.codes is None else [member.value for member in row.codes.__members__.values()]
    found = [least, largest, -1, 0, 7, 4095, 4096, 0xFFFF, 1 << 31, 0xFFFFFFFF, draw.randint(least, largest)]
    found += [value + off for value in draw.sample(members, min(4, len(members))) for off in (-1, 0, 0, 0, 1)]
    return [value for value in found if least <= value <= largest]


def _data(row: Floating, draw: random.Random) -> object:
    if row.type.reading is not Reading.INTEGER:
        return value_for(row, draw.randrange(9))
    if row.type.name == "BOOL":
        return bytes(draw.choices([0, 0, 1, 255], k=draw.randint(1, 8)))
    return draw.choice(_values(row, draw))


@pytest.mark.parametrize("showing", SHOWN)
def test_numbers_and_names_of_every_field(showing: Showing) -> None:
    draw = random.Random(11)
    conversation = Conversation().handshake()
    conversation.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, [("ClientID", "desk")], version=14))
    form = proposed(UCCX_CTI, 14)[0]
    for message in [message for message in UCCX_CTI if message.since <= 14] * 6:
        fixed = {
            row.name: draw.choice(_values(row, draw))
            for row in message.forms[0].fixed
            if row.since <= 14 and row.type.reading is Reading.INTEGER and not row.mark & Mark.VERSION
        }
        rows = rows_for(message, 14, form)
        some = draw.choices(rows, k=draw.randint(0, 6)) if rows else []
        floating = [(row.tag, _data(row, draw)) for row in some]
        conversation.send(SERVER, ENCODER.encode(message, fixed, floating, version=14, form=form, layout=0))
    segments = conversation.close().segments
    assert _by_columns(segments, showing) == one_by_one(segments, showing)
