"""Ladders as text, Mermaid and SVG, compared with what they should be, letter by letter."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).parent.parent / "analysis"))

from ccxdissect.protocol.model import Side
from ccxdissect.stream.events import Record
from ccxdissect.views.ladder import Ladder, Tone, build
from ccxdissect.views.ladder_mermaid import escaped, mermaid_lines
from ccxdissect.views.ladder_svg import svg
from ccxdissect.views.ladder_text import text_lines
from scene import AGENT_MODE, BRIDGE_MODE, MS, Scene, queued_call

SVG = "{http://www.w3.org/2000/svg}"


TEXT = """\
smith

                            10.0.0.5:40001                   10.0.0.1:12028                   10.0.0.9:50001
                    client, agent mode, agent smith              server                     client, bridge mode
22:13:20.010000  1                 |----------- OPEN_REQ ---------->|                                |  #1 version 14 services CLIENT_EVENTS client desk agent smith ext 2006 phone 2006
22:13:20.020000  2                 |<========= OPEN_CONF ===========|                                |  #1 services CLIENT_EVENTS -> LOGIN [after 10.0 ms]
22:13:20.030000  3                 |                                |<---------- OPEN_REQ -----------|  #1 version 14 services ALL_EVENTS client desk [no reply]
22:13:20.032000  4                 |<····· AGENT_STATE_EVENT ·······|                                |  agent smith -> READY
22:13:20.034000  5                 |                                |······ AGENT_STATE_EVENT ······>|  agent smith -> READY
22:13:20.044000  6                 |----- SET_AGENT_STATE_REQ ----->|                                |  #7 agent smith phone 2006 -> NOT_READY reason 4
22:13:21.544000  7                 |x==== CONTROL_FAILURE_CONF =====|                                |  #7 CF_REASON_CODE_REQUIRED [after 1.5 s]
22:13:21.554000  8                 |<======== UNKNOWN_999 ==========|                                |  ! message type 999 is unknown"""

MERMAID = """\
sequenceDiagram
    title smith#59; #101;nd
    participant p1 as 10.0.0.5#58;40001<br/>client, agent mode, agent smith
    participant p2 as 10.0.0.1#58;12028<br/>server
    participant p3 as 10.0.0.9#58;50001<br/>client, bridge mode
    p1->>p2: 22#58;13#58;20.010000 OPEN_REQ<br/>#35;1 version 14 services CLIENT_EVENTS client desk agent smith ext 2006 phone 2006
    p2-->>p1: 22#58;13#58;20.020000 OPEN_CONF (after 10.0 ms)<br/>#35;1 services CLIENT_EVENTS -#62; LOGIN
    p3->>p2: 22#58;13#58;20.030000 OPEN_REQ (no reply)<br/>#35;1 version 14 services ALL_EVENTS client desk
    p2-)p1: 22#58;13#58;20.032000 AGENT_STATE_EVENT<br/>agent smith -#62; READY
    p2-)p3: 22#58;13#58;20.034000 AGENT_STATE_EVENT<br/>agent smith -#62; READY
    p1->>p2: 22#58;13#58;20.044000 SET_AGENT_STATE_REQ<br/>#35;7 agent smith phone 2006 -#62; NOT_READY reason 4
    p2--xp1: 22#58;13#58;21.544000 CONTROL_FAILURE_CONF (after 1.5 s)<br/>#35;7 CF_REASON_CODE_REQUIRED
    p2->>p1: 22#58;13#58;21.554000 UNKNOWN_999<br/>#33; message type 999 is unknown"""


def ladder(scene: Scene, title: str = "", most: int = 1000) -> Ladder:
    return build((event for event in scene.events if isinstance(event, Record)), title, most)


def small() -> Scene:
    """One agent's client and a bridge: a request confirmed, one refused, one without a reply, an event for both."""
    scene = Scene()
    mine, bridge = scene.session(), scene.session("10.0.0.9:50001")
    scene.open(mine, AGENT_MODE, "smith", "2006")
    scene.open(bridge, BRIDGE_MODE, answer=False)
    for session in (mine, bridge):
        scene.state(session, "smith", 3, after=2 * MS)
    scene.set_state(mine, 7, "smith", 2, "2006", reason=4)
    scene.send(mine, "CONTROL_FAILURE_CONF", {"InvokeID": 7, "FailureCode": 281}, after=1500 * MS)
    scene.raw(mine, 999, b"", Side.SERVER)
    return scene


def test_text() -> None:
    assert "\n".join(text_lines(ladder(small(), "smith"))) == TEXT


def test_mermaid() -> None:
    assert "\n".join(mermaid_lines(ladder(small(), "smith; end"))) == MERMAID


def test_mermaid_obeys_nothing_that_a_message_says() -> None:
    assert escaped("x; end\n<b> #35; %% end}") == "x#59; #101;nd#10;#60;b#62; #35;35#59; #37;#37; #101;nd#125;"
    assert escaped("End") == "#69;nd"


def test_svg_is_well_formed_and_self_contained() -> None:
    scene = small()
    hostile = '</text><script>alert(1)</script>&"\x1b\x00\udcff'
    scene.set_state(scene.events[-1].session, 9, hostile, 2, "2006")  # type: ignore[union-attr]
    drawn = svg(ladder(scene, hostile))
    root = ElementTree.fromstring(drawn)
    assert root.tag == f"{SVG}svg"
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "title", "defs", "marker", "path", "rect", "text", "line", "g"}
    assert "href" not in drawn and "<script" not in drawn and "url(http" not in drawn
    texts = [element.text or "" for element in root.iter(f"{SVG}text")]
    assert "SET_AGENT_STATE_REQ" in texts and "after 1.5 s" in texts and "no reply" in texts
    assert any("alert(1)" in text for text in texts)


def test_svg_keeps_every_text_inside() -> None:
    root = ElementTree.fromstring(svg(ladder(queued_call(), "One agent's day")))
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    for element in root.iter(f"{SVG}text"):
        letter = float(element.get("font-size", "0")) * 0.6
        x, y, length = float(element.get("x", "0")), float(element.get("y", "0")), len(element.text or "") * letter
        left = {"start": x, "middle": x - length / 2, "end": x - length}[element.get("text-anchor", "start")]
        assert left >= 0 and left + length <= width and 0 < y < height, element.text


def test_server_stands_between_its_clients() -> None:
    drawn = ladder(small())
    assert [column.subtitle for column in drawn.columns] == [
        "client, agent mode, agent smith",
        "server",
        "client, bridge mode",
    ]


def test_tones_and_latencies() -> None:
    drawn = ladder(small())
    assert [(step.tone, step.latency, step.unanswered) for step in drawn.steps] == [
        (Tone.REQUEST, None, False),
        (Tone.CONFIRMATION, 10 * MS, False),
        (Tone.REQUEST, None, True),
        (Tone.EVENT, None, False),
        (Tone.EVENT, None, False),
        (Tone.REQUEST, None, False),
        (Tone.FAILURE, 1500 * MS, False),
        (Tone.UNKNOWN, None, False),
    ]


def test_a_ladder_has_an_end() -> None:
    drawn = ladder(small(), most=3)
    assert (len(drawn.steps), drawn.left_out) == (3, 5)
    assert list(text_lines(drawn))[-1] == "... and 5 further messages"
    assert list(mermaid_lines(drawn))[-1] == "    Note over p1: and 5 further messages"
    assert "... and 5 further messages" in svg(drawn)


def test_a_request_whose_reply_is_no_longer_drawn_is_not_told_as_unanswered() -> None:
    for most in range(1, 9):
        drawn = ladder(small(), most=most)
        whole = ladder(small())
        assert [step.unanswered for step in drawn.steps] == [step.unanswered for step in whole.steps[:most]]


def test_nothing_to_draw() -> None:
    nothing = build(())
    assert list(text_lines(nothing)) == ["no messages"]
    assert list(mermaid_lines(nothing)) == ["sequenceDiagram"]
    ElementTree.fromstring(svg(nothing))


def test_secrets_stay_secret() -> None:
    scene = Scene()
    session = scene.session()
    scene.open(session, AGENT_MODE, "smith", "2006", password="s3cret")
    drawn = ladder(scene)
    everything = "\n".join([*text_lines(drawn), *mermaid_lines(drawn), svg(drawn)])
    assert "smith" in everything and "s3cret" not in everything
