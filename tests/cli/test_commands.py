"""The commands as their users run them: whole outputs, exit statuses, and input that is not what it should be."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ccxdissect.cli.main import command, command_names
from commands import run

SAMPLES = Path(__file__).parents[2] / "samples"
QUEUED = str(SAMPLES / "queued-call.pcapng")
TROUBLE = str(SAMPLES / "trouble.pcapng")


def rows(*arguments: str) -> list[dict[str, object]]:
    """The objects of a command's JSON lines."""
    done = run(*arguments, "--format", "jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_help_names_every_command_and_imports_nothing_that_takes_time() -> None:
    script = (
        "import sys; from ccxdissect.cli.main import build_parser; print(build_parser().format_help());"
        "print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    for name in command_names():
        assert re.search(rf"^    {name}\s+{re.escape(command(name).SUMMARY[:30])}", done.stdout, re.MULTILINE), name
    imported = done.stderr.split()
    assert not {"scapy", "pyshark", "tabulate", "tqdm", "textual", "numpy", "pyarrow", "duckdb"} & {*imported}
    ours = {name.split(".")[1] for name in imported if name.startswith("ccxdissect.")}
    assert ours == {"cli", "release"}


def test_the_help_of_a_command_is_its_own() -> None:
    for name in command_names():
        assert run(name, "--help").stdout.startswith(f"usage: ccxdissect {name} ")


def test_messages_have_the_keys_that_scripts_rely_on() -> None:
    found = rows("messages", QUEUED)
    assert [row["number"] for row in found] == list(range(1, len(found) + 1))
    assert list(found[0]) == [
        "number",
        "frame",
        "time",
        "session",
        "from",
        "src",
        "dst",
        "version",
        "type",
        "name",
        "class",
        "kind",
        "length",
        "fixed",
        "floating",
        "labels",
        "problems",
    ]
    begins = [row for row in found if row["name"] == "BEGIN_CALL_EVENT"]
    assert begins[0]["fixed"]["CallID"] == 16777507  # type: ignore[index]
    assert all(row["problems"] == [] for row in found)


def test_filters_choose_messages() -> None:
    assert {row["name"] for row in rows("messages", QUEUED, "--type", "hold_call_req,OPEN_REQ")} <= {
        "HOLD_CALL_REQ",
        "OPEN_REQ",
    }
    assert {row["class"] for row in rows("messages", QUEUED, "--class", "agent_state")} == {"agent_state"}
    assert {row["kind"] for row in rows("messages", QUEUED, "--kind", "request")} == {"request"}
    assert {row["session"] for row in rows("messages", QUEUED, "--session", "2")} == {2}
    some = rows("messages", QUEUED, "--call", "16777507")
    assert some and len(some) < len(rows("messages", QUEUED))
    assert run("messages", QUEUED, "--type", "OPN_REQ").returncode == 2
    assert run("messages", QUEUED, "--class", "nothing").returncode == 2


def test_reserved_slots_and_secrets_are_shown_only_when_asked_for() -> None:
    plain = rows("messages", TROUBLE, "--type", "OPEN_REQ")[0]
    assert "PeripheralID" not in plain["fixed"]  # type: ignore[operator]
    assert {"tag": 2, "name": "ClientPassword", "value": "***"} in plain["floating"]  # type: ignore[operator]
    full = rows("messages", TROUBLE, "--type", "OPEN_REQ", "--reserved", "--show-secrets")[0]
    assert full["fixed"]["PeripheralID"] == 0  # type: ignore[index]
    assert "***" not in str(full["floating"])


def test_csv_has_one_row_a_message() -> None:
    lines = run("messages", QUEUED, "--format", "csv").stdout.splitlines()
    assert lines[0] == "number,frame,time,session,from,src,dst,version,type,name,class,kind,length,problems,says"
    assert len(lines) == 1 + len(rows("messages", QUEUED))


def test_a_capture_may_be_gzipped_or_come_through_a_pipe(tmp_path: Path) -> None:
    data = Path(QUEUED).read_bytes()
    packed = tmp_path / "x.gz"
    packed.write_bytes(gzip.compress(data))
    plain = run("messages", QUEUED).stdout
    assert run("messages", str(packed)).stdout == plain
    assert run("messages", "-", stdin=data).stdout == plain


@pytest.mark.parametrize(
    "command", ["messages", "summary", "sessions", "exchanges", "findings", "calls", "agents", "stats"]
)
def test_what_cannot_be_read_is_one_line_and_status_1(command: str, tmp_path: Path) -> None:
    strange = tmp_path / "strange.pcap"
    strange.write_bytes(b"this is no capture at all")
    empty = tmp_path / "empty.pcap"
    empty.touch()
    for path in (strange, empty, tmp_path / "absent.pcap", tmp_path):
        done = run(command, str(path))
        assert done.returncode == 1, done
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1
        assert path.name in done.stderr


def test_wrong_usage_is_status_2() -> None:
    assert run().returncode == 2
    assert run("messages").returncode == 2
    assert run("messages", "--format", "xml", QUEUED).returncode == 2
    assert run("nonsense").returncode == 2
    assert run("messages", "--port", "0", QUEUED).returncode == 2


def test_a_closed_pipe_ends_quietly() -> None:
    command = f"{sys.executable} -m ccxdissect messages {QUEUED} --format jsonl | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 1)


def test_a_capture_without_our_ports_says_which_there_are(tmp_path: Path) -> None:
    done = run("messages", QUEUED, "--port", "9999")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].split("  ")[0] == "number" and len(done.stdout.splitlines()) == 2
    assert "on port 9999; the busiest other TCP ports are 12028" in done.stderr
    assert done.stderr.rstrip().endswith("`ccxdissect summary` looks into them")


def test_a_truncated_capture_gives_what_is_whole_and_says_so(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcapng"
    cut.write_bytes(Path(QUEUED).read_bytes()[:-1500])
    done = run("messages", str(cut), "--format", "jsonl")
    assert done.returncode == 0
    assert 0 < len(done.stdout.splitlines()) < len(rows("messages", QUEUED))
    assert "cut.pcapng" in done.stderr


def test_show_draws_one_message_with_its_bytes() -> None:
    done = run("show", QUEUED, "1")
    assert done.returncode == 0
    assert "BodyLength = " in done.stdout and "InvokeID: 1" in done.stdout
    missing = run("show", QUEUED, "999999")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "there is no message 999999" in missing.stderr


def test_spec_prints_the_layout_of_a_message() -> None:
    assert run("spec", "CLOSE_REQ").stdout == (
        "CLOSE_REQ, message type 7\n"
        "Asks to end the session.\n"
        "\n"
        "session request, sent by the client\n"
        "answered by CLOSE_CONF, or by a failure\n"
        "\n"
        "Fixed part\n"
        "offset      bytes  type    field     meaning                                            from\n"
        "--------  -------  ------  --------  -------------------------------------------------  ------\n"
        "0               4  UINT    InvokeID  chosen by the client, copied into the reply        guide\n"
        "4               4  UINT    Status    reason for closing: E_CTI status code; StatusCode  guide\n"
        "\n"
        "No floating part\n"
        "\n"
        "Source: page close_req of the guide.\n"
        "Wireshark: uccx_cti.message_type == 7\n"
    )


def test_spec_lists_all_messages() -> None:
    lines = run("spec").stdout.splitlines()
    assert len(lines) == 2 + 95


def test_explain_tells_what_each_dialect_means_by_a_number() -> None:
    found = [json.loads(line) for line in run("explain", "240", "--format", "jsonl").stdout.splitlines()]
    named = {(row["name"], row["dialect"]) for row in found if row["what"] == "message"}
    assert named == {("QUERY_AGENT_QUEUE_STATISTICS_CONF", "ccx"), ("CALL_ATTRIBUTE_CHANGE_EVENT", "cce")}
    found = [json.loads(line) for line in run("explain", "RETRIEVE_CALL_CONF", "--format", "jsonl").stdout.splitlines()]
    assert [(row["name"], row["dialect"]) for row in found] == [("RETRIEVE_CALL_CONF", "ccx, cce")]


def test_a_dialect_that_is_not_there_is_wrong_usage() -> None:
    done = run("sessions", str(SAMPLES / "queued-call.pcapng"), "--dialect", "ccy")
    assert done.returncode == 2
    assert done.stderr == "ccxdissect: no dialect is called 'ccy': there are auto, ccx, cce\n"


def test_explain_finds_a_code_in_every_table() -> None:
    done = run("explain", "265", "--format", "jsonl", "--dialect", "ccx")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["what"], row["name"]) for row in found] == [("ControlFailureCode", "CF_INVALID_AGENT_WORKMODE")]
    done = run("explain", "E_CTI_SERVER_NOT_MASTER", "--format", "jsonl", "--dialect", "ccx")
    (row,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (row["what"], row["value"], row["meaning"]) == ("StatusCode", "92", "standby server")
    nothing = run("explain", "no_such_name")
    assert (nothing.returncode, nothing.stdout) == (1, "")


def test_the_byte_law_holds_in_sessions() -> None:
    for sample in sorted(SAMPLES.glob("*.pcapng")):
        for row in rows("sessions", str(sample)):
            for side in ("client", "server"):
                counts = row["bytes"][side]  # type: ignore[index]
                assert counts["payload"] == counts["decoded"] + counts["undecoded"] + counts["duplicate"]
                assert counts["missing"] == 0, sample
                # Of one message of the samples nobody knows the fields: MEDIA_LOGIN_REQ of Unified CCE.
                unknown = (sample.stem, row["session"], side) == ("cce-queued-call", 1, "client")
                assert counts["undecoded"] == (12 if unknown else 0), sample


def test_exchanges_have_the_keys_that_scripts_rely_on() -> None:
    found = rows("exchanges", TROUBLE)
    assert list(found[0])[:12] == [
        "session",
        "invoke_id",
        "request",
        "request_name",
        "request_time",
        "reply",
        "reply_name",
        "reply_time",
        "latency",
        "outcome",
        "failure",
        "triggered",
    ]
    assert {"confirmed", "failed", "unanswered"} <= {row["outcome"] for row in found}
    requests = [row["request"] for row in found if row["request"]]
    assert requests == sorted(requests)  # type: ignore[type-var]


def test_findings_have_the_keys_that_scripts_rely_on() -> None:
    found = rows("findings", TROUBLE)
    assert set(found[0]) == {"severity", "rule", "session", "message", "time", "text"}
    assert {row["severity"] for row in rows("findings", TROUBLE, "--least", "error")} == {"error"}


def test_ladder_writes_text_mermaid_and_svg(tmp_path: Path) -> None:
    assert "OPEN_REQ" in run("ladder", QUEUED, "--session", "1").stdout
    assert run("ladder", QUEUED, "--format", "mermaid").stdout.startswith("sequenceDiagram")
    file = tmp_path / "ladder.svg"
    assert run("ladder", QUEUED, "--format", "svg", "--output", str(file)).returncode == 0
    assert file.read_text().lstrip().startswith("<")
    none = run("ladder", QUEUED, "--call", "1")
    assert none.returncode == 1 and " messages fits; there was " in none.stderr
