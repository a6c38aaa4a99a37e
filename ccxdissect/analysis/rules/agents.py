"""Rules on agents, their calls, and the devices and servers that they need."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from ccxdissect.analysis.rules.registry import RULES, Context, Said, Severity, that
from ccxdissect.analysis.subject import Subject
from ccxdissect.codec.decoder import FixedValue
from ccxdissect.protocol.codes import CodeTable, Flags, Sense, label, senses
from ccxdissect.protocol.model import Fixed, Kind, Mark, Message, Trait
from ccxdissect.stream.events import Record
from ccxdissect.wording.names import in_words, quoted


@RULES.on_record("out-of-service", Severity.WARNING, that(Trait.SYSTEM), echoes=True)
def out_of_service(record: Record, context: Context) -> Iterator[Said]:
    """The server, or a device, says that it is out of service."""
    message = record.decoded.message
    if message is None or not message.traits & Trait.SYSTEM or context.echo:
        return
    # What happened tells more than a mask of all that is down by now.
    for row, _, value in sorted(record.decoded.fixed_fields(), key=_is_mask):
        if row.codes is not None and isinstance(value, int) and Sense.OUT_OF_SERVICE in senses(row.codes, value):
            yield Said(
                f"{record.name} says {_named(row.codes, value)}. If it was not planned, look at the server's services, "
                "and at the phone if it names one.",
                group=(record.decoded.number, value),
            )
            return


def _lost(subject: Subject) -> bool:
    return Sense.AGENT_LOST in subject.senses("reason")


@RULES.on_record("offline", Severity.WARNING, that(Trait.OPENS, Kind.CONFIRMATION))
def offline(record: Record, context: Context) -> Iterator[Said]:
    """The server grants a session and says that what it serves is offline."""
    message = record.decoded.message
    if message is None or not message.traits & Trait.OPENS or message.kind is not Kind.CONFIRMATION:
        return
    # What a log does not tell is 0 only for want of it.
    untold = {detail for problem in record.source_problems for detail in problem.detail}
    said = [
        f"{row.name} {_named(row.codes, value)}"
        for row, _, value in record.decoded.fixed_fields()
        if isinstance(value, int)
        and row.name not in untold
        and (
            (row.mark & Mark.ONLINE and not value)
            or (row.codes is not None and Sense.OUT_OF_SERVICE in senses(row.codes, value))
        )
    ]
    if said:
        yield Said(
            f"The server granted the session, but {record.name} says {' and '.join(said)}: what it serves is offline, or in "
            "part, so that states and calls may fail or not be told. If it was not planned, look at the server's services.",
            group=tuple(said),
        )


def _is_mask(field: tuple[Fixed, int, FixedValue]) -> bool:
    return field[0].codes is not None and issubclass(field[0].codes, Flags)


def _named(codes: CodeTable | None, value: int) -> str:
    """A value by the names of its constants, or the value where there are none."""
    known = None if codes is None else label(codes, value)
    return str(value) if known is None else known if isinstance(known, str) else " + ".join(known)


@RULES.on_record("agent-lost", Severity.WARNING, that(Trait.AGENT_STATE, Kind.EVENT), echoes=True, only=_lost)
def agent_lost(record: Record, context: Context) -> Iterator[Said]:
    """An agent's state changed because something broke."""
    message = record.decoded.message
    if message is None or message.kind is not Kind.EVENT or not message.traits & Trait.AGENT_STATE or context.echo:
        return
    subject = context.subject(record)
    if _lost(subject):
        agent = context.phones.agent_of(record.session.server, subject)
        state = subject.name_of("state") or f"state {subject.state}"
        yield Said(
            f"Agent {quoted(agent) if agent else 'without a name'} went to {state} for reason {subject.reason} "
            f"{subject.name_of('reason')}: {subject.meaning_of('reason')}. "
            + (subject.remedy_of("reason") or "Look at the agent's desktop, phone and network at this time."),
            group=(subject.state, subject.reason),
            key=(agent, subject.state, subject.reason),
        )


#: So often a client asks for an agent's state before it is taken to run that agent; others do so now and then: a supervisor's,
#: or one that keeps a plan of breaks.
_OFTEN = 3
#: The most sessions that are remembered to act for one agent.
_MOST_ACTORS = 10


class _Role(IntEnum):
    """What a session is to an agent."""

    OTHER = 0  #: it asked for the agent's state, as others than the agent's own client may, too
    OFTEN = 1  #: it does so again and again, and for other agents, too
    OWN = 2  #: it is the agent's own client, or logged the agent in
    OPENED = 3  #: the same, from its opening to its end


class _Actor:
    """A session that asks for an agent's state. `told`: those that were told to act for the agent beside it, when it did."""

    __slots__ = ("client", "role", "times", "told")

    def __init__(self, client: object) -> None:
        self.client = client
        self.role = _Role.OTHER
        self.times = 0
        self.told: set[int] = set()


def _role(record: Record, subject: Subject, times: int, context: Context) -> _Role:
    """What the session of a request that names an agent is to that agent, which asked so often for the agent's state."""
    opening = context.sessions.opening_of(record.session)
    if opening.own_agent == subject.agent:
        return _Role.OPENED
    if Sense.LOGGED_IN in subject.senses("state"):
        return _Role.OWN
    if opening.own_agent is not None or opening.supervises:
        return _Role.OTHER
    if not set(subject.phones).isdisjoint(opening.own_phones):
        return _Role.OWN
    if times < _OFTEN:
        return _Role.OTHER
    # What sees every agent may act on each of them. Of what else names no agent, or was opened before the capture, its
    # requests tell.
    several = opening.mode == Sense.BRIDGE_MODE.value or len(opening.agents) > 1
    return _Role.OFTEN if several else _Role.OWN


_GRANTS, _ASKS_FOR_STATE = that(Trait.OPENS, Kind.CONFIRMATION), that(Trait.AGENT_STATE, Kind.REQUEST)


def _lets_act(message: Message | None) -> bool:
    """Whether a message grants a session, or asks for an agent's state, which who is not granted one would not."""
    return _GRANTS(message) or _ASKS_FOR_STATE(message)


@RULES.on_record("two-clients-for-one-agent", Severity.WARNING, _lets_act)
def two_clients_for_one_agent(record: Record, context: Context) -> Iterator[Said]:
    """Two open sessions act for the same agent: each was opened for it or logged it in, or both do so again and again."""
    message = record.decoded.message
    if message is None or not _lets_act(message) or message.traits & Trait.ASKS:
        return
    subject = context.subject(record)
    granted = _GRANTS(message)
    agent = context.sessions.opening_of(record.session).own_agent if granted else subject.agent
    if agent is None:
        return
    key = (record.session.server, agent)
    held = context.recall("two-clients-for-one-agent", key)
    actors: dict[int, _Actor] = held if isinstance(held, dict) else {}
    if not granted and Sense.LOGGED_OUT in subject.senses("state"):
        # Whoever logs the agent in from here on may do so; what was opened for the agent still is.
        left = {number: actor for number, actor in actors.items() if actor.role == _Role.OPENED}
        if len(left) < len(actors):
            context.remember("two-clients-for-one-agent", key, left)
        return
    mine = record.session.number
    me = actors.get(mine) or _Actor(record.session.client)
    if me.role >= _Role.OWN:
        return
    me.times += 1
    role = _Role.OPENED if granted else _role(record, subject, me.times, context)
    # A connection on the very ports of another one shows that this is over, though its end was not captured.
    open_ = {
        number: actor
        for number, actor in actors.items()
        if number != mine and context.sessions.may_act(number, record.time) and actor.client != me.client
    }
    if role > me.role:
        me.role = role
        for number, actor in open_.items():
            # Beside the agent's own client, who acts on the agent is none: a supervisor's, say.
            if actor.role == _Role.OTHER or (actor.role >= _Role.OWN) != (role >= _Role.OWN):
                continue
            if number in me.told or mine in actor.told:
                continue
            me.told.add(number)
            unless = (
                f", unless session {number} is over: how connections end, a log's messages do not tell"
                if record.session.logged
                else ""
            )
            yield Said(
                f"Session {number} ({actor.client}) and session {mine} ({me.client}) both act for agent "
                f"{quoted(agent)}{unless}. Close one of them: two clients of one agent undo each other's work."
            )
    kept = dict(sorted(open_.items(), key=lambda item: item[1].role)[1 - _MOST_ACTORS :])
    kept[mine] = me
    context.remember("two-clients-for-one-agent", key, kept)


@RULES.on_record("call-failed", Severity.NOTE, that(Trait.CALL_FAILS), echoes=True)
def call_failed(record: Record, context: Context) -> Iterator[Said]:
    """A call did not come about."""
    message = record.decoded.message
    if message is not None and message.traits & Trait.CALL_FAILS and not context.echo:
        subject = context.subject(record)
        cause = subject.name_of("cause")
        why = f" ({in_words(cause)})" if cause else ""
        to = f" to {quoted(subject.called)}" if subject.called else ""
        yield Said(
            f"Call {subject.call}{to} failed{why}. Check the number that was called and the state of its phone.",
            group=cause,
        )
