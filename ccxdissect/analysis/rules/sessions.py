"""Rules on how sessions are opened, live and end."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.analysis.rules.registry import RULES, Context, Said, Severity, that
from ccxdissect.analysis.sessions import SessionStory
from ccxdissect.protocol.codes import Sense
from ccxdissect.protocol.model import Kind, Trait
from ccxdissect.stream.events import EndedBy, Record
from ccxdissect.wording import SECOND, duration, plural


@RULES.on_session("missed-heartbeat", Severity.WARNING)
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
            severity=Severity.ERROR if dead else None,
        )


@RULES.on_session("idle-timeout", Severity.ERROR)
def idle_timeout(story: SessionStory, context: Context) -> Iterator[Said]:
    """The client was silent for longer than it had promised."""
    if story.ended_by is EndedBy.IDLE:
        yield Said(
            f"The server ended the session after {duration(story.silence_at_end or 0)} without a message of the client, "
            f"whose idle timeout is {story.idle_timeout} s. Let the client send heartbeats at least twice as often."
        )
    elif story.idle_timeout and story.longest_silence > story.idle_timeout * SECOND:
        yield Said(
            f"The client was silent for {duration(story.longest_silence)}, longer than its idle timeout of "
            f"{story.idle_timeout} s, and was lucky to keep the session. Let it send heartbeats more often.",
            severity=Severity.WARNING,
        )


@RULES.on_session("reset-without-close", Severity.WARNING)
def reset_without_close(story: SessionStory, context: Context) -> Iterator[Said]:
    """The connection was reset while the session was open."""
    if story.ended_by is EndedBy.RESET:
        side = story.ended_side.value if story.ended_side else "other side"
        yield Said(
            f"The {side} reset the connection without closing the session. Look in the {side}'s log at this time for a "
            "crash, a restart or a firewall between."
        )


@RULES.on_session("fin-without-close", Severity.NOTE)
def fin_without_close(story: SessionStory, context: Context) -> Iterator[Said]:
    """The connection was ended in order, the session was not."""
    if story.ended_by is EndedBy.FIN:
        side = story.ended_side.value if story.ended_side else "other side"
        yield Said(
            f"The {side} ended the connection without closing the session. Clients should ask to close first and wait "
            "for the confirmation."
        )


@RULES.on_session("session-refused", Severity.ERROR)
def session_refused(story: SessionStory, context: Context) -> Iterator[Said]:
    """The connection itself was refused: nobody listens."""
    if story.session.ended_by is EndedBy.REFUSED and story.refusal is None:
        yield Said(
            f"{story.session.server} refused the connection. Check that the CTI server runs there, and its port."
        )


@RULES.on_session("services-not-granted", Severity.WARNING)
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


@RULES.on_record("early-reconnect", Severity.WARNING, that(Trait.OPENS, Kind.REQUEST))
def early_reconnect(record: Record, context: Context) -> Iterator[Said]:
    """The same client opens a new session sooner than it should after losing the last one."""
    lost = context.sessions.lost_before(record.session)
    if lost is None:
        return
    subject = context.subject(record)
    gap = record.time - lost.time
    same = (lost.client_name, lost.agent) == (subject.client_name, subject.agent)
    if same and 0 <= gap < context.thresholds.reconnect:
        yield Said(
            f"The client opens a new session {duration(gap)} after session {lost.session} ended ({lost.ended_by}). "
            f"It should wait {duration(context.thresholds.reconnect)} before it tries again."
        )


@RULES.on_record("both-modes-requested", Severity.ERROR, that(Trait.OPENS, Kind.REQUEST))
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
