"""`redact` leaves no original data behind and overwrites nothing it was not told to."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from ccxdissect.capture.segments import read_segments
from ccxdissect.capture.spooled import reopenable
from ccxdissect.errors import CaptureError
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.redact.files import redact_file
from ccxdissect.redact.packets import tcp_payload
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Loss

SAMPLES = Path(__file__).parents[2] / "samples"
TROUBLE = SAMPLES / "trouble.pcapng"
COMMAND = [sys.executable, "-m", "ccxdissect", "redact"]


def redact(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, timeout=100, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_what_is_there_already_is_replaced_only_with_force(tmp_path: Path) -> None:
    out = tmp_path / "out.pcap"
    out.write_bytes(b"mine")
    refused = redact(TROUBLE, out)
    assert (refused.returncode, refused.stderr) == (
        1,
        f"ccxdissect: {out}: is there already: --force replaces it\n".encode(),
    )
    assert out.read_bytes() == b"mine"
    assert redact(TROUBLE, out, "--force", "--quiet").returncode == 0
    assert out.read_bytes()[:4] != b"mine"


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"mine")
    link.symlink_to(target)
    refused = redact(TROUBLE, link)
    assert refused.returncode == 1 and b"is a symbolic link, which is not followed" in refused.stderr
    assert redact(TROUBLE, link, "--force", "--quiet").returncode == 0
    assert target.read_bytes() == b"mine" and not link.is_symlink()


def test_what_is_no_capture_is_refused_before_it_is_kept(tmp_path: Path) -> None:
    refused = redact("/dev/zero", tmp_path / "out")
    assert (refused.returncode, refused.stderr) == (
        1,
        b"ccxdissect: /dev/zero: neither pcap nor pcapng: not a capture\n",
    )
    piped = redact("-", tmp_path / "out", input=b"\0" * 100_000)
    assert piped.returncode == 1 and b"not a capture" in piped.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_redacted_as_its_file_is(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(bytes(range(32)))
    for sample in (TROUBLE, SAMPLES / "server.mivr.log"):
        from_file = redact(sample, "-", "--key", key, "--quiet").stdout
        assert len(from_file) > 1000
        assert redact("-", "-", "--key", key, "--quiet", input=sample.read_bytes()).stdout == from_file


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_removes_everything(tmp_path: Path, number: int) -> None:
    spool, out = tmp_path / "spool", tmp_path / "out"
    spool.mkdir()
    out.mkdir()
    environment = {**os.environ, "TMPDIR": str(spool)}
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [*COMMAND, str(fifo), str(out / "copy.pcap")], env=environment, stderr=subprocess.DEVNULL
    )
    with open(fifo, "wb", buffering=0) as pipe:
        pipe.write(TROUBLE.read_bytes())
        deadline = time.monotonic() + 60
        while not (kept := list(spool.iterdir())):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    assert list(spool.iterdir()) == [] and list(out.iterdir()) == []


def test_a_request_to_end_while_the_copy_of_a_pipe_comes_into_being_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool, fifo, real = tmp_path / "spool", tmp_path / "fifo", os.open
    spool.mkdir()
    os.mkfifo(fifo)
    monkeypatch.setattr(tempfile, "tempdir", str(spool))

    def opened(path: str, *how: int, **more: int) -> int:
        made = real(path, *how, **more)
        if Path(path).parent == spool:
            os.close(made)
            assert list(spool.iterdir()) != []
            raise SystemExit(143)
        return made

    monkeypatch.setattr(os, "open", opened)
    with pytest.raises(SystemExit), reopenable([str(fifo)]):
        pass
    assert list(spool.iterdir()) == []


def test_options_of_usual_kinds_with_other_sizes_are_blanked() -> None:
    header = bytearray(20) + b"\x02\x06SMIT" + b"\x03\x03\x07" + b"\x08\x03X"
    header[12] = len(header) // 4 << 4
    made = tcp_payload(bytes(header), b"", bytes(4), bytes(4))
    assert made[20:] == b"\x01" * 6 + b"\x03\x03\x07" + b"\x01" * 3


def test_the_words_in_a_lines_head_that_are_not_its_own_are_blanked(tmp_path: Path) -> None:
    log, out = tmp_path / "a.log", tmp_path / "b.log"
    log.write_text(
        "12: Nov 20 10:43:59.435 EDT %JOHN-SMITH-7-Mueller:hello\n"
        "13: Nov 20 10:43:59.435 EDT %MIVR-ICD_CTI-7-UNK:writing...\n"
    )
    redact_file(UCCX_CTI, str(log), str(out), frozenset(UCCX_CTI.ports))
    first, second = out.read_text().splitlines()[:2]
    assert first == "Nov 20 10:43:59.435 EDT %XXXX-XXXXX-7-XXXXXXX:"
    assert second.startswith("Nov 20 10:43:59.435 EDT %MIVR-ICD_CTI-7-UNK:")


def partials(path: Path) -> list[tuple[str, dict[str, object]]]:
    dissector = Dissector(UCCX_CTI)
    events: list[Event] = []
    for segment in read_segments(str(path), frozenset(UCCX_CTI.ports)):
        events += dissector.feed(segment)
    events += dissector.flush()
    cut = [event.partial for event in events if isinstance(event, Loss) and event.partial is not None]
    return [(partial.name, dict(partial.fixed)) for partial in cut]


def test_a_cut_message_reads_the_same_in_the_copy(tmp_path: Path) -> None:
    cut, out = tmp_path / "cut.pcap", tmp_path / "out.pcap"
    subprocess.run(["editcap", "-F", "pcap", "-s", "110", str(TROUBLE), str(cut)], check=True)
    redact_file(UCCX_CTI, str(cut), str(out), frozenset(UCCX_CTI.ports))
    assert partials(out) == partials(cut)
    assert any(name == "OPEN_REQ" and fixed["VersionNumber"] for name, fixed in partials(cut))


@pytest.mark.parametrize("how", ["replaced", "cut short"])
def test_a_capture_that_changes_between_two_readings_is_not_redacted(how: str, tmp_path: Path) -> None:
    given, out = tmp_path / "given.pcapng", tmp_path / "out.pcapng"
    given.write_bytes(TROUBLE.read_bytes())
    (tmp_path / "other").write_bytes((SAMPLES / "queued-call.pcapng").read_bytes())

    def after_reading(_: int) -> None:
        if how == "cut short":
            os.truncate(given, 2000)
        elif (tmp_path / "other").exists():
            (tmp_path / "other").replace(given)

    with pytest.raises(CaptureError) as error:
        redact_file(UCCX_CTI, str(given), str(out), frozenset({12028}), progress=after_reading)
    assert str(error.value) == f"{given}: was replaced or cut short while it was read"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(("out", "."))] == []
