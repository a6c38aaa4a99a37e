"""What a stressed engineer reads first: situation by situation, each a capture of its own, and the line that is right.

What is expected was written down before anybody looked at what the code says.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import ccxdissect
from ccxdissect.analysis.findings import Finding, Severity
from ccxdissect.analysis.gathering import gravest_first
from ccxdissect.cli.main import main
from wire import ACK, AGENT, BRIDGE, FIN, PSH, RST, SYN, A, B, C, Link, S, Wire

PHONE = ("AgentInstrument", "2006")
SMITH = [("AgentID", "smith"), ("AgentExtension", "2006"), PHONE]
Play = Callable[[Wire], object]
SITUATIONS: dict[str, tuple[str, Play]] = {}


def situation(headline: str) -> Callable[[Play], Play]:
    """Registers a situation with the beginning of its first line."""

    def register(play: Play) -> Play:
        SITUATIONS[play.__name__] = (headline, play)
        return play

    return register


# -- a node that is no longer the master -------------------------------------------------------------------------------


@situation("Error: HEARTBEAT_REQ failed: FAILURE_CONF with code 92 ")
def a_master_that_says_at_a_heartbeat_that_it_is_none(wire: Wire) -> None:
    link = wire.connect().open().beat(3).beat(1, answer=False)
    link.say("FAILURE_CONF", {"InvokeID": link.invoke, "Status": 92})
    link.bye(C)


@situation(
    'Error: Failover to 10.0.0.2:12028: the session of agent "smith" on 10.0.0.1:12028 was lost (the client reset the connection '
    "after the server had said that it is not the master any more); 10.0.0.2:12028 served it again, in session 2, 17.0 s after the loss: "
)
def a_client_that_leaves_a_node_that_is_no_longer_the_master(wire: Wire) -> None:
    link = wire.connect().open().beat(3).beat(1, answer=False)
    link.say("FAILURE_CONF", {"InvokeID": link.invoke, "Status": 92})
    wire.wait(5)
    link.reset(C)
    wire.wait(12)
    wire.connect(server=B).open().beat(3).close()


@situation("Error: HEARTBEAT_REQ failed: FAILURE_CONF with code 92 ")
def the_same_of_a_session_that_is_older_than_the_capture(wire: Wire) -> None:
    link = wire.connect(shake=False).beat(2).beat(1, answer=False)
    link.say("FAILURE_CONF", {"InvokeID": link.invoke, "Status": 92})
    link.reset(C)
    wire.wait(12)
    wire.connect(server=B).open().beat(3).close()


@situation("Error: SNAPSHOT_DEVICE_REQ failed: FAILURE_CONF with code 1 ")
def the_code_of_a_version_for_another_request(wire: Wire) -> None:
    link = wire.connect().open().beat(1)
    asked = link.request("SNAPSHOT_DEVICE_REQ", {}, [PHONE])
    link.say("FAILURE_CONF", {"InvokeID": asked, "Status": 1})
    link.beat(2).close()


def probes(wire: Wire, times: int, client: str = "10.0.0.5") -> None:
    """A client that looks again and again whether the standby is master by now."""
    for _ in range(times):
        wire.wait(15)
        wire.connect(client, B).refuse(92)


@situation("No trouble seen, but not all was there to be seen: 1 of 5 sessions began before the capture (4 notes)")
def a_client_whose_session_with_the_master_is_older_than_the_capture(wire: Wire) -> None:
    link = wire.connect(shake=False).beat(1)
    probes(wire, 4)
    link.beat(2)


@situation(
    "Warning: 10.0.0.5 was refused by the only node it tried (10.0.0.2:12028) in 3 attempts, as a standby, and did not try "
    "10.0.0.1:12028, which serves others. Let the client know both nodes."
)
def a_master_whose_sessions_are_older_than_the_capture(wire: Wire) -> None:
    link = wire.connect("10.0.0.6", shake=False).beat(1)
    probes(wire, 3)
    link.beat(2)


@situation(
    "Warning: 10.0.0.5 was refused by the only node it tried (10.0.0.2:12028) in 3 attempts, as a standby. Whether another one is "
    "master cannot be told from here: let the client try the other node."
)
def a_standby_behind_a_master_that_served_nobody_any_more(wire: Wire) -> None:
    wire.connect("10.0.0.6", shake=False).beat(3).bye(C)
    probes(wire, 3)


@situation(
    "Warning: 10.0.0.5 was refused by the only node it tried (10.0.0.2:12028) in 2 attempts, as a standby. 10.0.0.2:12028 serves "
    "others by now: let the client try again."
)
def a_standby_that_becomes_the_master(wire: Wire) -> None:
    probes(wire, 2)
    wire.wait(15)
    wire.connect("10.0.0.6", B).open().beat(3).close()


@situation(
    "Warning: 10.0.0.5 was refused by the only node it tried (10.0.0.2:12028) in 3 attempts, as a standby. Whether another one is "
)
def a_standby_beside_a_port_that_was_probed(wire: Wire) -> None:
    wire.connect().bye(C)
    probes(wire, 3)


@situation(
    "Error: 10.0.0.5 was refused by 10.0.0.2:12028 in 3 attempts, as a standby, and 10.0.0.1:12028 did not answer. Look why no "
    "master can be reached there, and why none of the standby nodes has taken over."
)
def a_standby_that_did_not_take_over(wire: Wire) -> None:
    for _ in range(3):
        probes(wire, 1)
        wire.wait(12)
        wire.connect(shake=False).tcp(C, SYN)
    wire.wait(30)
    wire.connect("10.0.0.6", shake=False).tcp(C, SYN)


# -- who lost it, and what was tried meanwhile -------------------------------------------------------------------------


@situation(
    'Error: Outage: the session of agent "smith" on 10.0.0.1:12028 was lost (the server ended it after 1 min 1 s of silence (idle '
    "timeout 60 s)); 10.0.0.1:12028 served it again, in session 2, 15.0 s after the loss: for so long nobody served it. Look at "
    "10.0.0.5 and at the network before it at the time of the loss."
)
def a_client_that_froze_and_came_back(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    wire.wait(61)
    link.reset(S)
    wire.wait(15)
    wire.connect().open().beat(3).close()


@situation(
    'Error: Outage: the session of agent "smith" on 10.0.0.1:12028 was lost (the client fell silent, 5 retries got no answer); '
    "10.0.0.1:12028 served it again, in session 2, 49.0 s after the loss: for so long nobody served it. Look at 10.0.0.5 and at "
    "the network before it at the time of the loss."
)
def a_client_whose_path_broke_and_who_came_back(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    wire.wait(5)
    data = link.say("AGENT_STATE_EVENT", {"AgentState": 1}, [("AgentID", "smith")])
    for seconds in (0.3, 0.6, 1.2, 2.4, 4.8):
        wire.wait(seconds)
        link.tcp(S, PSH | ACK, data, again=len(data))
    wire.wait(10)
    link.reset(S)
    wire.wait(30)
    wire.connect().open().beat(3).close()


@situation(
    'Error: Failover to 10.0.0.2:12028: the session of agent "smith" on 10.0.0.1:12028 was lost (the server reset it without '
    "closing); 10.0.0.2:12028 served it again, in session 8, 12.0 s after the loss: for so long nobody served it. Look at "
    "10.0.0.1:12028 at the time of the loss."
)
def a_standby_that_was_probed_before_the_loss_alone(wire: Wire) -> None:
    link = wire.connect().open()
    for _ in range(6):
        link.beat(1, 10)
        wire.wait(2)
        wire.connect(server=B).refuse(92)
    link.beat(1).reset(S)
    wire.wait(12)
    wire.connect(server=B).open().beat(3).close()


@situation(
    'Error: Outage: the session of agent "smith" on 10.0.0.1:12028 was lost (the server reset it without closing); 10.0.0.1:12028 '
    "served it again, in session 3, "
)
def a_session_that_was_lost_before_another_agent_of_the_host_was_refused(wire: Wire) -> None:
    wire.connect().open().beat(2).reset(S)
    wire.wait(10)
    other = wire.connect()
    other.ask(agent="jones")
    other.say("FAILURE_CONF", {"InvokeID": other.invoke, "Status": 8})
    other.bye(S)
    wire.wait(10)
    wire.connect().open().beat(2).close()


def test_attempts_are_told_of_the_agent_who_made_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    links = [wire.connect().open(agent=name) for name in ("jones", "smith")]
    for link in links:
        link.beat(1, 20)
    for link in links:
        link.reset(S)
    wire.wait(10)
    jones = wire.connect()
    jones.ask(agent="jones")
    jones.say("FAILURE_CONF", {"InvokeID": jones.invoke, "Status": 8})
    jones.bye(S)
    wire.wait(10)
    wire.connect().open(agent="smith").beat(2).close()
    wire.connect().open(agent="jones").beat(2).close()
    assert main(["findings", "--each", "--format", "jsonl", str(wire.write(tmp_path / "capture.pcap"))]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = {
        one["session"]: one["text"].partition("without closing); ")[2][:38] for one in found if one["rule"] == "outage"
    }
    assert told == {4: "10.0.0.1:12028 served it again, in ses", 5: "in between, 10.0.0.1:12028 refused it "}


@situation(
    'Error: Failover to 10.0.0.2:12028: the session of agent "smith" on 10.0.0.1:12028 was lost (the client ended the connection '
    "after 3 unanswered heartbeats); 10.0.0.2:12028 served it again, in session 2, 57.0 s after the loss: "
)
def a_server_that_falls_silent_and_a_client_that_goes_elsewhere(wire: Wire) -> None:
    link = wire.connect().open().beat(2).beat(3, answer=False)
    wire.wait(5)
    link.bye(C)
    wire.wait(12)
    wire.connect(server=B).open().beat(2).close()


def test_a_client_that_gives_a_dead_server_up_did_not_crash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    three_heartbeats_without_an_answer(wire)
    assert main(["findings", "--columns", "rule", "--format", "csv", str(wire.write(tmp_path / "capture.pcap"))]) == 0
    assert capsys.readouterr().out.splitlines() == ["rule", "missed-heartbeat"]


# -- heartbeats ---------------------------------------------------------------------------------------------------------


def beats(link: Link, ids: str, answers: str) -> Link:
    """A third of a second apart, heartbeats with these InvokeIDs, and behind them answers with those."""
    for name, these in (("HEARTBEAT_REQ", ids), ("HEARTBEAT_CONF", answers)):
        for one in these:
            link.wire.wait(0.3)
            link.say(name, {"InvokeID": int(one)})
    return link


@situation("Nothing to worry about: 1 session, seen whole and well")
def heartbeats_that_are_answered_in_another_order(wire: Wire) -> None:
    beats(wire.connect().open().beat(1), "789", "978").beat(1).close()


@situation("Nothing to worry about: 1 session, seen whole and well")
def heartbeats_of_one_number_that_are_answered_late(wire: Wire) -> None:
    beats(wire.connect().open().beat(1), "000", "000").beat(1).close()


@situation('Warning: 2 of 6 heartbeats of agent "smith" got no answer. ')
def heartbeats_of_one_number_of_which_two_are_missed(wire: Wire) -> None:
    beats(beats(wire.connect().open().beat(1), "000", "0"), "0", "0").beat(1).close()


@situation('Warning: 1 of 4 heartbeats of agent "smith" got no answer. ')
def one_heartbeat_of_one_number_that_is_missed(wire: Wire) -> None:
    link = wire.connect().open()
    for answers in ("0", "", "0", "0"):
        beats(link, "0", answers)
    link.close()


@situation(
    'Error: 3 of 6 heartbeats of agent "smith" got no answer, the last 3 in a row, and the client reset the connection. '
)
def heartbeats_of_one_number_that_are_not_answered_any_more(wire: Wire) -> None:
    link = wire.connect().open()
    for turn in range(6):
        wire.wait(20)
        link.say("HEARTBEAT_REQ", {"InvokeID": 0})
        if turn < 3:
            link.say("HEARTBEAT_CONF", {"InvokeID": 0})
    wire.wait(5)
    link.reset(C)


# -- asked for more than once ------------------------------------------------------------------------------------------

NEVER = "never answered the request to open a session, within "


@situation(
    f'Error: 10.0.0.1:12028 accepted the connection of agent "smith" and {NEVER}30.0 s, then the connection was ended. '
)
def an_open_request_that_is_repeated_and_never_answered(wire: Wire) -> None:
    link = wire.connect()
    link.ask()
    wire.wait(10)
    link.ask()
    wire.wait(30)
    link.bye(C)


@situation(
    f'Error: 10.0.0.1:12028 accepted the connection of agent "smith" and {NEVER}1 min 5 s, then the connection was ended. '
)
def an_open_request_that_is_never_answered_nor_are_heartbeats(wire: Wire) -> None:
    link = wire.connect()
    link.ask()
    link.beat(3, answer=False)
    wire.wait(5)
    link.bye(C)


# -- why it ended -------------------------------------------------------------------------------------------------------


@situation(
    'Error: The server reset the open session of agent "smith" without closing it, after 1 min 2 s. Look in the server'
)
def a_failure_that_was_reported_an_age_before_the_end(wire: Wire) -> None:
    link = wire.connect().open()
    link.say("FAILURE_EVENT", {"Status": 94})
    wire.wait(2)
    link.beat(3).reset(S)


@situation(
    'Error: The server ended the open session of agent "smith" without closing it, after 1 min 20 s, for 94 E_CTI_JTAPI_CCM_PROBLEM'
)
def a_server_that_says_why_it_ends_a_silent_session(wire: Wire) -> None:
    link = wire.connect().open().beat(1)
    wire.wait(60)
    link.say("FAILURE_EVENT", {"Status": 94})
    link.bye(S)


@situation('Error: The server reset the open session of agent "smith" without closing it, after 58.0 s. ')
def a_server_that_ends_a_session_before_its_idle_timeout(wire: Wire) -> None:
    link = wire.connect().open()
    wire.wait(58)
    link.reset(S)


@situation(
    "Warning: 10.0.0.5 connected to 10.0.0.1:12028 and said nothing for 1 min 0 s, then the server ended the connection. "
)
def a_client_that_connects_and_is_mute(wire: Wire) -> None:
    link = wire.connect()
    wire.wait(60)
    link.bye(S)
    wire.connect("10.0.0.8").open(agent="jones").beat(3).close()


ONE_WAY = "Warning: Only what the {} sends was captured, nothing of the {} "


@situation(ONE_WAY.format("client", "server"))
def a_client_alone_that_acknowledges_and_leaves(wire: Wire) -> None:
    wire.only = C
    link = wire.connect()
    wire.wait(3)
    link.reset(C)


@situation(ONE_WAY.format("server", "client"))
def a_server_alone_that_acknowledges_and_leaves(wire: Wire) -> None:
    wire.only = S
    link = wire.connect()
    link.ask()
    link.tcp(S, ACK)
    wire.wait(30)
    link.bye(S)


@situation("Warning: 28 bytes of the client were never captured, somewhere in the 1.0 s before. ")
def a_server_that_resets_at_a_word_that_was_not_captured(wire: Wire) -> None:
    link = wire.connect()
    wire.wait(1)
    link.seq[C] += 28
    link.tcp(C, ACK)
    link.reset(S)
    wire.connect("10.0.0.8").open(agent="jones").beat(3).close()


@situation('Warning: Session 1 of agent "smith" was replaced by a session that was not captured. ')
def replaced_while_another_desktop_of_the_same_name_connects(wire: Wire) -> None:
    first = wire.connect().open().beat(2)
    other = wire.connect("10.0.0.6")
    wire.off = True
    other.open(agent="jones")
    wire.off = False
    named = [("ClientID", "desk"), ("ClientPassword", ""), ("AgentID", "jones")]
    fixed: dict[str, int | bytes] = {"InvokeID": 1, "VersionNumber": 14, "IdleTimeout": 60, "ServicesRequested": AGENT}
    third = wire.connect("10.0.0.7")
    third.say("OPEN_REQ", fixed, named)
    third.say("OPEN_CONF", {"InvokeID": 1, "ServicesGranted": AGENT, "UnifiedCCXOnline": 1})
    first.say("FAILURE_EVENT", {"Status": 11})
    first.bye(S)


@situation("Error: OPEN_REQ failed: FAILURE_CONF with code 10 ")
def replaced_long_after_the_same_agent_was_refused_elsewhere(wire: Wire) -> None:
    link = wire.connect().open().beat(1)
    wire.connect("10.0.0.6").refuse(10)
    link.beat(2)
    link.say("FAILURE_EVENT", {"Status": 11})
    link.bye(S)


def test_whether_a_session_was_granted_that_nobody_captured_is_not_told(tmp_path: Path) -> None:
    wire = Wire()
    link = wire.connect()
    link.ask()
    link.seq[S] += 28
    link.tcp(C, ACK)
    wire.wait(3)
    link.tcp(S, ACK)
    link.reset(C)
    with ccxdissect.open(str(wire.write(tmp_path / "capture.pcap"))) as trace:
        (story,) = trace.sessions()
    assert story.ending() == "whether the request to open it was answered was not captured"


def test_who_was_refused_long_before_has_replaced_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    replaced_long_after_the_same_agent_was_refused_elsewhere(wire)
    assert main(["findings", "--format", "jsonl", str(wire.write(tmp_path / "capture.pcap"))]) == 0
    told = [json.loads(line)["text"] for line in capsys.readouterr().out.splitlines()]
    assert 'Session 1 of agent "smith" was replaced by a session that was not captured. ' in "".join(told)


@situation('Warning: Session 1 of client "desk" was replaced by session 2 (10.0.0.6:40002).')
def a_bridge_that_is_replaced_by_one_of_the_same_name(wire: Wire) -> None:
    first = wire.connect().open(BRIDGE).beat(2)
    wire.connect("10.0.0.6").open(BRIDGE)
    first.say("FAILURE_EVENT", {"Status": 11})
    first.bye(S)


# -- nobody waits for an answer ----------------------------------------------------------------------------------------


@situation('Warning: The client reset the connection without closing the session of agent "smith".')
def a_client_that_resets_right_behind_its_requests(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    for _ in range(3):
        link.request("SNAPSHOT_DEVICE_REQ", {}, [PHONE])
    link.reset(C)


@situation("Nothing to worry about: 1 session, seen whole and well (1 note)")
def a_client_that_closes_right_behind_a_request(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    link.request("SNAPSHOT_DEVICE_REQ", {}, [PHONE])
    link.request("CLOSE_REQ", {"Status": 0})
    link.say("CLOSE_CONF", {"InvokeID": link.invoke})
    wire.wait(5)
    link.bye(C)


@situation("Warning: SNAPSHOT_DEVICE_REQ was never answered within 2.0 s.")
def a_client_that_waits_for_two_seconds_and_resets(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    link.request("SNAPSHOT_DEVICE_REQ", {}, [PHONE])
    wire.wait(2)
    link.reset(C)


@situation(
    'Warning: 10.0.0.5 asked 10.0.0.1:12028 for the session of agent "smith" and ended the connection 5.0 ms later, too soon for '
    "an answer. Look in the client's log why it did not wait."
)
def a_client_that_does_not_wait_for_its_session(wire: Wire) -> None:
    link = wire.connect()
    link.ask()
    wire.wait(0.004)
    link.bye(C)
    wire.connect("10.0.0.8").open(agent="jones").beat(3).close()


@situation(
    'Error: The request to 10.0.0.1:12028 to open the session of agent "smith" has no reply: the server reset the connection '
    "1.0 ms after it. Look in the server's log: "
)
def a_server_that_resets_at_the_request_to_open(wire: Wire) -> None:
    link = wire.connect()
    link.ask()
    link.reset(S)


@situation('Error: The server reset the open session of agent "smith" without closing it, after 40.0 s. ')
def a_server_that_resets_at_a_request(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    link.request("SNAPSHOT_DEVICE_REQ", {}, [PHONE])
    link.reset(S)


def closed(link: Link) -> Link:
    """A session that ends in good order, on a connection that stays."""
    asked = link.request("CLOSE_REQ", {"Status": 0})
    link.say("CLOSE_CONF", {"InvokeID": asked})
    return link


@situation("Warning: OPEN_REQ was never answered within 50.0 s. Look in the server's log at this time.")
def another_session_on_the_same_connection_that_is_never_granted(wire: Wire) -> None:
    link = closed(wire.connect().open().beat(2))
    wire.wait(12)
    link.ask()
    wire.wait(50)
    link.bye(C)


@situation("Warning: OPEN_REQ was never answered within 5 min 0 s. ")
def another_session_beside_an_open_one_that_is_never_granted(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    link.ask()
    link.beat(18)


@situation("Nothing to worry about: 1 session, seen whole and well")
def a_request_to_open_that_is_repeated_before_it_is_granted(wire: Wire) -> None:
    link = wire.connect()
    link.ask()
    wire.wait(1)
    link.open().beat(2).close()


@situation('Error: The server reset the open session of agent "jones" without closing it, ')
def a_session_behind_a_closed_one_on_the_same_connection_that_is_lost(wire: Wire) -> None:
    link = closed(wire.connect().open().beat(2))
    wire.wait(12)
    link.open(agent="jones").beat(3).reset(S)


@situation(
    'Error: Failover to 10.0.0.2:12028: the session of agent "smith" on 10.0.0.1:12028 was lost (the server ended the connection '
    "without closing the session); "
)
def a_failover_behind_a_session_that_was_closed_on_the_same_connection(wire: Wire) -> None:
    link = closed(wire.connect().open().beat(2))
    wire.wait(12)
    link.open().beat(3).bye(S)
    wire.wait(15)
    wire.connect(server=B).open().beat(2).close()


# -- well --------------------------------------------------------------------------------------------------------------


@situation("Nothing to worry about: 1 session, seen whole and well")
def a_healthy_session(wire: Wire) -> None:
    wire.connect().open().beat(5).close()


@situation("Nothing to worry about: 2 sessions, seen whole and well")
def a_bridge_and_an_agent(wire: Wire) -> None:
    bridge, agent = wire.connect("10.0.0.9").open(BRIDGE), wire.connect().open()
    for _ in range(3):
        bridge.beat(1, 10)
        agent.beat(1, 10)
    agent.close()
    bridge.close()


@situation("Nothing to worry about: 1 session, seen whole and well")
def a_session_that_goes_on_when_the_capture_ends(wire: Wire) -> None:
    wire.connect().open().beat(3)


@situation("Nothing to worry about: 1 session, seen whole and well (1 note)")
def a_client_that_ends_the_connection_itself(wire: Wire) -> None:
    wire.connect().open().beat(3).bye(C)


@situation("No trouble seen, but not all was there to be seen: 1 of 1 session began before the capture")
def a_session_that_began_before(wire: Wire) -> None:
    link = wire.connect(shake=False)
    link.beat(4)


# -- sessions that end badly -------------------------------------------------------------------------------------------


@situation(
    'Error: The server ended the open session of agent "smith" without closing it, after 1 min 0 s. Look in the '
    "server's log at this time for a restart, a failover or an error."
)
def the_server_ends_a_live_session(wire: Wire) -> None:
    wire.connect().open().beat(3).bye(S)


@situation(
    'Error: The server ended the open session of agent "smith" without closing it, after 1 min 0 s, for 94 '
    "E_CTI_JTAPI_CCM_PROBLEM: JTAPI or CUCM problem."
)
def the_server_ends_it_for_a_jtapi_problem(wire: Wire) -> None:
    link = wire.connect().open().beat(3)
    link.say("FAILURE_EVENT", {"Status": 94})
    link.bye(S)


@situation('Error: The server reset the open session of agent "smith" without closing it, after 1 min 0 s.')
def the_server_resets_a_live_session(wire: Wire) -> None:
    wire.connect().open().beat(3).reset(S)


@situation(
    'Error: The client closed the session of agent "smith" with 94 E_CTI_JTAPI_CCM_PROBLEM: JTAPI or CUCM problem.'
)
def closed_with_a_status_that_is_no_success(wire: Wire) -> None:
    wire.connect().open().beat(3).close(94)


@situation('Warning: The client reset the connection without closing the session of agent "smith".')
def the_client_resets(wire: Wire) -> None:
    wire.connect().open().beat(3).reset(C)


@situation(
    "Error: The server ended the session after 1 min 1 s without a message of the client, whose idle timeout is 60 s."
)
def the_client_is_silent_for_too_long(wire: Wire) -> None:
    link = wire.connect().open().beat(1)
    wire.wait(61)
    link.reset(S)


@situation(
    'Error: 3 of 5 heartbeats of agent "smith" got no answer, the last 3 in a row, and the client reset the connection. Check the '
    "server's load and the network; "
)
def three_heartbeats_without_an_answer(wire: Wire) -> None:
    link = wire.connect().open().beat(2).beat(3, answer=False)
    wire.wait(5)
    link.reset(C)


@situation(
    'Error: The server fell silent in the session of agent "smith": what the client sent was retransmitted 6 times in '
    "18.6 s without an answer, then the client reset the connection. The server (10.0.0.1:12028) had been heard last 20.2 s before."
)
def the_path_to_the_server_dies(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    wire.wait(20)
    data = link.say("HEARTBEAT_REQ", {"InvokeID": 99})
    for wait in (0.2, 0.4, 0.8, 1.6, 3.2, 6.4):
        wire.wait(wait - 0.001)
        link.tcp(C, PSH | ACK, data, again=len(data))
    wire.wait(6.2)
    link.reset(C)


@situation('Warning: Session 1 of agent "smith" was replaced by session 2 (10.0.0.6:40002).')
def replaced_by_a_new_session(wire: Wire) -> None:
    first = wire.connect().open().beat(2)
    second = wire.connect("10.0.0.6").open()
    first.say("FAILURE_EVENT", {"Status": 11})
    first.bye(S)
    second.beat(3).close()


@situation(
    'Error: Session 3 of agent "smith" was replaced by session 4 (10.0.0.6:40004). That is 3 times now: they do throw each '
    "other out. Let only one client run for it"
)
def two_clients_throw_each_other_out(wire: Wire) -> None:
    links = [wire.connect().open().beat(1)]
    for number in range(1, 4):
        links.append(wire.connect(f"10.0.0.{5 + number % 2}").open())
        links[-2].say("FAILURE_EVENT", {"Status": 11})
        links[-2].bye(S)
        links[-1].beat(1)
    links[-1].close()


@situation(
    "Warning: The client had to send 6 segments again, for 12 messages. Packets are lost on the way, or their "
    "acknowledgements: look at the network between the two."
)
def packets_are_lost_on_the_way(wire: Wire) -> None:
    link = wire.connect().open()
    for number in range(10):
        wire.wait(20)
        data = link.say("HEARTBEAT_REQ", {"InvokeID": 50 + number})
        if number < 6:
            wire.wait(0.3)
            link.tcp(C, PSH | ACK, data, again=len(data))
        link.say("HEARTBEAT_CONF", {"InvokeID": 50 + number})
    link.close()


# -- connecting --------------------------------------------------------------------------------------------------------


@situation(
    "Error: 10.0.0.1:12028 did not answer 10.0.0.5: 4 attempts to connect (SYN) within 7.0 s, and nothing came back."
)
def nobody_answers_the_syn(wire: Wire) -> None:
    link = wire.connect(shake=False)
    link.tcp(C, SYN)
    for wait in (1, 2, 4):
        wire.wait(wait - 0.001)
        link.tcp(C, SYN, again=1)


@situation("Error: 10.0.0.1:12028 refused the connection of 10.0.0.5.")
def the_connection_is_refused(wire: Wire) -> None:
    link = wire.connect(shake=False)
    link.tcp(C, SYN)
    link.tcp(S, RST | ACK)


@situation(
    'Error: 10.0.0.1:12028 accepted the connection of agent "smith" and never answered the request to open a session, '
    "within 30.0 s"
)
def the_request_to_open_is_not_answered(wire: Wire) -> None:
    link = wire.connect()
    link.ask()
    wire.wait(30)
    link.bye(C)


@situation("Error: 10.0.0.1:12028 accepted the connection of 10.0.0.5 and reset it before a word was said.")
def accepted_and_reset_before_a_word(wire: Wire) -> None:
    link = wire.connect()
    wire.wait(2)
    link.reset(S)


@situation("No CTI decoded: one attempt to connect, and nothing was said")
def a_probe_whether_the_port_is_open(wire: Wire) -> None:
    wire.connect().bye(C)


@situation(
    "Error: 10.0.0.5 was refused by every node that it tried (10.0.0.1:12028, 10.0.0.2:12028) in 4 attempts: each time "
    "the node said that it is a standby. None is master"
)
def only_standbys(wire: Wire) -> None:
    for _ in range(2):
        for node in (A, B):
            wire.connect(server=node).refuse(92)
            wire.wait(15)


@situation("Nothing to worry about: 2 sessions, seen whole and well (1 note)")
def a_standby_then_the_master(wire: Wire) -> None:
    wire.connect().refuse(92)
    wire.wait(12)
    wire.connect(server=B).open().beat(3).close()


@situation("Error: The server refused protocol version 20.")
def a_version_that_the_server_does_not_know(wire: Wire) -> None:
    link = wire.connect()
    link.version = 20
    link.refuse(1)


@situation(
    'Error: OPEN_REQ failed: FAILURE_CONF with code 8 E_CTI_INVALID_AGENT_DATA, bad agent data. The server said "no such agent".'
)
def the_session_is_refused_for_its_agent(wire: Wire) -> None:
    wire.connect().refuse(8, "no such agent")


@situation(
    'Error: Failover to 10.0.0.2:12028: the session of agent "smith" on 10.0.0.1:12028 was lost (the server ended the '
    "connection without closing the session); in between, 10.0.0.1:12028 refused the connection 2 times; 10.0.0.2:12028 "
    "served it again, in session 4, 36.0 s after the loss"
)
def a_failover(wire: Wire) -> None:
    wire.connect().open().beat(3).bye(S)
    for _ in range(2):
        wire.wait(12)
        link = wire.connect(shake=False)
        link.tcp(C, SYN)
        link.tcp(S, RST | ACK)
    wire.wait(12)
    wire.connect(server=B).open().beat(3).close()


def _state(link: Link, agent: str, state: int, reason: int = 0) -> None:
    who = [("AgentID", agent), ("AgentExtension", f"2{len(agent)}")]
    link.say("AGENT_STATE_EVENT", {"AgentState": state, "EventReasonCode": reason}, who)


@situation(
    'Error: Failover to 10.0.0.2:12028: the session of client "desk" on 10.0.0.1:12028 was lost (the server ended the '
    "connection without closing the session); 10.0.0.2:12028 served it again, in session 2, 20.0 s after the loss: for so "
    "long nobody served it. 3 agents logged in there, 1 of them not told to be back when that session ends: "
    '"clara". Back: "ann" 23.0 s after the loss, "bert" 27.0 s after the loss. Look at 10.0.0.1:12028 at the time of the '
    "loss."
)
def a_failover_after_which_not_all_agents_are_back(wire: Wire) -> None:
    link = wire.connect().open(BRIDGE)
    for agent in ("ann", "bert", "clara"):
        _state(link, agent, 3)
    _state(link, "doreen", 3)
    _state(link, "doreen", 1)
    link.beat(1)
    _state(link, "clara", 1, 32764)
    link.bye(S)
    wire.wait(20)
    after = wire.connect(server=B).open(BRIDGE)
    wire.wait(3)
    _state(after, "ann", 2)
    wire.wait(4)
    _state(after, "bert", 3)
    _state(after, "doreen", 3)
    after.beat(2).close()


@situation(
    'Error: Failover to 10.0.0.2:12028: the session of agent "smith" on 10.0.0.1:12028 was lost (the server reset it '
    "without closing); 10.0.0.2:12028 served it again, in session 2, 15.0 s after the loss: for so long nobody served it. "
    '1 agent logged in there, now back: "smith" 17.0 s after the loss.'
)
def a_failover_and_back_again(wire: Wire) -> None:
    link = wire.connect().open()
    _state(link, "smith", 3)
    link.beat(1).reset(S)
    wire.wait(15)
    link = wire.connect(server=B).open()
    wire.wait(2)
    _state(link, "smith", 2)
    link.beat(1).reset(S)
    wire.wait(30)
    wire.connect().open().beat(2)


@situation(
    "Warning: SNAPSHOT_DEVICE_REQ was answered after 3.0 s, more than 2.0 s. The session had segments out of order by then, "
    "which may explain it: check the load of the server and the network between."
)
def segments_overtake_each_other(wire: Wire) -> None:
    link = wire.connect().open()
    for _ in range(6):
        _state(link, "smith", 3)
        link.beat(1)
        # Of the two last packets of the server, the second is captured first.
        (state_at, state, size), (reply_at, reply, length) = wire.packets[-3], wire.packets[-1]
        wire.packets[-3], wire.packets[-1] = (state_at, reply, length), (reply_at, state, size)
    invoke = link.request("SNAPSHOT_DEVICE_REQ", {}, [PHONE])
    wire.wait(3)
    link.say("SNAPSHOT_DEVICE_CONF", {"InvokeID": invoke})
    link.close()


@situation('Error: Failover to 10.0.0.2:12028: the session of agent "agent0" on 10.0.0.1:12028 was lost')
def a_failover_of_many(wire: Wire) -> None:
    links = [wire.connect(f"10.0.1.{number}").open(agent=f"agent{number}") for number in range(5)]
    for link in links:
        link.beat(1)
    for link in links:
        link.reset(S)
    wire.wait(20)
    for number in range(5):
        wire.connect(f"10.0.1.{number}", B).open(agent=f"agent{number}").beat(1)


@situation(
    'Error: Outage: the session of agent "smith" on 10.0.0.1:12028 was lost (the server reset it without closing)'
)
def lost_and_back_on_the_same_node(wire: Wire) -> None:
    wire.connect().open().beat(3).reset(S)
    wire.wait(30)
    wire.connect().open().beat(3).close()


@situation("Warning: The client opens a new session 2.0 s after session 1 ended (fin). It should wait 10.0 s")
def a_client_that_comes_back_too_soon(wire: Wire) -> None:
    wire.connect().open().beat(2).bye(C)
    wire.wait(2)
    wire.connect().open().beat(2).close()


# -- what the capture cannot show --------------------------------------------------------------------------------------


@situation("Warning: Only what the client sends was captured, nothing of the server (10.0.0.1:12028)")
def one_direction_of_the_client(wire: Wire) -> None:
    wire.only = C
    link = wire.connect().open().beat(5)
    link.request("SNAPSHOT_DEVICE_REQ", {}, [PHONE])
    link.beat(2).close()


@situation("Warning: Only what the server sends was captured, nothing of the client (10.0.0.5:40001)")
def one_direction_of_the_server(wire: Wire) -> None:
    wire.only = S
    wire.connect().open().beat(5).close()


@situation(
    "Warning: 505 bytes of the client were never captured, somewhere in the 13 min 40 s before. Messages are lacking here, "
    "and silence here is no silence."
)
def a_file_of_the_ring_is_lacking(wire: Wire) -> None:
    link = wire.connect().open().beat(3)
    wire.off = True
    link.request("SNAPSHOT_DEVICE_REQ", {}, [PHONE])
    link.beat(40)
    wire.off = False
    link.beat(3).close()


@situation("Warning: The snap length of the capture cut 2 packets: 66 bytes of messages are lacking.")
def packets_cut_by_the_snap_length(wire: Wire) -> None:
    wire.snap = 80
    wire.connect().open().beat(5).close()


@situation("Warning: The snap length of the capture cut 1 packet: 48 bytes of messages are lacking.")
def only_the_request_to_open_is_cut(wire: Wire) -> None:
    wire.snap = 90
    wire.connect().open().beat(5).close()


# -- something else ----------------------------------------------------------------------------------------------------


def _hello(name: bytes = b"finesse.example.com") -> bytes:
    sni = (
        b"\0\0"
        + (len(name) + 5).to_bytes(2, "big")
        + (len(name) + 3).to_bytes(2, "big")
        + b"\0"
        + len(name).to_bytes(2, "big")
        + name
    )
    versions = b"\0\x2b\0\x05\x04\x03\x04\x03\x03"
    more = sni + versions
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + len(more).to_bytes(2, "big") + more
    shake = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + len(shake).to_bytes(2, "big") + shake


@situation("No CTI decoded: the capture has TLS 1.3 to finesse.example.com on port 8443")
def nothing_but_tls(wire: Wire) -> None:
    link = wire.connect(port=8443)
    link.tcp(C, PSH | ACK, _hello())
    link.tcp(S, PSH | ACK, b"\x15\x03\x03\0\x02\x02\x28")
    link.bye(S)


@situation("No CTI decoded: port 12028 carries TLS 1.3 to cti.example.com")
def tls_on_the_port_of_cti(wire: Wire) -> None:
    link = wire.connect()
    link.tcp(C, PSH | ACK, _hello(b"cti.example.com"))
    link.bye(S)


@situation("No CTI decoded: port 12028 carries HTTP")
def http_on_the_port_of_cti(wire: Wire) -> None:
    link = wire.connect()
    link.tcp(C, PSH | ACK, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    link.tcp(S, PSH | ACK, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    link.bye(C)


@situation("No CTI decoded: it is on port 5555. Run: ccxdissect summary --port 5555 ")
def cti_on_another_port(wire: Wire) -> None:
    wire.connect(port=5555).open().beat(3).close()


@situation("No CTI decoded: no TCP in the capture")
def an_empty_capture(wire: Wire) -> None: ...


@situation("No CTI decoded: nothing but 30 attempts to connect to 30 ports (a scan)")
def a_port_scan(wire: Wire) -> None:
    for port in range(1, 31):
        link = wire.connect(port=port, shake=False)
        link.tcp(C, SYN)
        link.tcp(S, RST | ACK)


# -- requests ----------------------------------------------------------------------------------------------------------


@situation("Warning: SNAPSHOT_DEVICE_REQ was never answered within 1 min 0 s.")
def a_request_without_a_reply(wire: Wire) -> None:
    link = wire.connect().open().beat(1)
    link.request("SNAPSHOT_DEVICE_REQ", {}, [PHONE])
    link.beat(3).close()


@situation("Warning: SET_AGENT_STATE_REQ was answered after 3.0 s, more than 2.0 s.")
def a_slow_reply(wire: Wire) -> None:
    link = wire.connect().open().beat(1)
    invoke = link.request("SET_AGENT_STATE_REQ", {"AgentState": 3}, [PHONE, ("AgentID", "smith")])
    wire.wait(3)
    link.say("SET_AGENT_STATE_CONF", {"InvokeID": invoke})
    link.beat(1).close()


@situation(
    "Error: SET_AGENT_STATE_REQ failed: CONTROL_FAILURE_CONF with code 266 CF_INVALID_AGENT_REASON_CODE, invalid agent "
    'reason code. The server said "no such reason".'
)
def a_reason_code_that_does_not_exist(wire: Wire) -> None:
    link = wire.connect().open().beat(1)
    invoke = link.request("SET_AGENT_STATE_REQ", {"AgentState": 2, "EventReasonCode": 4}, [PHONE, ("AgentID", "smith")])
    link.say("CONTROL_FAILURE_CONF", {"InvokeID": invoke, "FailureCode": 266}, [("Text", "no such reason")])
    link.beat(1).close()


@situation("Error: OPEN_REQ asks for bridge mode and agent mode at once")
def both_modes(wire: Wire) -> None:
    wire.connect().open(AGENT | BRIDGE).beat(1).close()


@situation("Warning: The server did not grant CTI_SERVICE_CLIENT_CONTROL.")
def a_service_that_is_not_granted(wire: Wire) -> None:
    wire.connect().open(AGENT | 4, granted=AGENT).beat(1).close()


# -- agents ------------------------------------------------------------------------------------------------------------


@situation(
    'Warning: Agent "smith" went to AGENT_STATE_LOGOUT for reason 32764 CCX_FAILURE: CCX failure. The server failed, not '
    "the agent: look at the server's engine"
)
def an_agent_logged_out_by_the_servers_failure(wire: Wire) -> None:
    link = wire.connect().open(BRIDGE).beat(1)
    link.say("AGENT_STATE_EVENT", {"AgentState": 1, "EventReasonCode": 32764}, SMITH)
    link.beat(1).close()


@situation(
    'Warning: Agent "smith" went to AGENT_STATE_LOGOUT for reason 32765 AGT_CONN_DOWN: desktop or connection lost. Look '
    "at the agent's desktop"
)
def an_agent_whose_desktop_is_gone(wire: Wire) -> None:
    link = wire.connect().open(BRIDGE).beat(1)
    link.say("AGENT_STATE_EVENT", {"AgentState": 1, "EventReasonCode": 32765}, SMITH)
    link.beat(1).close()


@situation('Warning: Session 1 (10.0.0.5:40001) and session 2 (10.0.0.6:40002) both act for agent "smith".')
def two_clients_for_one_agent(wire: Wire) -> None:
    one, two = wire.connect().open(), wire.connect("10.0.0.6").open()
    one.beat(1)
    two.beat(1).close()
    one.close()


# -- what the messages hold --------------------------------------------------------------------------------------------


@situation("Warning: Message type 999 is not known")
def an_unknown_type(wire: Wire) -> None:
    link = wire.connect().open().beat(1)
    link.tcp(S, PSH | ACK, (4).to_bytes(4, "big") + (999).to_bytes(4, "big") + b"what")
    link.beat(1).close()


@situation("Warning: 4 bytes of the client at byte ")
def bytes_that_came_twice_with_other_content(wire: Wire) -> None:
    link = wire.connect().open()
    data = link.say("HEARTBEAT_REQ", {"InvokeID": 77})
    link.tcp(C, PSH | ACK, data[:-4] + b"\xff\xff\xff\xff", again=len(data))
    link.say("HEARTBEAT_CONF", {"InvokeID": 77})
    link.beat(1).close()


# -- together ----------------------------------------------------------------------------------------------------------


@situation(
    "Error: 10.0.0.1:12028 did not answer 10.0.0.66: 3 attempts to connect (SYN) within 3.0 s, and nothing came back. The "
    "host is down or not reachable, or a firewall drops the packets. (2 more like it)"
)
def one_client_behind_a_firewall_beside_a_healthy_one(wire: Wire) -> None:
    healthy = wire.connect().open()
    for _ in range(3):
        link = wire.connect("10.0.0.66", shake=False)
        link.tcp(C, SYN)
        for wait in (1, 2):
            wire.wait(wait - 0.001)
            link.tcp(C, SYN, again=1)
        healthy.beat(1, 15)
    healthy.close()


@situation(
    'Error: 5 of 8 heartbeats of agent "smith" got no answer, the last 5 in a row, and the client ended the connection.'
)
def a_server_that_hangs_while_its_host_acknowledges(wire: Wire) -> None:
    link = wire.connect().open().beat(3)
    for _ in range(5):
        link.beat(1, answer=False)
        link.tcp(S, ACK)
    wire.wait(10)
    link.bye(C)


@situation("Nothing to worry about: 1 session, seen whole and well")
def a_path_probed_by_keep_alives(wire: Wire) -> None:
    link = wire.connect().open(timeout=600)
    for _ in range(10):
        wire.wait(30)
        link.tcp(C, ACK, b"\0", again=1)
        link.tcp(S, ACK)
    link.beat(1).close()


@situation("Nothing to worry about: 1 session, seen whole and well")
def a_connection_that_took_three_attempts(wire: Wire) -> None:
    link = wire.connect(shake=False)
    link.tcp(C, SYN)
    for wait in (1, 2):
        wire.wait(wait)
        link.tcp(C, SYN, again=1)
    link.tcp(S, SYN | ACK)
    link.tcp(C, ACK)
    link.open().beat(3).close()


@situation("Nothing to worry about: 1 session, seen whole and well")
def silence_for_two_hours_without_an_idle_timer(wire: Wire) -> None:
    link = wire.connect().open(BRIDGE, timeout=0xFFFFFFFF)
    wire.wait(7200)
    link.beat(1).close()


@situation("Nothing to worry about: 2 sessions, seen whole and well")
def two_clients_on_two_nodes(wire: Wire) -> None:
    one, two = wire.connect().open(), wire.connect("10.0.0.6", B).open(agent="jones")
    for _ in range(3):
        one.beat(1, 10)
        two.beat(1, 10)
    one.close()
    two.close()


@situation("Warning: Only what the client sends was captured, nothing of the server (10.0.0.1:12028)")
def one_direction_beside_a_whole_session(wire: Wire) -> None:
    wire.only = C
    half = wire.connect().open().beat(2)
    wire.only = None
    wire.connect("10.0.0.6").open(agent="jones").beat(2).close()
    wire.only = C
    half.beat(1).close()


@situation(
    'Error: OPEN_REQ failed: FAILURE_CONF with code 8 E_CTI_INVALID_AGENT_DATA, bad agent data. The server said "no such one".'
)
def a_standby_then_a_master_that_knows_no_such_agent(wire: Wire) -> None:
    wire.connect(server=B).refuse(92)
    wire.wait(12)
    wire.connect().refuse(8, "no such one")


@situation(
    'Error: The client fell silent in the session of agent "smith": what the server sent was retransmitted 5 times in '
    "21.0 s without an answer, then the server reset the connection."
)
def the_path_to_the_client_dies(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    data = link.say("AGENT_STATE_EVENT", {"AgentState": 3}, SMITH)
    for wait in (0.3, 0.6, 1.2, 2.4, 4.8):
        wire.wait(wait)
        link.tcp(S, PSH | ACK, data, again=len(data))
    wire.wait(12)
    link.reset(S)


# -- what a session looks like that says nothing more, while others go on ---------------------------------------------


@situation(
    'Error: 10.0.0.1:12028 accepted the connection of agent "smith" and never answered the request to open a session, '
    "within 10 min 0 s."
)
def an_open_request_is_not_answered_while_others_go_on(wire: Wire) -> None:
    other = wire.connect("10.0.0.6").open(agent="jones")
    wire.connect().ask()
    other.beat(30)


@situation("Nothing to worry about: 2 sessions, seen whole and well")
def an_open_request_right_before_the_end(wire: Wire) -> None:
    wire.connect("10.0.0.6").open(agent="jones").beat(2)
    wire.connect().ask()


@situation("Nothing to worry about: 1 session, seen whole and well (1 note)")
def a_syn_right_before_the_end(wire: Wire) -> None:
    other = wire.connect("10.0.0.6").open(agent="jones").beat(2)
    wire.connect(shake=False).tcp(C, SYN)
    other.beat(1, 1)


@situation("Error: 10.0.0.1:12028 did not answer 10.0.0.5: 1 attempt to connect (SYN), and nothing came back.")
def a_single_syn_while_others_go_on(wire: Wire) -> None:
    other = wire.connect("10.0.0.6").open(agent="jones")
    wire.connect(shake=False).tcp(C, SYN)
    other.beat(2)


@situation("Warning: QUERY_AGENT_STATE_REQ was never answered within 20.0 s.")
def a_request_is_not_answered_while_others_go_on(wire: Wire) -> None:
    other = wire.connect("10.0.0.6").open(agent="jones")
    wire.connect().open().request("QUERY_AGENT_STATE_REQ", {}, [("AgentID", "smith")])
    other.beat(1)


BEHIND_A_PAUSE = (
    "No trouble seen, but not all was there to be seen: 1 of 2 sessions did not come back behind a pause of the capture"
)


@situation(BEHIND_A_PAUSE)
def a_client_that_is_silent_when_nobody_else_speaks(wire: Wire) -> None:
    wire.connect().open(agent="jones").beat(3)
    wire.wait(75)
    wire.connect("10.0.0.8").open(agent="kim").beat(6).close()


@situation(BEHIND_A_PAUSE + " (1 note)")
def a_client_that_comes_back_on_another_port_behind_a_pause(wire: Wire) -> None:
    wire.connect().open().beat(3).request("SNAPSHOT_DEVICE_REQ", {}, [PHONE])
    wire.wait(90)
    wire.connect().open().beat(3).close()


@situation(BEHIND_A_PAUSE)
def a_request_to_open_before_a_pause(wire: Wire) -> None:
    wire.connect().ask()
    wire.wait(95)
    wire.connect().open().beat(3).close()


@situation("Nothing to worry about: 2 sessions, seen whole and well (1 note)")
def a_request_right_before_a_file_is_lacking(wire: Wire) -> None:
    other = wire.connect("10.0.0.6").open(agent="jones", timeout=6000)
    wire.connect().open(timeout=6000).request("QUERY_AGENT_STATE_REQ", {}, [("AgentID", "smith")])
    wire.wait(200)
    other.beat(3)


@situation(
    "Warning: Nothing of the client was captured in the last 10 min 40 s, longer than its idle timeout of 60 s, and no end "
    "of the session either."
)
def a_client_says_nothing_more_while_others_go_on(wire: Wire) -> None:
    other = wire.connect("10.0.0.6").open(agent="jones", timeout=600)
    wire.connect().open().beat(2)
    other.beat(32)


@situation('Warning: 1 of 3 heartbeats of agent "smith" got no answer.')
def the_last_heartbeat_is_not_answered_while_others_go_on(wire: Wire) -> None:
    other = wire.connect("10.0.0.6").open(agent="jones", timeout=600)
    wire.connect().open().beat(2).beat(1, answer=False)
    other.beat(2)


@situation(
    'Warning: A new connection took the ports of the session of agent "smith", which was open: its end was not captured.'
)
def a_host_comes_back_on_the_same_ports(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    wire.wait(40)
    link.seq = {C: 700_000, S: 900_000}
    for side, flags in ((C, SYN), (S, SYN | ACK), (C, ACK)):
        link.tcp(side, flags)
    link.open().beat(2).close()


def first_line(wire: Wire, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    path = wire.write(tmp_path / "capture.pcap")
    assert main(["summary", str(path)]) == 0
    return capsys.readouterr().out.splitlines()[0]


# -- what a server says of itself, and what it does without a word -----------------------------------------------------


@situation(
    "Warning: The server granted the session, but OPEN_CONF says UnifiedCCXOnline 0: what it serves is offline, or in part"
)
def a_session_with_an_engine_that_is_offline(wire: Wire) -> None:
    link = wire.connect()
    link.ask()
    link.say("OPEN_CONF", {"InvokeID": link.invoke, "ServicesGranted": AGENT, "UnifiedCCXOnline": 0})
    link.beat(3).close()


def _moves(wire: Wire, side: Callable[[Link], object], after: float = 0) -> tuple[Link, Link]:
    """An agent's client opens a session from another address, and the server ends the old one."""
    old = wire.connect().open().beat(2)
    wire.wait(15)
    new = wire.connect("10.0.9.9").open()
    wire.wait(after)
    side(old)
    return old, new


@situation(
    'Warning: Session 1 of agent "smith" was reset by the server 2.0 ms after it had been asked for session 2 '
    "(10.0.9.9:40002) of the same agent: most likely replaced by it."
)
def an_agent_moves_to_another_address(wire: Wire) -> None:
    _moves(wire, lambda old: old.reset(S))[1].beat(3).close()


@situation(
    'Warning: Session 1 of agent "smith" was ended by the server 2.0 ms after it had been asked for session 2 '
    "(10.0.9.9:40002) of the same agent: most likely replaced by it."
)
def an_agent_moves_and_the_old_connection_is_ended_in_order(wire: Wire) -> None:
    _moves(wire, lambda old: old.bye(S))[1].beat(3).close()


@situation(
    'Warning: Session 1 of agent "smith" was reset by the server 1.0 ms after it had been asked for session 2 '
    "(10.0.9.9:40002) of the same agent: most likely replaced by it."
)
def an_agent_moves_and_is_let_in_when_the_old_session_is_gone(wire: Wire) -> None:
    old = wire.connect().open().beat(2)
    wire.wait(15)
    new = wire.connect("10.0.9.9")
    new.ask()
    old.reset(S)
    new.say("OPEN_CONF", {"InvokeID": 1, "ServicesGranted": AGENT, "UnifiedCCXOnline": 1})
    new.beat(3).close()


@situation(
    'Warning: Session 1 of agent "smith" was reset by the server 2.0 ms after it had been asked for session 4 '
    "(10.0.9.9:40004) of the same agent: most likely replaced by it."
)
def two_agents_move_within_a_second(wire: Wire) -> None:
    olds = [wire.connect(f"10.0.0.{at}").open(agent=name).beat(1) for at, name in ((5, "smith"), (6, "jones"))]
    wire.connect("10.0.0.7").open(agent="kim")
    for at, (old, name) in enumerate(zip(olds, ("smith", "jones"), strict=True)):
        wire.connect(f"10.0.9.{9 + at}").open(agent=name)
        old.reset(S)


@situation(
    'Warning: Session 1 of agent "smith" was ended by the server 2.0 ms after it had been asked for session 2 '
    "(10.0.9.9:40002) of the same agent: most likely replaced by it."
)
def an_agent_moves_and_its_old_host_is_gone(wire: Wire) -> None:
    _moves(wire, lambda old: old.tcp(S, FIN | ACK))[1].beat(3).close()


@situation('Error: The server ended the open session of agent "smith" without closing it, after 40.0 s.')
def a_client_that_goes_on_when_the_server_has_ended_the_connection(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    link.tcp(S, FIN | ACK)
    link.beat(2, 5, answer=False).tcp(S, RST)


@situation('Error: The server reset the open session of agent "smith" without closing it, after 1 min 5 s.')
def a_session_is_reset_long_after_its_agent_came_elsewhere(wire: Wire) -> None:
    _moves(wire, lambda old: old.reset(S), 10)[1].beat(3).close()


@situation('Error: The server reset the open session of agent "smith" without closing it, after 40.0 s.')
def an_agent_comes_elsewhere_right_after_the_reset(wire: Wire) -> None:
    wire.connect().open().beat(2).reset(S)
    wire.connect("10.0.9.9").open().beat(3).close()


@situation('Error: The server reset the open session of agent "smith" without closing it, after 55.0 s.')
def another_agent_comes_right_before_the_reset(wire: Wire) -> None:
    old = wire.connect().open().beat(2)
    wire.wait(15)
    new = wire.connect("10.0.9.9").open(agent="jones")
    old.reset(S)
    new.beat(3).close()


@situation('Error: The server reset the open session of agent "smith" without closing it, after 55.3 s.')
def an_agent_asks_elsewhere_of_a_server_that_dies(wire: Wire) -> None:
    old = wire.connect().open().beat(2)
    wire.wait(15)
    new = wire.connect("10.0.9.9")
    new.ask()
    wire.wait(0.3)
    old.reset(S)
    new.reset(S)
    wire.wait(30)
    wire.connect("10.0.0.8").open(agent="kim").beat(2)


@situation('Error: The server reset the open session of agent "smith" without closing it, after 55.0 s, for 94 ')
def a_session_ends_for_a_problem_when_its_agent_comes_elsewhere(wire: Wire) -> None:
    def drop(old: Link) -> None:
        old.say("FAILURE_EVENT", {"Status": 94})
        old.reset(S)

    _moves(wire, drop)[1].beat(3).close()


@situation('Error: The server reset the open session of agent "jones" without closing it')
def a_server_drops_all_when_an_agent_had_come_elsewhere(wire: Wire) -> None:
    others = [wire.connect(f"10.0.0.{20 + at}").open(agent=name) for at, name in enumerate(("jones", "kim"))]
    old = wire.connect().open().beat(2)
    new = wire.connect("10.0.9.9").open()
    for link in (*others, old, new):
        link.reset(S)
    wire.wait(5)
    wire.connect("10.0.0.8").open(agent="lee").beat(2)


@situation("Nothing to worry about: 1 session, seen whole and well (1 note)")
def the_server_ends_the_connection_for_a_confirmation(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    link.request("CLOSE_REQ", {"Status": 0})
    link.bye(S)


@situation("Nothing to worry about: 1 session, seen whole and well (1 note)")
def the_client_does_not_wait_for_the_confirmation(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    link.request("CLOSE_REQ", {"Status": 0})
    link.reset(C)


@situation("Warning: CLOSE_REQ was not answered within 40.0 s; the connection was not ended either.")
def nothing_comes_of_the_request_to_close(wire: Wire) -> None:
    link, other = wire.connect().open().beat(2), wire.connect("10.0.0.8").open(agent="kim")
    link.request("CLOSE_REQ", {"Status": 0})
    other.beat(2)


@situation("Nothing to worry about: 1 session, seen whole and well (1 note)")
def the_server_ends_the_connection_late_for_a_confirmation(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    link.request("CLOSE_REQ", {"Status": 0})
    wire.wait(30)
    link.bye(S)


@situation("Warning: CLOSE_REQ was not answered within 30.0 s; the client ended the connection.")
def the_client_gives_up_waiting_for_the_confirmation(wire: Wire) -> None:
    link = wire.connect().open().beat(2)
    link.request("CLOSE_REQ", {"Status": 0})
    wire.wait(30)
    link.bye(C)


@situation("Nothing to worry about: 1 session, seen whole and well")
def a_request_to_close_right_before_the_end(wire: Wire) -> None:
    wire.connect().open().beat(2).request("CLOSE_REQ", {"Status": 0})


@situation("Nothing to worry about: 1 session, seen whole and well (1 note)")
def the_client_is_silent_for_just_its_idle_timeout(wire: Wire) -> None:
    wire.connect().open().beat(3, 60.03).close()


@situation("Warning: The client was silent for 1 min 4 s, longer than its idle timeout of 60 s")
def the_client_is_silent_for_a_little_more(wire: Wire) -> None:
    wire.connect().open().beat(3, 64).close()


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_first_line_is_right(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    headline, play = SITUATIONS[name]
    wire = Wire()
    play(wire)
    line = first_line(wire, tmp_path, capsys)
    assert line[: len(headline)] == headline
    if headline.startswith(("Nothing", "No ")) and not headline.endswith(" "):
        assert line == headline or "Run: " in line


def test_there_are_forty_situations() -> None:
    assert len(SITUATIONS) >= 40
    assert {FIN, BRIDGE}


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("one_direction_of_the_client", {"one-way-capture"}),
        ("one_direction_of_the_server", {"one-way-capture"}),
        ("a_file_of_the_ring_is_lacking", {"missing-bytes"}),
        ("packets_cut_by_the_snap_length", {"cut-packets"}),
        ("only_the_request_to_open_is_cut", {"cut-packets"}),
        ("packets_are_lost_on_the_way", {"packet-loss"}),
        ("the_path_to_the_server_dies", {"dead-path"}),
        ("nobody_answers_the_syn", {"no-answer"}),
        ("the_request_to_open_is_not_answered", {"open-unanswered"}),
        ("the_server_ends_it_for_a_jtapi_problem", {"failure-reported", "fin-without-close"}),
        ("only_standbys", {"no-master", "standby-probed"}),
        ("replaced_by_a_new_session", {"session-replaced", "two-clients-for-one-agent"}),
        ("a_failover", {"failover", "fin-without-close", "session-refused"}),
        ("lost_and_back_on_the_same_node", {"outage", "reset-without-close"}),
        ("a_failover_after_which_not_all_agents_are_back", {"failover", "fin-without-close", "agent-lost"}),
        ("a_failover_and_back_again", {"failover", "reset-without-close"}),
        ("segments_overtake_each_other", {"slow-reply", "out-of-order"}),
        ("an_open_request_is_not_answered_while_others_go_on", {"open-unanswered"}),
        ("an_open_request_right_before_the_end", set()),
        ("a_syn_right_before_the_end", {"no-answer"}),
        ("a_request_is_not_answered_while_others_go_on", {"unanswered-request"}),
        ("a_request_right_before_a_file_is_lacking", {"unanswered-request"}),
        ("a_client_says_nothing_more_while_others_go_on", {"idle-timeout"}),
        ("the_last_heartbeat_is_not_answered_while_others_go_on", {"missed-heartbeat"}),
        ("a_host_comes_back_on_the_same_ports", {"ports-taken"}),
        ("a_server_drops_all_when_an_agent_had_come_elsewhere", {"reset-without-close", "two-clients-for-one-agent"}),
        (
            "a_session_ends_for_a_problem_when_its_agent_comes_elsewhere",
            {"failure-reported", "reset-without-close", "two-clients-for-one-agent"},
        ),
        ("a_client_that_goes_on_when_the_server_has_ended_the_connection", {"fin-without-close"}),
        ("the_same_of_a_session_that_is_older_than_the_capture", {"request-failed"}),
        ("a_client_alone_that_acknowledges_and_leaves", {"one-way-capture"}),
    ],
)
def test_no_other_rule_takes_it_for_something_else(
    name: str, rules: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire()
    SITUATIONS[name][1](wire)
    assert main(["findings", "--format", "jsonl", str(wire.write(tmp_path / "capture.pcap"))]) == 0
    assert {json.loads(line)["rule"] for line in capsys.readouterr().out.splitlines()} == rules


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_line_of_a_session_and_the_finding_tell_the_same_cause(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire()
    SITUATIONS[name][1](wire)
    path = str(wire.write(tmp_path / "capture.pcap"))
    assert main(["sessions", "--format", "jsonl", path]) == 0
    stories = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert main(["findings", "--format", "jsonl", path]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for story in stories:
        mine = {one["rule"] for one in found if one["session"] == story["session"]}
        grave = {one["rule"] for one in found if one["session"] == story["session"] and one["severity"] == "error"}
        assert ("closed it in good order" in story["story"]) <= (not grave & {"closed-for-failure", "dead-path"})
        assert ("fell silent" in story["story"]) == ("dead-path" in mine)
        assert ("never answered the attempt" in story["story"]) == ("no-answer" in grave)
        assert ("open when the capture ended" in story["story"]) <= (story["reached"] == "open")


def test_a_lacking_file_of_a_ring_buffer_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    a_healthy_session(wire)
    half = len(wire.packets) // 2
    names = [f"cti_0000{number}_2026010112000{number}.pcap" for number in (1, 3)]
    paths = []
    for name, packets in zip(names, (wire.packets[:half], wire.packets[half:]), strict=True):
        part = Wire()
        part.packets = packets
        paths.append(str(part.write(tmp_path / name)))
    assert main(["summary", *paths]) == 0
    assert (
        "Missing files: of cti number 00002 is not among those given; what they hold looks like silence and lost bytes here"
        in capsys.readouterr().out.splitlines()
    )


def test_from_the_third_replacement_on_they_are_said_to_throw_each_other_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire()
    two_clients_throw_each_other_out(wire)
    assert main(["findings", "--format", "jsonl", str(wire.write(tmp_path / "capture.pcap"))]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [one["text"] for one in found if one["rule"] == "session-replaced"]
    assert ["throw each other out for ever" in text for text in told] == [False, True, True]
    assert [" That is 3 times now: they do throw each other out." in text for text in told] == [True, False, False]


def _set_back(wire: Wire, end: Callable[[Link], object]) -> None:
    """The clock is set back by an hour while a session lasts."""
    link = wire.connect().open().beat(3)
    before = len(wire.packets)
    end(link.beat(3))
    wire.packets[before:] = [(time - 3600, data, length) for time, data, length in wire.packets[before:]]


def test_a_clock_that_was_set_back_is_told_and_no_duration_across_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire()
    _set_back(wire, lambda link: link.close())
    path = str(wire.write(tmp_path / "capture.pcap"))
    assert main(["summary", path]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[:4] == [
        "Nothing to worry about: 1 session, seen whole and well",
        "",
        "16 messages in 1 session, dated 2023-11-14 21:14:40.011999 to 22:14:20.010999 UTC;",
        "how long is not known: the clock was set back by 59 min 40 s at 22:14:20.010999",
    ]
    note = (
        "note: The clock was set back: what comes after 2023-11-14 22:14:20.010999 UTC is dated 59 min 40 s earlier. Times "
        "across that do not compare, and what lasted across it lasted longer\n"
    )
    assert told.err == note
    assert main(["sessions", path]) == 0
    told = capsys.readouterr()
    assert "; 16 messages to an end dated 58 min 0 s before its start; 6 heartbeats every 20.0 s," in told.out
    assert told.err == note


def test_how_long_a_session_lasted_by_a_clock_that_was_set_back_is_not_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire()
    _set_back(wire, lambda link: link.reset(S))
    assert first_line(wire, tmp_path, capsys).startswith(
        'Error: The server reset the open session of agent "smith" without closing it. Look in'
    )


def test_a_server_ends_a_session_when_it_ends_the_connection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire()
    a_client_that_goes_on_when_the_server_has_ended_the_connection(wire)
    assert main(["findings", "--format", "jsonl", str(wire.write(tmp_path / "capture.pcap"))]) == 0
    (found,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (found["rule"], found["time"]) == ("fin-without-close", 1_700_000_040.009999)


@pytest.mark.parametrize(("told", "offline"), [(" unifiedCCXOnline: 0,", True), ("", False)])
def test_what_a_log_does_not_tell_is_not_offline(
    told: str, offline: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "server.mivr.log"
    said = (Path(__file__).parents[2] / "samples/server.mivr.log").read_text("utf-8")
    log.write_text(said.replace(" unifiedCCXOnline: 1,", told), "utf-8")
    assert main(["findings", "--format", "jsonl", str(log)]) == 0
    rules = {json.loads(line)["rule"] for line in capsys.readouterr().out.splitlines()}
    assert ("offline" in rules) is offline


@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
def test_findings_come_gravest_first_each_in_the_order_of_time(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire()
    early, late = wire.connect("10.0.0.8").open(agent="jones"), wire.connect().open()
    early.beat(1).bye(C)
    late.beat(1).bye(C)
    wire.connect("10.0.0.9").open(agent="jane").beat(1).reset(C)
    wire.connect("10.0.0.7").open(agent="joe").beat(1).bye(S)
    wire.connect("10.0.0.6").open(agent="jack").beat(1).reset(S)
    assert main(["findings", "--each", "--format", form, str(wire.write(tmp_path / "capture.pcap"))]) == 0
    told = capsys.readouterr().out
    order = ["joe", "jack", "jane", "jones", "smith"]
    places = [told.index(name) for name in order]
    assert places == sorted(places)


def test_of_very_many_findings_the_first_are_put_in_order_and_none_is_lost() -> None:
    severities = [Severity.NOTE, Severity.ERROR, Severity.WARNING, Severity.ERROR, Severity.NOTE]
    found = [Finding(severity, "rule", 1, None, 9 - at, "") for at, severity in enumerate(severities)]
    assert [one.time for one in gravest_first(found)] == [6, 8, 7, 5, 9]
    assert [one.time for one in gravest_first(found, 3)] == [8, 7, 9, 6, 5]


def _of_many_kinds(wire: Wire) -> None:
    """One client after the other: refused with code 8 three times and 10 once, and dropped by the server three times, the
    last time with a reason; one sends the same unknown type four times."""
    for _ in range(3):
        wire.connect().refuse(8)
        wire.wait(12)
    wire.connect().refuse(10)
    for host in (6, 7):
        wire.connect(f"10.0.0.{host}").open(agent=f"a{host}").bye(S)
    link = wire.connect("10.0.0.8").open(agent="a8")
    link.say("FAILURE_EVENT", {"Status": 94})
    link.bye(S)
    link = wire.connect("10.0.0.9").open(agent="a9")
    for _ in range(4):
        link.tcp(S, PSH | ACK, bytes((0, 0, 0, 4, 0, 0, 3, 231)) + b"what")
        link.beat(1)
    link.close()


def test_like_findings_are_one_line_and_different_ones_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire()
    _of_many_kinds(wire)
    path = str(wire.write(tmp_path / "capture.pcap"))
    assert main(["findings", "--columns", "rule,times,sessions,session,last_message", "--least", "warning", path]) == 0
    assert capsys.readouterr().out == (
        "rule                    times    sessions    session    last_message\n"
        "--------------------  -------  ----------  ---------  --------------\n"
        "request-failed              3           3          1               6\n"
        "request-failed              1           1          4               8\n"
        "fin-without-close           2           2          5              12\n"
        "failure-reported            1           1          7              15\n"
        "fin-without-close           1           1          7              15\n"
        "unknown-message-type        4           1          8              27\n"
    )
    assert main(["findings", path]) == 0
    grouped = " ".join(capsys.readouterr().out.split())
    assert " (3 times in 3 sessions, the last at 22:13:44.0" in grouped and " (4 times, the last at 22:14:" in grouped
    assert main(["findings", "--each", "--columns", "rule", path]) == 0
    each = capsys.readouterr().out.splitlines()[2:]
    assert main(["findings", "--format", "jsonl", path]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert each == [row["rule"] for row in rows] and each.count("request-failed") == 4
    assert set(rows[0]) == {"severity", "rule", "session", "message", "time", "text"}
    assert main(["findings", "--columns", "rule,times", "--where", "session == 2", "-c", "1", path]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == ["request-failed        1"]


def test_more_findings_than_are_put_in_order_are_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccxdissect.analysis.gathering.MOST_ORDERED", 3)
    wire = Wire()
    _of_many_kinds(wire)
    path = str(wire.write(tmp_path / "capture.pcap"))
    assert main(["findings", "--each", path]) == 0
    assert "note: of 10 findings, those beyond the first 3 stand at the end" in capsys.readouterr().err
    assert main(["findings", path]) == 0
    assert capsys.readouterr().err == ""


def test_each_failover_tells_its_agents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    a_failover_and_back_again(wire)
    assert main(["findings", "--format", "jsonl", str(wire.write(tmp_path / "capture.pcap"))]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [one["text"].partition("nobody served it. ")[2] for one in found if one["rule"] == "failover"]
    assert told == [
        '1 agent logged in there, now back: "smith" 17.0 s after the loss. Look at 10.0.0.1:12028 at the time of the loss.',
        '1 agent logged in there, 1 of them not told to be back when the capture ends: "smith". Look at 10.0.0.2:12028 at the '
        "time of the loss.",
    ]


def live(wire: Wire, tmp_path: Path) -> list[tuple[str, str]]:
    """What `live` says of it: each finding, with the message or finding that it came behind."""
    path = wire.write(tmp_path / "capture.pcap")
    command = [sys.executable, "-m", "ccxdissect", "live", "-"]
    done = subprocess.run(command, input=path.read_bytes(), capture_output=True, check=True, timeout=120)
    told, before = [], ""
    for line in done.stdout.decode().splitlines()[1:]:
        rule = line.partition("***")[2].split(":")[0].strip()
        if rule:
            told.append((rule, before))
        before = rule or line.split()[4]
    return told


def test_live_a_failover_is_told_at_once_and_its_agents_when_they_are_known(tmp_path: Path) -> None:
    wire = Wire()
    a_failover_after_which_not_all_agents_are_back(wire)
    assert live(wire, tmp_path)[-2:] == [
        ("error failover", "OPEN_CONF"),
        ("warning agents-back", "CLOSE_CONF"),
    ]
    wire = Wire()
    a_failover_and_back_again(wire)
    assert live(wire, tmp_path)[1:3] == [("error failover", "OPEN_CONF"), ("note agents-back", "AGENT_STATE_EVENT")]


def test_live_it_is_told_at_once_that_nobody_serves_a_client(tmp_path: Path) -> None:
    wire = Wire()
    only_standbys(wire)
    wire.connect("10.0.0.77").open().beat(2).close()
    # With the third refusal, the first by a node that had refused it before; and not again at the end.
    rules = [rule for rule, _ in live(wire, tmp_path)]
    assert rules == ["note standby-probed"] * 3 + ["error no-master", "note standby-probed"]
    wire = Wire()
    a_client_whose_session_with_the_master_is_older_than_the_capture(wire)
    assert live(wire, tmp_path) == [("note standby-probed", "FAILURE_CONF")] * 4
    wire = Wire()
    nobody_answers_the_syn(wire)
    wire.connect("10.0.0.77").open().beat(2).close()
    assert live(wire, tmp_path) == [("error no-answer", "")]
