"""A new message type is one declaration: whatever reads declarations has it, with nothing else said anywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ccxdissect.codec import Decoder, Encoder
from ccxdissect.layers.messages import Face
from ccxdissect.protocol.common import messages as shared
from ccxdissect.protocol.model import Declared
from ccxdissect.protocol.uccx import messages
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.views.specification import specification
from ccxdissect.wireshark import generate

DECLARATION = """
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Mark, Message, MessageClass, Side
from ccxdissect.protocol.types import UINT, USHORT

CHAPTER = Chapter(MessageClass.MISCELLANEOUS)
Message(CHAPTER, 9001, "WAVE_REQ", Side.CLIENT, Kind.REQUEST, "Waves.", "",
        (Fixed("InvokeID", UINT, "pairs them", mark=Mark.INVOKE_ID), Fixed("HowLong", USHORT, "seconds")))
"""


def test_a_new_message_type_is_one_declaration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "waving.py").write_text(DECLARATION)
    monkeypatch.setattr(messages, "__path__", [*messages.__path__, str(tmp_path)])
    protocol = replace(UCCX_CTI, messages=Declared(messages.__name__, shared.__name__))
    assert len(protocol.messages) == len(UCCX_CTI.messages) + 1

    wire = Encoder(protocol).encode("WAVE_REQ", {"InvokeID": 7, "HowLong": 3}, version=14)
    decoded = Decoder(protocol).decode(9001, wire[8:], 14)
    assert (decoded.name, decoded.fixed, decoded.problems) == ("WAVE_REQ", {"InvokeID": 7, "HowLong": 3}, ())
    found = Face(protocol, "WavingMessage", __name__).base(wire, version=14)
    assert (type(found).__name__, found.HowLong) == ("WAVE_REQ", 3)
    assert "WAVE_REQ" in generate(protocol) and "how_long" in generate(protocol)
    assert any("Waves." in line for line in specification(protocol.message("WAVE_REQ"), protocol))
