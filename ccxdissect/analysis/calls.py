"""Calls: one story per call id, from the first word of it to the last.

An id belongs to one server and can come again: a call is over when its end was told to every client that heard of its
beginning, or a new beginning comes to a client that heard its end, or that names another caller. Stories are given a
little after the end, so that the last words to other clients still belong to them. The same news told to a bridge
client and to an agent's client is one step, with both sessions. A call of which nothing was heard for `patience` is
given as it stands.

Phases are those of the devices on the call (dialing, ringing, talking, held) and of the call itself (queued).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ccxdissect.analysis.echoes import Echoes
from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.results import in_seconds
from ccxdissect.analysis.subject import Subject, SubjectReader
from ccxdissect.analysis.wording import in_words, quoted
from ccxdissect.protocol.model import Kind, Message, Trait
from ccxdissect.stream.events import Event, Record, SessionEnded
from ccxdissect.wording import SECOND, duration, plural

#: How long after its end a call is kept for the echoes of it, in ns.
LINGER = 5 * SECOND
#: How long a call may be silent before it is given as it stands, in ns.
PATIENCE = 12 * 3600 * SECOND
#: The most steps, parties and sessions that one story keeps; further ones are counted only.
MOST_STEPS = 500
#: The most calls that are followed at once.
MOST_CALLS = 50_000

DIALING, RINGING, QUEUED, TALKING, HELD = "dialing", "ringing", "queued", "talking", "held"
#: What a step does to the device that acts: its new phase; an empty one means that it is off the call.
_PHASES: tuple[tuple[int, str], ...] = (
    (Trait.CALL_DIALS, DIALING),
    (Trait.CALL_RINGS, RINGING),
    (Trait.CALL_CONNECTS, TALKING),
    (Trait.CALL_HOLDS, HELD),
    (Trait.CALL_RETRIEVED, TALKING),
    (Trait.PARTY_LEAVES, ""),
    (Trait.CALL_FAILS, ""),
    (Trait.CALL_DIVERTS, ""),
)
_TOLD = (
    Trait.CALL_BEGINS
    | Trait.CALL_ENDS
    | Trait.CALL_CLEARED
    | Trait.CALL_QUEUED
    | Trait.CALL_DEQUEUED
    | Trait.CALL_JOINS
    | Trait.CALL_TRANSFERS
    | Trait.CALL_CHANGES
)


@dataclass(slots=True)
class Step:
    """One thing that happened to a call, told to one or more sessions."""

    message: int
    time: int
    name: str
    device: str | None
    text: str
    sessions: list[int]

    def to_json(self) -> dict[str, object]:
        """As an object of JSON."""
        return {
            "message": self.message,
            "time": in_seconds(self.time),
            "name": self.name,
            "device": self.device,
            "text": self.text,
            "sessions": list(self.sessions),
        }


@dataclass(slots=True)
class Phase:
    """A device (None: the call itself) was in a phase of the call. `end` is None while it lasts."""

    device: str | None
    name: str
    start: int
    end: int | None = None

    def to_json(self) -> dict[str, object]:
        """As an object of JSON."""
        length = None if self.end is None else self.end - self.start
        return {
            "device": self.device,
            "phase": self.name,
            "start": in_seconds(self.start),
            "end": in_seconds(self.end),
            "duration": in_seconds(length),
        }


@dataclass(slots=True)
class Link:
    """A further call that has to do with this one: `how` says what made the link."""

    call: int
    how: str

    def to_json(self) -> dict[str, object]:
        """As an object of JSON."""
        return {"call": self.call, "how": self.how}


@dataclass(slots=True, eq=False)
class CallStory:
    """All that was told of one call. Times in ns."""

    call: int
    server: str
    start: int
    end: int
    #: Its beginning and its end were both told.
    begun: bool = False
    ended: bool = False
    call_type: str | None = None
    caller: str | None = None
    called: str | None = None
    #: The device of the connection in the first message: tells calls apart whose ids are the same.
    device: str | None = None
    parties: list[str] = field(default_factory=list)
    queues: list[int] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    messages: int = 0
    steps_left_out: int = 0

    @property
    def duration(self) -> int:
        """From the first word to the last, in ns."""
        return self.end - self.start

    def time_in(self, name: str) -> int:
        """For how many ns at least one device (or the call itself) was in a phase."""
        total = reached = 0
        for start, end in sorted((phase.start, phase.end or self.end) for phase in self.phases if phase.name == name):
            total += max(end - max(start, reached), 0)
            reached = max(reached, end)
        return total

    @classmethod
    def columns(cls) -> Sequence[str]:
        """Column names of a row."""
        return (
            "call",
            "type",
            "from",
            "to",
            "start",
            "duration",
            "queues",
            "agents",
            "parties",
            "ringing",
            "queued",
            "talking",
            "held",
            "linked",
            "sessions",
            "messages",
            "ended",
        )

    def row(self) -> list[object]:
        """One row: lists joined by blanks."""
        return [
            self.call,
            self.call_type,
            self.caller,
            self.called,
            in_seconds(self.start),
            in_seconds(self.duration),
            " ".join(map(str, self.queues)),
            " ".join(self.agents),
            " ".join(self.parties),
            *(in_seconds(self.time_in(name)) for name in (RINGING, QUEUED, TALKING, HELD)),
            " ".join(f"{link.how} {link.call}" for link in self.links),
            " ".join(map(str, self.sessions)),
            self.messages,
            "yes" if self.ended else "no",
        ]

    def to_json(self) -> dict[str, object]:
        """One object of JSON."""
        return {
            "call": self.call,
            "server": self.server,
            "device": self.device,
            "type": self.call_type,
            "from": self.caller,
            "to": self.called,
            "start": in_seconds(self.start),
            "end": in_seconds(self.end),
            "duration": in_seconds(self.duration),
            "begun": self.begun,
            "ended": self.ended,
            "parties": list(self.parties),
            "queues": list(self.queues),
            "agents": list(self.agents),
            "sessions": list(self.sessions),
            "links": [link.to_json() for link in self.links],
            "phases": [phase.to_json() for phase in self.phases],
            "steps": [step.to_json() for step in self.steps],
            "steps_left_out": self.steps_left_out,
            "messages": self.messages,
            "story": self.line(),
        }

    def line(self) -> str:
        """The call in one readable line."""
        kind = in_words(self.call_type.removeprefix("CALLTYPE_")) + " call" if self.call_type else "call"
        parts = [f"{kind} {self.call}"]
        if self.caller:
            parts[0] += f" from {quoted(self.caller)}"
        if self.called:
            parts[0] += f" to {quoted(self.called)}"
        if self.queues:
            parts.append(f"queue {', '.join(map(str, self.queues))}")
        for name in (QUEUED, RINGING, TALKING, HELD):
            time = self.time_in(name)
            if time:
                parts.append(f"{name} {duration(time)}")
        if self.agents:
            parts.append(f"agent {', '.join(quoted(agent) for agent in self.agents)}")
        parts += [f"{link.how} {link.call}" for link in self.links]
        parts.append(f"{'over' if self.ended else 'not over'} after {duration(self.duration)}")
        return "; ".join(parts)

    def lines(self) -> list[str]:
        """The whole story: the line, then one line a step with its time since the beginning."""
        told = [self.line()]
        for step in self.steps:
            where = f"  [sessions {', '.join(map(str, step.sessions))}]" if len(step.sessions) > 1 else ""
            told.append(f"  {(step.time - self.start) / SECOND:10.3f} s  {step.text}{where}")
        if self.steps_left_out:
            told.append(f"  ... and {plural(self.steps_left_out, 'further step')}")
        return told


class _Following:
    """A call that is followed: who heard of its beginning and of its end."""

    __slots__ = ("cleared", "ended_at", "heard_begin", "heard_end", "now", "story")

    def __init__(self, story: CallStory) -> None:
        self.story = story
        self.heard_begin: set[int] = set()
        self.heard_end: set[int] = set()
        self.cleared = False
        self.ended_at: int | None = None
        self.now: dict[str | None, Phase] = {}


Key = tuple[str, int]


class Calls:
    """Follows the calls; gives each call's story when it is over."""

    def __init__(
        self,
        patience: int = PATIENCE,
        reader: SubjectReader | None = None,
        phones: Phones | None = None,
    ) -> None:
        self.patience = patience
        self._reader = reader or SubjectReader()
        self._phones = phones if phones is not None else Phones()
        self._echoes = Echoes()
        #: The least recently heard of first.
        self._open: OrderedDict[Key, _Following] = OrderedDict()
        self._over: OrderedDict[Key, _Following] = OrderedDict()
        self._asked: dict[tuple[int, int], int] = {}

    def feed(self, event: Event) -> list[CallStory]:
        """Take the next event; give the stories of the calls that are over."""
        if isinstance(event, SessionEnded):
            for asked in [key for key in self._asked if key[0] == event.session.number]:
                del self._asked[asked]
            return []
        if not isinstance(event, Record):
            return []
        told = self._expire(event.time)
        message = event.decoded.message
        if message is not None:
            subject = self._reader.of(event.decoded)
            self._phones.learn(event.session.server, subject)
            self._link_made(event, message, subject)
            if subject.call is not None:
                self._about(event, message, subject, subject.call, told)
        return told

    @property
    def open_calls(self) -> list[CallStory]:
        """The calls that are not over, the one heard of last at the end."""
        return [following.story for following in self._open.values()]

    def flush(self) -> Iterator[CallStory]:
        """Nothing more will come: give the stories of the calls that have not ended, by their beginning."""
        left = [*self._over.values(), *self._open.values()]
        for following in sorted(left, key=lambda following: following.story.start):
            yield following.story
        self._open.clear()
        self._over.clear()
        self._asked.clear()

    def _about(self, record: Record, message: Message, subject: Subject, call: int, told: list[CallStory]) -> None:
        key = (record.session.server, call)
        event = message.kind is Kind.EVENT
        following = self._open.get(key) or self._over.get(key)
        begins = event and bool(message.traits & Trait.CALL_BEGINS)
        if following is not None and begins and _another_call(following, record, subject):
            self._open.pop(key, None)
            self._over.pop(key, None)
            told.append(following.story)
            following = None
        if following is None:
            story = CallStory(call, record.session.server, record.time, record.time)
            following = self._open[key] = _Following(story)
            if len(self._open) > MOST_CALLS:
                told.append(self._open.popitem(last=False)[1].story)
        elif key in self._open:
            self._open.move_to_end(key)
        story = following.story
        story.messages += 1
        if key in self._open:
            story.end = max(story.end, record.time)
        if record.session.number not in story.sessions and len(story.sessions) < MOST_STEPS:
            story.sessions.append(record.session.number)
        if event:
            self._learn(story, record, subject)
            self._event(key, following, record, message, subject)

    def _learn(self, story: CallStory, record: Record, subject: Subject) -> None:
        if story.device is None:
            story.device = subject.connection
        if story.caller is None:
            story.caller = subject.calling
        if story.called is None:
            story.called = subject.called
        name = subject.name_of("call_type")
        if story.call_type is None and name is not None and subject.call_type:
            story.call_type = name
        for queue in subject.queues:
            if queue not in story.queues and len(story.queues) < MOST_STEPS:
                story.queues.append(queue)
        for party in (subject.calling, subject.acting):
            if party and party not in story.parties and len(story.parties) < MOST_STEPS:
                story.parties.append(party)
        agents = [self._phones.agent_at(record.session.server, subject.acting)]
        if subject.agent is not None:
            agents.append(subject.agent)
        for agent in agents:
            if agent is not None and agent not in story.agents and len(story.agents) < MOST_STEPS:
                story.agents.append(agent)

    def _event(self, key: Key, following: _Following, record: Record, message: Message, subject: Subject) -> None:
        story, traits, session = following.story, message.traits, record.session.number
        further = bool(traits & Trait.CALL_BEGINS and story.begun and session not in following.heard_begin)
        if traits & Trait.CALL_BEGINS:
            following.heard_begin.add(session)
            story.begun = True
        following.cleared = following.cleared or bool(traits & Trait.CALL_CLEARED)
        if traits & Trait.CALL_ENDS:
            self._end(key, following, record)
        elif self._echoes.is_echo(record, subject):
            told = (
                step for step in reversed(story.steps) if step.name == record.name and step.device == subject.acting
            )
            step = next(told, None)
            if step is not None and session not in step.sessions:
                step.sessions.append(session)
        else:
            self._add(
                story,
                record,
                subject.acting,
                f"told to session {session} too" if further else _step_text(message, subject),
            )
            _move(following, traits, subject, record.time)
            self._link(key, message, subject)

    @staticmethod
    def _add(story: CallStory, record: Record, device: str | None, text: str) -> None:
        if len(story.steps) < MOST_STEPS:
            story.steps.append(Step(record.number, record.time, record.name, device, text, [record.session.number]))
        else:
            story.steps_left_out += 1

    def _end(self, key: Key, following: _Following, record: Record) -> None:
        """A client hears the end of a call when its own device leaves, though the call may go on for others."""
        story, session = following.story, record.session.number
        following.heard_end.add(session)
        over = following.heard_begin <= following.heard_end
        last = story.steps[-1] if story.steps else None
        if last is None or last.name != record.name:
            self._add(story, record, None, "")
            last = story.steps[-1]
        elif session not in last.sessions:
            last.sessions.append(session)
        if last.name == record.name:
            all_of_it = over or following.cleared
            last.text = "ends" if all_of_it else f"over for session {' and '.join(map(str, last.sessions))}"
        if over and key in self._open:
            story.ended = True
            for phase in following.now.values():
                phase.end = record.time
            following.now.clear()
            del self._open[key]
            following.ended_at = record.time
            self._over[key] = following

    def _link(self, key: Key, message: Message, subject: Subject) -> None:
        server, call = key
        traits = message.traits
        if traits & (Trait.CALL_JOINS | Trait.CALL_TRANSFERS):
            how, back = (
                ("conferenced with", "conferenced with")
                if traits & Trait.CALL_JOINS
                else ("transferred with", "transferred with")
            )
            if subject.other_call is not None:
                self._connect(server, call, subject.other_call, how, back)
            if subject.new_call is not None:
                for part in (call, subject.other_call):
                    if part is not None:
                        self._connect(server, part, subject.new_call, "became", "came out of")
        elif traits & Trait.CALL_CHANGES:
            if subject.new_call is not None:
                self._connect(server, call, subject.new_call, "became", "came out of")
        elif subject.other_call is not None:
            self._connect(server, call, subject.other_call, "has to do with", "has to do with")

    def _connect(self, server: str, one: int, other: int, how: str, back: str) -> None:
        if one == other:
            return
        for call, linked, text in ((one, other, how), (other, one, back)):
            following = self._open.get((server, call)) or self._over.get((server, call))
            if following is not None:
                links = following.story.links
                if len(links) < MOST_STEPS and not any(link.call == linked and link.how == text for link in links):
                    links.append(Link(linked, text))

    def _link_made(self, record: Record, message: Message, subject: Subject) -> None:
        """A request about one call whose confirmation brings another: a consult call, for one."""
        if subject.invoke_id is None:
            return
        key = (record.session.number, subject.invoke_id)
        if message.kind is Kind.REQUEST:
            if subject.call is not None and message.traits & Trait.MAKES_CALL and len(self._asked) < MOST_CALLS:
                self._asked[key] = subject.call
            return
        asked = self._asked.pop(key, None)
        made = subject.new_call if subject.new_call is not None else subject.call
        if asked is not None and made is not None and made != asked:
            if (record.session.server, made) not in self._open:
                story = CallStory(made, record.session.server, record.time, record.time)
                self._open[record.session.server, made] = _Following(story)
            self._connect(record.session.server, asked, made, "led to", "made from")

    def _expire(self, time: int) -> list[CallStory]:
        told: list[CallStory] = []
        while self._over:
            first = next(iter(self._over.values()))
            if time - (first.ended_at or 0) <= LINGER:
                break
            told.append(self._over.popitem(last=False)[1].story)
        while self._open:
            first = next(iter(self._open.values()))
            if time - first.story.end <= self.patience:
                break
            told.append(self._open.popitem(last=False)[1].story)
        return told


def _another_call(following: _Following, record: Record, subject: Subject) -> bool:
    """Whether the beginning of a call with a known id is that of a further call with the same id."""
    session, story = record.session.number, following.story
    if session in following.heard_end:
        return True
    if session in following.heard_begin:
        return bool(subject.calling and story.caller and subject.calling != story.caller)
    return False


def _move(following: _Following, traits: int, subject: Subject, time: int) -> None:
    """Devices, and the call itself, go from phase to phase."""
    for trait, name in _PHASES:
        if traits & trait:
            device = subject.acting or subject.connection
            _enter(following, device, name, time)
            if trait is Trait.CALL_CONNECTS:
                _enter(following, None, "", time)
                caller = following.now.get(subject.calling)
                if subject.calling and subject.calling != device and (caller is None or caller.name == DIALING):
                    _enter(following, subject.calling, TALKING, time)
            return
    if traits & Trait.CALL_QUEUED:
        _enter(following, None, QUEUED, time)
    elif traits & Trait.CALL_DEQUEUED:
        _enter(following, None, "", time)
    elif traits & Trait.CALL_CLEARED:
        for device in list(following.now):
            _enter(following, device, "", time)
    elif traits & Trait.CALL_TRANSFERS:
        _enter(following, subject.acting, "", time)


def _enter(following: _Following, device: str | None, name: str, time: int) -> None:
    now = following.now.get(device)
    if now is not None:
        if now.name == name:
            return
        now.end = time
        del following.now[device]
    if name and len(following.story.phases) < MOST_STEPS:
        phase = Phase(device, name, time)
        following.now[device] = phase
        following.story.phases.append(phase)


_SAID: tuple[tuple[int, str], ...] = (
    (Trait.CALL_BEGINS, "begins"),
    (Trait.CALL_DIALS, "dials"),
    (Trait.CALL_RINGS, "rings"),
    (Trait.CALL_CONNECTS, "answered"),
    (Trait.CALL_HOLDS, "put on hold"),
    (Trait.CALL_RETRIEVED, "taken back from hold"),
    (Trait.CALL_QUEUED, "queued"),
    (Trait.CALL_DEQUEUED, "taken out of the queue"),
    (Trait.CALL_JOINS, "conferenced"),
    (Trait.CALL_TRANSFERS, "transferred"),
    (Trait.CALL_DIVERTS, "sent on"),
    (Trait.CALL_FAILS, "failed"),
    (Trait.PARTY_LEAVES, "left"),
    (Trait.CALL_CHANGES, "data changed"),
    (Trait.CALL_CLEARED, "cleared"),
    (Trait.CALL_ENDS, "ends"),
)


def _step_text(message: Message, subject: Subject) -> str:
    said = next((text for trait, text in _SAID if message.traits & trait), None)
    words = [said or in_words(message.name.removesuffix("_EVENT"))]
    if subject.acting:
        words.append(f"at {quoted(subject.acting)}")
    if subject.calling and subject.calling != subject.acting:
        words.append(f"from {quoted(subject.calling)}")
    if subject.called and subject.called != subject.acting:
        words.append(f"to {quoted(subject.called)}")
    if message.traits & Trait.CALL_QUEUED and subject.queues:
        words.append(f"in {', '.join(map(str, subject.queues))}")
    if subject.other_call is not None and subject.other_call != subject.call:
        words.append(f"with call {subject.other_call}")
    if subject.new_call is not None and subject.new_call != subject.call:
        words.append(f"new call {subject.new_call}")
    cause = subject.name_of("cause")
    if cause and subject.cause:
        words.append(f"({in_words(cause.removeprefix('CEC_'))})")
    return " ".join(words)
