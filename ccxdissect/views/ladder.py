"""Ladders: who sent what to whom, in the order of time. Here is what is drawn; `ladder_text`, `ladder_mermaid` and
`ladder_svg` draw it.

Columns are the endpoints; with several clients the server stands between them. All texts are safe to print.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from ccxdissect.analysis.exchanges import Exchange, Exchanges, Outcome
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.protocol.codes import Sense
from ccxdissect.protocol.model import Kind, Side, Trait
from ccxdissect.stream.events import Record
from ccxdissect.views.gist import gist
from ccxdissect.views.text import date_and_clock, shown

#: Beyond so many messages nobody reads a ladder.
MOST_STEPS = 1_000


class Tone(Enum):
    """What kind of arrow a step is."""

    REQUEST = "request"
    CONFIRMATION = "confirmation"
    FAILURE = "failure"
    EVENT = "event"
    HEARTBEAT = "heartbeat"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Column:
    """One endpoint. `title` its address, `subtitle` its part: client or server, and for whom."""

    title: str
    subtitle: str


@dataclass(frozen=True)
class LadderStep:
    """One message. Times in ns; `latency` stands at a reply; `unanswered` marks a request without any."""

    number: int
    time: int
    source: int
    target: int
    name: str
    detail: str
    tone: Tone
    latency: int | None = None
    unanswered: bool = False
    problem: bool = False


@dataclass(frozen=True)
class Ladder:
    """All there is to draw. `left_out`: how many messages there were beyond those that are drawn."""

    title: str
    columns: tuple[Column, ...]
    steps: tuple[LadderStep, ...]
    left_out: int = 0

    @property
    def several_days(self) -> bool:
        """Whether the steps are of more than one day, so that their times need dates."""
        return len({date_and_clock(step.time)[:10] for step in self.steps}) > 1


def build(records: Iterable[Record], title: str = "", most: int = MOST_STEPS) -> Ladder:
    """The ladder of some records, in their order. Only the first `most` are drawn."""
    reader = SubjectReader()
    pairing = Exchanges(window=0, reader=reader)
    kept: list[Record] = []
    exchanges: list[Exchange] = []
    agents: dict[str, list[str]] = {}
    modes: dict[str, str] = {}
    left_out = 0
    for record in records:
        if len(kept) >= most:
            # It is not drawn, and may be the reply to what is.
            left_out += 1
            exchanges += [exchange for exchange in pairing.feed(record) if (exchange.request or 0) <= kept[-1].number]
            continue
        kept.append(record)
        message = record.decoded.message
        if message is not None and message.traits & Trait.OPENS and message.kind is Kind.REQUEST:
            subject = reader.of(record.decoded)
            senses = subject.senses("services")
            for sense in (Sense.BRIDGE_MODE, Sense.AGENT_MODE):
                if sense in senses:
                    modes.setdefault(record.session.client, sense.value)
            named = agents.setdefault(record.session.client, [])
            if subject.agent and shown(subject.agent) not in named and len(named) < 3:
                named.append(shown(subject.agent))
        exchanges += pairing.feed(record)
    exchanges += pairing.flush()
    replies = {exchange.reply: exchange for exchange in exchanges if exchange.reply is not None}
    lonely = {exchange.request for exchange in exchanges if exchange.outcome is Outcome.UNANSWERED}
    columns, place = _columns(kept, agents, modes)
    steps = tuple(_step(record, place, replies.get(record.number), record.number in lonely) for record in kept)
    return Ladder(shown(title), columns, steps, left_out)


def _columns(
    records: list[Record], agents: dict[str, list[str]], modes: dict[str, str]
) -> tuple[tuple[Column, ...], dict[tuple[Side, str], int]]:
    clients = list(dict.fromkeys(record.session.client for record in records))
    servers = list(dict.fromkeys(record.session.server for record in records))
    half = (len(clients) + 1) // 2
    order = [(Side.CLIENT, client) for client in clients[:half]]
    order += [(Side.SERVER, server) for server in servers]
    order += [(Side.CLIENT, client) for client in clients[half:]]
    columns = []
    for side, endpoint in order:
        part = side.value
        if side is Side.CLIENT:
            mode = modes.get(endpoint)
            if mode:
                part += f", {mode} mode"
            if agents.get(endpoint):
                part += f", agent {', '.join(agents[endpoint])}"
        columns.append(Column(shown(endpoint), part))
    return tuple(columns), {key: position for position, key in enumerate(order)}


def _step(record: Record, place: dict[tuple[Side, str], int], answered: Exchange | None, lonely: bool) -> LadderStep:
    client = place[Side.CLIENT, record.session.client]
    server = place[Side.SERVER, record.session.server]
    source, target = (client, server) if record.sender is Side.CLIENT else (server, client)
    return LadderStep(
        record.number,
        record.time,
        source,
        target,
        shown(record.name),
        gist(record.decoded, problems=record.problems),
        tone_of(record, answered),
        None if answered is None else answered.latency,
        lonely,
        bool(record.problems),
    )


def tone_of(record: Record, answered: Exchange | None) -> Tone:
    """What kind of arrow a message is; `answered`: the exchange that it completes."""
    message = record.decoded.message
    if message is None:
        return Tone.UNKNOWN
    if message.traits & (Trait.FAILS | Trait.REPORTS_FAILURE) or (
        answered is not None and answered.outcome is Outcome.FAILED
    ):
        return Tone.FAILURE
    if message.traits & Trait.HEARTBEAT:
        return Tone.HEARTBEAT
    return {Kind.REQUEST: Tone.REQUEST, Kind.CONFIRMATION: Tone.CONFIRMATION, Kind.EVENT: Tone.EVENT}[message.kind]
