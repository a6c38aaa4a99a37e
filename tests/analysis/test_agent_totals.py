"""What agents did in total: by day, state and reason; states that last, and states nobody tells the end of."""

from __future__ import annotations

from ccxdissect.analysis.agent_totals import AgentDay, AgentTotals
from ccxdissect.analysis.agents import Agents, Spell
from ccxdissect.protocol.model import Side
from scene import BRIDGE_MODE, S, Scene, feed

LOGOUT, NOT_READY, READY, TALKING, WORK = 1, 2, 3, 4, 5
LOGON = 32760


def spells(scene: Scene) -> list[Spell]:
    return [spell for spell in feed(Agents(), scene.events) if isinstance(spell, Spell)]


def totals(scene: Scene) -> list[AgentDay]:
    adding = AgentTotals()
    for spell in spells(scene):
        adding.add(spell)
    return adding.rows()


def test_two_days_of_an_agent() -> None:
    """It is 22:13:20 when the scene begins: 6,400 s before midnight."""
    scene = Scene()
    bridge = scene.session()
    scene.open(bridge, BRIDGE_MODE)
    scene.now = scene.now // S * S
    for state, reason, seconds in (
        (NOT_READY, LOGON, 100), (READY, 0, 300), (TALKING, 0, 600), (WORK, 0, 100), (READY, 0, 5300), (TALKING, 0, 1000),
        (NOT_READY, 4, 600), (LOGOUT, 5, 3600), (NOT_READY, LOGON, 400), (READY, 0, 0),
    ):  # fmt: skip
        scene.state(bridge, "smith", state, "2006", reason, after=0)
        scene.wait(seconds * S)
    scene.end(bridge, after=1000 * S)
    first, second = totals(scene)
    assert (first.day, first.logins, first.calls, first.logged_in // S, first.open) == (
        "2023-11-14", 1, 1, 6400, False
    )  # fmt: skip
    assert {name: (share.time // S, share.times, share.share) for name, share in first.states.items()} == {
        "AGENT_STATE_NOT_READY": (100, 1, 0.0156),
        "AGENT_STATE_READY": (5600, 2, 0.875),
        "AGENT_STATE_TALKING": (600, 1, 0.0938),
        "AGENT_STATE_WORK": (100, 1, 0.0156),
    }
    assert (second.day, second.logins, second.calls, second.logged_in // S, second.open) == (
        "2023-11-15", 1, 1, 3000, True
    )  # fmt: skip
    assert {(key[1], share.reason_name, share.time // S) for key, share in second.reasons.items()} == {
        (4, None, 600), (LOGON, "AGT_LOGON", 400)
    }  # fmt: skip
    assert second.states["AGENT_STATE_READY"].time // S == 1000


def test_an_open_state_has_its_duration_so_far() -> None:
    scene = Scene()
    bridge = scene.session()
    scene.state(bridge, "smith", READY, "2006")
    scene.end(bridge, after=70 * S)
    (spell,) = spells(scene)
    assert (spell.open, spell.end, spell.duration // S, spell.lost) == (True, None, 70, False)


def test_an_agent_whose_session_died_is_not_ready_for_ever() -> None:
    scene = Scene()
    bridge, mine = scene.session(), scene.session("10.0.0.6:1")
    for session in (bridge, mine):
        scene.state(session, "smith", READY, "2006")
    scene.end(mine, "reset", Side.CLIENT, after=10 * S)
    scene.end(bridge, "reset", Side.SERVER, after=20 * S)
    other = scene.session("10.0.0.7:1")
    scene.beat(other, 1)
    scene.wait(3600 * S)
    scene.beat(other, 2)
    (spell,) = spells(scene)
    assert (spell.open, spell.lost, spell.duration // S) == (False, True, 30)
