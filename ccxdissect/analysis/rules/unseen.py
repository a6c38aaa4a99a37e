"""Rules on what the capture cannot show: said once, so that no other rule takes it for the peers' fault."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.analysis.copies import are_twins, at_once, captured_twice
from ccxdissect.analysis.rules.registry import RULES, Context, Said, Severity
from ccxdissect.analysis.rules.sessions import whose
from ccxdissect.analysis.sessions import SessionStory
from ccxdissect.protocol.model import Side
from ccxdissect.stream.events import EndedBy, Session
from ccxdissect.wording import SECOND, duration, plural


@RULES.on_session("one-way-capture", Severity.WARNING, weight=2, lacking=True)
def one_way_capture(story: SessionStory, context: Context) -> Iterator[Said]:
    """Only the packets of one side were captured."""
    if story.only is not None:
        yield Said(one_way(story, story.only), group=story.only)


def one_way(story: SessionStory, only: Side) -> str:
    """The finding's sentence: live, it is said while the session lasts."""
    if story.session.logged:
        return (
            f"The log tells only what the {only.value} sends in the session {whose(story)}, nothing of the {only.other.value}: what "
            "is answered, and when, cannot be told. Let the engine log all debug levels of ICD_CTI."
        )
    return (
        f"Only what the {only.value} sends was captured, nothing of the {only.other.value} "
        f"({story.session.endpoint(only.other)}): what is answered, and when, cannot be told. Let the SPAN port copy both "
        "directions, or capture on the host itself."
    )


@RULES.on_session("captured-twice", Severity.NOTE)
def captured_again(story: SessionStory, context: Context) -> Iterator[Said]:
    """Packets are in the capture twice; nothing was sent again."""
    sides = captured_twice(story.session)
    if not sides:
        return
    sent = story.session.sent
    whom = " and of ".join(f"the {side.value}" for side in Side if side in sides)
    if all(are_twins(sent[side]) for side in sides):
        count = sum(sent[side].twins for side in sides)
        yield Said(
            f"{plural(count, 'packet')} of {whom} are in the capture twice, at the very same time, and "
            "were not sent twice: files that were given, or merged, overlap. Nothing is counted twice; editcap -d takes the copies out.",
            group=whom,
        )
        return
    mirrored = all(at_once(sent[side]) for side in sides)
    yield Said(
        f"The packets of {whom} are in the capture twice, and were not sent twice. "
        + (
            "A switch mirrors two ports, or two captures were merged: mirror one port alone, or take the copies out with editcap -d."
            if mirrored
            else "Two captures of the same traffic were merged: look at one of them alone, for when something came cannot be told "
            "from both."
        ),
        group=(whom, mirrored),
    )


@RULES.on_session("put-away", Severity.WARNING, weight=2)
def put_away(story: SessionStory, context: Context) -> Iterator[Said]:
    """The session was followed no longer, since too many were open at once."""
    session = story.session
    if session.ended_by is EndedBy.IDLE:
        yield Said(
            f"Too many sessions were open at once: this one, idle longest, was followed no longer after "
            f"{duration(max(session.followed_until - session.start, 0))}. How it went on is not known; what came of it later is told as "
            "a session of its own. Cut the capture by hosts into several, each with fewer connections.",
            group=EndedBy.IDLE,
        )


@RULES.on_session("ports-taken", Severity.WARNING, weight=1, lacking=True)
def ports_taken(story: SessionStory, context: Context) -> Iterator[Said]:
    """A new connection took the ports of an open session, whose end was not captured."""
    if story.ports_taken and story.was_open and story.session.logged:
        yield Said(
            f"The session {whose(story)} was open, and silent, when another one was asked for from its port: its end is not in the log. "
            "Look whether the client's host was restarted or cut off before that."
        )
    elif story.ports_taken and story.was_open:
        yield Said(
            f"A new connection took the ports of the session {whose(story)}, which was open: its end was not captured. "
            "Look whether the client's host was restarted or cut off then, and whether the capture lost packets."
        )


def seen_only(session: Session, waited: int) -> str:
    """Why it cannot be told whether something was answered, of which only so much time (ns) behind it was seen."""
    if session.ended_by is EndedBy.IDLE:
        return f"its session was followed for only {duration(max(waited, 0))} after it: too many were open at once."
    if session.resumed_until is not None:
        return (
            f"{duration(waited) + ' after' if waited >= SECOND else 'right behind'} it the capture pauses: no packet at all for more than a minute. Look whether it was stopped "
            "there, or a file is lacking."
        )
    return f"the capture ends only {duration(max(waited, 0))} after it. Capture longer to see the reply."


@RULES.on_session("cut-packets", Severity.WARNING, weight=2)
def cut_packets(story: SessionStory, context: Context) -> Iterator[Said]:
    """Packets were captured in part only."""
    sent = story.session.sent
    cut = sum(one.cut for one in sent.values())
    if cut:
        missing = sum(one.missing for one in sent.values())
        yield Said(
            f"The snap length of the capture cut {plural(cut, 'packet')}: {plural(missing, 'byte')} of messages are "
            "lacking. Capture whole packets (tcpdump -s 0, in dumpcap and Wireshark no snap length).",
            group="cut",
        )
