"""The rules of the findings: one small function each, registered with its name and how grave what it finds is.

A new rule is one more function here. A rule is given what it watches and the context; it yields what it has to say: one
plain sentence, then what to do. Never the value of a secret.
"""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.analysis.exchanges import (
    FAILED,
    UNANSWERED,
    UNREQUESTED,
    Exchange,
    failure_of,
)
from ccxdissect.analysis.findings import RULES, Concerns, Context, Said, Severity, no_type
from ccxdissect.analysis.sessions import SessionStory
from ccxdissect.analysis.wording import in_words, quoted
from ccxdissect.codec.checks import Rule as Conformity
from ccxdissect.codec.decoder import FixedValue
from ccxdissect.codec.values import Value
from ccxdissect.protocol.codes import Sense, label, senses
from ccxdissect.protocol.model import Kind, Mark, Message, Side, Trait
from ccxdissect.stream.events import Loss, Record
from ccxdissect.wording import SECOND, duration, plural

NOTE, WARNING, ERROR = Severity.NOTE, Severity.WARNING, Severity.ERROR
#: An unanswered request this shortly before the end of the capture is no sign of trouble, in ns.
JUST_SENT = 2 * SECOND

# -- requests and replies ----------------------------------------------------------------------------------------------


@RULES.on_exchange("unanswered-request", WARNING)
def unanswered_request(exchange: Exchange, context: Context) -> Iterator[Said]:
    """A request got no reply. Heartbeats have a rule of their own."""
    if exchange.outcome != UNANSWERED or exchange.traits & (Trait.HEARTBEAT | Trait.CLOSES):
        return
    waited = (exchange.given_up or exchange.session.end) - (exchange.request_time or 0)
    if waited < JUST_SENT and exchange.session.ended_by in (None, "capture end"):
        yield Said(
            f"{exchange.request_name} has no reply, but the capture ends only {duration(max(waited, 0))} after it. "
            "Capture longer to see the reply.",
            severity=NOTE,
        )
        return
    yield Said(
        f"{exchange.request_name} was never answered within {duration(max(waited, 0))}. Look in "
        "the server's log at this "
        "time, and check that the capture has lost no packets."
    )


@RULES.on_exchange("slow-reply", WARNING)
def slow_reply(exchange: Exchange, context: Context) -> Iterator[Said]:
    """A reply, or the first message of it, came late."""
    reaction = exchange.reaction
    if reaction is not None and reaction > context.thresholds.slow_reply:
        yield Said(
            f"{exchange.request_name} was answered after {duration(reaction)}, more than "
            f"{duration(context.thresholds.slow_reply)}. Check the load of the server and the network between."
        )


@RULES.on_exchange("unrequested-reply", WARNING)
def unrequested_reply(exchange: Exchange, context: Context) -> Iterator[Said]:
    """A confirmation that answers no request that was seen."""
    if exchange.outcome != UNREQUESTED:
        return
    if exchange.session.from_start:
        yield Said(
            f"{exchange.reply_name} answers no open request of its session. Check that the client uses each InvokeID "
            "for one request at a time."
        )
    else:
        yield Said(
            f"{exchange.reply_name} answers a request that was not captured. Start the capture before "
            "the client connects.",
            severity=NOTE,
            key=exchange.reply_name,
        )


@RULES.on_exchange("request-failed", ERROR)
def request_failed(exchange: Exchange, context: Context) -> Iterator[Said]:
    """A request was refused, with the code's name and meaning. Two refusals have rules of their own."""
    failure = exchange.failure
    if exchange.outcome not in (FAILED, UNREQUESTED) or failure is None or failure.standby or failure.version_refused:
        return
    name = f" {failure.name}" if failure.name else ""
    yield Said(
        f"{exchange.request_name or 'A request that was not captured'} failed: {exchange.reply_name} with code "
        f"{failure.code}{name}, {failure.meaning}. Correct what the code names, then send the request again.",
        message=exchange.reply,
        time=exchange.reply_time,
    )


@RULES.on_exchange("version-refused", ERROR)
def version_refused(exchange: Exchange, context: Context) -> Iterator[Said]:
    """The server does not know the version that the client asked for."""
    if exchange.failure is not None and exchange.failure.version_refused:
        version = "" if exchange.session.version is None else f" {exchange.session.version}"
        yield Said(
            f"The server refused protocol version{version}. Set the client to a version that the server's release has, "
            "and wait 10 s before the next try.",
            message=exchange.reply,
            time=exchange.reply_time,
        )


@RULES.on_exchange("standby-probed", NOTE)
def standby_probed(exchange: Exchange, context: Context) -> Iterator[Said]:
    """A standby node says that it is not the master, which is what it should do."""
    if exchange.failure is not None and exchange.failure.standby:
        yield Said(
            f"{exchange.session.server} is a standby node and refused the session ({exchange.failure.code} "
            f"{exchange.failure.name}). This is normal: the client should try the other node.",
            message=exchange.reply,
            time=exchange.reply_time,
        )


def _that(traits: int, kind: Kind | None = None) -> Concerns:
    """Messages with one of these traits (and of this kind)."""
    return lambda message: message is not None and bool(message.traits & traits) and kind in (None, message.kind)


@RULES.on_record("failure-reported", ERROR, _that(Trait.REPORTS_FAILURE))
def failure_reported(record: Record, context: Context) -> Iterator[Said]:
    """The server says unasked that something failed."""
    message = record.decoded.message
    if message is None or not message.traits & Trait.REPORTS_FAILURE:
        return
    failure = failure_of(message, context.subject(record))
    if failure is not None:
        name = f" {failure.name}" if failure.name else ""
        yield Said(
            f"The server reports a failure that nobody asked about: code {failure.code}{name}, {failure.meaning}. "
            "Expect the session to end; the client should connect again."
        )


@RULES.on_record("out-of-service", WARNING, _that(Trait.SYSTEM), echoes=True)
def out_of_service(record: Record, context: Context) -> Iterator[Said]:
    """The server, or a device, says that it is out of service."""
    message = record.decoded.message
    if message is None or not message.traits & Trait.SYSTEM or context.echo:
        return
    for row, _, value in record.decoded.fixed_fields():
        if row.codes is not None and isinstance(value, int) and Sense.OUT_OF_SERVICE in senses(row.codes, value):
            yield Said(
                f"{record.name} says {label(row.codes, value)}. If it was not planned, look at the server's services, "
                "and at the phone if it names one."
            )
            return


@RULES.on_record("agent-lost", WARNING, _that(Trait.AGENT_STATE, Kind.EVENT), echoes=True)
def agent_lost(record: Record, context: Context) -> Iterator[Said]:
    """An agent's state changed because something broke."""
    message = record.decoded.message
    if message is None or message.kind is not Kind.EVENT or not message.traits & Trait.AGENT_STATE or context.echo:
        return
    subject = context.subject(record)
    if Sense.AGENT_LOST in subject.senses("reason"):
        agent = context.phones.agent_of(record.session.server, subject)
        state = subject.name_of("state") or f"state {subject.state}"
        yield Said(
            f"Agent {quoted(agent) if agent else 'without a name'} went to {state} for reason {subject.reason} "
            f"{subject.name_of('reason')}: {subject.meaning_of('reason')}. Look at the agent's "
            "desktop, phone and network "
            "at this time.",
            key=(agent, subject.state, subject.reason),
        )


# -- how sessions live and end -----------------------------------------------------------------------------------------


@RULES.on_session("missed-heartbeat", WARNING)
def missed_heartbeat(story: SessionStory, context: Context) -> Iterator[Said]:
    """Heartbeats got no answer; three in a row mean that the other side is taken for dead."""
    beats = story.heartbeats
    if beats.missed:
        dead = beats.missed_in_a_row >= 3
        yield Said(
            f"{beats.missed} of {plural(beats.sent, 'heartbeat')} got no answer"
            + (f", the last {beats.missed_in_a_row} in a row" if dead else "")
            + ". Check the server's load and the network; after three misses in a row the client has to connect again.",
            message=beats.first_missed,
            time=beats.first_missed_time,
            severity=ERROR if dead else None,
        )


@RULES.on_session("idle-timeout", ERROR)
def idle_timeout(story: SessionStory, context: Context) -> Iterator[Said]:
    """The client was silent for longer than it had promised."""
    if story.ended_by == "idle":
        yield Said(
            f"The server ended the session after {duration(story.silence_at_end or 0)} without a message of the client, "
            f"whose idle timeout is {story.idle_timeout} s. Let the client send heartbeats at least twice as often."
        )
    elif story.idle_timeout and story.longest_silence > story.idle_timeout * SECOND:
        yield Said(
            f"The client was silent for {duration(story.longest_silence)}, longer than its idle timeout of "
            f"{story.idle_timeout} s, and was lucky to keep the session. Let it send heartbeats more often.",
            severity=WARNING,
        )


@RULES.on_session("reset-without-close", WARNING)
def reset_without_close(story: SessionStory, context: Context) -> Iterator[Said]:
    """The connection was reset while the session was open."""
    if story.ended_by == "reset":
        side = story.ended_side.value if story.ended_side else "other side"
        yield Said(
            f"The {side} reset the connection without closing the session. Look in the {side}'s log at this time for a "
            "crash, a restart or a firewall between."
        )


@RULES.on_session("fin-without-close", NOTE)
def fin_without_close(story: SessionStory, context: Context) -> Iterator[Said]:
    """The connection was ended in order, the session was not."""
    if story.ended_by == "fin":
        side = story.ended_side.value if story.ended_side else "other side"
        yield Said(
            f"The {side} ended the connection without closing the session. Clients should ask to close first and wait "
            "for the confirmation."
        )


@RULES.on_session("session-refused", ERROR)
def session_refused(story: SessionStory, context: Context) -> Iterator[Said]:
    """The connection itself was refused: nobody listens."""
    if story.session.ended_by == "refused" and story.refusal is None:
        yield Said(
            f"{story.session.server} refused the connection. Check that the CTI server runs there, and its port."
        )


@RULES.on_session("services-not-granted", WARNING)
def services_not_granted(story: SessionStory, context: Context) -> Iterator[Said]:
    """The server granted fewer services than asked for."""
    if story.services_granted is not None:
        lacking = [name for name in story.services_asked if name not in story.services_granted]
        if lacking:
            yield Said(
                f"The server did not grant {' + '.join(lacking)}. Check the rights of the client's user "
                "and the licence.",
                message=story.opened,
                time=story.opened_time,
            )


@RULES.on_record("early-reconnect", WARNING, _that(Trait.OPENS, Kind.REQUEST))
def early_reconnect(record: Record, context: Context) -> Iterator[Said]:
    """The same client opens a new session sooner than it should after losing the last one."""
    message = record.decoded.message
    if message is None or message.kind is not Kind.REQUEST or not message.traits & Trait.OPENS:
        return
    ended = context.recall("early-reconnect", _client(record.session.client, record.session.server))
    if not isinstance(ended, tuple):
        return
    time, how, number, who = ended
    subject = context.subject(record)
    gap = record.time - time
    if (
        0 <= gap < context.thresholds.reconnect
        and who == (subject.client_name, subject.agent)
        and (number != record.session.number)
    ):
        yield Said(
            f"The client opens a new session {duration(gap)} after session {number} ended ({how}). It should wait "
            f"{duration(context.thresholds.reconnect)} before it tries again."
        )


@RULES.on_session("early-reconnect", WARNING)
def _remember_end(story: SessionStory, context: Context) -> Iterator[Said]:
    """What the rule above has to know: when a client lost its session. A standby's refusal is no loss."""
    key = _client(story.session.client, story.session.server)
    lost = story.ended_by in ("refused", "reset", "idle", "fin") and story.opened is not None
    if lost and not (story.refusal is not None and story.refusal.standby):
        own = story.agent if story.mode == Sense.AGENT_MODE.value else None
        context.remember(
            "early-reconnect", key, (story.session.end, story.ended_by, story.session.number, (story.client_name, own))
        )
    return iter(())


def _client(client: str, server: str) -> tuple[str, str]:
    """The client's address without its port, which is another one each time."""
    return client.rpartition(":")[0], server


@RULES.on_record("both-modes-requested", ERROR, _that(Trait.OPENS, Kind.REQUEST))
def both_modes_requested(record: Record, context: Context) -> Iterator[Said]:
    """Bridge mode and agent mode exclude each other."""
    message = record.decoded.message
    if message is None or message.kind is not Kind.REQUEST or not message.traits & Trait.OPENS:
        return
    if {Sense.BRIDGE_MODE, Sense.AGENT_MODE} <= context.subject(record).senses("services"):
        yield Said(
            f"{record.name} asks for bridge mode and agent mode at once, which exclude each other. "
            "Let the client ask for "
            "one of the two services."
        )


@RULES.on_record("two-clients-for-one-agent", WARNING, _that(Trait.OPENS | Trait.AGENT_STATE, Kind.REQUEST))
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
        open_ = {number: client for number, client in holders.items() if context.sessions.is_open(number)}
        for number, client in open_.items():
            yield Said(
                f"Session {number} ({client}) and session {mine} ({record.session.client}) both act for agent "
                f"{quoted(agent)}. Close one of them: two clients of one agent undo each other's work."
            )
        holders = dict(list(open_.items())[-9:])
        holders[mine] = record.session.client
        context.remember("two-clients-for-one-agent", key, holders)


# -- what the messages hold --------------------------------------------------------------------------------------------

_WHAT_TO_DO = {
    Conformity.REQUIRED_FIELD_MISSING: (
        WARNING,
        "Let the sender put the field in; the receiver may refuse the message.",
    ),
    Conformity.FIELD_TOO_LONG: (WARNING, "Let the sender shorten it; the receiver may cut or refuse it."),
    Conformity.COUNT_DISAGREES: (WARNING, "Do not trust the count; let the sender correct it."),
    Conformity.COUNT_TOO_LARGE: (WARNING, "Let the sender spread the records over several messages."),
    Conformity.RESERVED_SLOT_ODD: (NOTE, "Usually harmless; let the sender write the constant."),
    Conformity.FIELD_NOT_LISTED: (NOTE, "Usually harmless; receivers should skip it."),
    Conformity.FIELD_TOO_NEW: (NOTE, "Check that both sides speak the version that was agreed."),
    Conformity.MESSAGE_TOO_NEW: (NOTE, "Check that both sides speak the version that was agreed."),
}


def _conformity(rule: Conformity) -> None:
    severity, advice = _WHAT_TO_DO[rule]

    def watch(record: Record, context: Context) -> Iterator[Said]:
        for deviation in context.deviations:
            if deviation.rule is rule:
                text = f"{record.name}: {deviation.text}. {advice}"
                yield Said(text, key=(record.decoded.number, deviation.text))

    watch.__doc__ = f"What the checks of a message's content say: {rule.value}."
    RULES.on_deviation(rule, severity)(watch)


for _rule in Conformity:
    _conformity(_rule)


@RULES.on_record("unknown-message-type", WARNING, lambda message: message is None)
def unknown_message_type(record: Record, context: Context) -> Iterator[Said]:
    """A type that no declaration has."""
    if record.decoded.message is None:
        number = record.decoded.number
        yield Said(
            f"Message type {number} is not known; its {plural(len(record.decoded.body), 'byte')} are "
            "shown undecoded. Check "
            "the server's release for a newer protocol.",
            key=number,
        )


@RULES.on_record("unknown-field", WARNING, no_type, odd=True)
def unknown_field(record: Record, context: Context) -> Iterator[Said]:
    """A floating tag that no declaration has."""
    decoded = record.decoded
    if decoded.message is None:
        return
    for tag in dict.fromkeys(tag for tag, _, _ in decoded.spans):
        if decoded.tags.row(tag) is None:
            yield Said(
                f"{record.name} has a floating field with the unknown tag {tag}. Its bytes are shown as "
                "they are; check the "
                "server's release for a newer protocol.",
                key=(decoded.number, tag),
            )


@RULES.on_record("undecoded-bytes", WARNING, no_type, odd=True)
def undecoded_bytes(record: Record, context: Context) -> Iterator[Said]:
    """A message that does not decode to its end."""
    decoded = record.decoded
    if decoded.message is not None and decoded.undecoded:
        yield Said(
            f"{record.name} leaves {plural(decoded.undecoded, 'byte')} undecoded: "
            f"{decoded.problems[-1]}. Look at its bytes "
            "and check which version the session has."
        )


@RULES.on_record("malformed-message", WARNING, no_type, odd=True)
def malformed_message(record: Record, context: Context) -> Iterator[Said]:
    """A message that decodes, with something wrong that no other rule tells."""
    decoded = record.decoded
    if decoded.message is None:
        problems: tuple[str, ...] = record.source_problems
    else:
        told = {f"floating tag {tag} is unknown" for tag, _, _ in decoded.spans}
        own = decoded.problems[:-1] if decoded.undecoded else decoded.problems
        problems = tuple(problem for problem in own if problem not in told) + record.source_problems
    for problem in problems:
        yield Said(
            f"{record.name}: {problem}. The rest of the message is decoded all the same; tell the "
            "vendor of the sender.",
            key=(decoded.number, problem),
        )


def _may_hold_secrets(message: Message | None) -> bool:
    return message is not None and any(row.mark & Mark.SECRET for row in message.floating)


@RULES.on_record("password-in-clear", NOTE, _may_hold_secrets, odd=True)
def password_in_clear(record: Record, context: Context) -> Iterator[Said]:
    """A password can be read in the capture."""
    decoded = record.decoded
    for row, value in _secrets(record):
        if value not in (None, "", b""):
            yield Said(
                f"{decoded.name} carries a password in clear ({row}). Whoever has this capture can read it: redact the "
                "capture before you share it.",
                key=(decoded.number, row),
            )


def _secrets(record: Record) -> Iterator[tuple[str, Value | FixedValue]]:
    decoded = record.decoded
    for tag, _, _ in decoded.spans:
        row = decoded.tags.row(tag)
        if row is not None and row.mark & Mark.SECRET:
            yield from ((field.name, field.value) for field in decoded.floating if field.tag == tag)


@RULES.on_record("call-failed", NOTE, _that(Trait.CALL_FAILS), echoes=True)
def call_failed(record: Record, context: Context) -> Iterator[Said]:
    """A call did not come about."""
    message = record.decoded.message
    if message is not None and message.traits & Trait.CALL_FAILS and not context.echo:
        subject = context.subject(record)
        cause = subject.name_of("cause")
        why = f" ({in_words(cause.removeprefix('CEC_'))})" if cause else ""
        to = f" to {quoted(subject.called)}" if subject.called else ""
        yield Said(f"Call {subject.call}{to} failed{why}. Check the number that was called and the state of its phone.")


# -- what was lost -----------------------------------------------------------------------------------------------------


@RULES.on_loss("missing-bytes", WARNING)
def missing_bytes(loss: Loss, context: Context) -> Iterator[Said]:
    """Bytes that were on the wire and are not in the capture."""
    if loss.missing:
        yield Said(
            f"{plural(loss.missing, 'byte')} of the {_side(loss)} were never captured "
            f"({loss.reason}). Messages are lacking "
            "here; capture nearer to the server, or with a larger buffer and whole packets."
        )


@RULES.on_loss("skipped-bytes", WARNING)
def skipped_bytes(loss: Loss, context: Context) -> Iterator[Said]:
    """Bytes in which no message was found."""
    if loss.skipped:
        yield Said(
            f"{plural(loss.skipped, 'byte')} of the {_side(loss)} gave no message ({loss.reason}). "
            "Check that this port "
            "carries this protocol, and that the capture is whole."
        )


def _side(loss: Loss) -> str:
    return "client" if loss.sender is Side.CLIENT else "server"
