"""Every view under every encoding that a terminal may have, and on terminals that can do little."""

from __future__ import annotations

import argparse
import codecs
import contextlib
import io
import os
import pty
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path
from xml.etree import ElementTree

import pytest
from live.live_traffic import packet, write_capture

from building import ENCODER
from ccxdissect.cli.main import main
from ccxdissect.cli.output import destination
from ccxdissect.errors import escape_lacking
from commands import run
from conversation import CLIENT, SERVER, Conversation

SAMPLES = Path(__file__).parents[2] / "samples"
#: What no XML has, what no terminal should obey, what other encodings lack.
NAME = "Zoë山\ufffe\uffff\x1b[31m\u202e\U0001f600"
VIEWS = [
    ("summary",), ("messages",), ("messages", "--format", "jsonl"), ("messages", "--format", "csv"), ("sessions",),
    ("exchanges",), ("calls",), ("agents",), ("findings",), ("stats",), ("ladder",), ("ladder", "--format", "svg"),
    ("ladder", "--format", "mermaid"),
]  # fmt: skip


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A login that is refused, of an agent with an impossible name, and its call."""
    talk = Conversation().handshake()
    opening = {"InvokeID": 1, "VersionNumber": 14, "ServicesRequested": 1}
    who = [("ClientID", NAME), ("ClientPassword", ""), ("AgentID", NAME), ("AgentExtension", "2005")]
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", opening, who, version=14))
    talk.send(
        SERVER, ENCODER.encode("OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1, "ServicesGranted": 1}, version=14)
    )
    talk.send(CLIENT, ENCODER.encode("SET_AGENT_STATE_REQ", {"InvokeID": 2}, [("AgentID", NAME)], version=14))
    why = {"InvokeID": 2, "FailureCode": 265}
    talk.send(SERVER, ENCODER.encode("CONTROL_FAILURE_CONF", why, [("Text", NAME)], version=14))
    talk.send(SERVER, ENCODER.encode("BEGIN_CALL_EVENT", {"CallID": 7}, [("ANI", NAME)], version=14))
    path = tmp_path_factory.mktemp("encodings") / "capture.pcapng"
    write_capture(str(path), [packet(segment) for segment in talk.segments])
    return str(path)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
@pytest.mark.parametrize("view", VIEWS, ids=" ".join)
def test_a_view_in_an_encoding(
    view: tuple[str, ...], encoding: str, capture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, said = (io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True) for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", said)
    assert main([view[0], capture, *view[1:]]) == 0
    text = out.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    assert text.strip()
    assert "\x1b" not in text and "\u202e" not in text and "\ufffe" not in text
    if view[-1] == "svg" and encoding == "utf-8":
        ElementTree.fromstring(text)


def test_a_picture_in_a_file_holds_no_character_that_xml_does_not_know(capture: str, tmp_path: Path) -> None:
    out = tmp_path / "ladder.svg"
    assert main(["ladder", capture, "--format", "svg", "--output", str(out), "--agent", NAME]) == 0
    drawn = ElementTree.parse(out).getroot()
    assert "Zoë山\\ufffe\\uffff\\x1b[31m\\u202e\U0001f600" in "".join(drawn.itertext())


@pytest.mark.parametrize("view", ["summary", "messages", "calls", "ladder"])
def test_a_terminal_of_ten_columns_that_knows_nothing(view: str, capture: str) -> None:
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 5, 10, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, "-m", "ccxdissect", view, capture],
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env={**environment, "TERM": "dumb", "LC_ALL": "C"},
    )  # fmt: skip
    os.close(theirs)
    told = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:
            break
        if not more:
            break
        told += more
    os.close(ours)
    assert process.wait(30) == 0
    assert told.strip() and b"Traceback" not in told


def test_without_any_terminal(capture: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ccxdissect", "summary", capture],
        stdin=subprocess.DEVNULL, capture_output=True, env={"LC_ALL": "C", "PATH": os.environ["PATH"]}, timeout=60,
        start_new_session=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout and b"Traceback" not in done.stderr


def test_a_ladder_for_a_terminal_of_ascii_is_drawn_with_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = {}
    for encoding in ("ascii", "utf-8"):
        out = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["ladder", str(SAMPLES / "login-good.pcapng"), "--type", "AGENT_STATE_EVENT"]) == 0
        lines = out.buffer.getvalue().decode(encoding).splitlines()  # type: ignore[attr-defined]
        drawn[encoding] = [line for line in lines if "AGENT_STATE_EVENT" in line]
    assert drawn["ascii"] == [
        "08:00:00.031721  5                     |<......... AGENT_STATE_EVENT ...........|  agent imke ext 2711 phone 2711 -> "
        "NOT_READY reason AGT_LOGON",
        "08:00:00.032559  8                     |<......... AGENT_STATE_EVENT ...........|  agent imke ext 2711 phone 2711 -> "
        "READY",
    ]
    assert [line.replace("·", ".") for line in drawn["utf-8"]] == drawn["ascii"] != drawn["utf-8"]


BYTES = "caf\udce9"
# The command does so when it begins.
codecs.register_error("ccxdissect", escape_lacking)


@pytest.fixture
def with_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder at hand, with a capture whose name is no UTF-8, and a file that is none."""
    try:
        (tmp_path / f"{BYTES}.pcapng").write_bytes((SAMPLES / "login-good.pcapng").read_bytes())
    except (OSError, UnicodeError):
        pytest.skip("such names cannot be here")
    (tmp_path / f"{BYTES}.txt").write_text("junk")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ("summary", "absent-BYTES"),
        ("messages", "BYTES.txt"),
        ("messages", "BYTES.pcapng", "-o", "BYTES.txt"),
        ("show", "BYTES"),
        ("BYTES",),
        ("summary", "BYTES.pcapng", "--no-BYTES"),
        ("compare", "BYTES.pcapng", "BYTES.pcapng"),
        ("compare", "BYTES.pcapng", "BYTES.txt"),
        ("redact", "BYTES.pcapng", "BYTES.txt"),
        ("redact", "BYTES.pcapng", "copy", "--key", "absent-BYTES"),
        ("export", "BYTES.pcapng", "BYTES.txt", "-o", "tables-BYTES"),
        ("export", "BYTES.pcapng", "-o", "BYTES.txt"),
        ("sql", "BYTES.pcapng", "SELECT DISTINCT capture FROM messages"),
        ("lua", "-o", "BYTES.lua"),
        ("lua", "--check", "BYTES.txt"),
        ("lab", "serve", "BYTES.txt"),
    ],
    ids=" ".join,
)
def test_a_name_that_is_no_utf_8_is_told_in_one_way_everywhere(arguments: tuple[str, ...], with_bytes: Path) -> None:
    done = run(*(one.replace("BYTES", BYTES) for one in arguments))
    said = done.stdout + done.stderr
    assert "caf\\xe9" in said and "udce9" not in said


def test_so_it_is_told_in_a_file(with_bytes: Path) -> None:
    with _standard_output_to("out.txt"):
        print(BYTES)
    assert Path("out.txt").read_text("utf-8") == "caf\\xe9\n"


def _standard_output_to(path: str) -> contextlib.AbstractContextManager[None]:
    return destination(
        argparse.Namespace(text_output=path, force=False, no_pager=True, usage_of=argparse.ArgumentParser())
    )


def test_what_an_encoding_lacks_is_escaped_as_python_does_it() -> None:
    text = "Zoë山\U0001f600\ud800\udce9\udc80"
    lacking = text.encode("ascii", "ccxdissect").decode()
    assert lacking == "Zo\\xeb\\u5c71\\U0001f600\\ud800\\xe9\\x80"
    assert text[:4].encode("ascii", "ccxdissect") == text[:4].encode("ascii", "backslashreplace")
