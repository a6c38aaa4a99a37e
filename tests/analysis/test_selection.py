"""Which messages concern whom."""

from __future__ import annotations

from typing import Any

from ccxdissect.analysis.selection import Selection
from ccxdissect.stream.events import Record
from scene import AGENT_MODE, BRIDGE_MODE, Scene, queued_call


def numbers(scene: Scene, **wanted: Any) -> list[int]:
    records = (event for event in scene.events if isinstance(event, Record))
    return [record.number for record in Selection(**wanted).select(records)]


def test_nothing_wanted_is_everything() -> None:
    assert numbers(queued_call()) == list(range(1, 40))


def test_a_session() -> None:
    assert numbers(queued_call(), sessions=[1]) == [1, 2, 8, 9, 10, 11, 12, 13, 16, 20, 22, 24, 26, 27, 30, 36]


def test_a_call_has_the_replies_of_its_requests() -> None:
    assert numbers(queued_call(), calls=[16777507]) == [
        9,
        10,
        11,
        12,
        15,
        16,
        17,
        18,
        19,
        20,
        21,
        24,
        25,
        26,
        27,
        28,
        29,
    ]


def test_an_agent_has_the_states_the_own_session_and_the_calls_at_the_phone() -> None:
    everything = [3, 4, 5, 6, 7, 8, *range(13, 40)]
    assert numbers(queued_call(), agents=["smith"]) == everything
    assert numbers(queued_call(), agents=["2006"]) == everything
    assert numbers(queued_call(), agents=["jones"]) == []


def test_both_an_agent_and_a_session() -> None:
    assert numbers(queued_call(), agents=["smith"], sessions=[1]) == [8, 13, 16, 20, 22, 24, 26, 27, 30, 36]


def test_heartbeats_concern_nobody_and_lists_do_not_either() -> None:
    scene = Scene()
    mine, bridge = scene.session(), scene.session("10.0.0.9:1")
    scene.open(mine, AGENT_MODE, "smith", "2006")
    scene.open(bridge, BRIDGE_MODE)
    scene.beat(mine, 2)
    scene.send(bridge, "CONFIG_AGENT_EVENT", {"NumRecords": 1}, [("RecordType", 0), ("LoginID", "smith")])
    assert numbers(scene, agents=["smith"]) == [1, 2]
