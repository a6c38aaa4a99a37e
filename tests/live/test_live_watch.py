"""The terminal view, driven as a person does: in a real terminal, with keys, looking at the screen."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from each import in_part
from live_process import ROOT
from live_traffic import busy, packet, write_capture
from terminal import Screen, in_terminal

from building import ENCODER
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Record
from ccxdissect.views.messages import Showing
from conversation import CLIENT, SERVER, Conversation

EVIL = "[bold]\x1b[31m\x1b]0;owned\x07[/nope]"


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Callable[..., Screen]]:
    made: list[Screen] = []

    def show(capture: Path, *arguments: str, hold: str = "sleep 60", **size: int) -> Screen:
        pytest.importorskip("textual")
        live = f"{sys.executable} -m ccxdissect live - --watch {' '.join(arguments)}"
        made.append(Screen(f"(cat {capture}; {hold}) | {{ {live}; echo STATUS $?; }}", **size))
        return made[-1]

    yield show
    for one in made:
        one.close()


def scene(tmp_path: Path) -> Path:
    """An agent logs in and takes a call, with texts that a terminal must not obey."""
    talk = Conversation().handshake()
    login = [("ClientID", EVIL), ("ClientPassword", "hush"), ("AgentID", "anna[/]")]
    opening = {"InvokeID": 1, "VersionNumber": 14, "IdleTimeout": 3}
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", opening, login, version=14))
    talk.send(SERVER, ENCODER.encode("OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1}, version=14))
    who = [("AgentID", "anna[/]"), ("AgentExtension", "2001")]
    talk.send(SERVER, ENCODER.encode("AGENT_STATE_EVENT", {"AgentState": 3}, who, version=14))
    device = [("ConnectionDeviceID", "2001"), ("ANI", "[blink]5550")]
    talk.send(SERVER, ENCODER.encode("BEGIN_CALL_EVENT", {"CallID": 77}, device, version=14))
    path = tmp_path / "scene.pcapng"
    write_capture(str(path), [packet(segment) for segment in talk.segments])
    return path


@in_terminal
def test_every_pane_shows_its_part_and_hostile_text_stays_text(screen: Callable[..., Screen], tmp_path: Path) -> None:
    seen = screen(scene(tmp_path), width=240)
    text = seen.until_seen("messages (4)", "The client has been silent for")
    assert "standard input  live" in text and "4 messages" in text and "1 session open" in text
    for part in ("sessions (1)", "10.0.0.1:50001", "agents (1)", "anna[/]        ready", "calls (1)"):
        assert part in text
    assert "77 [blink]5550" in text
    assert "client [bold]\\x1b[31m\\x1b]0" in text
    assert "hush" not in text


@pytest.mark.heavy
@in_terminal
def test_a_message_is_opened_and_closed_again(screen: Callable[..., Screen], tmp_path: Path) -> None:
    seen = screen(scene(tmp_path))
    seen.until_seen("messages (4)")
    seen.press("Home", "Enter")
    text = seen.until_seen("OPEN_REQ (3): ")
    assert "ClientID[1]: [bold]\\x1b[31m\\x1b]0;owned\\x07[/nope]" in text
    assert "ClientPassword[2]: ***" in text and "message 1, frame 4" in text
    seen.press("q")
    seen.until(lambda text: "OPEN_REQ (3): " not in text and "messages (4)" in text)


@pytest.mark.heavy
@in_terminal
def test_a_finding_opens_with_its_whole_text_and_its_message(screen: Callable[..., Screen], tmp_path: Path) -> None:
    seen = screen(scene(tmp_path))
    seen.until_seen("findings (1)")
    seen.press("Tab", "Enter")
    seen.until_seen("Whoever has this capture can read", "share it.")
    seen.until_seen("OPEN_REQ (3): ")


@pytest.mark.heavy
@in_terminal
def test_filter_and_back(screen: Callable[..., Screen], tmp_path: Path) -> None:
    seen = screen(scene(tmp_path))
    seen.until_seen("messages (4)")
    seen.press("/")
    seen.until_seen("words (-word: not)")
    seen.type("agent -open")
    text = seen.until_seen("messages (1)")
    assert "AGENT_STATE_EVENT" in text and "BEGIN_CALL_EVENT" not in text
    seen.press("Escape")
    seen.until_seen("messages (4)", "BEGIN_CALL_EVENT")


@pytest.mark.heavy
@in_terminal
def test_pause_holds_the_screen_and_misses_nothing(screen: Callable[..., Screen], tmp_path: Path) -> None:
    path = tmp_path / "long.pcapng"
    write_capture(str(path), busy(600))
    first = path.read_bytes()
    (tmp_path / "first").write_bytes(first[: len(first) // 2])
    (tmp_path / "rest").write_bytes(first[len(first) // 2 :])
    gate = tmp_path / "gate"
    hold = f"until [ -e {gate} ]; do sleep 0.1; done; cat {tmp_path / 'rest'}; sleep 60"
    seen = screen(tmp_path / "first", hold=f"{hold}")
    seen.until(lambda text: "messages (" in text and "messages (0)" not in text)
    time.sleep(1)
    seen.press("Space")
    held = seen.until_seen("PAUSED")
    title = held[held.index("messages (") :].split()[1]
    gate.touch()
    text = seen.until(lambda text: " 600 messages" in text or " 601 messages" in text or " 602 messages" in text)
    assert f"messages {title}" in text
    seen.press("Space")
    seen.until(lambda text: "messages (60" in text and "PAUSED" not in text)


@in_terminal
@pytest.mark.parametrize("size", in_part([(40, 10), (80, 24)], 1))
def test_small_terminals(screen: Callable[..., Screen], tmp_path: Path, size: tuple[int, int]) -> None:
    seen = screen(scene(tmp_path), width=size[0], height=size[1])
    seen.until_seen("messages (4)")
    seen.press("q")
    seen.until_seen("STATUS 0")


@pytest.mark.heavy
@in_terminal
def test_leaving_gives_the_terminal_back_with_a_summary_and_the_file(
    screen: Callable[..., Screen], tmp_path: Path
) -> None:
    kept = tmp_path / "kept.pcapng"
    seen = screen(scene(tmp_path), "--write", str(kept))
    seen.until_seen("messages (4)")
    seen.press("q")
    text = seen.until_seen("STATUS 0")
    assert "4 messages of 1 session in" in text and "Traceback" not in text
    assert kept.stat().st_size > 500


@pytest.mark.heavy
@in_terminal
def test_it_ends_by_itself_after_its_time_and_stays_when_the_traffic_ends(
    screen: Callable[..., Screen], tmp_path: Path
) -> None:
    screen(scene(tmp_path), "--for", "1").until_seen("STATUS 0", "4 messages")


@in_terminal
def test_what_is_no_capture_is_told_after_the_screen_is_gone(screen: Callable[..., Screen], tmp_path: Path) -> None:
    path = tmp_path / "nothing"
    path.write_text("no capture, but long enough to tell")
    text = screen(path).until_seen("STATUS 1")
    assert "ccxdissect: standard input: neither pcap nor pcapng: not a capture" in text


def test_without_the_library_it_says_how_to_get_it() -> None:
    script = (
        "import sys; sys.modules['textual'] = None; from ccxdissect.cli.main import main;"
        "sys.exit(main(['live', '-', '--watch']))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert done.stderr.decode() == "ccxdissect: --watch needs one more library: pip install 'ccxdissect[watch]'\n"


def test_without_a_terminal_it_says_so() -> None:
    pytest.importorskip("textual")
    done = subprocess.run(
        [sys.executable, "-m", "ccxdissect", "live", "-", "--watch"],
        cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.returncode, done.stderr.decode()) == (
        1,
        "ccxdissect: --watch needs a terminal; without --watch, rows are printed\n",
    )


def test_the_state_is_bounded_and_hands_out_each_message_once() -> None:
    from ccxdissect.watch.state import MOST_MESSAGES, WatchState, matcher

    state = WatchState(Showing())
    dissector = Dissector(UCCX_CTI)
    from ccxdissect.capture.segments import SegmentReader

    seen = 0
    given = []
    for segment in SegmentReader(busy(MOST_MESSAGES + 2000), None):
        for event in dissector.feed(segment):
            state.event(event)
            if isinstance(event, Record):
                state.message(event)
                if event.number % 700 == 0:
                    rows, seen = state.messages_after(seen)
                    given += [row.record.number for row in rows]
    rows, seen = state.messages_after(seen)
    given += [row.record.number for row in rows]
    assert given == list(range(1, seen + 1))
    everything, _ = state.messages_after(0)
    assert len(everything) == MOST_MESSAGES
    view = state.view()
    assert len(view.sessions) == 10 and len(view.agents) == 10
    fits = matcher("session:3 -heartbeat from:client", Showing())
    assert fits is not None
    chosen = [row.record for row in everything if fits(row)]
    assert chosen and {record.session.number for record in chosen} == {3}
    assert {record.name for record in chosen} == {"SET_AGENT_STATE_REQ"}
    assert matcher("  ", Showing()) is None
