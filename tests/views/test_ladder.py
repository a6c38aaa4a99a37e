"""Ladders as text, Mermaid and SVG, compared with what they should be, letter by letter."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).parent.parent / "analysis"))
sys.path.insert(0, str(Path(__file__).parent.parent / "verdict"))

import pytest

from ccxdissect import open as open_trace
from ccxdissect.cli.main import main
from ccxdissect.protocol.model import Side
from ccxdissect.stream.events import EndedBy, Event, Record
from ccxdissect.views.ladder import MOST_DRAWN, MOST_SESSIONS, Ladder, Tone
from ccxdissect.views.ladder_mermaid import escaped, mermaid_lines
from ccxdissect.views.ladder_rows import LadderMaker, build
from ccxdissect.views.ladder_svg import svg, svg_pieces
from ccxdissect.views.ladder_text import text_lines
from scene import AGENT_MODE, BRIDGE_MODE, MS, Scene, queued_call
from wire import ACK, BRIDGE, RST, SYN, C, S, Wire

SVG = "{http://www.w3.org/2000/svg}"


TEXT = """\
smith

                                   10.0.0.5:40001                            10.0.0.1:12028                            10.0.0.9:50001
                      client, agent mode, agent smith ext 2006                   server                              client, bridge mode
22:13:20.010000    1                      |--------------- OPEN_REQ --------------->|                                         |  #1 version 14 services CLIENT_EVENTS client desk agent smith ext 2006 phone 2006
22:13:20.020000    2                      |<============== OPEN_CONF ===============|                                         |  #1 services CLIENT_EVENTS -> LOGIN [after 10.0 ms]
22:13:20.030000    3                      |                                         |<-------------- OPEN_REQ ----------------|  #1 version 14 services ALL_EVENTS client desk [no reply]
22:13:20.032000  4,5                      |<·········· AGENT_STATE_EVENT ···········|········································>|  agent smith -> READY
22:13:20.044000    6                      |---------- SET_AGENT_STATE_REQ --------->|                                         |  #7 agent smith phone 2006 -> NOT_READY reason 4
22:13:21.544000    7                      |x======== CONTROL_FAILURE_CONF ==========|                                         |  #7 CF_REASON_CODE_REQUIRED [after 1.5 s]
22:13:21.554000    8                      |<============= UNKNOWN_999 ==============|                                         |  ! message type 999 is unknown"""

MERMAID = """\
sequenceDiagram
    title smith#59; #101;nd
    participant p1 as 10.0.0.5#58;40001<br/>client, agent mode, agent smith ext 2006
    participant p2 as 10.0.0.1#58;12028<br/>server
    participant p3 as 10.0.0.9#58;50001<br/>client, bridge mode
    p1->>p2: 22#58;13#58;20.010000 OPEN_REQ<br/>#35;1 version 14 services CLIENT_EVENTS client desk agent smith ext 2006 phone 2006
    p2-->>p1: 22#58;13#58;20.020000 OPEN_CONF (after 10.0 ms)<br/>#35;1 services CLIENT_EVENTS -#62; LOGIN
    p3->>p2: 22#58;13#58;20.030000 OPEN_REQ (no reply)<br/>#35;1 version 14 services ALL_EVENTS client desk
    p2-)p1: 22#58;13#58;20.032000 AGENT_STATE_EVENT<br/>agent smith -#62; READY
    p2-)p3: AGENT_STATE_EVENT
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
        "client, agent mode, agent smith ext 2006",
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
    whole = {step.numbers[0]: step.unanswered for step in ladder(small()).steps}
    for most in range(1, 9):
        drawn = {step.numbers[0]: step.unanswered for step in ladder(small(), most=most).steps}
        assert drawn.items() <= whole.items() and len(drawn) >= min(most, 4)


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


def played(wire: Wire, most: int = 1000, wanted: Callable[[Record], bool] | None = None) -> Ladder:
    """The ladder of a capture, made of all that its streams give."""
    with TemporaryDirectory() as folder, open_trace(wire.write(Path(folder) / "played.pcap")) as trace:
        maker = LadderMaker(most, every_end=wanted is None)
        for event in trace.events():
            maker.take(event, wanted is None or not isinstance(event, Record) or wanted(event))
        return maker.ladder()


def told(drawn: Ladder) -> list[tuple[str, str, str]]:
    """What each row says: its numbers, its arrows as initials of the columns, its name and detail."""
    letters = [column.title.partition(":")[0].rpartition(".")[2] for column in drawn.columns]
    return [
        (
            step.label,
            f"{letters[step.source]}>{'+'.join(letters[target] for target in step.targets)}" if step.targets else "",
            f"{step.name} {step.detail}".strip(),
        )
        for step in drawn.steps
    ]


def test_ends_of_connections_are_rows_with_who_ended_them() -> None:
    wire = Wire()
    wire.connect().open().bye(S)
    wire.connect("10.0.0.6").open().reset(C)
    link = wire.connect("10.0.0.7", shake=False)
    link.tcp(C, SYN)
    link.tcp(S, RST | ACK)
    link = wire.connect("10.0.0.8", shake=False)
    for wait in (1, 2):
        link.tcp(C, SYN)
        link.seq[C] -= 1
        wire.wait(wait)
    wire.connect("10.0.0.9").open()
    rows = [row for row in told(played(wire)) if not row[0]]
    assert rows == [
        ("", "1>5", "FIN connection ended by the server"),
        ("", "6>1", "RST connection reset by the client"),
        ("", "1>7", "RST connection refused by the server"),
        ("", "8>1", "SYN 2 attempts to connect in 1.0 s, no answer"),
    ]
    assert [step.tone for step in played(wire).steps if not step.numbers] == [Tone.CONNECTION, *[Tone.FAILURE] * 3]


def test_answered_heartbeats_are_one_row_and_silence_is_one_with_its_length() -> None:
    wire = Wire()
    one, two = wire.connect().open(), wire.connect("10.0.0.6").open(agent="jones")
    for _ in range(3):
        one.beat(1, 4)
        two.beat(1, 4)
    two.beat(1, 4, answer=False)
    wire.wait(30)
    one.beat(1, 1)
    one.request("SNAPSHOT_DEVICE_REQ", {}, [("AgentInstrument", "2006")])
    one.beat(1, 1)
    rows = told(played(wire))
    assert rows[4:] == [
        ("5..14", "5>1", "3 x HEARTBEAT_REQ every 8.0 s until 22:13:40.019998, all answered"),
        ("7..16", "6>1", "3 x HEARTBEAT_REQ every 8.0 s until 22:13:44.021998, all answered"),
        ("17", "6>1", "HEARTBEAT_REQ #5"),
        ("", "", "nothing for 31.0 s"),
        ("18,19", "5>1", "HEARTBEAT_REQ #5, answered after 1.0 ms"),
        ("20", "5>1", "SNAPSHOT_DEVICE_REQ #6 phone 2006"),
        ("21,22", "5>1", "HEARTBEAT_REQ #7, answered after 1.0 ms"),
    ]
    assert [step.unanswered for step in played(wire).steps[6:10]] == [True, False, False, True]
    lines = list(text_lines(played(wire)))
    assert any(line.endswith(":  ... nothing for 31.0 s ...") for line in lines)
    assert any("Note over p1,p3: nothing for 31.0 s" in line for line in mermaid_lines(played(wire)))
    assert "nothing for 31.0 s" in svg(played(wire))


def test_one_event_told_to_several_clients_is_one_row_with_an_arrow_to_each() -> None:
    wire = Wire()
    links = [wire.connect(f"10.0.0.{host}").open(BRIDGE) for host in (5, 6, 7)]
    smith = [("AgentID", "smith"), ("AgentExtension", "2006")]
    for link in links:
        link.say("AGENT_STATE_EVENT", {"AgentState": 3}, smith)
    for link in links[:2]:
        link.say("AGENT_STATE_EVENT", {"AgentState": 2}, smith)
    # The third hears of it behind something else of its own: told apart, so that its messages stay in order.
    links[2].request("SNAPSHOT_DEVICE_REQ", {}, [("AgentInstrument", "2006")])
    links[2].say("AGENT_STATE_EVENT", {"AgentState": 2}, smith)
    # That is a row of its own, with whoever hears of it again by then; much later, it is another one.
    links[0].say("AGENT_STATE_EVENT", {"AgentState": 2}, smith)
    wire.wait(2)
    links[1].say("AGENT_STATE_EVENT", {"AgentState": 2}, smith)
    ready, not_ready = ("AGENT_STATE_EVENT agent smith ext 2006 -> " + state for state in ("READY", "NOT_READY"))
    assert told(played(wire))[6:] == [
        ("7-9", "1>5+6+7", ready),
        ("10,11", "1>5+6", not_ready),
        ("12", "7>1", "SNAPSHOT_DEVICE_REQ #2 phone 2006"),
        ("13,14", "1>7+5", not_ready),
        ("15", "1>6", not_ready),
    ]
    row = next(line for line in text_lines(played(wire)) if "7-9" in line)
    assert row.count("<") == 2 and row.count(">") == 2  # one of the latter stands in the detail


def test_a_range_of_time_marks_no_request_whose_reply_is_outside_of_it() -> None:
    wire = Wire()
    link = wire.connect().open()
    invoke = link.request("SNAPSHOT_DEVICE_REQ", {}, [("AgentInstrument", "2006")])
    lost = link.request("SNAPSHOT_DEVICE_REQ", {}, [("AgentInstrument", "2007")])
    wire.wait(1)
    link.say("SNAPSHOT_DEVICE_CONF", {"InvokeID": invoke})
    link.beat(1).close()
    drawn = played(wire, wanted=lambda record: record.number in (3, 4))
    assert [(step.label, step.unanswered) for step in drawn.steps] == [("3", False), ("4", True)]
    assert lost != invoke
    # The client is named although what names it is not drawn.
    assert drawn.columns[0].subtitle == "client, agent mode, agent smith ext 2006"


def test_the_title_says_files_and_range_and_zone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    wire.connect().open().beat(2).close()
    path = str(wire.write(tmp_path / "some.pcap"))
    assert main(["ladder", path, "--session", "1", "--no-heartbeats"]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "session 1, what the filter keeps",
        "some.pcap, 2023-11-14 22:13:20.004000 to 22:14:00.011999 UTC",
    ]


def test_a_call_comes_with_the_request_that_made_it(capsys: pytest.CaptureFixture[str]) -> None:
    sample = str(Path(__file__).parents[2] / "samples" / "queued-call.pcapng")
    for command in ("messages", "ladder"):
        assert main([command, sample, "--call", "16777535"]) == 0
        assert "CONSULT_CALL_REQ" in capsys.readouterr().out
    for further in (("--type", "CONSULT_CALL_CONF"), ("--session", "1"), ("--kind", "event")):
        assert main(["messages", sample, "--call", "16777535", *further]) == 0
        assert "CONSULT_CALL_REQ" not in capsys.readouterr().out


def test_the_picture_in_the_readme_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    samples = Path(__file__).parents[2] / "samples"
    assert main(["ladder", str(samples / "queued-call.pcapng"), "--call", "16777535", "--format", "svg"]) == 0
    drawn = capsys.readouterr().out
    assert drawn == (samples / "ladder.svg").read_text(encoding="utf-8")
    assert len(drawn) < 40_000
    command = "ccxdissect ladder samples/queued-call.pcapng --call 16777535 --format svg"
    assert (
        command in (samples.parent / "README.md").read_text()
        and "](samples/ladder.svg)" in (samples.parent / "README.md").read_text()
    )


@pytest.mark.heavy
def test_a_large_ladder_takes_memory_by_the_message_and_a_picture_none_beside_it() -> None:
    """Neither the messages nor the elements of the picture are kept: 1.4 KiB for each that is drawn, no 8.6."""
    held = []
    for count in (1_000, 4_000):
        tracemalloc.start()
        maker = LadderMaker(count)
        for event in busy(count):
            maker.take(event)
        for _ in svg_pieces(maker.ladder()):
            pass
        held.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert held[1] - held[0] < 3_000 * 2_000, held


def busy(count: int) -> Iterator[Event]:
    """So many messages about as many calls, of one session."""
    scene = Scene()
    session = scene.session()
    for number in range(count):
        scene.send(
            session, "BEGIN_CALL_EVENT", {"CallID": number}, [("ConnectionDeviceID", "2005"), ("ANI", f"+49{number}")]
        )
        yield scene.events.pop()


def test_a_ladder_has_columns_for_a_hundred_sessions_and_says_what_it_leaves_out() -> None:
    scene = Scene()
    maker = LadderMaker(MOST_DRAWN)
    for number in range(150):
        session = scene.session(f"10.0.{number}.5:40001")
        scene.send(session, "HEARTBEAT_REQ", {"InvokeID": 1})
        scene.end(session, EndedBy.RESET, Side.SERVER)
    for number in range(150, 300):
        scene.end(scene.session(f"10.0.{number}.5:40001"), EndedBy.REFUSED, Side.SERVER)
    for event in scene.events:
        maker.take(event)
    drawn = maker.ladder()
    assert len(drawn.columns) == MOST_SESSIONS + 1
    assert drawn.left_out == 50
    assert list(text_lines(drawn))[-1] == "... and 50 further messages"
