"""A protocol of two messages that only this file declares reaches every command that reads, Scapy, Lua in tshark, and `spec`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from live.live_traffic import packet, write_capture
from report.test_report_page import held
from wireshark.plugin import Plugin, trees, tshark, write_plugin

import ccxdissect
from ccxdissect.cli.main import command_names
from ccxdissect.codec import Encoder
from ccxdissect.layers.messages import Face
from ccxdissect.protocol.codes import Code, Source
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Chapter, Fixed, Floating, Kind, Mark, Message, MessageClass, Protocol, Side, Trait
from ccxdissect.protocol.types import STRING, UINT, USHORT
from ccxdissect.sources.options import options
from ccxdissect.sources.trace import Trace
from ccxdissect.views.messages import Showing
from ccxdissect.watch.drawing import message as message_line
from ccxdissect.watch.reading import Reading
from ccxdissect.watch.state import WatchState, matcher
from commands import Done, run
from conversation import CLIENT, SERVER, Conversation


class Colour(Code):
    """What a thing looks like."""

    RED = 1, "like a rose"
    BLUE = 2, "like the sea"


NAME = Floating("ThingName", 9, STRING, 20, "what is painted", mark=Mark.PERSONAL)
WORD = Floating("PainterWord", 10, STRING, 20, "what the painter is known by", mark=Mark.SECRET)
PAINTER = Floating("PainterID", 11, STRING, 20, "who paints", mark=Mark.AGENT | Mark.PERSONAL)
CHAPTER = Chapter(MessageClass.MISCELLANEOUS)
INVOKE_ID = Fixed("InvokeID", UINT, "pairs them", mark=Mark.INVOKE_ID)
ORDER = Fixed("OrderID", UINT, "the order that it is for", mark=Mark.CALL)
COLOUR = Fixed("Colour", USHORT, "the colour", Colour, mark=Mark.AGENT_STATE)
Message(
    CHAPTER, 7001, "PAINT_REQ", Side.CLIENT, Kind.REQUEST, "Paints a thing.", "", (INVOKE_ID, ORDER, COLOUR),
    (NAME.required(), WORD.optional(), PAINTER.optional()), replies=("PAINT_CONF",), traits=Trait.AGENT_STATE,
)  # fmt: skip
Message(
    CHAPTER, 7002, "PAINT_CONF", Side.SERVER, Kind.CONFIRMATION, "It is painted.", "", (INVOKE_ID, COLOUR),
    (PAINTER.optional(),), traits=Trait.AGENT_STATE,
)  # fmt: skip
INVENTED = Protocol(
    "invented", "An invented protocol", "INV", "nowhere", Source.GUIDE, tuple(CHAPTER.messages),
    {row.tag: row for row in (NAME, WORD, PAINTER)}, (Colour,), (12028,), range(1, 4), 3, ("2+2",), 4096, dialect="invented",
)  # fmt: skip
ENCODER = Encoder(INVENTED)
WHO = ("PainterID", "rosa")
PAINT = ENCODER.encode(
    "PAINT_REQ", {"InvokeID": 5, "OrderID": 77, "Colour": 1},
    [("ThingName", "garden door"), ("PainterWord", "sesame"), WHO], version=1,
)  # fmt: skip
PAINTED = ENCODER.encode("PAINT_CONF", {"InvokeID": 5, "Colour": 1}, [WHO], version=1)
#: Nobody answers it, and it says not what to paint.
NAMELESS = ENCODER.encode("PAINT_REQ", {"InvokeID": 6, "OrderID": 77, "Colour": 2}, [WHO], version=1)


@pytest.fixture
def capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(DIALECTS, "invented", INVENTED)
    talk = Conversation().handshake().send(CLIENT, PAINT).send(SERVER, PAINTED).send(CLIENT, NAMELESS)
    path = tmp_path / "painting.pcapng"
    write_capture(str(path), [packet(segment) for segment in talk.segments])
    return str(path)


def said(*arguments: str, stdin: bytes = b"") -> str:
    done = run(*arguments, "--dialect", "invented", stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(*arguments: str, stdin: bytes = b"") -> list[dict[str, Any]]:
    return [json.loads(line) for line in said(*arguments, "--format", "jsonl", stdin=stdin).splitlines()]


def as_messages(found: list[dict[str, Any]]) -> None:
    """Rows of messages that say all that the capture holds."""
    assert [(row["type"], row["name"], row["from"], row["class"], row["kind"]) for row in found] == [
        (7001, "PAINT_REQ", "client", "miscellaneous", "request"),
        (7002, "PAINT_CONF", "server", "miscellaneous", "confirmation"),
        (7001, "PAINT_REQ", "client", "miscellaneous", "request"),
    ]
    assert found[0]["fixed"] == {"InvokeID": 5, "OrderID": 77, "Colour": 1}
    assert found[0]["labels"] == {"Colour": "RED"}
    assert found[0]["floating"] == [
        {"tag": 9, "name": "ThingName", "value": "garden door"},
        {"tag": 10, "name": "PainterWord", "value": "***"},
        {"tag": 11, "name": "PainterID", "value": "rosa"},
    ]
    assert all(row["problems"] == [] for row in found)


def test_messages_whole_some_and_one(capture: str) -> None:
    as_messages(rows("messages", capture))
    assert [row["number"] for row in rows("messages", capture, "--where", "ThingName ~ door")] == [1]
    assert [row["number"] for row in rows("messages", capture, "--type", "PAINT_CONF")] == [2]
    assert [row["number"] for row in rows("messages", capture, "--where", "Colour == BLUE")] == [3]
    shown = said("show", capture, "1")
    for line in ("PAINT_REQ (7001)", "OrderID: 77", "Colour: 1 (RED)", "ThingName[9]", "garden door"):
        assert line in shown, shown
    assert "sesame" not in shown and "sesame" in said("show", capture, "1", "--show-secrets")


def test_exchanges(capture: str) -> None:
    first, second = rows("exchanges", capture)
    assert (first["request_name"], first["reply_name"], first["outcome"]) == ("PAINT_REQ", "PAINT_CONF", "confirmed")
    assert (first["invoke_id"], first["request"], first["reply"]) == (5, 1, 2)
    assert (second["request_name"], second["reply"], second["outcome"]) == ("PAINT_REQ", None, "unanswered")


def test_sessions_summary_and_stats(capture: str) -> None:
    (session,) = rows("sessions", capture)
    assert (session["dialect"], session["messages"]) == ("invented", {"client": 2, "server": 1})
    assert session["bytes"]["client"]["decoded"] == len(PAINT) + len(NAMELESS)
    assert "PAINT_REQ: required field ThingName[9] is missing" in said("summary", capture)
    counted = said("stats", capture)
    assert "PAINT_REQ" in counted and "PAINT_CONF" in counted


def test_agents_and_calls(capture: str) -> None:
    (spell,) = rows("agents", capture)
    assert (spell["agent"], spell["state"], spell["state_name"], spell["asked_by"]) == ("rosa", 1, "RED", 1)
    (call,) = rows("calls", capture)
    assert (call["call"], call["sessions"]) == (77, [1])


def test_findings(capture: str) -> None:
    found = rows("findings", capture)
    assert any(row["message"] == 3 and "required field ThingName[9] is missing" in row["text"] for row in found)
    assert any("PAINT_REQ" in row["text"] and row["rule"].startswith("unanswered") for row in found), found


def test_ladder(capture: str) -> None:
    for format in ("text", "mermaid", "svg"):
        drawn = said("ladder", capture, "--format", format)
        assert drawn.count("PAINT_REQ") >= 2 and "PAINT_CONF" in drawn


def test_live(capture: str) -> None:
    before = os.dup(0)
    with open(capture, "rb") as file:
        os.dup2(file.fileno(), 0)
    try:
        as_messages(rows("live", "-"))
    finally:
        os.dup2(before, 0)
        os.close(before)


def test_redact(capture: str, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.pcapng")
    said("redact", capture, copy)
    before, after = rows("messages", capture), rows("messages", copy)
    assert [row["name"] for row in after] == [row["name"] for row in before]
    assert after[0]["fixed"]["Colour"] == 1
    held = Path(copy).read_bytes()
    assert not any(word in held for word in (b"garden", b"sesame", b"rosa"))
    hidden = {field["name"]: field["value"] for field in after[0]["floating"]}
    assert hidden["PainterID"] == after[1]["floating"][0]["value"] != "rosa"


def test_cut(capture: str, tmp_path: Path) -> None:
    out = str(tmp_path / "cut.pcapng")
    said("cut", capture, "-o", out, "--where", "ThingName ~ garden")
    first = rows("messages", out)[0]
    assert (first["name"], first["fixed"]["OrderID"]) == ("PAINT_REQ", 77)


def test_compare(capture: str, tmp_path: Path) -> None:
    good = str(tmp_path / "good.pcapng")
    talk = Conversation().handshake().send(CLIENT, PAINT).send(SERVER, PAINTED)
    write_capture(good, [packet(segment) for segment in talk.segments])
    assert "only BAD has message 3 PAINT_REQ" in said("compare", good, capture)


def test_report(capture: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    said("report", capture, "-o", str(page))
    text = held(page).decode("utf-8", "replace")
    for word in ("PAINT_REQ", "PAINT_CONF", "garden door", "RED", "rosa"):
        assert word in text, word
    assert "sesame" not in text


def test_watch(capture: str) -> None:
    refused = "ccxdissect: watch needs a terminal; `ccxdissect messages` prints rows\n"
    assert run("watch", capture) == Done(1, "", refused)
    given = options(dialect=INVENTED)
    state = WatchState(Showing())
    Reading(Trace([capture], given), capture, state).run()
    seen, _ = state.messages_after(0)
    assert [row.record.name for row in seen] == ["PAINT_REQ", "PAINT_CONF", "PAINT_REQ"]
    fits = matcher("Colour == RED and ThingName ~ garden*", Showing(), given.protocols)
    assert fits is not None and [row.record.number for row in seen if fits(row)] == [1]
    assert "agent rosa -> RED call 77" in "".join(text for text, _ in message_line(seen[0], Showing()))


def test_export_and_sql(capture: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said("export", capture, "-o", str(out))
    assert {path.name for path in (out / "messages").iterdir()} == {"name=PAINT_REQ", "name=PAINT_CONF"}
    asked = run("sql", str(out), "SELECT ThingName, Colour FROM PAINT_REQ ORDER BY InvokeID", "--format", "csv")
    assert asked == Done(0, "ThingName,Colour\ngarden door,1\n,2\n", "")
    assert said("sql", capture, "SELECT count(*) AS n FROM PAINT_CONF", "--format", "csv") == "n\n1\n"


def test_decode_explain_spec_and_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DIALECTS, "invented", INVENTED)
    shown = said("decode", PAINT.hex())
    assert "PAINT_REQ (7001)" in shown and "Colour: 1 (RED)" in shown and "garden door" in shown
    (found,) = rows("explain", "RED")
    assert (found["what"], found["name"], found["value"], found["meaning"]) == ("Colour", "RED", "1", "like a rose")
    assert {row["name"] for row in rows("constants", "Colour")} == {"RED", "BLUE"}
    shown = said("spec", "PAINT_REQ")
    for line in ("Paints a thing.", "answered by PAINT_CONF", "Wireshark: invented.message_type == 7001", "ThingName"):
        assert line in shown
    assert "PAINT_CONF" in said("spec")


def test_python(capture: str) -> None:
    with ccxdissect.open(capture, dialect=INVENTED) as trace:
        assert [record.name for record in trace.messages()] == ["PAINT_REQ", "PAINT_CONF", "PAINT_REQ"]


def test_every_command_that_takes_a_dialect_is_here() -> None:
    """A command that is added and reads has to be put to this test too."""
    here = Path(__file__).read_text("utf-8")
    taking = [name for name in command_names() if "--dialect" in run(name, "--help").stdout]
    assert len(taking) > 15
    assert [name for name in taking if f'"{name}"' not in here] == []


def test_scapy() -> None:
    face = Face(INVENTED, "InventedMessage", __name__)
    found = face.base(PAINT, version=1)
    assert type(found) is face.classes["PAINT_REQ"]
    assert (found.value("ThingName"), found.OrderID, found.Colour) == ("garden door", 77, 1)
    made = face.classes["PAINT_CONF"](InvokeID=5, Colour="RED", floating=[face.floating(tag="PainterID", value="rosa")])
    assert bytes(made) == ENCODER.encode("PAINT_CONF", {"InvokeID": 5, "Colour": 1}, [WHO], version=3)


def test_lua_in_tshark(capture: str, tmp_path: Path) -> None:
    plugin = Plugin(write_plugin(tmp_path, INVENTED))
    text = plugin.path.read_text("utf-8")
    # Every plugin tells its sessions from those of the other protocols there are; of these it has no more than the signs.
    before, _, others = text.partition("local DIALECTS = {")
    assert "uccx" not in (before + others.partition("\n}\n")[2]).lower() and text in said("lua")
    first, second, third = trees(plugin, Path(capture))
    values = {field.name: field.value for field in first.fields}
    assert (values["order_id"], values["colour"], values["thing_name"]) == ("77", "1", "garden door")
    assert values["painter_word"] == "***" and "RED" in next(f.line for f in first.fields if f.name == "colour")
    assert [field.value for field in second.fields if field.name == "message_type"] == ["7002"]
    assert ("field_missing", "required field ThingName[9] is missing") in third.experts
    found = tshark(plugin, "-r", capture, "-2", "-Y", 'invented.painter_id == "rosa"', "-T", "fields", "-e",
                   "invented.response_in")  # fmt: skip
    assert found.splitlines() == ["5", "", ""]
