"""Rules on how clients get to a node that serves them, or do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ccxdissect.analysis.nodes import ShutOut, Switch
from ccxdissect.analysis.rules.registry import RULES, Context, Said, Severity
from ccxdissect.analysis.rules.sessions import whose
from ccxdissect.analysis.rules.unseen import seen_only
from ccxdissect.analysis.sessions import Reached, SessionStory
from ccxdissect.protocol.model import Side
from ccxdissect.stream.events import EndedBy, Tried
from ccxdissect.wording import SECOND, duration, plural
from ccxdissect.wording.names import quoted

#: A client that is silent for so long (ns) behind its connecting is not waiting for anything.
MUTE = 5 * SECOND


@RULES.on_session("no-answer", Severity.ERROR, weight=1)
def no_answer(story: SessionStory, context: Context) -> Iterator[Said]:
    """Nothing came back to the attempt to connect."""
    if story.reached is Reached.NO_ANSWER:
        session = story.session
        tried = Tried(session.number, session.client, session.server, session.start, session.sent[Side.CLIENT].syns)
        if story.too_soon:
            yield Said(
                f"{session.server} has not answered {session.client.host}, which tries to connect (SYN), but "
                f"{seen_only(session, session.followed_until - session.start)}",
                time=session.start,
                severity=Severity.NOTE,
                group=session.server,
                weight=0,
            )
            return
        yield Said(unanswered(tried, session.end), time=session.start, group=session.server)


def unanswered(tried: Tried, until: int) -> str:
    """The finding's sentence, at a time (ns): live, it is said while the client still tries."""
    within = f" within {duration(until - tried.start)}" if until > tried.start else ""
    return (
        f"{tried.server} did not answer {tried.client.host}: {plural(tried.syns, 'attempt')} to connect (SYN){within}, "
        "and nothing came back. The host is down or not reachable, or a firewall drops the packets."
    )


@RULES.on_session("session-refused", Severity.ERROR, weight=1)
def session_refused(story: SessionStory, context: Context) -> Iterator[Said]:
    """The connection itself was refused: nobody listens."""
    if story.session.ended_by is EndedBy.REFUSED and story.refusal is None:
        yield Said(
            f"{story.session.server} refused the connection of {story.session.client.host}. Check that the CTI server "
            "runs there, and its port.",
            group=story.session.server,
        )


@RULES.on_session("open-unanswered", Severity.ERROR, weight=1, lacking=True)
def open_unanswered(story: SessionStory, context: Context) -> Iterator[Said]:
    """The connection was accepted, the request to open a session was not answered."""
    session = story.session
    if story.reached is not Reached.ASKED or story.opened_time is None:
        return
    waited = max(session.followed_until - story.opened_time, 0)
    if story.too_soon or story.unseen(Side.SERVER, story.opened_time, session.end):
        return
    short = story.cut_short(story.opened_time)
    if short is not None and short.side is Side.CLIENT:
        yield Said(
            f"{session.client.host} asked {session.server} for the session {whose(story)} and {short.did} {duration(short.after)} "
            "later, too soon for an answer. Look in the client's log why it did not wait.",
            message=story.opened,
            time=story.opened_time,
            severity=Severity.WARNING,
            group=(session.server, short.side),
        )
        return
    if short is not None:
        yield Said(
            f"The request to {session.server} to open the session {whose(story)} has no reply: {short} after it. Look in the "
            "server's log: its CTI service is starting or stopping, or does not take this client.",
            message=story.opened,
            time=story.opened_time,
            group=(session.server, short.side),
        )
        return
    how = {EndedBy.RESET: ", then the connection was reset", EndedBy.FIN: ", then the connection was ended"}
    yield Said(
        f"{session.server} accepted the connection {whose(story)} and never answered the request to open a session, "
        f"within {duration(waited)}{how.get(session.ended_by or EndedBy.CAPTURE_END, '')}. Look in the server's log: its "
        "CTI service hangs or is starting.",
        message=story.opened,
        time=story.opened_time,
        group=session.server,
    )


@RULES.on_session("nothing-said", Severity.NOTE, lacking=True)
def nothing_said(story: SessionStory, context: Context) -> Iterator[Said]:
    """The connection was accepted, and ended before a word was said."""
    session = story.session
    if story.reached is not Reached.NOTHING_SAID or not session.from_start:
        return
    if any(one.missing for one in session.sent.values()):
        # Something was said that was not captured.
        return
    if session.ended_side is Side.SERVER and session.ended_by in (EndedBy.RESET, EndedBy.FIN):
        did = "reset" if session.ended_by is EndedBy.RESET else "ended"
        waited = session.over_at - session.start
        if waited >= MUTE:
            yield Said(
                f"{session.client.host} connected to {session.server} and said nothing for {duration(waited)}, then the server "
                f"{did} the connection. Look what runs on the client's host: a CTI client asks for a session at once.",
                severity=Severity.WARNING,
                group=(session.server, MUTE),
            )
            return
        yield Said(
            f"{session.server} accepted the connection of {session.client.host} and {did} it before a word was said. "
            "Look whether its CTI service is starting or stopping, and whether something else listens on the port.",
            severity=Severity.ERROR,
            group=session.server,
            weight=1,
        )
    elif not session.out_of_sight:
        yield Said(
            f"{session.client.host} connected to {session.server} and left without a word: a probe whether the port "
            "is open, or a client that gave up.",
            group=session.server,
        )


@RULES.on_switch("failover", Severity.ERROR, weight=4)
def failover(switch: Switch, context: Context) -> Iterator[Said]:
    """A client lost its node and another one took over."""
    if switch.failover and not switch.told:
        yield _switched(switch, context, f"Failover to {switch.session.server}: ")


@RULES.on_switch("outage", Severity.ERROR, weight=4)
def outage(switch: Switch, context: Context) -> Iterator[Said]:
    """A client lost its node and the same one serves it again."""
    if not switch.failover and not switch.told:
        yield _switched(switch, context, "Outage: ")


def _switched(switch: Switch, context: Context, what: str) -> Said:
    lost = switch.lost
    tried = Counter((attempt.server, _how(attempt.reached, attempt.code)) for attempt in switch.attempts)
    between = ", ".join(
        f"{server} {how}" + (f" {count} times" if count > 1 else "") for (server, how), count in tried.items()
    )
    return Said(
        f"{what}the session {whose(lost)} on {lost.session.server} was lost "
        f"({lost.ending()}); "
        + (f"in between, {between}; " if between else "")
        + f"{switch.session.server} served it again, in session {switch.session.number}, "
        f"{duration(max(switch.back_at - switch.lost_at, 0))} after the loss: for so long nobody served it. "
        + _agents(switch)
        + f"Look at {_where_it_broke(lost)} at the time of the loss.",
        time=switch.lost_at,
        group=(lost.session.server, switch.session.server),
    )


def _where_it_broke(lost: SessionStory) -> str:
    """Where to look for the cause: at whoever fell silent."""
    silent = lost.timed_out or (lost.dead_path is not None and lost.dead_path.silent is Side.CLIENT)
    return f"{lost.session.client.host} and at the network before it" if silent else str(lost.session.server)


@RULES.on_switch("agents-back", Severity.NOTE)
def agents_back(switch: Switch, context: Context) -> Iterator[Said]:
    """Agents who lost their node are logged in again, or are not; told apart from the failover where that was told at
    once."""
    if switch.told and switch.settled:
        missing = len(switch.stranded) > len(switch.back)
        yield Said(
            f"After the loss of session {switch.lost.session.number} on {switch.lost.session.server}: "
            + (_agents(switch) + ("Let them log in again, and look why they did not." if missing else "")).strip(),
            time=max(switch.back.values(), default=switch.session.end),
            severity=Severity.WARNING if missing else None,
            group=(switch.lost.session.server, switch.session.server),
        )


#: So many agents are named.
_NAMED = 5


def _agents(switch: Switch) -> str:
    """Which agents were thrown out, who is back since when, and who is not; empty where none is known."""
    if not switch.stranded:
        return ""
    back = [
        f"{quoted(name)} {duration(max(at - switch.lost_at, 0))} after the loss" for name, at in switch.back.items()
    ]
    gone = [quoted(name) for name in switch.stranded if name not in switch.back]
    count = plural(len(switch.stranded), "agent")
    if not switch.settled:
        return f"{count} logged in there: {_some([quoted(name) for name in switch.stranded])}. "
    if not gone:
        return f"{count} logged in there, now back: {_some(back)}. "
    until = "when that session ends"
    if switch.session.ended_by is None or switch.session.out_of_sight:
        until = (
            "as long as that session is followed"
            if switch.session.ended_by is EndedBy.IDLE
            else "when the capture ends"
        )
    told = f" Back: {_some(back)}." if back else ""
    return f"{count} logged in there, {len(gone)} of them not told to be back {until}: {_some(gone)}.{told} "


def _some(told: list[str]) -> str:
    more = f" and {len(told) - _NAMED:,} more" if len(told) > _NAMED else ""
    return ", ".join(told[:_NAMED]) + more


def _how(reached: Reached, code: int | None) -> str:
    if reached is Reached.TURNED_DOWN:
        return f"refused it with code {code}"
    return {
        Reached.NO_ANSWER: "did not answer",
        Reached.REFUSED: "refused the connection",
        Reached.NOTHING_SAID: "was reached without a word",
    }.get(reached, "did not open a session")


@RULES.on_shut_out("no-master", Severity.ERROR, weight=5)
def no_master(shut_out: ShutOut, context: Context) -> Iterator[Said]:
    """Every node that a client reached says that it is a standby."""
    nodes = shut_out.nodes
    every = (
        f"every node that it tried ({', '.join(nodes)})" if len(nodes) > 1 else f"the only node it tried ({nodes[0]})"
    )
    tries = plural(shut_out.attempts, "attempt")
    if shut_out.masters:
        yield Said(
            f"{shut_out.client} was refused by {every} in {tries}, as a standby, and did not try "
            f"{' or '.join(shut_out.masters[:3])}, which serves others. Let the client know both nodes.",
            severity=Severity.WARNING,
        )
    elif shut_out.by_now:
        yield Said(
            f"{shut_out.client} was refused by {every} in {tries}, as a standby. {' and '.join(shut_out.by_now[:3])} "
            f"{'serves' if len(shut_out.by_now) == 1 else 'serve'} others by now: let the client try again.",
            severity=Severity.WARNING,
        )
    elif shut_out.unreached:
        down = " and ".join(f"{one.server} {_how(one.reached, one.code)}" for one in shut_out.unreached[:3])
        yield Said(
            f"{shut_out.client} was refused by {' and '.join(nodes[:3])} in {tries}, as a standby, and {down}. Look why no master can "
            "be reached there, and why none of the standby nodes has taken over."
        )
    elif len(nodes) > 1:
        yield Said(
            f"{shut_out.client} was refused by {every} in {tries}: each time the node said that it is a standby. None is "
            "master: look at the cluster's failover state."
        )
    elif shut_out.last.session.logged:
        yield Said(
            f"{shut_out.client} was refused in {tries}, as by a standby. That is normal where another node serves it, of which the log "
            "of this one does not tell: look in the other node's log.",
            severity=Severity.NOTE,
        )
    else:
        yield Said(
            f"{shut_out.client} was refused by {every} in {tries}, as a standby. Whether another one is master cannot be told "
            "from here: let the client try the other node.",
            severity=Severity.WARNING,
        )
