"""One rule after the other: it speaks when it should, and holds its tongue when it should."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ccxdissect.analysis.comparison import Comparer
from ccxdissect.analysis.findings import (
    RULES,
    Finding,
    Findings,
    Severity,
    Thresholds,
)
from ccxdissect.analysis.findings import SCHEMA as FINDINGS
from ccxdissect.analysis.gathering import Gathering
from ccxdissect.analysis.overdue import UNANSWERED, Overdue
from ccxdissect.analysis.rules.registry import no_type, that
from ccxdissect.analysis.sessions import Sessions, SessionStory
from ccxdissect.codec import Value
from ccxdissect.protocol.model import Side, Trait
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import NoteKind, Record, SessionState
from scene import AGENT_MODE, BRIDGE_MODE, MS, S, Scene, feed, json_of


def findings(scene: Scene) -> list[Finding]:
    return [found for found in feed(Findings(), scene.events) if isinstance(found, Finding)]


def _quiet(scene: Scene) -> None:
    """A session without anything to say about."""
    session = scene.session()
    scene.open(session, AGENT_MODE, "smith", "2006")
    for invoke_id in range(2, 6):
        scene.wait(20 * S)
        scene.beat(session, invoke_id)
    scene.close(session)


def _unanswered(scene: Scene) -> None:
    session = scene.session()
    scene.send(session, "QUERY_SUMMARY_STATISTICS_REQ", {"InvokeID": 3})
    scene.end(session, after=10 * S)


def _answered_at_last(scene: Scene) -> None:
    session = scene.session()
    scene.send(session, "QUERY_SUMMARY_STATISTICS_REQ", {"InvokeID": 3})
    scene.send(session, "QUERY_SUMMARY_STATISTICS_CONF", {"InvokeID": 3}, after=1900 * MS)
    scene.end(session, after=10 * S)


def _slow(scene: Scene) -> None:
    session = scene.session()
    scene.send(session, "QUERY_SUMMARY_STATISTICS_REQ", {"InvokeID": 3})
    scene.send(session, "QUERY_SUMMARY_STATISTICS_CONF", {"InvokeID": 3}, after=2100 * MS)
    scene.end(session)


def _unrequested(scene: Scene) -> None:
    session = scene.session()
    scene.send(session, "HOLD_CALL_CONF", {"InvokeID": 3})
    scene.end(session)


def _refused(status: int) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        session = scene.session()
        scene.open(session, AGENT_MODE, "smith", "2006", answer=False)
        scene.send(session, "FAILURE_CONF", {"InvokeID": 1, "Status": status})
        scene.end(session, "reset", Side.CLIENT)

    return play


def _control_failure(scene: Scene) -> None:
    session = scene.session()
    scene.set_state(session, 3, "smith", 0, "2006")
    scene.send(session, "CONTROL_FAILURE_CONF", {"InvokeID": 3, "FailureCode": 265})
    scene.end(session)


def _failure_event(scene: Scene) -> None:
    session = scene.session()
    scene.send(session, "FAILURE_EVENT", {"Status": 94})
    scene.end(session)


def _offline(event: int) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        session = scene.session()
        scene.send(session, "SYSTEM_EVENT", {"CCXStatus": 0x400, "SystemEventID": event})
        scene.end(session)

    return play


def _online(value: int) -> Callable[[Scene], None]:
    return _message("OPEN_CONF", {"InvokeID": 1, "ServicesGranted": BRIDGE_MODE, "UnifiedCCXOnline": value}, [])


def _unconfirmed(scene: Scene) -> None:
    session = scene.session()
    scene.open(session)
    scene.send(session, "CLOSE_REQ", {"InvokeID": 99})
    scene.end(session, "fin", Side.SERVER)


def _state_reason(reason: int) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        session = scene.session()
        scene.state(session, "smith", 2, "2006", reason)
        scene.end(session)

    return play


def _beats(answers: str) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        session = scene.session()
        scene.open(session, BRIDGE_MODE)
        for invoke_id, answer in enumerate(answers, start=2):
            scene.beat(session, invoke_id, answer == "y")
            scene.wait(20 * S)
        scene.close(session)

    return play


def _silence(time: int, by: str, side: Side) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        session = scene.session()
        scene.open(session, BRIDGE_MODE, timeout=60)
        scene.end(session, by, side, after=time * S)

    return play


def _lucky(scene: Scene) -> None:
    session = scene.session()
    scene.open(session, BRIDGE_MODE, timeout=60)
    scene.wait(61 * S)
    scene.close(session)


def _granted(services: int) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        session = scene.session()
        scene.open(session, BRIDGE_MODE | 0x80, granted=services)
        scene.close(session)

    return play


def _again_after(time: int, close: bool = False) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        first = scene.session("10.0.0.5:1")
        scene.open(first, AGENT_MODE, "smith", "2006")
        if close:
            scene.close(first)
        else:
            scene.end(first, "reset", Side.SERVER)
        scene.wait(time * S)
        second = scene.session("10.0.0.5:2")
        scene.open(second, AGENT_MODE, "smith", "2006")
        scene.close(second)

    return play


def _modes(services: int) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        session = scene.session()
        scene.open(session, services, "smith", "2006")
        scene.close(session)

    return play


def _two_clients(at_once: bool) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        first = scene.session("10.0.0.5:1")
        scene.open(first, AGENT_MODE, "smith", "2006")
        if not at_once:
            scene.close(first)
        second = scene.session("10.0.0.6:1")
        scene.open(second, AGENT_MODE, "smith", "2006")
        scene.close(second)
        if at_once:
            scene.close(first)

    return play


def _message(
    name: str,
    fixed: dict[str, int | bytes],
    floating: list[tuple[str | int, Value]],
    version: int = 14,
    dialect: str = "ccx",
) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        scene.dialect = dialect
        session = scene.session()
        SessionState.of(session).version = version
        scene.send(session, name, fixed, floating, version=version)
        scene.end(session, after=1)

    return play


def _raw(number: int, body: bytes) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        session = scene.session()
        scene.raw(session, number, body, Side.SERVER)
        scene.end(session)

    return play


def _note(kind: NoteKind) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        session = scene.session()
        scene.open(session)
        scene.note(session, kind, 12, 100)
        scene.close(session)

    return play


def _loss(missing: int, skipped: int) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        session = scene.session()
        scene.lose(session, missing, skipped)
        scene.end(session)

    return play


def _connection_refused(scene: Scene) -> None:
    scene.end(scene.session(), "refused", Side.SERVER)


def _open_with_password(password: str) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        session = scene.session()
        scene.open(session, BRIDGE_MODE, password=password)
        scene.close(session)

    return play


DEVICE = ("ConnectionDeviceID", "2005")
HELD = {"CallID": 1, "LocalConnectionState": 4, "EventCause": 0xFFFF}
HOLDER = ("HoldingDeviceID", "2006")
#: rule: (a scene in which it speaks, of which severity, about which message; a scene in which it does not).
CASES: dict[str, tuple[Callable[[Scene], None], str, int | None, Callable[[Scene], None]]] = {
    "unanswered-request": (_unanswered, "warning", 1, _answered_at_last),
    "slow-reply": (_slow, "warning", 1, _answered_at_last),
    "unrequested-reply": (_unrequested, "warning", 1, _slow),
    "close-unconfirmed": (_unconfirmed, "note", 3, _quiet),
    "request-failed": (_control_failure, "error", 2, _refused(92)),
    "version-refused": (_refused(1), "error", 2, _refused(6)),
    "standby-probed": (_refused(92), "note", 2, _refused(1)),
    "failure-reported": (_failure_event, "error", 1, _control_failure),
    "out-of-service": (_offline(4), "warning", 1, _offline(3)),
    "offline": (_online(0), "warning", 1, _online(1)),
    "agent-lost": (_state_reason(255), "warning", 1, _state_reason(32760)),
    "missed-heartbeat": (_beats("yny"), "warning", 5, _beats("yyy")),
    "idle-timeout": (_silence(61, "reset", Side.SERVER), "error", 2, _silence(30, "reset", Side.SERVER)),
    "reset-without-close": (_silence(30, "reset", Side.SERVER), "error", 2, _silence(61, "reset", Side.SERVER)),
    "fin-without-close": (_silence(30, "fin", Side.CLIENT), "note", 2, _quiet),
    "session-refused": (_connection_refused, "error", None, _refused(92)),
    "services-not-granted": (_granted(BRIDGE_MODE), "warning", 1, _granted(BRIDGE_MODE | 0x80)),
    "early-reconnect": (_again_after(9), "warning", 3, _again_after(10)),
    "both-modes-requested": (_modes(AGENT_MODE | BRIDGE_MODE), "error", 1, _modes(BRIDGE_MODE)),
    "two-clients-for-one-agent": (_two_clients(True), "warning", 4, _two_clients(False)),
    "required-field-missing": (
        _message("CALL_HELD_EVENT", HELD, [DEVICE]),
        "warning",
        1,
        _message("CALL_HELD_EVENT", HELD, [DEVICE, HOLDER]),
    ),
    "field-too-long": (
        _message("FAILURE_EVENT", {"Status": 11}, [("AgentExtension", "1" * 40)]),
        "warning",
        1,
        _message("FAILURE_EVENT", {"Status": 11}, [("AgentExtension", "1" * 15)]),
    ),
    "count-disagrees": (
        _message("CALL_QUEUED_EVENT", {"NumCSQs": 2}, [DEVICE, ("CSQID", 1)]),
        "warning",
        1,
        _message("CALL_QUEUED_EVENT", {"NumCSQs": 1}, [DEVICE, ("CSQID", 1)]),
    ),
    "count-too-large": (
        _message("CALL_QUEUED_EVENT", {"NumCSQs": 21}, [DEVICE, *[("CSQID", n) for n in range(21)]]),
        "warning",
        1,
        _message("CALL_QUEUED_EVENT", {"NumCSQs": 20}, [DEVICE, *[("CSQID", n) for n in range(20)]]),
    ),
    "reserved-slot-odd": (
        _message("CALL_HELD_EVENT", {**HELD, "MonitorID": 5}, [DEVICE, HOLDER]),
        "note",
        1,
        _message("CALL_HELD_EVENT", HELD, [DEVICE, HOLDER]),
    ),
    "field-not-listed": (
        _message("CALL_HELD_EVENT", HELD, [DEVICE, HOLDER, ("TeamName", "x")]),
        "note",
        1,
        _message("CALL_HELD_EVENT", HELD, [DEVICE, HOLDER]),
    ),
    "field-too-new": (
        _message("OPEN_CONF", {"InvokeID": 1}, [("NumPeripherals", 0)], 12),
        "note",
        1,
        _message("OPEN_CONF", {"InvokeID": 1}, [("NumPeripherals", 0)], 14),
    ),
    "field-withdrawn": (
        _message("CLIENT_SESSION_CLOSED_EVENT", {}, [("ClientAddressIPV6", "::1")], 19, "cce"),
        "note",
        1,
        _message("CLIENT_SESSION_CLOSED_EVENT", {}, [("ClientAddressIPV6", "::1")], 18, "cce"),
    ),
    "message-too-new": (
        _message("CONFIG_TERMINAL_EVENT", {}, [], 14),
        "note",
        1,
        _message("CONFIG_TERMINAL_EVENT", {}, [], 18),
    ),
    "unknown-message-type": (_raw(999, b"abc"), "warning", 1, _unrequested),
    "unknown-field": (_raw(2, b"\0\0\0\x0b\x62\x01x"), "warning", 1, _failure_event),
    "undecoded-bytes": (_raw(2, b"\0\0\0\x0b\x07\x09x"), "warning", 1, _failure_event),
    "malformed-message": (
        _raw(30, bytes(58) + b"\x3e\x01\x01"),
        "warning",
        1,
        _state_reason(0),
    ),
    "password-in-clear": (_open_with_password("s3cret!"), "note", 1, _open_with_password("")),
    "call-failed": (
        _message("CALL_FAILED_EVENT", {"CallID": 1, "EventCause": 3}, [DEVICE, ("CalledDeviceID", "9")]),
        "note",
        1,
        _message("CALL_HELD_EVENT", HELD, [DEVICE, HOLDER]),
    ),
    "missing-bytes": (_loss(20, 0), "warning", None, _loss(0, 20)),
    "skipped-bytes": (_loss(0, 20), "warning", None, _loss(20, 0)),
    "conflicting-overlap": (_note(NoteKind.CONFLICT), "warning", None, _note(NoteKind.STRAY)),
}


def test_every_rule_has_a_case() -> None:
    """The rules on connections need packets: `tests/verdict` has their cases; that on dialects `tests/stream/test_dialect`."""
    packets = {
        "dialect-unclear",
        "agents-back", "captured-twice", "closed-for-failure", "cut-packets", "dead-path", "failover", "no-answer", "no-master", "nothing-said",
        "one-way-capture", "open-unanswered", "out-of-order", "outage", "packet-loss", "ports-taken", "put-away",
        "session-replaced",
    }  # fmt: skip
    assert {rule.name for rule in RULES} == set(CASES) | packets


@pytest.mark.parametrize("name", CASES)
def test_a_rule_speaks(name: str) -> None:
    play, severity, message, _ = CASES[name]
    scene = Scene()
    play(scene)
    (found,) = [finding for finding in findings(scene) if finding.rule == name]
    assert (found.severity.value, found.message) == (severity, message)
    # One sentence that says what is so, and one that says what to do.
    assert found.text.endswith(".") and ". " in found.text and found.text.isprintable()


@pytest.mark.parametrize("name", CASES)
def test_a_rule_is_silent(name: str) -> None:
    scene = Scene()
    CASES[name][3](scene)
    assert [finding.text for finding in findings(scene) if finding.rule == name] == []


def test_a_good_session_has_no_findings() -> None:
    scene = Scene()
    _quiet(scene)
    assert findings(scene) == []


def test_a_finding_as_json() -> None:
    scene = Scene()
    _control_failure(scene)
    (found,) = findings(scene)
    assert json.loads(json_of(found)) == {
        "severity": "error",
        "rule": "request-failed",
        "session": 1,
        "message": 2,
        "time": 1700000000.02,
        "text": (
            "SET_AGENT_STATE_REQ failed: CONTROL_FAILURE_CONF with code 265 CF_INVALID_AGENT_WORKMODE, invalid agent "
            "workmode. The server checks AgentWorkMode: Unified CCX has no work modes, so the reserved field must be 0. "
            "Usual cause: a client written for the sister protocol. Send 0."
        ),
    }


def test_no_finding_tells_a_password() -> None:
    scene = Scene()
    session = scene.session()
    scene.open(session, BRIDGE_MODE, password="p455word" * 20)
    scene.send(
        session, "SET_AGENT_STATE_REQ", {"InvokeID": 2}, [("AgentInstrument", "1"), ("AgentPassword", "p455word" * 20)]
    )
    scene.end(session)
    texts = [finding.text for finding in findings(scene)]
    assert any("AgentPassword" in text for text in texts) and any("ClientPassword" in text for text in texts)
    assert not any("p455" in text for text in texts)


def test_three_heartbeats_missed_in_a_row_are_an_error() -> None:
    scene = Scene()
    _beats("ynnn")(scene)
    (found,) = [finding for finding in findings(scene) if finding.rule == "missed-heartbeat"]
    assert (found.severity, found.text) == (
        Severity.ERROR,
        '3 of 4 heartbeats of client "desk" got no answer, the last 3 in a row. Check the server\'s load and the '
        "network; after three misses in "
        "a row the client has to connect again.",
    )


def test_a_reconnect_after_a_close_or_a_standby_is_not_too_soon() -> None:
    for play in (_again_after(1, close=True),):
        scene = Scene()
        play(scene)
        assert "early-reconnect" not in [finding.rule for finding in findings(scene)]
    scene = Scene()
    _refused(92)(scene)
    _refused(92)(scene)
    assert [finding.rule for finding in findings(scene)] == ["standby-probed", "standby-probed", "no-master"]


def test_the_threshold_of_a_slow_reply_can_be_set() -> None:
    scene = Scene()
    _answered_at_last(scene)
    found = feed(Findings(Thresholds(slow_reply=S)), scene.events)
    assert [finding.rule for finding in found if isinstance(finding, Finding)] == ["slow-reply"]


def test_what_comes_again_is_told_once_more_with_the_count() -> None:
    scene = Scene()
    session = scene.session()
    for _ in range(50):
        scene.raw(session, 999, b"", Side.SERVER)
    scene.end(session)
    first, again = findings(scene)
    assert first.text == (
        "Message type 999 is not known; its 0 bytes are shown undecoded. Check the server's "
        "release for a newer protocol."
    )
    assert again == replace(
        first,
        message=50,
        time=again.time,
        text="The same as in message 1, 49 more times: " + first.text,
    )


def test_texts_of_strangers_are_tamed() -> None:
    scene = Scene()
    for client in ("10.0.0.5:1", "10.0.0.6:1"):
        session = scene.session(client)
        scene.open(session, AGENT_MODE, "\x1b[31mx\n" + "y" * 100, "2006")
    for finding in findings(scene):
        assert finding.text.isprintable() and len(finding.text) < 400


def test_what_matters_comes_first() -> None:
    scene = Scene()
    for play in (_refused(92), _slow, _control_failure, _control_failure):
        play(scene)
    gathering = Gathering()
    for finding in findings(scene):
        gathering.add(finding)
    assert [(held.first.rule, held.count) for held in gathering.that_matter()] == [
        ("request-failed", 2),
        ("slow-reply", 1),
        ("standby-probed", 1),
    ]
    assert gathering.counts() == {Severity.ERROR: 2, Severity.WARNING: 1, Severity.NOTE: 1}
    assert [held.first.rule for held in gathering.that_matter(1)] == ["request-failed"]


def _replaced(scene: Scene, times: int) -> None:
    """A client whose sessions are taken over, one after the other, by another one's."""
    mine = scene.session("10.0.0.5:40001")
    scene.open(mine, AGENT_MODE, "smith", "2006")
    for number in range(times):
        other = scene.session(f"10.0.0.9:{40002 + number}")
        scene.open(other, AGENT_MODE, "smith", "2006")
        scene.send(mine, "FAILURE_EVENT", {"Status": 11})
        scene.end(mine, "reset", Side.SERVER)
        mine = other
    scene.end(mine)


def test_a_client_that_is_thrown_out_again_and_again_is_an_error_from_the_third_time_on() -> None:
    scene = Scene()
    _replaced(scene, 4)
    found = [one for one in findings(scene) if one.rule == "session-replaced"]
    assert [one.severity.value for one in found] == ["warning", "warning", "error", "error"]
    assert [f"replaced by session {number} (10.0.0.9:{40000 + number})" in one.text
            for number, one in enumerate(found, start=2)] == [True] * 4  # fmt: skip
    assert [f"That is {number} times now" in one.text for number, one in enumerate(found, start=1)] == [
        False, False, True, True
    ]  # fmt: skip


def test_rules_about_what_deviates_are_asked_of_no_type_and_others_of_those_with_their_traits() -> None:
    assert not any(no_type(message) for message in (None, *UCCX_CTI))
    asked = [message.name for message in UCCX_CTI if that(Trait.CALL_FAILS)(message)]
    assert asked == ["CALL_FAILED_EVENT"] and not that(Trait.CALL_FAILS)(None)


def test_of_the_agents_of_a_session_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccxdissect.analysis.sessions.MOST_REMEMBERED", 2)
    scene = Scene()
    session = scene.session()
    scene.open(session, BRIDGE_MODE)
    for number, agent in enumerate(("ann", "bob", "eve"), start=2):
        scene.set_state(session, number, agent, 3, "2001")
    scene.end(session)
    (story,) = feed(Sessions(), scene.events)
    assert isinstance(story, SessionStory) and story.agents == ("ann", "bob")


def test_who_ends_an_open_connection_itself_has_not_lost_it() -> None:
    for side, lost in ((Side.CLIENT, False), (Side.SERVER, True)):
        scene = Scene()
        session = scene.session()
        scene.open(session, AGENT_MODE, "smith", "2006")
        scene.end(session, "fin", side)
        (story,) = feed(Sessions(), scene.events)
        assert isinstance(story, SessionStory) and story.lost is lost


def test_a_finding_of_no_message_was_not_told_as_one_that_is_unanswered() -> None:
    finding = Finding(Severity.ERROR, UNANSWERED, 1, None, 0, "")
    assert not Overdue(Findings()).is_told(finding)


def test_a_column_is_found_whatever_its_case() -> None:
    column = FINDINGS.column("severity")
    assert column is not None and FINDINGS.column("SEVERITY") is column and FINDINGS.column("severities") is None


def test_more_messages_than_are_compared_are_told_of_on_either_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccxdissect.analysis.comparison.MOST", 2)
    scene = Scene()
    session = scene.session()
    scene.open(session, AGENT_MODE, "smith", "2006")
    scene.set_state(session, 3, "smith", 3, "2006")
    records = [event for event in scene.events if isinstance(event, Record)]
    for good, bad in ((records, records[:2]), (records[:2], records)):
        assert Comparer().compare((None, None), good, bad).cut
    assert not Comparer().compare((None, None), records[:2], records[:2]).cut


def test_time_that_passes_tells_of_what_is_unanswered() -> None:
    scene = Scene()
    session = scene.session()
    scene.open(session)
    scene.send(session, "QUERY_AGENT_STATE_REQ", {"InvokeID": 5}, [("AgentID", "smith")])
    told = Findings()
    for event in scene.events:
        told.feed(event)
    assert told.advance(scene.now + S) == []
    (found,) = told.advance(scene.now + 600 * S)
    assert (found.rule, found.message) == ("unanswered-request", 3)


def test_a_message_that_deviates_as_an_earlier_one_is_only_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    session = scene.session()
    scene.open(session)
    for _ in range(5):
        scene.send(session, "AGENT_STATE_EVENT", {"PeripheralID": 9}, [("AgentID", "smith")])
    asked: list[int | None] = []
    real = Findings._run

    def counted(self: Findings, rule: Any, subject: Any, *rest: Any) -> None:
        if isinstance(subject, Record) and rule.deviation is not None:
            asked.append(subject.number)
        real(self, rule, subject, *rest)

    monkeypatch.setattr(Findings, "_run", counted)
    found = [one for one in findings(scene) if one.message is not None and one.message >= 3]
    assert found and {number for number in asked if number is not None and number >= 3} == {3}


def test_a_length_of_time_that_one_side_alone_tells_is_compared_only_when_times_are() -> None:
    good, bad = Scene(), Scene()
    for scene, more in ((good, []), (bad, [("Duration", 5)])):
        scene.send(scene.session(), "AGENT_STATE_EVENT", {}, [("AgentID", "smith"), *more])
    records = [[event for event in scene.events if isinstance(event, Record)] for scene in (good, bad)]
    for times, count in ((False, 0), (True, 1)):
        (step,) = Comparer(times=times).compare((None, None), *records).steps
        assert len(step.differences) == count
