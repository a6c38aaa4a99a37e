"""What a call's story is told as."""

from __future__ import annotations

from collections.abc import Iterable

from ccxdissect.analysis.call_stories import CallOutcome, CallStory, Link
from ccxdissect.analysis.legs import PhaseName, Unanswered, devices_in
from ccxdissect.analysis.schema import Column, ColumnKind, Place, Schema, attribute, positional
from ccxdissect.wording import duration

_INTEGER, _TEXT, _TIME, _DURATION = ColumnKind.INTEGER, ColumnKind.TEXT, ColumnKind.TIME, ColumnKind.DURATION

STEP = Schema(
    "step",
    "one thing that happened to a call, told to one or more sessions",
    (
        Column("message", _INTEGER, "number of the message that told it first"),
        Column("time", _TIME, "when"),
        Column("name", _TEXT, "the message type"),
        Column("device", _TEXT, "the device it happened at", optional=True),
        Column("text", _TEXT, "what happened, in words"),
        Column("sessions", ColumnKind.LIST, "the sessions that were told", of=_INTEGER),
    ),
)
PHASE = Schema(
    "phase",
    "a device, or the call itself, was in a phase of the call",
    (
        Column("device", _TEXT, "null: the call itself", optional=True),
        Column("phase", _TEXT, "which", attribute("name"), codes=tuple(name.value for name in PhaseName)),
        Column("start", _TIME, "when it began"),
        Column("end", _TIME, "when it ended; null while it lasts", optional=True),
        Column("duration", _DURATION, "how long, when it is over", optional=True),
    ),
)
LINK = Schema(
    "link",
    "a further call that has to do with this one",
    (
        Column("call", _INTEGER, "its id"),
        Column("how", _TEXT, "what made the link"),
    ),
)
#: Of a phone that rang in vain, and the agent whose it is.
RANG = Schema(
    "rang in vain",
    "a phone that rang without an answer",
    (
        Column("device", _TEXT, "the phone", lambda rang: rang[0].device),
        Column("agent", _TEXT, "whose it is, when known", lambda rang: rang[1], optional=True),
        Column("start", _TIME, "when it began to ring", lambda rang: rang[0].start),
        Column("duration", _DURATION, "how long it rang", lambda rang: rang[0].end - rang[0].start),
        Column("sent_back", ColumnKind.FLAG, "taken from there, not given up", lambda rang: rang[0].sent_back),
    ),
)


def _time_in(name: PhaseName, rank: int = 0) -> Column:
    return Column(
        name.value,
        _DURATION,
        f"how long at least one device, or the call itself, was {name.value}",
        lambda story: story.times[None, name],
        rank=rank,
        place=Place.FLAT,
    )


_NAMES = tuple(PhaseName)
TOTALS = positional(
    "totals",
    "how long at least one device, or the call itself, was in each phase",
    *(Column(name.value, _DURATION, name.value) for name in _NAMES),
)
_OF_PARTIES = (PhaseName.RINGING, PhaseName.TALKING, PhaseName.HELD)
PARTY = positional(
    "party",
    "how long one device was in each phase",
    *(Column(name.value, _DURATION, f"how long it was {name.value}") for name in _OF_PARTIES),
)


def _totals(story: CallStory) -> tuple[int, ...]:
    times = story.times
    return tuple([times[None, name] for name in _NAMES])


def _by_party(story: CallStory) -> dict[str, tuple[int, ...]]:
    times = story.times
    return {device: tuple([times[device, name] for name in _OF_PARTIES]) for device in devices_in(times)}


def _rang(story: CallStory) -> list[tuple[Unanswered, str | None]]:
    return [(rang, story.agent_at.get(rang.device)) for rang in story.unanswered]


def _links(links: Iterable[Link]) -> str:
    return " ".join(f"{link.how} {link.call}" for link in links)


def _phones(rang: Iterable[tuple[Unanswered, str | None]]) -> str:
    return ", ".join(f"{phone.device} for {duration(phone.end - phone.start)}" for phone, _ in rang)


SCHEMA = Schema(
    "calls",
    "one call, from the first word of it to the last",
    (
        Column("call", _INTEGER, "its id", rank=1),
        Column("server", _TEXT, "address of the server"),
        Column("device", _TEXT, "device of the connection in the first message", optional=True),
        Column("type", _TEXT, "the call type's constant", lambda story: story.call_type, rank=11, optional=True),
        Column("from", _TEXT, "who calls", lambda story: story.caller, rank=3, optional=True),
        Column("to", _TEXT, "who is called", lambda story: story.called, rank=4, optional=True),
        Column("start", _TIME, "the first word of it", rank=5),
        Column("end", _TIME, "the last word of it"),
        Column("duration", _DURATION, "from the first word to the last", rank=6),
        Column("begun", ColumnKind.FLAG, "whether its beginning was told"),
        Column("ended", ColumnKind.FLAG, "whether its end was told"),
        Column("parties", ColumnKind.LIST, "devices that took part", rank=12, of=_TEXT),
        Column("queues", ColumnKind.LIST, "queues it waited in", rank=10, of=_INTEGER),
        Column("agents", ColumnKind.LIST, "agents who took part", rank=7, of=_TEXT),
        _time_in(PhaseName.RINGING, 13),
        _time_in(PhaseName.QUEUED, 9),
        _time_in(PhaseName.TALKING, 8),
        _time_in(PhaseName.HELD, 14),
        Column("sessions", ColumnKind.LIST, "sessions that were told of it", rank=15, of=_INTEGER),
        Column("links", ColumnKind.LIST, "further calls that have to do with it", rank=16, of=LINK, brief=_links),
        Column("outcome", _TEXT, "what became of it", rank=2, codes=tuple(outcome.value for outcome in CallOutcome)),
        Column("answered_by", ColumnKind.LIST, "devices that answered it, in order", of=_TEXT),
        Column("transferred_to", _TEXT, "where it was transferred to", optional=True),
        Column("conferenced_with", ColumnKind.LIST, "who joined it in a conference", of=_TEXT),
        Column("failed", _TEXT, "why it failed: the constant's name", optional=True),
        Column("unanswered", ColumnKind.LIST, "phones that rang in vain", _rang, of=RANG, brief=_phones),
        Column(
            "totals",
            ColumnKind.OBJECT,
            "how long it was in each phase",
            _totals,
            of=TOTALS,
            place=Place.NESTED,
        ),
        Column("by_party", ColumnKind.MAP, "how long each device was in each phase", _by_party, of=PARTY),
        Column("phases", ColumnKind.LIST, "who was in which phase, and when", of=PHASE),
        Column("steps", ColumnKind.LIST, "what happened, in its order", of=STEP),
        Column("steps_left_out", _INTEGER, "steps beyond those that are kept"),
        Column("messages", _INTEGER, "messages about it", rank=17),
        Column("story", _TEXT, "all of it in one line", lambda story: story.line()),
    ),
    cast=attribute("cast"),
)
