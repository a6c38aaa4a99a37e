"""A protocol that only this file declares reaches every reading command, Scapy, Lua and `spec`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ccxdissect.cli.main import main
from ccxdissect.codec import Encoder
from ccxdissect.layers.messages import Face
from ccxdissect.protocol.codes import Code, Source
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Chapter, Fixed, Floating, Kind, Mark, Message, MessageClass, Protocol, Side
from ccxdissect.protocol.types import STRING, UINT, USHORT
from ccxdissect.wireshark import generate


class Colour(Code):
    """What a thing looks like."""

    RED = 1, "red"


NAME = Floating("ThingName", 9, STRING, 20, mark=Mark.PERSONAL)
CHAPTER = Chapter(MessageClass.MISCELLANEOUS)
INVOKE_ID = Fixed("InvokeID", UINT, "pairs them", mark=Mark.INVOKE_ID)
Message(
    CHAPTER, 7001, "PAINT_REQ", Side.CLIENT, Kind.REQUEST, "Paints a thing.", "", (INVOKE_ID,
    Fixed("Colour", USHORT, "the colour", Colour)), (NAME.required(),), replies=("PAINT_CONF",),
)  # fmt: skip
Message(CHAPTER, 7002, "PAINT_CONF", Side.SERVER, Kind.CONFIRMATION, "It is painted.", "", (INVOKE_ID,))
INVENTED = Protocol(
    "invented", "An invented protocol", "INV", "nowhere", Source.GUIDE, tuple(CHAPTER.messages), {9: NAME}, (Colour,),
    (12028,), range(1, 4), 3, ("2+2",), 4096, dialect="invented",
)  # fmt: skip
PAINT = Encoder(INVENTED).encode("PAINT_REQ", {"InvokeID": 5, "Colour": 1}, [("ThingName", "door")], version=1)


@pytest.mark.parametrize("command", ["messages", "sessions", "exchanges", "findings", "stats", "summary", "calls"])
def test_every_reading_command(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ethernet = bytes(12) + b"\x08\x00"
    size = 40 + len(PAINT)
    network = b"\x45\0" + size.to_bytes(2, "big") + bytes(4) + b"\x40\x06\0\0" + b"\x0a\0\0\x01\x0a\0\0\x02"
    transport = (50000).to_bytes(2, "big") + (12028).to_bytes(2, "big") + bytes(8) + b"\x50\x18" + bytes(6)
    packet = ethernet + network + transport + PAINT
    head = b"\xd4\xc3\xb2\xa1\x02\0\x04\0" + bytes(8) + b"\xff\xff\0\0\x01\0\0\0"
    record = (1_700_000_000).to_bytes(4, "little") + bytes(4) + len(packet).to_bytes(4, "little") * 2
    (tmp_path / "x.pcap").write_bytes(head + record + packet)
    monkeypatch.setitem(DIALECTS, "invented", INVENTED)
    assert main([command, str(tmp_path / "x.pcap"), "--dialect", "invented"]) == 0
    if command == "messages":
        assert "PAINT_REQ" in capsys.readouterr().out


def test_scapy_lua_and_spec(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    face = Face(INVENTED, "InventedMessage", __name__)
    found = face.base(PAINT, version=1)
    assert type(found) is face.classes["PAINT_REQ"] and found.value("ThingName") == "door"
    text = generate(INVENTED)
    assert "PAINT_CONF" in text and 'name="invented"' in text and "uccx" not in text.lower()
    monkeypatch.setitem(DIALECTS, "invented", INVENTED)
    assert main(["spec", "PAINT_REQ", "--dialect", "invented"]) == 0
    shown = capsys.readouterr().out
    assert "Paints a thing." in shown and "Wireshark: invented.message_type == 7001" in shown
    assert main(["explain", "RED", "--dialect", "invented", "--format", "jsonl"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "RED"
