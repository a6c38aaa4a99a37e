"""Rules on agents, their calls, and the devices and servers that they need."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.analysis.rules.registry import RULES, Context, Said, Severity, that
from ccxdissect.analysis.subject import Subject
from ccxdissect.codec.decoder import FixedValue
from ccxdissect.protocol.codes import CodeTable, Flags, Sense, label, senses
from ccxdissect.protocol.model import Fixed, Kind, Mark, Trait
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


@RULES.on_record("two-clients-for-one-agent", Severity.WARNING, that(Trait.OPENS | Trait.AGENT_STATE, Kind.REQUEST))
def two_clients_for_one_agent(record: Record, context: Context) -> Iterator[Said]:
    """Two open sessions act for the same agent."""
    message = record.decoded.message
    if message is None or message.kind is not Kind.REQUEST or not message.traits & (Trait.OPENS | Trait.AGENT_STATE):
        return
    if message.traits & Trait.ASKS:
        return
    agent = context.subject(record).agent
    if agent is None:
        return
    key = (record.session.server, agent)
    held = context.recall("two-clients-for-one-agent", key)
    holders: dict[int, str] = dict(held) if isinstance(held, dict) else {}
    mine = record.session.number
    if mine not in holders:
        # A connection on the very ports of another one shows that this is over, though its end was not captured.
        open_ = {
            number: client
            for number, client in holders.items()
            if context.sessions.may_act(number) and client != record.session.client
        }
        for number, client in open_.items():
            unless = (
                f", unless session {number} is over: how connections end, a log's messages do not tell"
                if record.session.logged
                else ""
            )
            yield Said(
                f"Session {number} ({client}) and session {mine} ({record.session.client}) both act for agent "
                f"{quoted(agent)}{unless}. Close one of them: two clients of one agent undo each other's work."
            )
        holders = dict(list(open_.items())[-9:])
        holders[mine] = record.session.client
        context.remember("two-clients-for-one-agent", key, holders)


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
