"""How sessions are told: mode, agents, heartbeats, and how they ended."""

from __future__ import annotations

import json

import pytest

from ccxdissect.analysis.sessions import Sessions, SessionStory
from ccxdissect.protocol.model import Side
from scene import AGENT_MODE, BRIDGE_MODE, S, Scene, feed, json_of


def stories(scene: Scene) -> list[SessionStory]:
    return [story for story in feed(Sessions(), scene.events) if isinstance(story, SessionStory)]


def test_an_agents_session_as_json() -> None:
    scene = Scene()
    session = scene.session()
    scene.open(session, AGENT_MODE | 4, "smith", "2006", granted=AGENT_MODE)
    for invoke_id in (2, 3, 4):
        scene.wait(30 * S)
        scene.beat(session, invoke_id, answer=invoke_id != 3)
    scene.close(session)
    (story,) = stories(scene)
    assert json.loads(json_of(story)) == {
        "session": 1,
        "client": "10.0.0.5:40001",
        "server": "10.0.0.1:12028",
        "version": 14,
        "floating_header": None,
        "dialect": None,
        "dialect_because": None,
        "mode": "agent",
        "start": 1700000000.0,
        "end": 1700000090.1,
        "ended_by": "close",
        "messages": {"client": 5, "server": 4},
        "bytes": {
            "client": {"payload": 136, "decoded": 136, "undecoded": 0, "duplicate": 0, "missing": 0},
            "server": {"payload": 70, "decoded": 70, "undecoded": 0, "duplicate": 0, "missing": 0},
        },
        "ended_side": "client",
        "client_name": "desk",
        "agents": ["smith"],
        "extension": "2006",
        "idle_timeout": 60,
        "services_asked": ["CTI_SERVICE_CLIENT_EVENTS", "CTI_SERVICE_CLIENT_CONTROL"],
        "services_granted": ["CTI_SERVICE_CLIENT_EVENTS"],
        "reached": "open",
        "closed_for": None,
        "reported": None,
        "replaced_by": None,
        "captured_only": None,
        "refusal": None,
        "heartbeats": {"sent": 3, "answered": 2, "missed": 1, "interval": 30.015},
        "noted": {},
        "story": '10.0.0.5:40001 to 10.0.0.1:12028: version 14, agent mode of "smith" at extension '
        '"2006", client "desk"; '
        "granted only CTI_SERVICE_CLIENT_EVENTS; 9 messages in 1 min 30 s; 3 heartbeats every "
        "30.0 s, 1 unanswered; the "
        "client closed it in good order",
    }


@pytest.mark.parametrize(
    ("by", "side", "silence", "ended_by", "ended_side", "ending"),
    [
        ("fin", Side.CLIENT, 5, "fin", Side.CLIENT, "the client ended the connection without closing the session"),
        ("reset", Side.SERVER, 5, "reset", Side.SERVER, "the server reset it without closing"),
        ("reset", Side.CLIENT, 80, "reset", Side.CLIENT, "the client reset it without closing"),
        (
            "reset",
            Side.SERVER,
            61,
            "idle",
            Side.SERVER,
            "the server ended it after 1 min 1 s of silence (idle timeout 60 s)",
        ),
        ("capture end", None, 500, "capture end", None, "open when the capture ended"),
    ],
)
def test_how_it_ended(
    by: str, side: Side | None, silence: int, ended_by: str, ended_side: Side | None, ending: str
) -> None:
    scene = Scene()
    session = scene.session()
    scene.open(session, BRIDGE_MODE, timeout=60)
    scene.end(session, by, side, after=silence * S)
    (story,) = stories(scene)
    assert (story.ended_by, story.ended_side, story.ending(), story.mode) == (ended_by, ended_side, ending, "bridge")


def test_a_refusal_says_why() -> None:
    scene = Scene()
    session = scene.session()
    scene.open(session, AGENT_MODE, "smith", "2006", answer=False)
    scene.send(session, "FAILURE_CONF", {"InvokeID": 1, "Status": 92})
    scene.end(session, "reset", Side.CLIENT)
    (story,) = stories(scene)
    assert (story.ended_by, story.ended_side) == ("refused", Side.SERVER)
    assert story.ending() == "the server refused it with 92 E_CTI_SERVER_NOT_MASTER"
    assert json.loads(json_of(story))["refusal"] == {
        "code": 92,
        "name": "E_CTI_SERVER_NOT_MASTER",
        "meaning": "standby server",
    }


def test_a_connection_that_was_refused() -> None:
    scene = Scene()
    scene.end(scene.session(), "refused", Side.SERVER)
    (story,) = stories(scene)
    assert (story.ended_by, story.ending()) == ("refused", "the server refused the connection")


def test_a_late_answer_to_a_heartbeat_is_an_answer() -> None:
    scene = Scene()
    session = scene.session()
    for invoke_id in (1, 2):
        scene.send(session, "HEARTBEAT_REQ", {"InvokeID": invoke_id})
    for invoke_id in (1, 2):
        scene.send(session, "HEARTBEAT_CONF", {"InvokeID": invoke_id})
    scene.end(session, after=60 * S)
    (story,) = stories(scene)
    assert (story.heartbeats.sent, story.heartbeats.answered, story.heartbeats.missed) == (2, 2, 0)


def test_both_modes_are_no_mode_and_none_is_unknown() -> None:
    scene = Scene()
    scene.open(scene.session(), AGENT_MODE | BRIDGE_MODE)
    scene.beat(scene.session("10.0.0.6:1"), 1)
    assert [story.mode for story in stories(scene)] == [None, None]


def test_an_agent_whom_only_the_confirmation_names() -> None:
    scene = Scene()
    session = scene.session()
    scene.open(session, AGENT_MODE, answer=False)
    granted = {"InvokeID": 1, "ServicesGranted": AGENT_MODE, "UnifiedCCXOnline": 1}
    scene.send(session, "OPEN_CONF", granted, [("AgentID", "smith")])
    (story,) = stories(scene)
    assert story.agents == ("smith",)
