"""Scenario files: those of the package are right, and mistakes are told with file, place and key."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from ccxdissect.errors import CcxDissectError
from ccxdissect.lab import scenario
from ccxdissect.lab.server import LabServer, loopback_only

AGENT = '[[agent]]\nid = "a"\nextension = "1"\n'
CLIENT = '[[client]]\nname = "c"\nmode = "bridge"\n'

MISTAKES = {
    "a key that is not known": ("tittle = 1", "file.toml: tittle: is not known here; did you mean title?"),
    "a key that is missing": ('[[agent]]\nid = "a"', "file.toml: agent[1].extension: is missing"),
    "a text that is a number": (
        '[[agent]]\nid = 5\nextension = "1"',
        "file.toml: agent[1].id: should be a text, is 5",
    ),
    "a text that is too long": (
        f'[[agent]]\nid = "a"\nextension = "{"9" * 16}"',
        "file.toml: agent[1].extension: is longer than the 15 bytes that its field takes",
    ),
    "a NUL": (
        '[[agent]]\nid = "a\\u0000b"\nextension = "1"',
        "file.toml: agent[1].id: holds a NUL character, which ends a text on the wire",
    ),
    "a queue that is not there": (AGENT + "csqs = [4]", "file.toml: agent[1].csqs: there is no [[csq]] with the id 4"),
    "two agents of one id": (AGENT + AGENT, "file.toml: agent: two have the id 'a'"),
    "a table that is no list": ("[agent]\n", "file.toml: agent: should be a list of tables, each begun with [[agent]]"),
    "a clock without a zone": (
        "clock = 2025-01-01T00:00:00",
        "file.toml: clock: should be a date and time with a zone, such as 2025-03-03T08:00:00Z",
    ),
    "an address that is none": (
        '[[server]]\naddress = "here"',
        "file.toml: server[1].address: 'here' is no IP address",
    ),
    "versions the wrong way round": (
        "[[server]]\nversions = [18, 10]",
        "file.toml: server[1].versions: should be the lowest and the highest version, such as [10, 18]",
    ),
    "a form that is none": (
        '[[server]]\nform = "1+2"',
        "file.toml: server[1].form: '1+2' should be one of 1+1, 2+1, 2+2; did you mean 2+2 or 1+1?",
    ),
    "a client without an agent": (
        '[[client]]\nname = "c"',
        "file.toml: client[1].agent: is missing: a client in agent mode needs one",
    ),
    "a fault of no request": (
        '[[fault]]\nrequest = "OPEN_CONF"\nsilent = true',
        "file.toml: fault[1].request: OPEN_CONF is no request",
    ),
    "a fault that does nothing": (
        '[[fault]]\nrequest = "OPEN_REQ"',
        "file.toml: fault[1]: give one of silent, reset, status, failure and delay, or nothing goes wrong",
    ),
    "a fault that does two things": (
        '[[fault]]\nrequest = "OPEN_REQ"\nsilent = true\nstatus = 5',
        "file.toml: fault[1]: give only one of silent, reset, status and failure",
    ),
    "a code that is none": (
        '[[fault]]\nrequest = "OPEN_REQ"\nfailure = "CF_SERVICE_BUZY"',
        "file.toml: fault[1].failure: 'CF_SERVICE_BUZY' is no ControlFailureCode; did you mean CF_SERVICE_BUSY or CF_RESOURCE_BUSY or CF_NETWORK_BUSY?",
    ),
    "a step of nobody": (
        CLIENT + '[[step]]\nwho = "d"\ndo = "open"',
        "file.toml: step[1].who: 'd' should be one of server, c",
    ),
    "a step that nobody can do": (
        CLIENT + '[[step]]\nwho = "c"\ndo = "awnser"',
        "file.toml: step[1].do: a client cannot do 'awnser'; did you mean answer or transfer?",
    ),
    "a step without its key": (CLIENT + '[[step]]\nwho = "c"\ndo = "dtmf"', "file.toml: step[1].digits: is missing"),
    "a message that is none": (
        CLIENT + '[[step]]\nwho = "c"\ndo = "wait"\nmessage = "END_CAL_EVENT"',
        "file.toml: step[1].message: there is no message 'END_CAL_EVENT'; did you mean END_CALL_EVENT or BEGIN_CALL_EVENT or EMERGENCY_CALL_EVENT?",
    ),
    "a field that is none": (
        CLIENT + '[[step]]\nwho = "c"\ndo = "send"\nmessage = "OPEN_REQ"\nfixed = { Version = 3 }',
        "file.toml: step[1].fixed.Version: OPEN_REQ has no such fixed field; did you mean VersionNumber?",
    ),
    "a constant that is none": (
        CLIENT + '[[step]]\nwho = "c"\ndo = "wait"\nmessage = "AGENT_STATE_EVENT"\nwhere = { AgentState = "READY" }',
        "file.toml: step[1].where.AgentState: 'READY' is no constant of this field",
    ),
    "a floating field of the wrong type": (
        CLIENT + '[[step]]\nwho = "c"\ndo = "send"\nmessage = "OPEN_REQ"\nfloating = [["ClientID", 5]]',
        "file.toml: step[1].floating[1]: ClientID is of type STRING, 5 is not",
    ),
    "bytes that are none": (
        CLIENT + '[[step]]\nwho = "c"\ndo = "bytes"\nhex = "0g"',
        "file.toml: step[1].hex: should be bytes in hexadecimal",
    ),
    "a negative time": (
        '[[step]]\ndo = "sleep"\nseconds = -1',
        "file.toml: step[1].seconds: is -1, should be from 0 to 86400 seconds",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_tells_of(mistake: str) -> None:
    text, told = MISTAKES[mistake]
    with pytest.raises(CcxDissectError) as raised:
        scenario.parse(text, "file.toml")
    assert str(raised.value) == told


def test_tells_of_a_file_that_is_no_toml() -> None:
    with pytest.raises(CcxDissectError, match=r"^file\.toml: is no TOML: .*line 2"):
        scenario.parse("title = 'x'\nx = = 1", "file.toml")


def test_every_scenario_of_the_package_is_right() -> None:
    loaded = {name: scenario.load(name) for name in scenario.names()}
    assert len(loaded) >= 8
    assert all(one.title and one.steps and one.clock for one in loaded.values())


def test_a_name_that_is_none() -> None:
    with pytest.raises(
        CcxDissectError,
        match=r"^queue-call: no such scenario; did you mean queued-call or cce-queued-call\? \(a \.toml file",
    ):
        scenario.load("queue-call")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CcxDissectError, match=r"none\.toml: No such file or directory$"):
        scenario.load(str(tmp_path / "none.toml"))
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe9"')
    with pytest.raises(CcxDissectError, match=r"latin\.toml: is not UTF-8 at byte 9$"):
        scenario.load(str(tmp_path / "latin.toml"))
    with pytest.raises(CcxDissectError, match="Is a directory$"):
        scenario.load(str(tmp_path))


def test_a_file_is_loaded_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('title = "mine"\n' + CLIENT)
    own = scenario.load(str(tmp_path / "own.toml"))
    assert (own.title, own.client("c").mode) == ("mine", "bridge")
    with pytest.raises(CcxDissectError, match="there is no client 'd'; it has c$"):
        own.client("d")


def test_listens_beyond_the_loopback_only_when_asked() -> None:
    spec = scenario.parse('[[server]]\naddress = "0.0.0.0"', "x.toml").servers
    with pytest.raises(CcxDissectError, match=r"^0\.0\.0\.0 is not on the loopback"):
        loopback_only(spec, anywhere=False)
    loopback_only(spec, anywhere=True)


def test_a_port_that_is_taken() -> None:
    async def twice() -> None:
        plain = scenario.parse("[[server]]\nport = 0", "x.toml")
        async with LabServer(plain, plain.servers[0]) as first:
            await LabServer(plain, replace(plain.servers[0], port=first.port)).start()

    with pytest.raises(CcxDissectError, match=r"^cannot listen on 127\.0\.0\.1 port \d+: the port is in use already$"):
        asyncio.run(twice())
