"""What is overdue, told while it is; and what is told then is not told again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from building import ENCODER
from ccxdissect.analysis.findings import Finding, Findings
from ccxdissect.analysis.overdue import Overdue
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Session
from conversation import CLIENT, ENDS, SERVER, START, Conversation

SECOND = 10**9


class Counted:
    """Counts what an iterator gives."""

    def __init__(self, iterate: Callable[[], Iterator[Session]]) -> None:
        self.given = 0
        self._iterate = iterate

    def __call__(self) -> Iterator[Session]:
        for one in self._iterate():
            self.given += 1
            yield one


class Watch:
    """A conversation that is analysed as it goes on; times in seconds after its beginning."""

    def __init__(self, timeout: float = 5) -> None:
        self.talk = Conversation()
        self.dissector = Dissector(UCCX_CTI)
        self.findings = Findings()
        self.overdue = Overdue(self.findings, int(timeout * SECOND))
        self.told: list[Finding] = []

    def say(self, at: float, side: int, name: str, fixed: dict[str, int]) -> None:
        segment = self.talk.add(side, 24, ENCODER.encode(name, fixed, version=14))
        for event in self.dissector.feed(segment._replace(time=START + int(at * SECOND))):
            self.told += [one for one in self.findings.feed(event) if not self.overdue.is_told(one)]
            self.overdue.feed(event)

    def pass_to(self, at: float) -> list[str]:
        """What is overdue at that time: severity, rule, message and text."""
        now = START + int(at * SECOND)
        self.findings.advance(now)
        return [f"{one.severity.value} {one.rule} {one.message}: {one.text}" for one in self.overdue.advance(now)]

    def end(self) -> list[str]:
        for event in self.dissector.flush():
            self.told += [one for one in self.findings.feed(event) if not self.overdue.is_told(one)]
        self.told += [one for one in self.findings.flush() if not self.overdue.is_told(one)]
        return [one.rule for one in self.told]


def test_a_request_is_told_once_when_its_time_is_over_and_not_again_at_the_end() -> None:
    watch = Watch()
    watch.say(0, CLIENT, "QUERY_AGENT_STATE_REQ", {"InvokeID": 3})
    assert watch.pass_to(4.9) == []
    assert watch.pass_to(5.1) == [
        "warning unanswered-request 1: QUERY_AGENT_STATE_REQ has had no reply for 5.1 s. Look in the server's log; if "
        "a reply comes after all, it is listed as slow."
    ]
    assert watch.pass_to(6) == []
    assert "unanswered-request" not in watch.end()


def test_a_late_reply_is_told_as_slow() -> None:
    watch = Watch(timeout=1)
    watch.say(0, CLIENT, "QUERY_AGENT_STATE_REQ", {"InvokeID": 3})
    assert len(watch.pass_to(1.5)) == 1
    watch.say(4, SERVER, "QUERY_AGENT_STATE_CONF", {"InvokeID": 3})
    watch.pass_to(20)
    rules = watch.end()
    assert "unanswered-request" not in rules


def test_many_at_once_are_one_sentence() -> None:
    watch = Watch()
    for number in range(9):
        watch.say(number / 100, CLIENT, "QUERY_AGENT_STATE_REQ", {"InvokeID": number})
    assert watch.pass_to(8) == [
        "warning unanswered-request 1: 9 requests have had no reply for up to 8.0 s, the first of them "
        "QUERY_AGENT_STATE_REQ. Check that what the server sends is captured too, then look in the server's log."
    ]


def test_heartbeats_missed_one_after_another() -> None:
    watch = Watch(timeout=2)
    told = []
    for number in range(4):
        watch.say(10 * number, CLIENT, "HEARTBEAT_REQ", {"InvokeID": number})
        if number == 0:
            watch.say(0.1, SERVER, "HEARTBEAT_CONF", {"InvokeID": 0})
        told += watch.pass_to(10 * number + 2)
    assert [line.split(".")[0] for line in told] == [
        "warning missed-heartbeat 3: A heartbeat has had no answer for 2",
        "warning missed-heartbeat 4: A heartbeat has had no answer for 2",
        "error missed-heartbeat 5: A heartbeat has had no answer for 2",
    ]
    assert "the third in a row. The client has to connect again" in told[-1]


def test_a_client_that_falls_out_of_its_rhythm_and_then_over_its_idle_timeout() -> None:
    watch = Watch()
    watch.say(0, CLIENT, "OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14, "IdleTimeout": 30})
    watch.say(0.1, SERVER, "OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1})
    for number in (2, 3, 4):
        watch.say(10 * number, CLIENT, "HEARTBEAT_REQ", {"InvokeID": number})
        watch.say(10 * number + 0.1, SERVER, "HEARTBEAT_CONF", {"InvokeID": number})
    assert watch.pass_to(59) == []
    assert watch.pass_to(61) == [
        "warning missed-heartbeat 7: The client has been silent for 21.0 s, though it sends a heartbeat every 10.0 s. "
        "Look whether the client still runs, and at the network."
    ]
    assert watch.pass_to(69) == []
    assert watch.pass_to(71) == [
        "warning idle-timeout 7: The client has been silent for 31.0 s, longer than its idle timeout of 30 s: the "
        "server will end the session. Let the client send heartbeats at least twice as often."
    ]
    assert watch.pass_to(300) == []


def test_who_has_said_goodbye_may_be_silent() -> None:
    watch = Watch()
    watch.say(0, CLIENT, "OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14, "IdleTimeout": 30})
    watch.say(0.1, SERVER, "OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1})
    watch.say(1, CLIENT, "CLOSE_REQ", {"InvokeID": 2})
    assert watch.pass_to(300) == []


def test_a_capture_of_one_direction_is_told_while_it_lasts_and_not_again_at_the_end() -> None:
    watch = Watch()
    for event in watch.dissector.feed(watch.talk.add(CLIENT, 2)._replace(time=START)):
        watch.findings.feed(event)
    watch.say(0.1, CLIENT, "QUERY_AGENT_STATE_REQ", {"InvokeID": 3})
    assert watch.pass_to(4) == []
    assert watch.pass_to(6) == [
        "warning one-way-capture 1: Only what the client sends was captured, nothing of the server (10.0.0.9:12028): what is "
        "answered, and when, cannot be told. Let the SPAN port copy both directions, or capture on the host itself."
    ]
    assert watch.pass_to(60) == []
    assert "one-way-capture" not in watch.end()


def silent(told: list[str]) -> list[str]:
    return [line for line in told if "has been silent" in line]


def opened(watch: Watch) -> None:
    watch.say(0, CLIENT, "OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14, "IdleTimeout": 30})
    watch.say(0.1, SERVER, "OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1})


def test_the_server_s_words_are_no_sign_of_life_of_the_client() -> None:
    watch = Watch()
    opened(watch)
    watch.say(20, SERVER, "SYSTEM_EVENT", {})
    assert [line.split(":")[0] for line in silent(watch.pass_to(31))] == ["warning idle-timeout 1"]
    # Nor does the news end its being told once.
    watch.say(40, SERVER, "SYSTEM_EVENT", {})
    assert silent(watch.pass_to(80)) == []
    # A word of the client's begins it anew.
    watch.say(81, CLIENT, "QUERY_AGENT_STATE_REQ", {"InvokeID": 3})
    assert [line.split(":")[0] for line in silent(watch.pass_to(112))] == ["warning idle-timeout 5"]


def test_of_a_session_that_the_server_alone_spoke_in_no_silence_is_told() -> None:
    watch = Watch()
    watch.say(0, SERVER, "SYSTEM_EVENT", {})
    assert silent(watch.pass_to(300)) == []


def test_only_an_answered_heartbeat_ends_a_row_of_missed_ones() -> None:
    watch = Watch(timeout=2)
    told = []
    for number in range(6):
        watch.say(10 * number, CLIENT, "HEARTBEAT_REQ", {"InvokeID": number})
        if number == 1:
            watch.say(11, SERVER, "SYSTEM_EVENT", {})
        if number == 3:
            watch.say(31, SERVER, "HEARTBEAT_CONF", {"InvokeID": 3})
        told += [line.split(" ")[0] for line in watch.pass_to(10 * number + 3) if "heartbeat has had no answer" in line]
    assert told == ["warning", "warning", "error", "warning", "warning"]


def test_the_rhythm_is_that_of_heartbeats_with_nothing_between_them() -> None:
    watch = Watch()
    opened(watch)
    for number, at in enumerate((4, 8), 2):
        watch.say(at, CLIENT, "HEARTBEAT_REQ", {"InvokeID": number})
        watch.say(at + 0.1, SERVER, "HEARTBEAT_CONF", {"InvokeID": number})
    watch.say(9, CLIENT, "QUERY_AGENT_STATE_REQ", {"InvokeID": 9})
    watch.say(9.1, SERVER, "QUERY_AGENT_STATE_CONF", {"InvokeID": 9})
    watch.say(20, CLIENT, "HEARTBEAT_REQ", {"InvokeID": 10})
    watch.say(20.1, SERVER, "HEARTBEAT_CONF", {"InvokeID": 10})
    assert silent(watch.pass_to(28)) == []
    assert [line.partition(". ")[0] for line in silent(watch.pass_to(28.5))] == [
        "warning missed-heartbeat 9: The client has been silent for 8.5 s, though it sends a heartbeat every 4.0 s"
    ]


def test_a_burst_of_heartbeats_is_no_rhythm() -> None:
    watch = Watch()
    for number in range(3):
        watch.say(number / 10, CLIENT, "HEARTBEAT_REQ", {"InvokeID": number})
        watch.say(number / 10 + 0.01, SERVER, "HEARTBEAT_CONF", {"InvokeID": number})
    assert watch.pass_to(60) == []


def test_a_clock_that_was_set_makes_nobody_silent() -> None:
    watch = Watch()
    opened(watch)
    watch.overdue.leap(100 * SECOND, START + 110 * SECOND)
    assert silent(watch.pass_to(115)) == []
    assert len(silent(watch.pass_to(131))) == 1


def test_a_session_heard_both_ways_is_counted_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []
    counts = Session.sent.fget
    assert counts is not None
    watch = Watch(timeout=1)
    watch.say(0, CLIENT, "HEARTBEAT_REQ", {"InvokeID": 1})
    watch.say(0.1, SERVER, "HEARTBEAT_CONF", {"InvokeID": 1})
    monkeypatch.setattr(Session, "sent", property(lambda session: counted.append(1) or counts(session)))
    for tick in range(40):
        watch.pass_to(2 + tick)
    assert len(counted) == 1


@pytest.mark.heavy
def test_many_sessions_are_looked_at_in_time_that_grows_with_them_only() -> None:
    """Each second the same number of looks, however many sessions are open; and what is overdue is told all the same."""
    looks = []
    for count in (1_000, 4_000):
        watch = Watch(timeout=1)
        for number in range(2, count):
            talk = Conversation(ends=((b"\x0a\0\0\x02", number), ENDS[1])).handshake()
            beat = talk.add(CLIENT, 24, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 1}, version=14))
            for event in watch.dissector.feed(beat._replace(time=START)):
                watch.findings.feed(event)
        counted = Counted(watch.findings.sessions.open_sessions)
        watch.findings.sessions.open_sessions = counted  # type: ignore[method-assign]
        watch.say(0, CLIENT, "QUERY_AGENT_STATE_REQ", {"InvokeID": 3})
        told = [said for tick in range(40) for said in watch.pass_to(tick / 4)]
        assert [said for said in told if "unanswered-request" in said]
        looks.append(counted.given)
    assert looks[1] < 1.3 * looks[0], looks
