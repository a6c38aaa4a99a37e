"""The rows of a ladder, made of what passes: heartbeats and copies of one event are folded, ends of connections and
silences are rows of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ccxdissect.analysis.exchange import Exchange, Outcome
from ccxdissect.analysis.exchanges import Exchanges
from ccxdissect.analysis.rhythm import interval
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.protocol.codes import Sense
from ccxdissect.protocol.model import Kind, Message, Side, Trait
from ccxdissect.stream.events import EndedBy, Event, Record, Session, SessionEnded
from ccxdissect.views.gist import gist
from ccxdissect.views.ladder import MOST_DRAWN, MOST_SESSIONS, MOST_STEPS, Column, Ladder, LadderStep, Tone, tone_of
from ccxdissect.views.text import shown, teller
from ccxdissect.wording import SECOND, duration, plural

#: Nothing for so long is a row of its own, in ns.
SILENCE = 10 * SECOND
#: So far apart, in ns, several clients may be told of one event.
ONE_EVENT = SECOND
#: Ends of connections so shortly behind the last message that is drawn belong to it, in ns.
BEHIND = 10 * SECOND

#: An endpoint: its side and its address, without a port where nothing was said from there.
_End = tuple[Side, str]


class _Said(NamedTuple):
    """What is drawn of a message: all of it is no longer needed then."""

    number: int
    time: int
    session: Session
    sender: Side
    message: Message | None
    kind: int
    name: str
    detail: str
    problem: bool


@dataclass
class _Row:
    """A step before it is known which column its ends are."""

    step: LadderStep
    source: _End
    targets: list[_End]
    sessions: set[int] = field(default_factory=set)


@dataclass
class _Client:
    """What is known of a client: its mode, and the agents whose sessions it asked for, with their extensions."""

    mode: str = ""
    agents: dict[str, str] = field(default_factory=dict)

    def told(self) -> str:
        parts = ["client"] + ([f"{self.mode} mode"] if self.mode else [])
        named = [shown(agent) + (f" ext {shown(phone)}" if phone else "") for agent, phone in self.agents.items()]
        return ", ".join(parts + ([f"agent {', '.join(named)}"] if named else []))


class LadderMaker:
    """Takes events in their order; `ladder` is what they come to. Holds at most `most` messages.

    `every_end`: ends of all connections are drawn, else only of those with messages that are, while these pass.
    """

    def __init__(self, most: int = MOST_STEPS, every_end: bool = True) -> None:
        self._most = min(most, MOST_DRAWN)
        self._every_end = every_end
        self._reader = SubjectReader()
        self._pairing = Exchanges(window=0, reader=self._reader)
        self._kept: list[_Said] = []
        self._drawn: set[int] = set()
        #: The sessions that have a column, and the hosts that may have one for what failed before a word was said.
        self._sessions: set[int] = set()
        self._hosts: set[str] = set()
        self._exchanges: list[Exchange] = []
        self._clients: dict[str, _Client] = {}
        self._ended: list[Session] = []
        self._left_out = 0

    def take(self, event: Event, wanted: bool = True) -> None:
        """Take the next event. What is not `wanted` is not drawn, and may tell of what is: a reply, an agent's name."""
        if isinstance(event, SessionEnded) and len(self._ended) < self._most and self._has_room(event.session):
            self._ended.append(event.session)
        if not isinstance(event, Record):
            return
        if wanted:
            if len(self._kept) < self._most and self._has_column(event.session):
                self._kept.append(_said(event))
                self._drawn.add(event.number)
            else:
                self._left_out += 1
        self._learn(event)
        self._pair(self._pairing.feed(event))

    def _has_column(self, session: Session) -> bool:
        if session.number not in self._sessions and len(self._sessions) < MOST_SESSIONS:
            self._sessions.add(session.number)
        return session.number in self._sessions

    def _has_room(self, session: Session) -> bool:
        host = session.client.host
        if len(self._hosts) < MOST_SESSIONS:
            self._hosts.add(host)
        return session.number in self._sessions or host in self._hosts

    def ladder(self, title: str = "", subtitle: str = "") -> Ladder:
        """What all of it comes to; nothing may be taken afterwards."""
        self._pair(self._pairing.flush())
        replies = {one.reply: one for one in self._exchanges if one.reply is not None}
        lonely = {one.request for one in self._exchanges if one.outcome is Outcome.UNANSWERED}
        rows = _Folding(replies, lonely, {one.request: one for one in self._exchanges}).rows(self._kept)
        rows += filter(None, map(self._end, self._ended))
        rows.sort(key=lambda row: row.step.time)
        columns, place = self._columns(rows)
        self._kept.clear()
        rows.reverse()
        steps = []
        while rows:
            # What is drawn takes the place of what it is made of.
            row = rows.pop()
            targets = tuple(place[target] for target in row.targets)
            steps.append(replace(row.step, source=place[row.source], targets=targets))
        return Ladder(shown(title), columns, tuple(_with_silences(steps)), self._left_out, shown(subtitle))

    def _pair(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges += [one for one in exchanges if one.request in self._drawn or one.reply in self._drawn]

    def _learn(self, record: Record) -> None:
        message = record.decoded.message
        if message is None or not message.traits & Trait.OPENS or message.kind is not Kind.REQUEST:
            return
        subject = self._reader.of(record.decoded)
        client = self._clients.setdefault(record.session.client, _Client())
        senses = subject.senses("services")
        for sense in (Sense.BRIDGE_MODE, Sense.AGENT_MODE):
            if sense in senses:
                client.mode = client.mode or sense.value
        if subject.agent and len(client.agents) < 3:
            client.agents.setdefault(subject.agent, subject.extension or subject.instrument or "")

    def _end(self, session: Session) -> _Row | None:
        """The row of the end of a connection; None for one that has none, or does not belong here."""
        spoken = any(one.messages for one in session.sent.values())
        client: _End = (Side.CLIENT, session.client if spoken else session.client.host)
        server: _End = (Side.SERVER, session.server)
        syns = session.sent[Side.CLIENT].syns
        if syns and not spoken and session.sent[Side.SERVER].seen is False:
            within = f" in {duration(session.end - session.start)}" if syns > 1 else ""
            told = f"{plural(syns, 'attempt')} to connect{within}, no answer"
            found = self._row(session.start, session.end, "SYN", told, Tone.FAILURE, client, server)
        else:
            side = Side.SERVER if session.ended_by is EndedBy.REFUSED else session.ended_side
            known = _ENDINGS.get(session.ended_by) if session.ended_by is not None else None
            if known is None or side is None:
                return None
            name, told, tone = known
            ends = (client, server) if side is Side.CLIENT else (server, client)
            time = session.over_at
            found = self._row(time, time, name, f"{told} by the {side.value}", tone, *ends)
        return found if self._belongs(session, found.step.time) else None

    @staticmethod
    def _row(time: int, until: int, name: str, told: str, tone: Tone, source: _End, target: _End) -> _Row:
        return _Row(LadderStep((), time, 0, (), name, told, tone, until), source, [target])

    def _belongs(self, session: Session, time: int) -> bool:
        if len(self._sessions) >= MOST_SESSIONS and session.number not in self._sessions:
            return False
        if self._every_end and not self._left_out:
            return True
        if not self._kept or time > self._kept[-1].time + (0 if self._left_out else BEHIND):
            return False
        return self._every_end or (time >= self._kept[0].time and session.number in self._sessions)

    def _columns(self, rows: Sequence[_Row]) -> tuple[tuple[Column, ...], dict[_End, int]]:
        ends = dict.fromkeys(end for row in rows for end in (row.source, *row.targets))
        clients = [end for end in ends if end[0] is Side.CLIENT]
        servers = [end for end in ends if end[0] is Side.SERVER]
        half = (len(clients) + 1) // 2
        order = [*clients[:half], *servers, *clients[half:]]
        columns = [
            Column(shown(address), side.value if side is Side.SERVER else self._clients.get(address, _Client()).told())
            for side, address in order
        ]
        return tuple(columns), {end: position for position, end in enumerate(order)}


_ENDINGS = {
    EndedBy.FIN: ("FIN", "connection ended", Tone.CONNECTION),
    EndedBy.RESET: ("RST", "connection reset", Tone.FAILURE),
    EndedBy.REFUSED: ("RST", "connection refused", Tone.FAILURE),
}


class _Folding:
    """Makes rows of records, like ones together where nothing that matters stands between them."""

    def __init__(
        self,
        replies: dict[int, Exchange],
        lonely: set[int | None],
        asked: dict[int | None, Exchange],
    ) -> None:
        self._replies, self._lonely, self._asked = replies, lonely, asked
        self._rows: list[_Row] = []
        #: The last row of each session.
        self._latest: dict[int, int] = {}
        self._events: dict[tuple[str, int, str], int] = {}
        #: The numbers of the copies of an event, by its row.
        self._copies: dict[int, list[int]] = {}
        #: The heartbeats of each session that nothing but other heartbeats came behind, and their rows.
        self._beats: dict[int, tuple[int, _Beats]] = {}

    def rows(self, records: Iterable[_Said]) -> list[_Row]:
        """The rows, in the order of the records that they begin with."""
        for record in records:
            if not self._beat(record) and not self._copy(record):
                self._add(record)
        for row, beats in self._beats.values():
            self._settle(row, beats)
        for place, numbers in self._copies.items():
            event = self._rows[place]
            event.step = replace(event.step, numbers=(*event.step.numbers, *numbers))
        return self._rows

    def _add(self, record: _Said) -> int:
        exchange = self._replies.get(record.number)
        tone = tone_of(record.message, exchange)
        if tone is not Tone.HEARTBEAT:
            for row, beats in self._beats.values():
                self._settle(row, beats)
            self._beats.clear()
        step = LadderStep(
            (record.number,),
            record.time,
            0,
            (),
            record.name,
            record.detail,
            tone,
            record.time,
            None if exchange is None else exchange.latency,
            record.number in self._lonely,
            record.problem,
        )
        client, server = (Side.CLIENT, record.session.client), (Side.SERVER, record.session.server)
        source, target = (client, server) if record.sender is Side.CLIENT else (server, client)
        self._rows.append(_Row(step, source, [target], {record.session.number}))
        place = self._latest[record.session.number] = len(self._rows) - 1
        if tone is Tone.EVENT:
            self._events[record.session.server, record.kind, step.detail] = place
        return place

    def _copy(self, record: _Said) -> bool:
        """Whether it is an event that another client was told right before; then it is put there."""
        message = record.message
        if message is None or message.kind is not Kind.EVENT:
            return False
        key = (record.session.server, record.kind, record.detail)
        place = self._events.get(key)
        if place is None or self._latest.get(record.session.number, -1) >= place:
            return False
        row = self._rows[place]
        if record.time - row.step.time > ONE_EVENT:
            return False
        row.targets.append((Side.CLIENT, record.session.client))
        row.sessions.add(record.session.number)
        self._copies.setdefault(place, []).append(record.number)
        row.step = replace(row.step, until=record.time)
        self._latest[record.session.number] = place
        return True

    def _beat(self, record: _Said) -> bool:
        """Whether it is a heartbeat that was answered, or the answer to one; then it is put with those before it."""
        message = record.message
        if message is None or not message.traits & Trait.HEARTBEAT:
            return False
        session = record.session.number
        known = self._beats.get(session)
        if message.kind is not Kind.REQUEST:
            exchange = self._replies.get(record.number)
            asked = None if exchange is None else exchange.request
            if known is None or asked not in known[1].numbers:
                return False
            known[1].add(record)
            return True
        exchange = self._asked.get(record.number)
        if exchange is None or exchange.outcome is not Outcome.CONFIRMED:
            if known is not None:
                self._settle(*self._beats.pop(session))
            return False
        if known is not None and known[1].breaks(record):
            self._settle(*self._beats.pop(session))
            known = None
        if known is None:
            place = self._add(record)
            known = self._beats[session] = (place, _Beats())
        known[1].add(record)
        return True

    def _settle(self, row: int, beats: _Beats) -> None:
        """Say in the row of the first of them how many there were."""
        asked, step = beats.asked, self._rows[row].step
        numbers, until = tuple(beats.numbers), beats.last
        if len(asked) == 1:
            if len(numbers) > 1:
                detail = f"{step.detail}, answered after {duration(until - step.time)}"
                self._rows[row].step = replace(step, numbers=numbers, until=until, detail=detail)
            return
        every = interval(after - before for before, after in zip(asked, asked[1:], strict=False))
        last = teller((step.time, until))(until)
        detail = f"every {duration(every)} until {last}, all answered"
        name = f"{len(asked)} x {step.name}"
        self._rows[row].step = replace(step, numbers=numbers, until=until, name=name, detail=detail)


class _Beats:
    """Heartbeats and their answers, one row: their numbers, when they were asked for, and when the last came."""

    def __init__(self) -> None:
        self.numbers: dict[int, None] = {}
        self.asked: list[int] = []
        self.last = 0

    def add(self, record: _Said) -> None:
        self.numbers[record.number] = None
        self.last = record.time
        if record.message is not None and record.message.kind is Kind.REQUEST:
            self.asked.append(record.time)

    def breaks(self, record: _Said) -> bool:
        """Whether a heartbeat comes so late after those before it that it is not one of their rhythm."""
        asked = self.asked
        return len(asked) > 1 and record.time - asked[-1] > 2 * (asked[-1] - asked[-2])


def _said(record: Record) -> _Said:
    decoded = record.decoded
    return _Said(
        record.number,
        record.time,
        record.session,
        record.sender,
        decoded.message,
        decoded.number,
        shown(record.name),
        gist(decoded, problems=record.problems),
        bool(record.problems),
    )


def _with_silences(steps: Iterable[LadderStep]) -> Iterable[LadderStep]:
    heard: int | None = None
    for step in steps:
        if heard is not None and step.time - heard >= SILENCE:
            told = f"nothing for {duration(step.time - heard)}"
            yield LadderStep((), heard, 0, (), told, "", Tone.SILENCE, step.time)
        yield step
        heard = step.until if heard is None else max(heard, step.until)


def build(records: Iterable[Record], title: str = "", most: int = MOST_STEPS) -> Ladder:
    """The ladder of some records, in their order. Only the first `most` are drawn."""
    maker = LadderMaker(most)
    for record in records:
        maker.take(record)
    return maker.ladder(title)
