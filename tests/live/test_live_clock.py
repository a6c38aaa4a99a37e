"""Clocks that lie or are set: neither blinds a live run, nor is anybody blamed for the time between."""

from __future__ import annotations

from pathlib import Path

import pytest
from live_process import Live
from live_traffic import ends, packet, write_capture

from building import ENCODER
from ccxdissect.capture.live_clock import AGREE, AHEAD, LEAP, LiveClock
from ccxdissect.capture.segment import Segment
from conversation import CLIENT, SERVER, START, SYN, Conversation

SECOND = 10**9
IN_2096 = 4_000_000_000 * SECOND


def clock(*packets: tuple[float, float]) -> tuple[LiveClock, list[int]]:
    """A clock that heard packets of (time, here), in seconds after START and 0; and the leaps it told."""
    made = LiveClock()
    leaps = [made.heard(START + int(t * SECOND), int(here * SECOND), START + int(here * SECOND)) for t, here in packets]
    return made, leaps


def test_time_goes_on_as_it_does_here() -> None:
    made, leaps = clock((0, 0), (1, 1), (2.5, 2.5))
    assert leaps == [0, 0, 0] and made.now(4 * SECOND) == START + 4 * SECOND
    assert LiveClock().now(5) is None


def test_a_capture_that_is_played_faster_is_followed() -> None:
    made, leaps = clock(*((5 * n, 0.01 * n) for n in range(100)))
    assert set(leaps) == {0} and made.now(int(0.99 * SECOND)) == START + 495 * SECOND


def test_a_quiet_day_that_is_played_is_not_dated_wrongly() -> None:
    """A request and its answer every 20 s, too few at a time to agree."""
    made, _ = clock((0, 0), *((20 * n + late, 0.01 * n) for n in range(1, 30) for late in (0, 0.001)))
    assert made.disbelieved == 0


def test_a_lone_packet_elsewhere_in_time_moves_nothing() -> None:
    for strange in (100.0, -100.0, (IN_2096 - START) / SECOND):
        made, leaps = clock((0, 0), (1, 1), (strange, 2), (3, 3))
        assert leaps == [0, 0, 0, 0] and made.now(3 * SECOND) == START + 3 * SECOND and made.disbelieved == 1


def test_packets_that_agree_set_the_clock_on_or_back() -> None:
    for step in (3600, -3600):
        made, leaps = clock((0, 0), *((step + n / 10, n / 10) for n in range(1, AGREE + 2)))
        assert leaps[-2:] == [step * SECOND + (0 if step > 0 else AGREE * SECOND // 10), 0]
        assert made.now(int(0.4 * SECOND)) == START + (step * SECOND) + int(0.4 * SECOND)
        assert not made.disbelieved


def test_however_many_packets_say_so_next_year_is_not_now() -> None:
    made, leaps = clock((0, 0), *((2 * AHEAD / SECOND, n) for n in range(1, 20)))
    assert set(leaps) == {0} and made.now(20 * SECOND) == START + 20 * SECOND and made.disbelieved == 19


def test_a_capture_that_begins_in_the_far_future_has_its_own_time() -> None:
    made = LiveClock()
    for n in range(3):
        made.heard(IN_2096 + n, n, START)
    assert made.now(2) == IN_2096 + 2


def test_a_leap_is_no_smaller_than_the_bound() -> None:
    assert clock((0, 0), *((LEAP / SECOND, 0),) * 5)[1] == [0] * 6


def played(tmp_path: Path, segments: list[Segment]) -> Live:
    path = tmp_path / "capture.pcapng"
    write_capture(str(path), [packet(segment, frame) for frame, segment in enumerate(segments, 1)])
    live = Live("-", "--format", "jsonl", "--timeout", "0.5")
    assert live.process.stdin is not None
    live.process.stdin.write(path.read_bytes())
    live.process.stdin.flush()
    return live


def opened() -> Conversation:
    talk = Conversation().handshake()
    opening = {"InvokeID": 1, "VersionNumber": 14, "IdleTimeout": 30}
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", opening, [("ClientID", "d"), ("ClientPassword", "")], version=14))
    return talk.send(SERVER, ENCODER.encode("OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1}, version=14))


def test_a_packet_dated_2096_neither_blinds_nor_blames(tmp_path: Path) -> None:
    talk = opened()
    strange = Conversation(ends=ends(3)).add(CLIENT, SYN)._replace(time=IN_2096)
    talk.segments.append(strange)
    talk.send(CLIENT, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 7}, version=14))
    live = played(tmp_path, talk.segments)
    assert live.wait_for("A heartbeat has had no answer for ") < 4
    live.end_input()
    assert not any("silent" in line for line in live.said)
    assert any("packets dated as nothing around them is" in line for line in live.said)


@pytest.mark.parametrize("date", [IN_2096, 86_400 * SECOND, START - 3600 * SECOND])
def test_a_client_whose_message_has_another_date_was_not_silent_for_so_long(tmp_path: Path, date: int) -> None:
    talk = opened()
    for number in range(2, 12):
        talk.send(CLIENT, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": number}, version=14))
        if number == 7:
            talk.segments[-1] = talk.segments[-1]._replace(time=date)
        talk.send(SERVER, ENCODER.encode("HEARTBEAT_CONF", {"InvokeID": number}, version=14))
    segments = [
        one if one.time == date else one._replace(time=START + frame * SECOND // 2)
        for frame, one in enumerate(talk.segments)
    ]
    live = played(tmp_path, segments)
    live.end_input()
    assert any("20 messages" in line or "22 messages" in line for line in live.said)
    assert not any("silent" in line for line in live.said)


def test_a_clock_that_is_set_makes_nobody_silent_and_no_request_late(tmp_path: Path) -> None:
    talk = opened()
    talk.send(CLIENT, ENCODER.encode("QUERY_AGENT_STATE_REQ", {"InvokeID": 2}, [("AgentID", "a")], version=14))
    before = len(talk.segments)
    other = Conversation(ends=ends(4)).handshake()
    other.send(SERVER, ENCODER.encode("SYSTEM_EVENT", {}, version=14))
    late = [segment._replace(time=segment.time + 3600 * SECOND) for segment in other.segments]
    talk.send(SERVER, ENCODER.encode("QUERY_AGENT_STATE_CONF", {"InvokeID": 2}, version=14))
    answer = talk.segments[before]._replace(time=late[-1].time + 10**6)
    live = played(tmp_path, [*talk.segments[:before], *late, answer])
    live.wait_for("QUERY_AGENT_STATE_CONF", live.out)
    live.wait_for("SYSTEM_EVENT", live.out)
    live.end_input()
    assert not any("silent for" in line or "has had no reply" in line for line in live.said)
