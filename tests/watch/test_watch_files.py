"""Captures on the full screen, in a real terminal: what is there, how one gets around in it, and what is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from each import in_part
from live.live_traffic import ends, packet, write_capture
from terminal import ROOT, Screen, in_terminal

from building import ENCODER
from ccxdissect.capture.segment import SYN
from ccxdissect.sources.options import options
from ccxdissect.sources.trace import Trace
from ccxdissect.stream.events import Record
from ccxdissect.views.messages import Showing
from ccxdissect.watch.app import WatchApp
from ccxdissect.watch.panes import Pane
from ccxdissect.watch.reading import Reading
from ccxdissect.watch.state import View, WatchState
from conversation import CLIENT, Conversation

SAMPLES = ROOT / "samples"
QUEUED = SAMPLES / "queued-call.pcapng"
TROUBLE = SAMPLES / "trouble.pcapng"


@pytest.fixture
def watch() -> Iterator[Callable[..., Screen]]:
    made: list[Screen] = []

    def show(*arguments: object, before: str = "", **size: int) -> Screen:
        command = f"{before}{sys.executable} -m ccxdissect watch {' '.join(map(str, arguments))}"
        made.append(Screen(f"{command}; echo STATUS $?", **size))
        return made[-1]

    yield show
    for one in made:
        one.close()


def to_pane(seen: Screen, tabs: int) -> None:
    seen.press(*["Tab"] * tabs)


@pytest.mark.heavy
@in_terminal
def test_from_a_call_to_its_ladder_its_messages_and_a_file_of_it(watch: Callable[..., Screen], tmp_path: Path) -> None:
    seen = watch(QUEUED)
    text = seen.until_seen("queued-call.pcapng  read", "messages (138)", "calls (2)")
    for part in (
        "sessions (4)",
        "agents (3)",
        "findings (0)",
        "16777507 2005 -> 7000 transferred 4 s",
        "16777535 2006 -> 2007 answered",
        "agent2005      logout           last told 10:43:54",
        "     1 10:43:50.000   1 client OPEN_REQ",
    ):
        assert part in text
    to_pane(seen, 4)
    seen.press("Enter")
    text = seen.until_seen("─ call 16777535 ─", "CONSULT_CALL_CONF")
    assert "MAKE_CALL_REQ" not in text
    # Search in the ladder, and see the message that was found as a tree.
    seen.press("s")
    seen.until_seen("search for")
    seen.type("established")
    seen.press("Enter")
    seen.until(lambda text: "search for" not in text)
    seen.press("n", "N", "Enter")
    text = seen.until_seen("CALL_ESTABLISHED_EVENT (", "MessageTypeID = 10 (CALL_ESTABLISHED_EVENT)")
    assert "0000  00 00 00" in text
    seen.press("q")
    seen.until_seen("─ call 16777535 ─")
    # Save what it is of.
    out = tmp_path / "it.pcapng"
    seen.press("w")
    seen.until_seen("save the packets of call 16777535 to", "call-16777535.pcapng")
    # What is typed takes the place of the name that was offered.
    seen.type(str(out))
    seen.until_seen(str(out)[-30:])
    seen.press("Enter")
    seen.until_seen("messages of call 16777535")
    listed = subprocess.run(
        [sys.executable, "-m", "ccxdissect", "calls", str(out), "--columns", "call"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "16777535" in listed.split()
    seen.press("w")
    seen.until_seen("save the packets of call 16777535 to")
    # What is typed takes the place of the name that was offered.
    seen.type(str(out))
    seen.until_seen(str(out)[-30:])
    seen.press("Enter")
    seen.until_seen("choose another name: there already is")
    # Only its messages; and everything again.
    seen.press("m")
    seen.until(lambda text: "messages (138)" not in text and "─ call 16777535 ─" not in text)
    seen.press("Escape")
    seen.until_seen("messages (138)")
    seen.press("q")
    assert "Traceback" not in seen.until_seen("STATUS 0")


@pytest.mark.heavy
@in_terminal
def test_filters_are_those_of_the_commands_and_errors_point_at_the_character(watch: Callable[..., Screen]) -> None:
    seen = watch(TROUBLE, "--no-heartbeats")
    seen.until_seen("trouble.pcapng  read", "messages (72)", "findings (")
    seen.press("/")
    seen.until_seen("words (-word: not)")
    seen.type("AgentStat == READY")
    seen.until_seen("character 1 of 'AgentStat == READY'", "did you mean AgentState")
    seen.press("Escape")
    seen.until(lambda text: "did you mean" not in text)
    seen.press("/")
    seen.until_seen("words (-word: not)")
    seen.type("name == SET_AGENT_STATE_REQ and AgentState == READY")
    seen.until(lambda text: "did you mean" not in text and "messages (1)" in text)
    seen.press("Enter", "Escape")
    seen.until_seen("messages (72)")
    seen.press("?")
    seen.until_seen("save the packets of the chosen session, call or agent as pcapng")
    seen.press("Escape")
    seen.press("Right", "Right", "Right")
    seen.until(lambda text: "client OPEN_REQ" not in text and "messages (72)" in text)


@pytest.mark.heavy
@in_terminal
def test_standard_input_and_a_small_terminal(watch: Callable[..., Screen]) -> None:
    seen = watch("-", before=f"cat {TROUBLE} | ", width=60, height=20)
    seen.until_seen("standard input  read", "messages (81)")
    seen.press("q")
    seen.until_seen("STATUS 0")


@in_terminal
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("/etc/hostname", "/etc/hostname: neither pcap nor pcapng: not a capture"),
        ("absent.pcap", "absent.pcap: no such file"),
    ],
)
def test_what_cannot_be_read_is_told_after_the_screen_is_gone(
    watch: Callable[..., Screen], given: str, said: str
) -> None:
    text = watch(given).until_seen("STATUS 1")
    assert f"ccxdissect: {said}" in text and "Traceback" not in text


def test_without_a_terminal_it_says_what_prints() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ccxdissect", "watch", str(QUEUED)], capture_output=True, stdin=subprocess.DEVNULL
    )
    said = b"ccxdissect: watch needs a terminal; `ccxdissect messages` prints rows\n"
    assert (done.returncode, done.stderr) == (1, said)


def children(parent: int) -> list[int]:
    """Those of all its threads."""
    found: list[int] = []
    for listed in Path(f"/proc/{parent}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, listed.read_text().split())
    return found


def ended(process: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    return True


@pytest.mark.parametrize("way", in_part(["hang up", "silently", "signal"], 1))
@pytest.mark.parametrize("source", ["-", pytest.param("-i lo", marks=pytest.mark.heavy)])
def test_nothing_outlives_its_terminal(source: str, way: str) -> None:
    """The terminal goes away: with a signal (it was the session's), without one, or the signal comes alone."""
    outer, inner = os.openpty()
    held, given = os.pipe()
    command = [sys.executable, "-m", "ccxdissect", "live", *source.split(), "--watch"]
    keys = held if source == "-" else inner

    def own_terminal() -> None:
        # What reads its pipe takes its keys from the terminal of its session, and has to have one.
        os.setsid()
        if way != "silently" or source == "-":
            import fcntl
            import termios

            fcntl.ioctl(inner, termios.TIOCSCTTY, 0)
        if way == "silently":
            # The screen asks for the signal itself; this one never comes.
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])

    environment = {**os.environ, "TERM": "xterm-256color"}
    process = subprocess.Popen(
        command, stdin=keys, stdout=inner, stderr=inner, env=environment, preexec_fn=own_terminal
    )
    os.close(inner)
    os.close(held)
    try:
        drawn = b""
        until = time.monotonic() + 60
        while b"messages" not in drawn and time.monotonic() < until:
            drawn += os.read(outer, 65536)
        assert b"messages" in drawn
        while source != "-" and not children(process.pid) and time.monotonic() < until:
            time.sleep(0.1)
        helpers = children(process.pid)
        assert source == "-" or helpers
        if way == "signal":
            process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + 25
            with contextlib.suppress(OSError):
                while process.poll() is None and time.monotonic() < deadline:
                    os.read(outer, 65536)
        os.close(outer)
        process.wait(timeout=25)
        until = time.monotonic() + 10
        while not all(map(ended, helpers)) and time.monotonic() < until:
            time.sleep(0.1)
        assert [one for one in helpers if not ended(one)] == []
    finally:
        process.kill()
        process.wait()
        os.close(given)


@pytest.mark.heavy
@in_terminal
def test_keys_typed_in_a_burst_go_where_they_are_meant_to(watch: Callable[..., Screen]) -> None:
    """All at once, as a paste or a slow line brings them: the filter, the search in a ladder, and back."""
    seen = watch(TROUBLE)
    seen.until_seen("trouble.pcapng  read", "messages (81)")
    seen.type("/--type AGENT_STATE_EVENT --agent 'RO*'\rG")
    text = seen.until_seen("messages (3)")
    assert "AGENT_STATE_EVENT              agent rosa ext 2602" in text
    seen.press("Escape")
    seen.until_seen("messages (81)")
    seen.type("\t\t\t\t\rsestablished\rn")
    seen.until_seen("─ call 16779001 ─", "CALL_ESTABLISHED_EVENT")
    seen.type("q/name == OPEN_RQ")
    seen.until_seen("character 9 of 'name == OPEN_RQ': name is never 'OPEN_RQ'; did you mean OPEN_REQ")
    seen.press("Escape")
    seen.type("/nothing such\r")
    seen.until_seen("messages (0)", "nothing of 81 messages fits; there was 2025-03-10 11:20:00.000644")
    seen.press("Escape")
    seen.type("?")
    seen.until_seen("Kept are the last 100,000 messages of files, the last 5,000 of live traffic")
    seen.type("qq")
    seen.until_seen("STATUS 0")


@pytest.mark.heavy
@in_terminal
def test_a_ladder_shows_how_connections_end(watch: Callable[..., Screen], tmp_path: Path) -> None:
    """Of a session all of it, of a call what ended while it went on, and of a connection that failed the attempts."""
    seen = watch(TROUBLE, width=160)
    seen.until_seen("trouble.pcapng  read", "sessions (6)")
    seen.type("\t\tG\r")
    seen.until_seen("─ session 1 ─", "OPEN_REQ", "FAILURE_CONF", "RST", "connection reset by the client")
    seen.type("qg\r")
    seen.until_seen("─ session 6 ─", "connection reset by the client")
    talk = Conversation()
    for second in range(3):
        talk.add(CLIENT, SYN)
        talk.segments[-1] = talk.segments[-1]._replace(seq=1000, time=talk.segments[-1].time + second * 10**9)
    path = tmp_path / "filtered.pcapng"
    other = Conversation((7, 8), (ends(5)[0], (b"\x0a\0\0\x09", 12028))).handshake()
    other.send(CLIENT, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 1}, version=14))
    write_capture(str(path), [packet(segment) for segment in [*other.segments, *talk.segments]])
    seen = watch(path, width=160)
    seen.until_seen("filtered.pcapng  read", "sessions (2)")
    seen.type("\t\t\r")
    seen.until_seen("─ session 2 ─", "SYN", "3 attempts to connect in 2.0 s, no answer")


@pytest.mark.heavy
def test_what_is_kept_no_longer_is_said() -> None:
    """Of more messages than are kept: in the title of the pane, and above a ladder."""
    made: list[str] = []

    class Counting(WatchApp):
        async def push_screen(self, screen: object, *more: object, **others: object) -> object:  # type: ignore[override]
            made.extend(f"{line}" for line in getattr(screen, "_lines", ()))
            return await super().push_screen(screen, *more, **others)  # type: ignore[misc, call-overload]

    class Slow(WatchState):
        """Looked at several times while its messages come."""

        def message(self, record: Record) -> None:
            time.sleep(0.005)
            super().message(record)

    async def looked() -> tuple[str, ...]:
        given = options()
        state = Slow(Showing(), 30)
        app = Counting(Reading(Trace([str(QUEUED)], given), "x", state), state, given)
        async with app.run_test(size=(160, 50)) as pilot:
            while not app._drawn or app._seen < 138:
                await pilot.pause(0.05)
            await pilot.press("tab", "tab", "enter")
            await pilot.pause()
            return tuple(str(pane.border_title) for pane in app.screen_stack[0].query(Pane))

    titles = asyncio.run(looked())
    assert titles[0] == "messages (30 of the last 30 of 138)"
    assert made[0] == "of the last 30 messages; 108 before them are not kept"


def test_read_is_said_of_what_is_shown_only() -> None:
    """When the end comes after the view was taken and before it is drawn: that it is read is said with the next view."""
    looked, told = threading.Event(), []

    class Late(WatchState):
        """Whose end waits for a look, which waits for the end."""

        def over(self) -> None:
            looked.wait(10)
            super().over()

        def view(self) -> View:
            taken = super().view()
            looked.set()
            app._thread.join()
            return taken

    class Telling(Reading):
        def state(self, is_open: bool, ended: bool) -> str:
            told.append(super().state(is_open, ended))
            return told[-1]

    async def shown() -> None:
        async with app.run_test(size=(160, 50)) as pilot:
            while len(told) < 2:
                await pilot.pause(0.05)

    given = options()
    state = Late(Showing())
    app = WatchApp(Telling(Trace([str(QUEUED)], given), "x", state), state, given)
    asyncio.run(shown())
    assert told[:2] == ["reading", "read"]
