"""What a stressed engineer of Unified CCE reads first: situations of its own, each with what is right, written down first."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from cce_traffic import AGENT, ALL_EVENTS, DEVICE, WHO, CceLink, Center

from ccxdissect.cli.main import main
from ccxdissect.codec import Value
from ccxdissect.protocol.ged188.constants.failures import ControlFailureCode, StatusCode
from wire import ACK, FIN, PSH, RST, SYN, C, S

MONITOR = 0x20
Given = list[tuple[str | int, Value]]
PHONE: Given = [("AgentInstrument", "2001"), ("AgentID", "1001")]
FROM_TO: Given = [("CallingDeviceID", "4915112345"), ("CalledDeviceID", "8000")]
Play = Callable[[Center], object]
SITUATIONS: dict[str, tuple[str, str, Play]] = {}


def situation(headline: str, calls: str = "") -> Callable[[Play], Play]:
    """Registers a situation with the beginning of its first line, and with the outcome of each call."""

    def register(play: Play) -> Play:
        SITUATIONS[play.__name__] = (headline, calls, play)
        return play

    return register


def state(link: CceLink, number: int, reason: int = 0) -> None:
    link.say("AGENT_STATE_EVENT", {"AgentState": number, "SkillGroupState": number, "EventReasonCode": reason}, WHO)


def login(link: CceLink) -> None:
    for wanted, then in ((0, 2), (3, 3)):
        link.request("SET_AGENT_STATE_REQ", {"AgentState": wanted}, PHONE, "SET_AGENT_STATE_CONF")
        state(link, then)


def begin(link: CceLink, call: int, kind: int = 1, ani: str = "4915112345", monitor: int = 0) -> None:
    fixed: dict[str, int | bytes] = {"CallType": kind, "ConnectionCallID": call, "MonitorID": monitor}
    link.say("BEGIN_CALL_EVENT", fixed, [DEVICE, ("ANI", ani), ("DNIS", "8000")])


def answered(link: CceLink, call: int, device: str, ends: Given = FROM_TO, after: float = 4, monitor: int = 0) -> None:
    fixed: dict[str, int | bytes] = {"ConnectionCallID": call, "MonitorID": monitor}
    at: Given = [("ConnectionDeviceID", device)]
    link.say("CALL_DELIVERED_EVENT", {**fixed, "LocalConnectionState": 2, "EventCause": 22},
             [*at, ("AlertingDeviceID", device), *ends])  # fmt: skip
    link.wire.wait(after)
    link.say(
        "CALL_ESTABLISHED_EVENT", {**fixed, "LocalConnectionState": 3}, [*at, ("AnsweringDeviceID", device), *ends]
    )


def leave(link: CceLink, call: int, device: str, last: bool = True, monitor: int = 0) -> None:
    fixed: dict[str, int | bytes] = {"ConnectionCallID": call, "MonitorID": monitor}
    link.say("CALL_CONNECTION_CLEARED_EVENT", {**fixed, "LocalConnectionState": 0},
             [("ConnectionDeviceID", device), ("ReleasingDeviceID", device)])  # fmt: skip
    if last:
        link.say("CALL_CLEARED_EVENT", {**fixed, "LocalConnectionState": 0}, [DEVICE])
        link.say("END_CALL_EVENT", fixed, [DEVICE])


def consulted(link: CceLink, call: int) -> None:
    """Agent 2001 talks, holds the call and calls 2002 about it, who answers."""
    begin(link, call)
    answered(link, call, "2001")
    link.wire.wait(10)
    held: Given = [("ConnectionDeviceID", "2001"), ("HoldingDeviceID", "2001")]
    link.say("CALL_HELD_EVENT", {"ConnectionCallID": call, "LocalConnectionState": 4}, held)
    begin(link, call + 1, 12, "2001")
    answered(link, call + 1, "2002", [("CallingDeviceID", "2001"), ("CalledDeviceID", "2002")], 3)
    link.wire.wait(6)


def joined(link: CceLink, name: str, call: int, by: str, with_: str, parties: tuple[str, ...]) -> None:
    fixed: dict[str, int | bytes] = {"PrimaryCallID": call, "SecondaryCallID": call + 1, "NumParties": len(parties)}
    on: Given = []
    for party in parties:
        on += [("ConnectedPartyCallID", call), ("ConnectedPartyDeviceIDType", 0), ("ConnectedPartyDeviceID", party)]
    who: Given = [("PrimaryDeviceID", "2001"), ("SecondaryDeviceID", "2002"), (by, "2001"), (with_, "2002")]
    link.say(name, {**fixed, "LocalConnectionState": 3}, [*who, *on])
    link.say("END_CALL_EVENT", {"ConnectionCallID": call + 1}, [DEVICE])


@situation(
    'Error: Failover to 10.0.0.2:43027: the session of agent "1001" on 10.0.0.1:42027 was lost (the server reset it without '
    "closing after reporting 15 E_CTI_CTI_SERVER_OFFLINE); 10.0.0.2:43027 served it again, in session 2, 5.0 s after the loss"
)
def side_a_goes_offline_and_the_agent_moves_to_side_b(center: Center) -> None:
    first = center.join()
    first.open(AGENT)
    login(first)
    center.wait(20)
    first.request("HEARTBEAT_REQ", {}, [], "HEARTBEAT_CONF")
    first.say("FAILURE_EVENT", {"Status": int(StatusCode.E_CTI_CTI_SERVER_OFFLINE)})
    first.tcp(S, RST | ACK)
    center.wait(5)
    second = CceLink(center, "10.0.0.5", 47001, "10.0.0.2", 43027)
    second.version = 20
    second.tcp(C, SYN)
    second.tcp(S, SYN | ACK)
    second.tcp(C, ACK)
    second.open(AGENT)
    login(second)
    second.close()


@situation("Error: OPEN_REQ failed: FAILURE_CONF with code 36 E_CTI_INVALID_PASSWORD, bad password.")
def a_wrong_password(center: Center) -> None:
    link = center.join()
    link.ask(AGENT)
    link.say("FAILURE_CONF", {"InvokeID": link.invoke, "Status": int(StatusCode.E_CTI_INVALID_PASSWORD)})
    link.tcp(S, FIN | ACK)
    link.tcp(C, FIN | ACK)


@situation(
    "Error: SET_AGENT_STATE_REQ failed: CONTROL_FAILURE_CONF with code 259 CF_SPECIFIED_AGENT_ALREADY_SIGNED_ON, specified "
    "agent already signed on; in particular 12004."
)
def an_agent_logs_in_twice(center: Center) -> None:
    link = center.join()
    link.open(AGENT)
    asked = link.request("SET_AGENT_STATE_REQ", {"AgentState": 0}, PHONE)
    code = int(ControlFailureCode.CF_SPECIFIED_AGENT_ALREADY_SIGNED_ON)
    link.say("CONTROL_FAILURE_CONF", {"InvokeID": asked, "FailureCode": code, "PeripheralErrorCode": 12004})
    center.wait(3)
    link.close()


@situation("Nothing to worry about: 1 session, seen whole and well", "answered")
def a_wallboard_hears_of_one_phone(center: Center) -> None:
    link = center.join("10.0.0.9")
    link.open(MONITOR)
    watched: Given = [("ConnectionDeviceID", ""), ("MonitoredDeviceID", "3001")]
    link.request("MONITOR_START_REQ", {"ConnectionCallID": 0xFFFFFFFF}, watched, "MONITOR_START_CONF", MonitorID=1)
    begin(link, 301, monitor=1)
    answered(link, 301, "3001", monitor=1)
    center.wait(20)
    leave(link, 301, "3001", monitor=1)
    link.request("MONITOR_STOP_REQ", {"MonitorID": 1}, [], "MONITOR_STOP_CONF")
    link.close()


@situation("Nothing to worry about: 1 session, seen whole and well", "answered transferred")
def a_call_is_transferred_to_another_agent(center: Center) -> None:
    link = center.join("10.0.0.9")
    link.open(ALL_EVENTS)
    consulted(link, 401)
    joined(link, "CALL_TRANSFERRED_EVENT", 401, "TransferringDeviceID", "TransferredDeviceID", ("4915112345", "2002"))
    center.wait(30)
    leave(link, 401, "2002")
    link.close()


@situation("Nothing to worry about: 1 session, seen whole and well", "answered conferenced")
def a_second_agent_joins_a_call(center: Center) -> None:
    link = center.join("10.0.0.9")
    link.open(ALL_EVENTS)
    consulted(link, 501)
    parties = ("4915112345", "2001", "2002")
    joined(link, "CALL_CONFERENCED_EVENT", 501, "ControllerDeviceID", "AddedPartyDeviceID", parties)
    center.wait(15)
    leave(link, 501, "2002", last=False)
    center.wait(5)
    leave(link, 501, "2001")
    link.close()


@situation("Nothing to worry about: 1 session, seen whole and well", "abandoned in queue")
def nobody_answers_and_the_caller_gives_up(center: Center) -> None:
    link = center.join("10.0.0.9")
    link.open(ALL_EVENTS)
    begin(link, 601)
    group: Given = [("SkillGroupNumber", 77), ("SkillGroupID", 5077), ("SkillGroupPriority", 0)]
    queued: dict[str, int | bytes] = {
        "ConnectionCallID": 601,
        "NumSkillGroups": 1,
        "LocalConnectionState": 5,
        "NumQueued": 1,
    }
    link.say("CALL_QUEUED_EVENT", queued, [DEVICE, *FROM_TO, *group])
    center.wait(3)
    ringing: Given = [("ConnectionDeviceID", "2001"), ("AlertingDeviceID", "2001"), *FROM_TO]
    link.say("CALL_DELIVERED_EVENT", {"ConnectionCallID": 601, "LocalConnectionState": 2, "EventCause": 22}, ringing)
    center.wait(20)
    state(link, 2, 32767)
    away: Given = [("ConnectionDeviceID", "2001"), ("DivertingDeviceID", "2001"), ("CalledDeviceID", "8000")]
    link.say("CALL_DIVERTED_EVENT", {"ConnectionCallID": 601, "LocalConnectionState": 0, "EventCause": 10}, away)
    link.say("CALL_QUEUED_EVENT", queued, [DEVICE, *FROM_TO, *group])
    center.wait(8)
    leave(link, 601, "4915112345")
    link.close()


@situation("Warning: Message type 9999 is not known; its 4 bytes are shown undecoded.")
def a_server_that_talks_nonsense(center: Center) -> None:
    link = center.join()
    link.open(AGENT)
    login(link)
    link.tcp(C, PSH | ACK, (4).to_bytes(4, "big") + (9999).to_bytes(4, "big") + b"abcd")
    link.tcp(S, PSH | ACK, random.Random(5).randbytes(300))
    for _ in range(2):
        state(link, 3)
    link.tcp(S, PSH | ACK, (12).to_bytes(4, "big") + (160).to_bytes(4, "big") + bytes(range(12)))
    link.close()


@situation("No trouble seen, but not all was there to be seen: 1 of 1 session began before the capture", "answered")
def a_capture_that_begins_in_the_middle(center: Center) -> None:
    link = center.join("10.0.0.9", shake=False)
    link.request("HEARTBEAT_REQ", {}, [], "HEARTBEAT_CONF")
    state(link, 3)
    begin(link, 701)
    answered(link, 701, "2001")
    center.wait(10)
    leave(link, 701, "2001")


@situation("Nothing to worry about: 4 sessions, seen whole and well")
def both_dialects_on_each_other_s_ports(center: Center) -> None:
    center.connect("10.0.0.21", port=12028).open().close()
    center.connect("10.0.0.24", port=43027).open(agent="jdoe").close()
    for client, port in (("10.0.0.22", 42027), ("10.0.0.23", 12028)):
        link = center.join(client, port)
        link.open(AGENT)
        login(link)
        link.close()


def granted(link: CceLink, **what: int) -> CceLink:
    """A session, with what OPEN_CONF says of what the server serves."""
    link.ask()
    link.say("OPEN_CONF", {"InvokeID": link.invoke, "ServicesGranted": AGENT, "PeripheralOnline": 1, **what})
    return link


@situation(
    "Warning: The server granted the session, but OPEN_CONF says PGStatus PGS_CC_DOWN + PGS_PERIPHERAL_OFFLINE and "
    "PeripheralOnline 0: what it serves is offline"
)
def a_session_with_a_peripheral_that_is_offline(center: Center) -> None:
    granted(center.join(), PGStatus=6, PeripheralOnline=0).close()


@situation("Nothing to worry about")
def a_session_with_all_that_it_needs(center: Center) -> None:
    granted(center.join(), PGStatus=0).close()


@situation("Warning: SYSTEM_EVENT says SYS_PERIPHERAL_OFFLINE.")
def a_peripheral_goes_offline(center: Center) -> None:
    link = granted(center.join())
    link.say("SYSTEM_EVENT", {"PGStatus": 4, "SystemEventID": 4})
    link.close()


@situation("Warning: SYSTEM_EVENT says PGS_CC_DOWN.")
def half_an_hour_is_over_while_the_router_is_out_of_reach(center: Center) -> None:
    link = granted(center.join())
    link.say("SYSTEM_EVENT", {"PGStatus": 2, "SystemEventID": 9})
    link.close()


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_first_line_and_the_calls(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    headline, calls, play = SITUATIONS[name]
    center = Center()
    play(center)
    path = str(center.write(tmp_path / f"{name}.pcap"))
    assert main(["summary", path]) == 0
    assert capsys.readouterr().out.startswith(headline)
    assert main(["calls", path, "--format", "jsonl"]) == 0
    assert " ".join(json.loads(line)["outcome"] for line in capsys.readouterr().out.splitlines()) == calls


def test_each_session_of_the_mixed_capture_is_read_by_its_own_dialect(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    center = Center()
    both_dialects_on_each_other_s_ports(center)
    assert main(["sessions", str(center.write(tmp_path / "mixed.pcap")), "--format", "jsonl"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["server"][-5:], row["dialect"]) for row in rows] == [
        ("12028", "ccx"), ("43027", "ccx"), ("42027", "cce"), ("12028", "cce"),
    ]  # fmt: skip
    assert not any(row["bytes"][side]["undecoded"] for row in rows for side in ("client", "server"))


def test_a_session_whose_signs_disagree_names_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    center = Center()
    link = center.join(version=14)
    fixed: dict[str, int | bytes] = {"InvokeID": 1, "VersionNumber": 14, "IdleTimeout": 60, "PeripheralID": 0}
    link.say("OPEN_REQ", {**fixed, "ServicesRequested": 0x2000005}, [("ClientID", "desk"), ("ClientPassword", "")])
    link.say("OPEN_CONF", {"InvokeID": 1, "ServicesGranted": 0x2000005, "PeripheralOnline": 1, "PeripheralType": 0})
    state(link, 3)
    link.close()
    assert main(["sessions", str(center.write(tmp_path / "conflict.pcap")), "--format", "jsonl"]) == 0
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (row["dialect"], row["dialect_because"]) == (
        "cce",
        "server port 42027, CTI_SERVICE_ACTIVE_STANDBY (0x2000000) asked for, PeripheralID and PeripheralType other than 1 "
        "and 21, an agent's login in tag 5; against it: PeripheralID 0 in OPEN_REQ (ccx), no central controller time in "
        "OPEN_CONF (ccx)",
    )
