"""Two sessions side by side: the login that works and the one that does not. Whole outputs."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

from capture import capture_builders as build
from live.live_traffic import packet, write_capture

from building import ENCODER
from commands import run
from conversation import CLIENT, SERVER, Conversation

SAMPLES = Path(__file__).parents[2] / "samples"
TROUBLE = str(SAMPLES / "trouble.pcapng")


def login(path: Path, agent: str, phone: str, password: str, code: int | None = None, beats: int = 0) -> str:
    """A capture of an agent who logs in, or whose login is refused with `code`."""

    def encode(name: str, fixed: dict[str, object], floating: list[tuple[str, object]] | None = None) -> bytes:
        return ENCODER.encode(name, fixed, floating or [], version=14)  # type: ignore[arg-type]

    device = [("AgentID", agent), ("AgentInstrument", phone)]
    talk = Conversation(ends=((b"\x0a\0\0\x01", 50000 + beats), (b"\x0a\0\0\x09", 12028))).handshake()
    opened = {"InvokeID": 7 + beats, "VersionNumber": 14, "IdleTimeout": 60, "ServicesRequested": 0x1}
    talk.send(CLIENT, encode("OPEN_REQ", opened, [("ClientID", agent), ("AgentExtension", phone), *device]))
    talk.send(
        SERVER, encode("OPEN_CONF", {"InvokeID": 7 + beats, "UnifiedCCXOnline": 1, "ServicesGranted": 0x1}, device)
    )
    for beat in range(beats):
        talk.send(CLIENT, encode("HEARTBEAT_REQ", {"InvokeID": 100 + beat}))
        talk.send(SERVER, encode("HEARTBEAT_CONF", {"InvokeID": 100 + beat}))
    asked = {"InvokeID": 8 + beats, "AgentState": 0}
    talk.send(CLIENT, encode("SET_AGENT_STATE_REQ", asked, [*device, ("AgentPassword", password)]))
    if code is None:
        talk.send(SERVER, encode("SET_AGENT_STATE_CONF", {"InvokeID": 8 + beats}))
        talk.send(SERVER, encode("AGENT_STATE_EVENT", {"AgentState": 2}, device))
    else:
        said = [("Text", "the password is wrong")]
        talk.send(SERVER, encode("CONTROL_FAILURE_CONF", {"InvokeID": 8 + beats, "FailureCode": code}, said))
    records = []
    for one in talk.close().segments:
        header = struct.pack(">HHIIBBHHH", one.sport, one.dport, one.seq, one.ack, 0x50, one.flags, 65535, 0, 0)
        records.append((one.time, build.ethernet(build.ipv4(header + one.payload, src=one.src, dst=one.dst))))
    path.write_bytes(build.pcap(records))
    return str(path)


def test_the_login_that_works_and_the_one_that_does_not(tmp_path: Path) -> None:
    good = login(tmp_path / "good.pcap", "anna", "2001", "right")
    bad = login(tmp_path / "bad.pcap", "berta", "2002", "wrong", 257, beats=2)
    status, out, said = run("compare", good, bad)
    assert (status, said) == (0, "")
    assert out.replace(str(tmp_path), "HERE") == (
        'GOOD  HERE/good.pcap: session 1, 10.0.0.1:50000 to 10.0.0.9:12028: version 14, agent mode of "anna" at extension "2001", client "anna"; 5 messages in 9.0 ms; the client ended the connection without closing the session\n'
        'BAD   HERE/bad.pcap: session 1, 10.0.0.1:50002 to 10.0.0.9:12028: version 14, agent mode of "berta" at extension "2002", client "berta"; 8 messages in 12.0 ms; 2 heartbeats every 2.0 ms, all answered; the client ended the connection without closing the session\n'
        'Taken for each other: client "anna" and "berta", number "2001" and "2002", agent "anna" and "berta"\n'
        "\n"
        "They part after 2 messages that say the same: SET_AGENT_STATE_REQ, message 3 of GOOD and 7 of BAD\n"
        "  field          GOOD    BAD\n"
        "  -------------  ------  -------------\n"
        "  AgentPassword  ***     *** (another)\n"
        "\n"
        "The first answer that differs: the reply to SET_AGENT_STATE_REQ, message 4 of GOOD and 8 of BAD\n"
        "  field                GOOD                  BAD\n"
        "  -------------------  --------------------  -----------------------------------\n"
        "  message              SET_AGENT_STATE_CONF  CONTROL_FAILURE_CONF\n"
        "  FailureCode          -                     257 (CF_INVALID_PASSWORD_SPECIFIED)\n"
        "  UnifiedCCXErrorCode  -                     0 (CCX_DEFAULT_ERROR_CODE)\n"
        "  Text                 -                     the password is wrong\n"
        "\n"
        "Only GOOD has\n"
        "  message  from    type               what it says\n"
        "---------  ------  -----------------  ----------------------------------\n"
        "        5  server  AGENT_STATE_EVENT  agent anna phone 2001 -> NOT_READY\n"
    )


def test_the_same_login_twice_does_not_part(tmp_path: Path) -> None:
    good = login(tmp_path / "good.pcap", "anna", "2001", "right")
    again = login(tmp_path / "again.pcap", "berta", "2002", "right", beats=3)
    status, out, said = run("compare", good, again)
    assert (status, said) == (0, "")
    assert out.splitlines()[2:] == [
        'Taken for each other: client "anna" and "berta", number "2001" and "2002", agent "anna" and "berta"',
        "",
        "They say the same in 5 messages",
    ]
    assert run("compare", good, again, "--format", "jsonl") == (0, "", "")
    ids = [json.loads(line) for line in run("compare", good, again, "--ids", "--format", "jsonl").stdout.splitlines()]
    assert [[one["field"] for one in row["fields"]] for row in ids] == [
        ["InvokeID", "ClientID", "AgentExtension", "AgentID", "AgentInstrument"],
        ["InvokeID", "AgentID", "AgentInstrument"],
        ["InvokeID", "AgentID", "AgentInstrument"],
        ["InvokeID"],
        ["AgentID", "AgentInstrument"],
    ]


def test_times_are_compared_when_they_are_asked_for(tmp_path: Path) -> None:
    """How long a state lasted differs from day to day, and says nothing; but for who asks."""
    captures = []
    for seconds in (5, 50):
        talk = Conversation().handshake()
        opening = {"InvokeID": 1, "VersionNumber": 14, "IdleTimeout": 60}
        talk.send(CLIENT, ENCODER.encode("OPEN_REQ", opening, [("ClientID", "c")], version=14))
        talk.send(SERVER, ENCODER.encode("OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1}, version=14))
        lasting = {"AgentState": 3, "StateDuration": seconds}
        talk.send(SERVER, ENCODER.encode("AGENT_STATE_EVENT", lasting, [("AgentID", "anna")], version=14))
        captures.append(str(tmp_path / f"{seconds}.pcapng"))
        write_capture(captures[-1], [packet(segment) for segment in talk.close().segments])
    assert run("compare", *captures).stdout.splitlines()[3:] == ["They say the same in 3 messages"]
    assert run("compare", *captures, "--times").stdout.splitlines()[3:] == [
        "They part after 2 messages that say the same: AGENT_STATE_EVENT, message 3 of GOOD and 3 of BAD",
        "  field          GOOD    BAD",
        "  -------------  ------  -----",
        "  StateDuration  5       50",
    ]


def test_the_recorded_login_that_works_and_the_one_that_does_not() -> None:
    """Of the lab, through real sockets: an agent of her own phone, and one at a phone that is not hers."""
    good, bad = (str(SAMPLES / f"login-{name}.pcapng") for name in ("good", "bad"))
    status, out, said = run("compare", good, bad)
    assert (status, said) == (0, "")
    assert re.sub(r"127\.0\.2\.3(.):\d+|in \d+\.\d ms", r"HERE\1", out.replace(f"{SAMPLES}/", "")) == (
        'GOOD  login-good.pcapng: session 1, HERE1 to 127.0.1.11:12028: version 14, agent mode of "imke" at extension "2711", '
        'client "imke"; 10 messages HERE; the client closed it in good order\n'
        'BAD   login-bad.pcapng: session 1, HERE2 to 127.0.1.11:12028: version 14, agent mode of "nora" at extension "2712", '
        'client "nora"; 8 messages HERE; 1 heartbeat, all answered; the client closed it in good order\n'
        'Taken for each other: client "imke" and "nora", number "2711" and "2712", agent "imke" and "nora"\n'
        "\n"
        "They part after 2 messages that say the same: SET_AGENT_STATE_REQ, message 3 of GOOD and 5 of BAD\n"
        "  field            GOOD    BAD\n"
        "  ---------------  ------  -------------\n"
        "  AgentInstrument  2711    2713\n"
        "  AgentPassword    ***     *** (another)\n"
        "\n"
        "The first answer that differs: the reply to SET_AGENT_STATE_REQ, message 4 of GOOD and 6 of BAD\n"
        "  field                GOOD                  BAD\n"
        "  -------------------  --------------------  ---------------------------------------\n"
        "  message              SET_AGENT_STATE_CONF  CONTROL_FAILURE_CONF\n"
        "  FailureCode          -                     260 (CF_INVALID_LOGON_DEVICE_SPECIFIED)\n"
        "  UnifiedCCXErrorCode  -                     0 (CCX_DEFAULT_ERROR_CODE)\n"
        "  Text                 -                     not the agent's phone\n"
        "\n"
        "Only GOOD has\n"
        "  message  from    type                  what it says\n"
        "---------  ------  --------------------  ------------------------------------------------------------\n"
        "        5  server  AGENT_STATE_EVENT     agent imke ext 2711 phone 2711 -> NOT_READY reason AGT_LOGON\n"
        "        6  client  SET_AGENT_STATE_REQ   #3 agent imke phone 2711 -> READY\n"
        "        7  server  SET_AGENT_STATE_CONF  #3\n"
        "        8  server  AGENT_STATE_EVENT     agent imke ext 2711 phone 2711 -> READY\n"
    )


def test_another_phone_than_before_is_a_difference() -> None:
    rows = run("compare", TROUBLE, "--session", "4", "--session", "6", "--format", "jsonl").stdout.splitlines()
    found = [json.loads(row) for row in rows]
    assert found[3]["fields"] == [
        {"field": "AgentInstrument", "good": "2699", "bad": "2602"},
        {"field": "AgentPassword", "good": "***", "bad": "*** (another)"},
    ]
    assert [row["first"] for row in found[:2]] == [True, False]


def test_what_cannot_be_compared_is_said(tmp_path: Path) -> None:
    assert run("compare", TROUBLE) == (2, "", "ccxdissect: which two sessions? --session GOOD --session BAD\n")
    assert run("compare", TROUBLE, TROUBLE, TROUBLE) == (
        2,
        "",
        "ccxdissect: compare takes two captures, GOOD and BAD, or one with two --session\n",
    )
    assert run("compare", TROUBLE, "--session", "4", "--session", "9") == (
        1,
        "",
        f"ccxdissect: {TROUBLE}: there is no session 9; it has 6\n",
    )
