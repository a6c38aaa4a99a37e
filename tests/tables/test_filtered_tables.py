"""Tables of what a filter keeps: the same messages that other commands list, whoever does the work and however."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from each import in_part
from tables.comparing import GIVEN, rows

import ccxdissect
from ccxdissect import columns
from ccxdissect.analysis.filters import Filter
from ccxdissect.tables import export as exporting
from ccxdissect.tables.dataset import SUCCESS
from ccxdissect.tables.export import Order, export, units
from ccxdissect.tables.plan import plan
from ccxdissect.tables.work import do
from commands import run

SAMPLES = Path(__file__).parents[2] / "samples"
TROUBLE, QUEUED = str(SAMPLES / "trouble.pcapng"), str(SAMPLES / "queued-call.pcapng")
#: Some that judge each message by itself, and some that do not.
FILTERS = [
    Filter(heartbeats=False),
    Filter(types=("OPEN_REQ", "agent-state-event"), where="length > 20"),
    Filter(sessions=(2,)),
    Filter(agents=("ro*",)),
    Filter(calls=(16777507,)),
    Filter(start="+1s", end="+5s"),
    Filter(where="number in (3, 100)"),
    Filter(kinds=("request",), most=9),
]


def exported(folder: Path, keep: Filter, shares: int = 0, key: bytes | None = None) -> exporting.Exported:
    """The work goes to others and comes from them as it does between processes."""
    order = Order(str(folder), GIVEN, key=key, keep=keep)
    planned = plan([QUEUED, TROUBLE], GIVEN, together=not keep.by_itself)
    works = units(planned.groups, order, lambda group: shares)
    sent = (pickle.loads(pickle.dumps(work)) for work in works)
    return export(sent, order, workforce=lambda given: (pickle.loads(pickle.dumps(do(work))) for work in given))


@pytest.mark.parametrize("keep", in_part(FILTERS, 2), ids=lambda keep: keep.in_words())
def test_tables_hold_what_fits_and_nothing_else(keep: Filter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two captures that have nothing to do with each other: whether as objects or by columns, and shared out or not."""
    monkeypatch.setattr(columns, "WORTH_LOADING", 1)
    found = exported(tmp_path / "columns", keep)
    with ccxdissect.open(QUEUED, TROUBLE, keep=keep) as trace:
        kept = list(trace.messages())
        counts = {kind: len(list(getattr(trace, kind)())) for kind in ("sessions", "exchanges", "calls", "findings")}
    # What is read twice, to find what made a call, is not told twice: there is one hole between two captures.
    holes = [notice for notice in found.notices if "hole between files" in notice]
    assert len(holes) == (not keep.by_itself) and not [hole for hole in holes if hole.endswith(" times")]
    held = pq.read_table(tmp_path / "columns" / "messages", columns=["time", "name"]).to_pydict()
    assert len(kept) == found.messages > 0
    assert sorted(held["name"]) == sorted(record.name for record in kept)
    assert {kind: found.rows[kind] for kind in counts} == counts
    assert json.loads((tmp_path / "columns" / SUCCESS).read_text())["filter"] == keep.in_words()

    monkeypatch.setattr(columns, "WORTH_LOADING", 1 << 40)
    monkeypatch.setattr(exporting, "SHARED_FROM", 1)
    exported(tmp_path / "objects", keep, 2)
    assert rows(tmp_path / "objects") == rows(tmp_path / "columns")


def test_what_is_redacted_is_asked_for_by_its_name_and_does_not_tell_it(tmp_path: Path) -> None:
    keep = Filter(agents=("rosa",))
    plain, redacted = (exported(tmp_path / str(key), keep, key=key) for key in (None, b"k" * 32))
    assert redacted.rows == plain.rows and plain.messages == 9
    told = (tmp_path / str(b"k" * 32) / SUCCESS).read_text()
    assert re.fullmatch("redacted-[0-9a-f]{8}", json.loads(told)["filter"]) and "rosa" not in told
    assert "rosa" not in str(rows(tmp_path / str(b"k" * 32)))


@pytest.mark.heavy
def test_the_commands_take_a_filter(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    status, said, noted = run("export", QUEUED, TROUBLE, "-o", out, "--kind", "request", "--session", "10", "-c", "3")
    assert (status, noted) == (
        0,
        f"note: {QUEUED}: 1 further capture is read with it, since which messages fit depends on all of them\n"
        f"note: {TROUBLE}: frame 240: hole between files (starts 520565.402 s after the end of {QUEUED})\n",
    )
    assert said.splitlines()[0] == (
        f"{out}: 3 messages; 1 sessions, 3 exchanges, 0 calls, 0 agent_states, 2 findings, 0 losses, 0 call_phases"
    )
    query = "SELECT message, name, session FROM messages ORDER BY 1"
    whole = run("sql", out, query, "--format", "csv")
    assert whole == (
        0, "message,name,session\n159,OPEN_REQ,10\n161,SET_AGENT_STATE_REQ,10\n163,SET_AGENT_STATE_REQ,10\n", "",
    )  # fmt: skip
    assert run("sql", out, query, "--format", "csv", "-c", "1") == (
        0,
        "\n".join(whole.stdout.splitlines()[:2]) + "\n",
        "",
    )
    assert run("sql", out, query, "--session", "10") == (
        2, "", "ccxdissect: a filter is for captures: what was exported is asked in SQL, by WHERE\n",
    )  # fmt: skip
    # A folder is gone on with by the same filter alone, and stays whole when it is not.
    for other in ((), ("--kind", "event")):
        assert run("export", QUEUED, TROUBLE, "-o", out, "--resume", *other) == (
            1, "", f"ccxdissect: {out}: was begun with another filter\n",
        )  # fmt: skip
        assert (tmp_path / "out" / SUCCESS).is_file()
    again = run("export", QUEUED, TROUBLE, "-o", out, "--resume", "--kind", "request", "--session", "10", "-c", "3")
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, said.splitlines()[0])

    asked = ("sql", TROUBLE, "SELECT message, name FROM messages ORDER BY 1", "--agent", "rosa", "--kind", "request")
    assert run(*asked, "--format", "csv") == (
        0,
        "message,name\n21,OPEN_REQ\n23,SET_AGENT_STATE_REQ\n25,SET_AGENT_STATE_REQ\n",
        "",
    )
    assert run(*asked, "--parquet", str(tmp_path / "two.parquet"), "-c", "2") == (0, "", "")
    assert pq.read_table(tmp_path / "two.parquet")["name"].to_pylist() == ["OPEN_REQ", "SET_AGENT_STATE_REQ"]


def test_standard_input_is_called_so(tmp_path: Path) -> None:
    cut = Path(TROUBLE).read_bytes()[:9000]
    done = run("export", "-", "-o", str(tmp_path / "out"), stdin=cut)
    assert (done.returncode, done.stderr) == (
        0,
        "note: standard input: frame 68: the file ends within a packet (112 of 160 bytes)\n"
        "note: standard input: frame 69: TCP payload cut by the snap length\n",
    )
