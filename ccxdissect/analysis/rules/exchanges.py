"""Rules on requests and replies."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.analysis.exchange import Exchange, Outcome
from ccxdissect.analysis.failures import failure_of
from ccxdissect.analysis.rules.registry import RULES, Context, Said, Severity, that
from ccxdissect.analysis.rules.sessions import advice
from ccxdissect.analysis.rules.unseen import seen_only
from ccxdissect.analysis.sessions import IN_FLIGHT
from ccxdissect.protocol.model import Side, Trait
from ccxdissect.stream.events import Record
from ccxdissect.wording import SECOND, duration

#: How exchanges end that may tell of a failure.
_MAY_FAIL = (Outcome.FAILED, Outcome.UNREQUESTED)
#: So near to a hole, messages of the two sides may have changed places, in ns.
NEAR = 5 * SECOND


@RULES.on_exchange("unanswered-request", Severity.WARNING, Outcome.UNANSWERED)
def unanswered_request(exchange: Exchange, context: Context) -> Iterator[Said]:
    """A request got no reply. Heartbeats have a rule of their own, and so has the request without which there is no session."""
    if exchange.outcome is not Outcome.UNANSWERED or exchange.traits & (Trait.HEARTBEAT | Trait.CLOSES):
        return
    if exchange.traits & Trait.OPENS and not _asks_anew(exchange, context):
        return
    until = exchange.given_up or exchange.session.followed_until
    story, asked = context.sessions.story_of(exchange.session), exchange.request_time or 0
    if story.unseen(Side.SERVER, asked, until):
        return
    waited = until - asked
    if waited < IN_FLIGHT and (exchange.session.ended_by is None or exchange.session.out_of_sight):
        yield Said(
            f"{exchange.request_name} has no reply, but {seen_only(exchange.session, waited)}",
            severity=Severity.NOTE,
        )
        return
    if not exchange.fields_known:
        yield Said(
            f"No reply to {exchange.request_name} was seen. Its fields are not known, so that a failure may have answered it "
            "without being recognised: look at the failures after it.",
            severity=Severity.NOTE,
            group=exchange.request_name,
        )
        return
    short = story.cut_short(asked)
    if short is not None:
        yield Said(
            f"{exchange.request_name} has no reply: {short} after it. Look in the {_who(short.side)}'s log at this time.",
            severity=Severity.NOTE if short.side is Side.CLIENT else None,
            group=(exchange.request_name, short.side),
        )
        return
    if exchange.session.logged:
        yield Said(
            f"{exchange.request_name} has no reply in the log, which goes on for {duration(max(waited, 0))} behind it. Look at "
            "the other lines of this time: the server hangs, or lines of the log are lacking.",
            group=exchange.request_name,
        )
        return
    yield Said(
        f"{exchange.request_name} was never answered within {duration(max(waited, 0))}. Look in "
        "the server's log at this time.",
        group=exchange.request_name,
    )


def _asks_anew(exchange: Exchange, context: Context) -> bool:
    """Whether a session is asked for in vain on a connection on which there has been one."""
    story = context.sessions.story_of(exchange.session)
    return story.grants > 0 and story.granted_time is None


@RULES.on_exchange("close-unconfirmed", Severity.NOTE, Outcome.UNANSWERED)
def close_unconfirmed(exchange: Exchange, context: Context) -> Iterator[Said]:
    """The session was asked to be closed, and no confirmation came."""
    if exchange.outcome is not Outcome.UNANSWERED or not exchange.traits & Trait.CLOSES:
        return
    session, asked = exchange.session, exchange.request_time or 0
    story = context.sessions.story_of(session)
    until = exchange.given_up or session.followed_until
    if story.dead_path is not None or story.unseen(Side.SERVER, asked, until):
        return
    waited = max(until - asked, 0)
    if session.logged:
        if waited >= IN_FLIGHT:
            yield Said(
                f"{exchange.request_name} has no reply in the log, whose messages do not tell how the connection ended. Look whether lines are "
                "lacking there.",
                group=exchange.request_name,
            )
        return
    over = session.ended_by is not None and not session.out_of_sight
    in_vain = waited >= IN_FLIGHT and not (over and session.ended_side is Side.SERVER)
    if in_vain:
        then = f"the {_who(session.ended_side)} ended the connection" if over else "the connection was not ended either"
        yield Said(
            f"{exchange.request_name} was not answered within {duration(waited)}; {then}. Look in the server's log at this "
            "time.",
            severity=Severity.WARNING,
            group=(exchange.request_name, then),
        )
    elif over:
        yield Said(
            f"The {_who(session.ended_side)} ended the connection {duration(waited)} after {exchange.request_name}, which no "
            "confirmation answered. The session is over all the same; clients should wait for the confirmation, and servers "
            "send it first.",
            group=(exchange.request_name, session.ended_side),
        )


def _who(side: Side | None) -> str:
    return "other side" if side is None else side.value


@RULES.on_exchange("slow-reply", Severity.WARNING, slower_than=lambda thresholds: thresholds.slow_reply)
def slow_reply(exchange: Exchange, context: Context) -> Iterator[Said]:
    """A reply, or the first message of it, came late."""
    reaction = exchange.reaction
    if reaction is not None and reaction > context.thresholds.slow_reply:
        yield Said(
            f"{exchange.request_name} was answered after {duration(reaction)}, more than "
            f"{duration(context.thresholds.slow_reply)}. {_troubled(exchange) or 'Check the load of the server'} and the "
            "network between.",
            group=exchange.request_name,
        )


def _troubled(exchange: Exchange) -> str:
    """What TCP had shown of the session by then that makes the network the first suspect. How often is not told: more may be
    known by now than was then."""
    sent, then = exchange.session.sent.values(), exchange.answered_time or exchange.session.end
    shown = (
        ("sent again", any(one.repeated_by(then) for one in sent)),
        ("out of order", any(one.reordered_by(then) for one in sent)),
    )
    told = " and ".join(how for how, was in shown if was)
    return (
        f"The session had segments {told} by then, which may explain it: check the load of the server" if told else ""
    )


@RULES.on_exchange("unrequested-reply", Severity.WARNING, Outcome.UNREQUESTED)
def unrequested_reply(exchange: Exchange, context: Context) -> Iterator[Said]:
    """A confirmation that answers no request that was seen."""
    if exchange.outcome is not Outcome.UNREQUESTED:
        return
    story = context.sessions.story_of(exchange.session)
    replied = exchange.reply_time or exchange.session.end
    # Behind a hole, what one side sent may become available before what the other one sent earlier.
    if story.unseen(Side.CLIENT, 0, replied) or story.unseen(Side.SERVER, replied - NEAR, replied):
        return
    if exchange.session.from_start:
        yield Said(
            f"{exchange.reply_name} answers no open request of its session. Check that the client uses each InvokeID "
            "for one request at a time."
        )
    else:
        lacking = (
            "is not in the log. Read the file before this one too."
            if exchange.session.logged
            else "was not captured. Start the capture before the client connects."
        )
        yield Said(
            f"{exchange.reply_name} answers a request that {lacking}",
            severity=Severity.NOTE,
            key=exchange.reply_name,
        )


@RULES.on_exchange("request-failed", Severity.ERROR, *_MAY_FAIL)
def request_failed(exchange: Exchange, context: Context) -> Iterator[Said]:
    """A request was refused, with the code's name and meaning. Two refusals of a session have rules of their own."""
    failure = exchange.failure
    if failure is None or ((failure.standby or failure.version_refused) and _of_opening(exchange)):
        return
    name = f" {failure.name}" if failure.name else ""
    demoted = "The node is no longer the master: the client must connect to the other one. Look there why they changed places."
    yield Said(
        f"{exchange.request_name or 'A request that was not captured'} failed: {exchange.reply_name} with code "
        f"{failure.code}{name}, {failure.meaning}. "
        + (
            demoted if failure.standby else advice(failure, "Correct what the code names, then send the request again.")
        ),
        message=exchange.reply,
        time=exchange.reply_time,
        group=(failure.code, failure.meaning, exchange.request_name),
    )


def _of_opening(exchange: Exchange) -> bool:
    """Whether a session was asked for; taken for granted where the request was not seen."""
    return exchange.request is None or bool(exchange.traits & Trait.OPENS)


@RULES.on_exchange("version-refused", Severity.ERROR, *_MAY_FAIL)
def version_refused(exchange: Exchange, context: Context) -> Iterator[Said]:
    """The server does not know the version that the client asked for."""
    if exchange.failure is not None and exchange.failure.version_refused and _of_opening(exchange):
        version = "" if exchange.session.version is None else f" {exchange.session.version}"
        yield Said(
            f"The server refused protocol version{version}. Set the client to a version that the server's release has, "
            "and wait 10 s before the next try.",
            message=exchange.reply,
            time=exchange.reply_time,
        )


@RULES.on_exchange("standby-probed", Severity.NOTE, *_MAY_FAIL)
def standby_probed(exchange: Exchange, context: Context) -> Iterator[Said]:
    """A standby node says that it is not the master, which is what it should do."""
    if exchange.failure is not None and exchange.failure.standby and _of_opening(exchange):
        yield Said(
            f"{exchange.session.server} is a standby node and refused the session ({exchange.failure.code} "
            f"{exchange.failure.name}). This is normal: the client should try the other node.",
            message=exchange.reply,
            time=exchange.reply_time,
        )


@RULES.on_record("failure-reported", Severity.ERROR, that(Trait.REPORTS_FAILURE))
def failure_reported(record: Record, context: Context) -> Iterator[Said]:
    """The server says unasked that something failed."""
    message = record.decoded.message
    if message is None or not message.traits & Trait.REPORTS_FAILURE:
        return
    failure = failure_of(message, context.subject(record))
    if failure is not None and not failure.replaced:
        name = f" {failure.name}" if failure.name else ""
        yield Said(
            f"The server reports a failure that nobody asked about: code {failure.code}{name}, {failure.meaning}. "
            + advice(failure, "Expect the session to end; the client should connect again."),
            group=(failure.code, failure.meaning),
        )
