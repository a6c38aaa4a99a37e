"""Agents are followed by what is known of messages without their records, and by no slot that is not asked for."""

from __future__ import annotations

import pytest
from stirred_day import day

from ccxdissect.analysis.agents import Agents
from ccxdissect.analysis.subject import Subject, SubjectReader
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Record
from scene import Scene


def _queried() -> Scene:
    """Two agents' states are asked for, and told by confirmations that name no agent."""
    scene = Scene()
    session = scene.session()
    for number, agent in enumerate(("ann", "bob"), 1):
        scene.send(session, "QUERY_AGENT_STATE_REQ", {"InvokeID": number}, [("AgentID", agent)])
    for number, state in ((2, 3), (1, 4)):
        scene.send(session, "QUERY_AGENT_STATE_CONF", {"InvokeID": number, "AgentState": state})
    return scene


@pytest.mark.parametrize("number", [None, *range(24)])
def test_spells_are_the_same_of_messages_without_their_records(number: int | None) -> None:
    fed, taking, reader = Agents(), Agents(), SubjectReader()
    told = []
    for event in (_queried() if number is None else day(number)).events:
        spells = [tuple(spell) for spell in fed.feed(event)]
        told += spells
        message = event.decoded.message if isinstance(event, Record) else None
        if not isinstance(event, Record) or message is None:
            assert [tuple(spell) for spell in taking.feed(event)] == spells
            continue
        subject, slots = Subject(None), taking.slots(message, UCCX_CTI)
        said = vars(reader.of(event.decoded))
        subject.__dict__.update({slot: value for slot, value in said.items() if slot in slots | {"_plan"}})
        take = taking.taker(message, UCCX_CTI)
        taken = take(event.number, event.time, event.session, event.sender, message, subject)
        assert [tuple(spell) for spell in taken or ()] == spells
    left = [tuple(spell) for spell in fed.flush()]
    assert [tuple(spell) for spell in taking.flush()] == left
    # On some days nothing is told of any agent.
    assert told + left or number in (2, 17, 22)
