"""The front door: one reading for any number of questions, the same answers as from one question at a time."""

from __future__ import annotations

import doctest
import inspect
import io
import subprocess
import sys
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from capture.capture_builders import pcap
from hypothesis import given
from hypothesis import strategies as st

import ccxdissect
from ccxdissect.analysis.schema import Schema, plain
from ccxdissect.capture.files import packets
from ccxdissect.sources import trace as home
from ccxdissect.sources.keeping import Numbers
from ccxdissect.views.rows import schema_of

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "samples").glob("*.pcapng"))
TROUBLE = ROOT / "samples" / "trouble.pcapng"
LOG = ROOT / "samples" / "server.mivr.log"
KINDS = ("messages", "exchanges", "sessions", "calls", "agents", "findings")


def told(kind: str, results: list[Any]) -> list[dict[str, Any]]:
    schema: Schema = schema_of(kind)[0]
    return [plain(schema, result) for result in results]


@pytest.mark.parametrize("name", [name for name in ccxdissect.__all__ if isinstance(getattr(ccxdissect, name), type)])
def test_every_exported_class_is_documented(name: str) -> None:
    assert getattr(ccxdissect, name).__doc__


@pytest.mark.parametrize("name", ccxdissect.__all__)
def test_the_examples_do_what_they_show(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    seen = 0
    exported = getattr(ccxdissect, name)
    for test in doctest.DocTestFinder().find(exported, name, module=inspect.getmodule(exported)):
        report: list[str] = []
        runner = doctest.DocTestRunner()
        runner.run(test, out=report.append)
        assert not runner.failures, "".join(report)
        seen += len(test.examples)
    assert seen > (20 if name == "Trace" else 1)


def test_every_question_has_an_example() -> None:
    for kind in (*KINDS, "losses", "summary", "run"):
        assert ">>> " in (getattr(ccxdissect.Trace, kind).__doc__ or ""), kind


def test_importing_the_package_imports_nothing_else_of_it() -> None:
    script = "import sys, ccxdissect; print(sorted(m for m in sys.modules if m.startswith('ccxdissect')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "['ccxdissect', 'ccxdissect.release']\n"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_one_reading_for_all_gives_what_one_for_each_gives(sample: Path) -> None:
    found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    with ccxdissect.open(sample) as trace:
        trace.run(**{kind: results.append for kind, results in found.items()})
        together = {kind: told(kind, results) for kind, results in found.items()}
        for kind in KINDS:
            assert told(kind, list(getattr(trace, kind)())) == together[kind]
    assert together["messages"] and together["sessions"]


def test_one_reading_is_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0
    once = home.producer_of

    def counted(*arguments: Any) -> Any:
        nonlocal read
        read += 1
        return once(*arguments)

    monkeypatch.setattr(home, "producer_of", counted)
    with ccxdissect.open(TROUBLE) as trace:
        trace.run(calls=lambda call: None, findings=lambda finding: None, messages=lambda message: None)
    assert read == 1


def test_the_end_of_the_input_is_its_own_affair(tmp_path: Path) -> None:
    """With one packet missing, what waits behind the gap is given all the same."""
    held = list(packets(str(TROUBLE)))
    lost = next(packet for packet in held if b"quentin" in packet.data)
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(pcap([(packet.time, packet.data) for packet in held if packet is not lost], link=held[0].link))
    with ccxdissect.open(TROUBLE) as trace:
        whole = sum(1 for _ in trace.messages())
    with ccxdissect.open(cut) as trace:
        assert whole - 2 <= sum(1 for _ in trace.messages()) < whole
        assert trace.first_losses


def test_what_can_be_read_once_can_be_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Standing:
        buffer = io.BytesIO(TROUBLE.read_bytes())

    monkeypatch.setattr(sys, "stdin", Standing())
    with ccxdissect.open("-") as trace:
        assert sum(1 for _ in trace.messages()) == 81
        with pytest.raises(ccxdissect.CcxDissectError, match="standard input can be read only once"):
            next(trace.calls())


def test_a_filter_keeps_what_its_messages_belong_to() -> None:
    with ccxdissect.open(TROUBLE, keep=lambda message: message.session.number == 4) as trace:
        assert {message.session.number for message in trace.messages()} == {4}
        assert [story.session.number for story in trace.sessions()] == [4]
        assert {exchange.session.number for exchange in trace.exchanges()} == {4}
        assert {finding.session for finding in trace.findings()} == {4}
        assert trace.count == 81
    with ccxdissect.open(TROUBLE, keep=lambda message: False) as trace:
        assert [list(getattr(trace, kind)()) for kind in KINDS] == [[]] * 6


def test_a_log_has_a_zone() -> None:
    with ccxdissect.open(LOG, zone="+05:30", year=2025) as east, ccxdissect.open(LOG, zone="UTC", year=2025) as west:
        (one, other) = next(east.messages()), next(west.messages())
    assert other.time - one.time == 19_800 * 10**9


def test_wrong_usage_is_said_so() -> None:
    with pytest.raises(ccxdissect.UsageError, match="no dialect is called 'ccz': there are auto, ccx, cce"):
        ccxdissect.open(TROUBLE, dialect="ccz")
    with pytest.raises(ccxdissect.UsageError, match="no engine is called 'wireshark'"):
        ccxdissect.open(TROUBLE, engine="wireshark")
    with pytest.raises(ccxdissect.UsageError, match=r"nothing is called 'cals' here; did you mean calls\?"):
        ccxdissect.open(TROUBLE).run(cals=print)
    with pytest.raises(ccxdissect.CaptureError, match="absent.pcap"):
        ccxdissect.open("absent.pcap")
    with pytest.raises(ccxdissect.CcxDissectError, match="captures and logs cannot be read together"):
        ccxdissect.open(TROUBLE, LOG)


def test_a_trace_says_why_there_is_nothing() -> None:
    with ccxdissect.open(TROUBLE, ports=[9999]) as trace:
        assert list(trace.messages()) == []
        assert trace.nothing_found is not None and "other TCP ports are 12028 (137 segments)" in trace.nothing_found


@given(st.sets(st.integers(0, 5000), max_size=50), st.integers(0, 6000))
def test_numbers_are_a_set(numbers: set[int], other: int) -> None:
    kept = Numbers()
    for number in numbers:
        kept.add(number)
    assert all(number in kept for number in numbers)
    assert (other in kept) == (other in numbers)
    assert None not in kept


#: What results refer to that is declared once for all: it is no part of a result.
DECLARED = ("ccxdissect.protocol", "ccxdissect.codec.layout", "ccxdissect.codec.forms")


def changeable(value: Any, path: str, seen: dict[int, Any]) -> list[str]:
    """The places in a result that could be changed by whoever has it. `seen` keeps what was looked at, so that an id is one."""
    home = type(value).__module__
    plain_one = value is None or isinstance(value, (str, bytes, int, float, Enum))
    if plain_one or id(value) in seen or home.startswith(DECLARED) or callable(value):
        return []
    seen[id(value)] = value
    if isinstance(value, (tuple, frozenset)) and not hasattr(value, "_fields"):
        return [found for one in value for found in changeable(one, f"{path}[]", seen)]
    if isinstance(value, MappingProxyType):
        return [found for one in value.values() for found in changeable(one, f"{path}[]", seen)]
    if not home.startswith("ccxdissect."):
        return [f"{path}: {type(value).__name__}"]
    found = []
    for name in sorted(name for name in dir(value) if not name.startswith("_")):
        held = getattr(value, name)
        if not callable(held):
            try:
                setattr(value, name, held)
                found.append(f"{path}.{name} can be set")
            except (AttributeError, TypeError):
                pass
            if not isinstance(getattr(type(value), name, None), property) or isinstance(value, ccxdissect.Session):
                found += changeable(held, f"{path}.{name}", seen)
    with pytest.raises((AttributeError, TypeError)):
        value.something_new = 1
    return found


@pytest.mark.parametrize("source", [*SAMPLES, LOG], ids=lambda path: path.name)
def test_nobody_can_change_a_result(source: Path) -> None:
    results: dict[str, list[Any]] = {kind: [] for kind in (*KINDS, "losses")}
    with ccxdissect.open(source) as trace:
        trace.run(**{kind: found.append for kind, found in results.items()})
        results["summary"] = [trace.summary()]
        # By columns, too, where it is so that they come.
        results["messages"] += list(trace.messages())
        results["sessions"] += list(trace.sessions())
    seen = dict[int, Any]()
    found = {where for kind, all_of in results.items() for one in all_of for where in changeable(one, kind, seen)}
    assert found == set()
    assert results["messages"] and results["sessions"]


def test_a_session_goes_on_while_it_is_read() -> None:
    with ccxdissect.open(TROUBLE) as trace:
        messages = trace.messages()
        session = next(messages).session
        counted = [sum(one.messages for one in session.sent.values())]
        counted += [sum(one.messages for one in message.session.sent.values()) for message in messages]
    assert counted[0] == 1 and session.ended_by == "reset" and max(counted) > 10
    # What was asked for stays as it was.
    before = session.sent
    assert before == session.sent and before is not session.sent
