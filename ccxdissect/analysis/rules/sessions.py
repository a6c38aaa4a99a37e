"""Rules on how sessions live and end."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.analysis.copies import sent_again
from ccxdissect.analysis.failures import Failure
from ccxdissect.analysis.rules.registry import RULES, Context, Said, Severity, that
from ccxdissect.analysis.sessions import DEAD, DID, TOLERANCE, SessionStory, coded, unclear
from ccxdissect.protocol.codes import Sense
from ccxdissect.protocol.model import Kind, Side, Trait
from ccxdissect.stream.events import EndedBy, Record
from ccxdissect.wording import SECOND, duration, plural
from ccxdissect.wording.names import quoted

#: From this share of segments sent again on, the network explains what is slow.
LOSSY = 0.02


def whose(story: SessionStory) -> str:
    """Whose session it is, in words: `of agent "smith"`."""
    if story.mode == Sense.AGENT_MODE.value and story.agent:
        return f"of agent {quoted(story.agent)}"
    if story.client_name:
        return f"of client {quoted(story.client_name)}"
    return f"of {story.session.client}"


def advice(failure: Failure | None, otherwise: str) -> str:
    """What to do about a failure, with what the server said of it."""
    said = f"The server said {quoted(failure.text)}. " if failure is not None and failure.text else ""
    return said + (failure.remedy if failure is not None and failure.remedy else otherwise)


@RULES.on_session("missed-heartbeat", Severity.WARNING, lacking=True)
def missed_heartbeat(story: SessionStory, context: Context) -> Iterator[Said]:
    """Heartbeats got no answer; three in a row mean that the other side is taken for dead."""
    beats = story.heartbeats
    if beats.missed and story.dead_path is None:
        dead = beats.missed_in_a_row >= DEAD
        logged = story.session.logged
        yield Said(
            f"{beats.missed} of {plural(beats.sent, 'heartbeat')} {whose(story)} {'have' if logged else 'got'} no answer"
            + (" in the log" if logged else "")
            + (f", the last {beats.missed_in_a_row} in a row" if dead else "")
            + (f", and the client {DID[story.ended_by]}" if story.given_up else "")
            + (". Look whether lines of the log are lacking there" if logged else "")
            + ". Check the server's load and the network; after three misses in a row the client has to connect again.",
            message=beats.first_missed,
            time=beats.first_missed_time,
            severity=Severity.ERROR if dead else None,
        )


@RULES.on_session("dead-path", Severity.ERROR, weight=3, lacking=True)
def dead_path(story: SessionStory, context: Context) -> Iterator[Said]:
    """One side sent the same again and again, and nothing came back."""
    dead = story.dead_path
    if dead is not None and story.was_open:
        end = story.session.ended_by
        then = f", then the {dead.silent.other.value} reset the connection" if end is EndedBy.RESET else ""
        yield Said(
            f"The {dead.silent.value} fell silent in the session {whose(story)}: what the {dead.silent.other.value} sent "
            f"was retransmitted {plural(dead.times, 'time')} in {duration(max(story.session.end - dead.since, 0))} without "
            f"an answer{then}. "
            f"The {dead.silent.value} ({story.session.endpoint(dead.silent)}) had been heard last "
            f"{duration(max(dead.since - dead.heard, 0))} before. Look for a host that went down, a cable or route that "
            "was lost, or a firewall that dropped the connection after it had been idle.",
            time=dead.since,
            group=dead.silent,
        )


@RULES.on_session("idle-timeout", Severity.ERROR, lacking=True)
def idle_timeout(story: SessionStory, context: Context) -> Iterator[Said]:
    """The client was silent for longer than it had promised."""
    if story.timed_out:
        yield Said(
            f"The server ended the session after {duration(story.silence_at_end or 0)} without a message of the client, "
            f"whose idle timeout is {story.idle_timeout} s. Let the client send heartbeats at least twice as often."
        )
    elif story.dead_path is None and story.idle_timeout and story.longest_silence > story.idle_timeout * SECOND:
        session = story.session
        if story.longest_silence > session.end - session.start:
            # A packet dated as nothing around it, or a clock that was set back: nobody was silent for that long.
            return
        if session.logged and story.longest_silence * TOLERANCE > story.idle_timeout * SECOND:
            yield Said(
                f"The log has nothing of the client in the session {whose(story)} for {duration(story.longest_silence)}, longer "
                f"than its idle timeout of {story.idle_timeout} s, yet the session went on. Look whether lines of the log are "
                "lacking there, or its debug levels were off for a while; else let the client send heartbeats more often.",
                severity=Severity.WARNING,
            )
            return
        if sent_again(session, Side.CLIENT) > LOSSY * max(session.sent[Side.CLIENT].messages, 1):
            return
        if story.longest_silence * TOLERANCE <= story.idle_timeout * SECOND:
            yield Said(
                f"The client was silent for as long as its idle timeout of {story.idle_timeout} s, give or take what a "
                "timer may be late. The server kept the session; let the client send heartbeats at least twice as often.",
                severity=Severity.NOTE,
                group="just in time",
            )
            return
        yield Said(
            f"The client was silent for {duration(story.longest_silence)}, longer than its idle timeout of "
            f"{story.idle_timeout} s, and was lucky to keep the session. Let it send heartbeats more often.",
            severity=Severity.WARNING,
        )
    elif _fell_silent(story) and story.session.logged:
        yield Said(
            f"The log has nothing of the client in the session {whose(story)} for its last {duration(story.silence_at_end or 0)}, "
            f"longer than the idle timeout of {story.idle_timeout} s, and nobody closed the session. How connections end "
            "its messages do not tell: the client may be gone, or be silent. Look at the other lines of that time, and whether the "
            "client opened another session.",
            severity=Severity.WARNING,
            group="silent",
        )
    elif _fell_silent(story):
        yield Said(
            f"Nothing of the client was captured in the last {duration(story.silence_at_end or 0)}, longer than its idle "
            f"timeout of {story.idle_timeout} s, and no end of the session either. Look whether the client still runs, and "
            "whether the capture sees all that it sends.",
            severity=Severity.WARNING,
            group="silent",
        )


def _fell_silent(story: SessionStory) -> bool:
    """Whether the client has been silent for longer than it had promised when the capture is over."""
    session, silence = story.session, story.silence_at_end
    if not session.out_of_sight or not story.was_open or story.dead_path is not None:
        return False
    if not story.idle_timeout or silence is None:
        return False
    if session.logged and story.close_asked is not None:
        # It said farewell; the confirmation is lacking.
        return False
    until = session.followed_until
    return silence > story.idle_timeout * SECOND and not story.unseen(Side.CLIENT, until - silence, until)


@RULES.on_session("packet-loss", Severity.WARNING)
def packet_loss(story: SessionStory, context: Context) -> Iterator[Said]:
    """So much was sent again that the network has to be looked at."""
    for side, sent in story.session.sent.items():
        again = sent_again(story.session, side) - (sent.in_vain if story.dead_path is not None else 0)
        if again >= 5 and again > LOSSY * max(sent.messages, 1):
            yield Said(
                f"The {side.value} had to send {plural(again, 'segment')} again, for {plural(sent.messages, 'message')}. "
                "Packets are lost on the way, or their acknowledgements: look at the network between the two.",
                group=side,
            )


@RULES.on_session("out-of-order", Severity.NOTE)
def out_of_order(story: SessionStory, context: Context) -> Iterator[Said]:
    """So many packets overtook others that it may explain what is late."""
    for side, sent in story.session.sent.items():
        if sent.reordered >= 5 and sent.reordered > LOSSY * max(sent.messages, 1):
            yield Said(
                f"{plural(sent.reordered, 'segment')} of the {side.value} came behind later ones, for "
                f"{plural(sent.messages, 'message')}: packets overtake each other on the way, or are lost before the place "
                "of the capture and sent again. What they carry is late by that: look at the network between the two.",
                group=side,
            )


@RULES.on_session("closed-for-failure", Severity.ERROR, weight=2)
def closed_for_failure(story: SessionStory, context: Context) -> Iterator[Said]:
    """The session was closed by agreement, with a status that is no success."""
    failure = story.closed_for
    if failure is not None and not failure.replaced:
        who = story.ended_side.value if story.ended_side else "other side"
        yield Said(
            f"The {who} closed the session {whose(story)} with {coded(failure)}: {failure.meaning}. "
            + advice(failure, "Look in the server's log at this time."),
            group=(who, failure.code),
        )


@RULES.on_session("session-replaced", Severity.WARNING, weight=1)
def session_replaced(story: SessionStory, context: Context) -> Iterator[Said]:
    """Another session took the place of this one."""
    if not story.replaced:
        return
    by = story.replaced_by
    new = f"session {by[0]} ({by[1]})" if by is not None else "a session that was not captured"
    times = context.count("session-replaced", (story.session.server, whose(story)))
    thrown = (
        f" That is {times} times now: they do throw each other out."
        if times > 2
        else " If the client that lost it connects again at once, the two throw each other out for ever."
    )
    if story.let_in_before is None:
        told = f"was replaced by {new}"
    else:
        how = "reset" if story.ended_by is EndedBy.RESET else "ended"
        told = (
            f"was {how} by the server {duration(story.let_in_before)} after it had been asked for {new} of the same agent: "
            "most likely replaced by it"
        )
    yield Said(
        f"Session {story.session.number} {whose(story)} {told}.{thrown} Let only one client run for it, "
        "and let it wait before it connects again.",
        severity=Severity.ERROR if times > 2 else None,
    )


def _left(story: SessionStory) -> bool:
    """Whether an open session ended without a reason that another rule tells."""
    told = story.given_up or story.demoted or story.dead_path is not None or story.replaced
    return story.was_open and not told


@RULES.on_session("reset-without-close", Severity.WARNING, lacking=True)
def reset_without_close(story: SessionStory, context: Context) -> Iterator[Said]:
    """The connection was reset while the session was open."""
    if story.ended_by is EndedBy.RESET and _left(story):
        if story.ended_side is Side.SERVER:
            yield _ended_by_server(story, "reset")
            return
        side = story.ended_side.value if story.ended_side else "other side"
        yield Said(
            f"The {side} reset the connection without closing the session {whose(story)}. Look in the {side}'s log at "
            "this time for a crash, a restart or a firewall between.",
            group=side,
        )


@RULES.on_session("fin-without-close", Severity.NOTE, lacking=True)
def fin_without_close(story: SessionStory, context: Context) -> Iterator[Said]:
    """The connection was ended in order, the session was not."""
    if story.ended_by is EndedBy.FIN and _left(story):
        if story.ended_side is Side.SERVER:
            yield _ended_by_server(story, "ended")
            return
        side = story.ended_side.value if story.ended_side else "other side"
        yield Said(
            f"The {side} ended the connection without closing the session {whose(story)}. Clients should ask to close "
            "first and wait for the confirmation.",
            group=side,
        )


def _ended_by_server(story: SessionStory, how: str) -> Said:
    why = f", for {coded(story.reported)}: {story.reported.meaning}" if story.reported is not None else ""
    # What the client still sends behind that is no part of how long it lasted.
    ended = story.session.over_at
    lasted = ended - story.session.start
    # By a clock that was set back meanwhile nobody knows how long it lasted.
    after = f", after {duration(lasted)}" if lasted >= 0 else ""
    return Said(
        f"The server {how} the open session {whose(story)} without closing it{after}{why}. "
        + advice(story.reported, "Look in the server's log at this time for a restart, a failover or an error."),
        time=ended,
        severity=Severity.ERROR,
        weight=2,
        group=None if story.reported is None else (story.reported.code, story.reported.meaning),
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
                group=tuple(lacking),
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
            "Let the client ask for one of the two services."
        )


@RULES.on_session("dialect-unclear", Severity.WARNING)
def dialect_unclear(story: SessionStory, context: Context) -> Iterator[Said]:
    """The signs of a session's dialect disagree."""
    said = unclear(story.session)
    if said is not None:
        yield Said(said[0].upper() + said[1:])
