"""Requests about agents: logging in and out, states, and asking for them."""

from __future__ import annotations

from collections.abc import Mapping

from ccxdissect.lab.channel import Received
from ccxdissect.lab.node import Handler, Node
from ccxdissect.lab.notes import Sort, note
from ccxdissect.lab.sessions import ServerSession
from ccxdissect.lab.world import Agent, Field
from ccxdissect.protocol.codes import Code


def _settable(node: Node) -> tuple[Code, ...]:
    states = node.codes.AgentState
    return (
        states.AGENT_STATE_LOGIN,
        states.AGENT_STATE_LOGOUT,
        states.AGENT_STATE_NOT_READY,
        states.AGENT_STATE_READY,
        states.AGENT_STATE_WORK,
    )


def _set_state(node: Node, session: ServerSession, request: Received) -> None:
    state = request.number("AgentState")
    instrument, agent_id = request.text("AgentInstrument"), request.text("AgentID")
    by_phone, by_id = node.world.agent_at(instrument), node.world.agent_by_id(agent_id)
    if agent_id and by_id is None:
        node.refuse(session, request, node.codes.ControlFailureCode.CF_INVALID_AGENT_ID_SPECIFIED, text="no such agent")
        return
    agent = by_id or by_phone or session.agent
    if agent is None:
        node.refuse(
            session, request, node.codes.ControlFailureCode.CF_INVALID_LOGON_DEVICE_SPECIFIED, text="no such phone"
        )
    elif not session.bridge and session.agent is not agent and not _leads(session, agent):
        node.refuse(
            session, request, node.codes.ControlFailureCode.CF_SECURITY_VIOLATION, text="not this client's agent"
        )
    elif state not in _settable(node):
        node.refuse(
            session, request, node.codes.ControlFailureCode.CF_VALUE_OUT_OF_RANGE, text=f"state {state} cannot be set"
        )
    elif state == node.codes.AgentState.AGENT_STATE_LOGIN:
        _log_in(node, session, request, agent, by_phone)
    elif not agent.logged_in:
        node.fail(session, request, node.codes.StatusCode.E_CTI_AGENT_NOT_LOGGED_ON, "the agent is not logged in")
    else:
        _move(node, session, request, agent, node.codes.AgentState(state))


def _leads(session: ServerSession, agent: Agent) -> bool:
    boss = session.agent
    return boss is not None and boss.spec.supervisor and boss.spec.team == agent.spec.team


def _log_in(node: Node, session: ServerSession, request: Received, agent: Agent, at_phone: Agent | None) -> None:
    if request.text("AgentPassword") != agent.spec.password:
        node.refuse(
            session, request, node.codes.ControlFailureCode.CF_INVALID_PASSWORD_SPECIFIED, text="the password is wrong"
        )
    elif at_phone is not agent:
        node.refuse(
            session,
            request,
            node.codes.ControlFailureCode.CF_INVALID_LOGON_DEVICE_SPECIFIED,
            text="not the agent's phone",
        )
    elif request.number("ForcedFlag") == node.codes.ForcedFlag.AUTHENTICATE_ONLY:
        node.confirm(session, request, "SET_AGENT_STATE_CONF")
    elif agent.logged_in:
        node.refuse(
            session,
            request,
            node.codes.ControlFailureCode.CF_SPECIFIED_AGENT_ALREADY_SIGNED_ON,
            text="already logged in",
        )
    else:
        agent.signature = session.signature
        node.confirm(session, request, "SET_AGENT_STATE_CONF")
        node.telephony.change(
            agent, node.codes.AgentState.AGENT_STATE_NOT_READY, int(node.codes.AgentReasonCode.AGT_LOGON)
        )
        node.say(note(Sort.NEWS, session.label, f"agent {agent.spec.id} logged in"))


def _move(node: Node, session: ServerSession, request: Received, agent: Agent, state: Code) -> None:
    reason = request.number("EventReasonCode")
    forced = request.number("ForcedFlag") == node.codes.ForcedFlag.TRUE
    busy = agent.state in (node.codes.AgentState.AGENT_STATE_TALKING, node.codes.AgentState.AGENT_STATE_RESERVED)
    if state is node.codes.AgentState.AGENT_STATE_LOGOUT:
        if agent.state is not node.codes.AgentState.AGENT_STATE_NOT_READY and not forced:
            node.refuse(
                session,
                request,
                node.codes.ControlFailureCode.CF_GENERIC_STATE_INCOMPATIBILITY,
                text="only an agent who is not ready can log out",
            )
            return
        node.confirm(session, request, "SET_AGENT_STATE_CONF")
        node.telephony.change(agent, state, reason)
        node.say(note(Sort.NEWS, session.label, f"agent {agent.spec.id} logged out"))
    elif busy and not forced:
        agent.pending = (state, reason)
        node.confirm(session, request, "SET_AGENT_STATE_CONF")
    else:
        node.confirm(session, request, "SET_AGENT_STATE_CONF")
        node.telephony.change(agent, state, reason)


def _query(node: Node, session: ServerSession, request: Received) -> None:
    # Whoever names somebody asks about nobody else, not even the session's own agent.
    named = any(request.text(name) for name in ("AgentExtension", "AgentInstrument", "AgentID"))
    known = [agent for agent in node.agents_named(request) if agent is not None]
    agent = (known[-1] if known else None) if named else session.agent
    if agent is None:
        node.fail(session, request, node.codes.StatusCode.E_CTI_INVALID_AGENT_DATA, "no such agent")
        return
    floating: list[Field] = [
        ("AgentExtension", agent.spec.extension),
        ("AgentInstrument", agent.instrument or agent.spec.instrument),
        ("AgentID", agent.spec.id),
    ]
    for csq in agent.spec.csqs:
        floating += [("CSQID", csq), ("SkillGroupID", 0), ("SkillGroupPriority", 0), ("CSQState", int(agent.state))]
    floating.append(("InternalAgentState", int(agent.state)))
    node.confirm(
        session,
        request,
        "QUERY_AGENT_STATE_CONF",
        {"AgentState": int(agent.state), "numCSQs": len(agent.spec.csqs)},
        floating,
    )


HANDLERS: Mapping[str, Handler] = {
    "SET_AGENT_STATE_REQ": _set_state,
    "QUERY_AGENT_STATE_REQ": _query,
}
