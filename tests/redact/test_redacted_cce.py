"""Redacting Unified CCE: whatever text stood in a field of any message, known or not, is gone from the copy."""

from __future__ import annotations

from pathlib import Path

import pytest
from verdict.wire import ACK, PSH, Wire

from ccxdissect.capture.segments import read_segments
from ccxdissect.codec import BY_TITLE, Encoder, NamedValue, Value
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Floating, Mark, Side
from ccxdissect.protocol.types import Reading
from ccxdissect.redact.files import redact_file
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Record

BOTH = tuple(DIALECTS.values())
PORTS = frozenset(UCCE_CTI.ports)


def value_of(row: Floating, word: str) -> Value:
    if row.type.reading is Reading.TEXT:
        return word[: max(row.size - 1, 1)]
    if row.type.reading in (Reading.NAMED_VARIABLE, Reading.NAMED_ARRAY):
        array = row.type.reading is Reading.NAMED_ARRAY
        return NamedValue("user." + word, word + "array" * array, 1 if array else None)
    return word.encode() if row.type.reading is Reading.OPAQUE and row.type.size is None else ord("A")


def every_message(version: int, form: str, path: Path, times: int = 1) -> set[bytes]:
    """A capture of all messages, each so many times, with a text or number in every field; the texts."""
    wire = Wire()
    link = wire.connect(port=42067)
    encoder = Encoder(UCCE_CTI)
    written: set[bytes] = set()
    opening = [("ClientID", "Zwingli"), ("ClientPassword", "Kennwort")]
    link.tcp(Side.CLIENT, PSH | ACK, encoder.encode("OPEN_REQ", {"PeripheralID": 5000}, opening, version=version))
    for number, message in enumerate([*UCCE_CTI] * times):
        word = f"Q{number:03}wxyzvkjq"
        rows = [row for row in message.tags.values() if row.tag <= BY_TITLE[form].largest_tag]
        marked = Mark.PERSONAL | Mark.SECRET
        fields = [(row.tag, value_of(row, word)) for row in rows if row.mark & marked or row.type.size is None]
        for _, value in fields:
            text = value.value if isinstance(value, NamedValue) else value
            if isinstance(text, (str, bytes)) and len(text) > 6:
                written.add(text.encode() if isinstance(text, str) else text)
        data = encoder.encode(message, {}, fields, version=version, form=BY_TITLE[form])
        if not message.fields_known:
            data = len(word).to_bytes(4, "big") + data[4:8] + word.encode()
            written.add(word.encode())
        link.tcp(message.sender, PSH | ACK, data)
    wire.write(path)
    return written


@pytest.mark.parametrize(("version", "form"), [(15, "1+1"), (24, "2+2")])
def test_every_text_of_every_message_is_gone(version: int, form: str, tmp_path: Path) -> None:
    original, copy = tmp_path / "a.pcap", tmp_path / "b.pcap"
    written = every_message(version, form, original)
    held = original.read_bytes()
    assert len(written) > 200 and all(word in held for word in written)
    redact_file(BOTH, str(original), str(copy), PORTS)
    given = copy.read_bytes()
    assert [word for word in written if word in given] == []
    assert b"Zwingli" not in given and b"Kennwort" not in given

    def read(path: Path) -> list[tuple[str, int]]:
        dissector = Dissector(BOTH, PORTS)
        events = [event for segment in read_segments(str(path), PORTS) for event in dissector.feed(segment)]
        events += dissector.flush()
        return [(e.name, len(e.decoded.body)) for e in events if isinstance(e, Record)]

    assert read(copy) == read(original) and len(read(copy)) == len(UCCE_CTI.messages) + 1
