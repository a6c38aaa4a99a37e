"""Packets cut out, as their users ask for them: whole outputs."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from commands import run

SAMPLES = Path(__file__).parents[2] / "samples"
EXCERPT = (
    "note: an excerpt: packets of its sessions were left out when it was cut out of another capture; what seems to be "
    "lacking, a reply or a heartbeat, may have been in them\n"
)
QUEUED = str(SAMPLES / "queued-call.pcapng")


def test_a_call_is_cut_out_and_read_again(tmp_path: Path) -> None:
    out = str(tmp_path / "call.pcapng")
    assert run("cut", QUEUED, "--call", "0x100013f", "-o", out) == (
        0,
        "",
        "53 packets of 4 sessions, 29 messages\n",
    )
    assert run("messages", out, "--columns", "session,from,name", "-c", "3") == (
        0,
        "  session  from    name\n"
        "---------  ------  -----------------\n"
        "        3  client  CONSULT_CALL_REQ\n"
        "        3  server  CONSULT_CALL_CONF\n"
        "        1  server  BEGIN_CALL_EVENT\n",
        EXCERPT,
    )
    assert run("cut", QUEUED, "--session", "2", "-o", out) == (
        1,
        "",
        f"ccxdissect: {out}: is there already: --force replaces it\n",
    )
    assert run("cut", QUEUED, "--session", "2", "-o", out, "--force") == (
        0,
        "",
        "47 packets of 1 session, 28 messages\n",
    )


@pytest.mark.heavy
def test_through_a_pipe_and_redacted(tmp_path: Path) -> None:
    """The cut is an excerpt still, and what it leaves out is not taken for lost."""
    out, packed = str(tmp_path / "out.pcapng"), tmp_path / "out.pcapng.gz"
    cutting = [sys.executable, "-m", "ccxdissect", "cut", QUEUED, "--call", "16777507", "-o", "-"]
    cut = subprocess.run(cutting, capture_output=True, check=True, timeout=60)
    assert cut.stderr == b"76 packets of 4 sessions, 52 messages\n"
    assert run("redact", "-", out, "--quiet", stdin=cut.stdout) == (0, "", "")
    status, rows, said = run("messages", out, "--columns", "type", "--format", "csv")
    assert (status, said) == (0, EXCERPT)
    plain = run("messages", QUEUED, "--call", "16777507", "--columns", "type", "--format", "csv")
    assert plain == (0, rows, "")
    assert run("findings", out, "--format", "csv") == (0, "severity,rule,session,message,time,text\n", EXCERPT)
    counted = run("sql", "-", "SELECT count(*) AS messages FROM messages", "--format", "csv", stdin=cut.stdout)
    assert (counted.returncode, counted.stdout) == (0, "messages\n52\n")
    assert run("cut", QUEUED, "--call", "16777507", "-o", str(packed))[0] == 0
    assert gzip.decompress(packed.read_bytes()) == cut.stdout


def test_what_makes_no_sense_is_said(tmp_path: Path) -> None:
    out = str(tmp_path / "out.pcapng")
    assert run("cut", QUEUED, "-o", out) == (
        2,
        "",
        "ccxdissect: what is to be cut out? --session, --call, --agent, --from and --to and others say it\n",
    )
    assert run("cut", QUEUED, "--session", "9", "-o", out) == (
        1,
        "",
        "ccxdissect: nothing to cut out: nothing of 138 messages fits; there was 2025-03-04 10:43:50.000528 to "
        "10:43:54.597424 UTC; sessions 1, 2, 3, 4; agents agent2005, agent2006, agent2007; calls 16777507, 16777535; types "
        "OPEN_REQ, OPEN_CONF, SET_AGENT_STATE_REQ, SET_AGENT_STATE_CONF, AGENT_STATE_EVENT, MAKE_CALL_REQ, MAKE_CALL_CONF, "
        "BEGIN_CALL_EVENT, CALL_SERVICE_INITIATED_EVENT, CALL_ORIGINATED_EVENT ...\n",
    )
    log = str(SAMPLES / "server.mivr.log")
    assert run("cut", log, "--session", "1", "-o", out) == (
        1,
        "",
        f"ccxdissect: {log}: is a log, which holds no packets: only captures can be cut\n",
    )
    assert not Path(out).exists()
