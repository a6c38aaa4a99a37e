"""Calls: one story per call id, from the first word of it to the last.

An id belongs to one server and can come again: a call is over when its end was told to every client that heard of its
beginning, or a new beginning comes to a client that heard its end, or that names another caller. Stories are given a
little after the end, so that the last words to other clients still belong to them. The same news told to a bridge
client and to an agent's client is one step, with both sessions. A call of which nothing was heard for `patience` is
given as it stands.

Phases are those of the devices on the call (ringing, talking, held) and of the call itself (queued); see `legs`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

from ccxdissect.analysis.echoes import Echoes
from ccxdissect.analysis.legs import Legs, Phase, PhaseName, PhaseTimes, Unanswered
from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.subject import Subject, SubjectReader
from ccxdissect.bounded import Newest
from ccxdissect.protocol.codes import Sense
from ccxdissect.protocol.model import Kind, Mark, Message, Protocol, Trait
from ccxdissect.stream.events import Event, Record, SessionEnded
from ccxdissect.wording import SECOND, duration, plural
from ccxdissect.wording.names import in_words, quoted

#: How long after its end a call is kept for the echoes of it, in ns.
LINGER = 5 * SECOND
#: How long a call may be silent before it is given as it stands, in ns.
PATIENCE = 12 * 3600 * SECOND
#: Later than any time.
_NEVER = 1 << 100
_MERGES = Trait.CALL_JOINS | Trait.CALL_TRANSFERS
_NAMES_CALLER = Trait.CALL_RINGS | Trait.CALL_CONNECTS | Trait.CALL_DIALS
_LEAVES = Trait.PARTY_LEAVES | Trait.CALL_DIVERTS
#: The most steps, parties and sessions that one story keeps; further ones are counted only.
MOST_STEPS = 500
#: The most calls that are followed at once.
MOST_CALLS = 50_000


class Step(NamedTuple):
    """One thing that happened to a call, told to one or more sessions."""

    message: int
    time: int
    name: str
    device: str | None
    text: str
    sessions: tuple[int, ...]


class CallOutcome(str, Enum):
    """What became of a call."""

    ANSWERED = "answered"
    ABANDONED_QUEUED = "abandoned in queue"
    ABANDONED_RINGING = "abandoned while ringing"
    NOT_ANSWERED = "not answered"  #: it was offered to phones, none of which took it
    TRANSFERRED = "transferred"
    CONFERENCED = "conferenced"
    FAILED = "failed"
    RESERVED = "reservation over"  #: no call, but the time of an agent who is to make one
    UNATTENDED = "ended without an agent"  #: it never got as far as a phone or a queue
    OPEN = "open"  #: it was not over when the capture ended


@dataclass(slots=True, frozen=True)
class Link:
    """A further call that has to do with this one: `how` says what made the link."""

    call: int
    how: str


@dataclass(slots=True, eq=False, frozen=True)
class CallStory:
    """All that was told of one call. Times in ns.

    >>> import ccxdissect
    >>> with ccxdissect.open("samples/queued-call.pcapng") as trace:
    ...     story = next(trace.calls())
    >>> story.caller, story.called, story.outcome.value
    ('2005', '7000', 'transferred')
    """

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
    parties: tuple[str, ...] = ()
    queues: tuple[int, ...] = ()
    #: The agents of whom was told on it, in order; see `agents`.
    served_by: tuple[str, ...] = ()
    sessions: tuple[int, ...] = ()
    steps: tuple[Step, ...] = ()
    links: tuple[Link, ...] = ()
    #: Every phase of it, in the order of their beginnings; the devices that answered, each with the time; the phones that
    #: rang in vain; in which phase its caller left without an answer.
    phases: tuple[Phase, ...] = ()
    answers: tuple[tuple[str, int], ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    given_up_in: PhaseName | None = None
    #: Where it was transferred to, and who joined it in a conference.
    transferred_to: str | None = None
    conferenced_with: tuple[str, ...] = ()
    #: Which of the two came last.
    changed: CallOutcome | None = None
    #: Why it failed, in the constant's name; None when it did not.
    failed: str | None = None
    #: The call that it became part of, and how.
    joined_into: int | None = None
    joined_how: CallOutcome | None = None
    #: It only reserves an agent.
    reserves: bool = False
    #: The agent who made the call, when it was one.
    calling_agent: str | None = None
    #: Whose phones they are, as far as known.
    agent_at: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    messages: int = 0
    steps_left_out: int = 0
    _times: PhaseTimes | None = field(default=None, init=False, repr=False)

    @property
    def duration(self) -> int:
        """From the first word to the last, in ns."""
        return self.end - self.start

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents to whom the call came; of a call that came to none, the one who made it."""
        served = tuple(agent for agent in self.served_by if agent != self.calling_agent)
        return served or ((self.calling_agent,) if self.calling_agent is not None else ())

    @property
    def times(self) -> PhaseTimes:
        """For how long who was in each phase."""
        times = self._times
        if times is None:
            times = PhaseTimes(self.phases, self.end)
            object.__setattr__(self, "_times", times)
        return times

    def time_in(self, name: PhaseName, device: str | None = None) -> int:
        """For how many ns at least one device (the call itself, or this `device`) was in a phase."""
        return self.times[device, name]

    @property
    def answered_by(self) -> tuple[str, ...]:
        """The devices that answered it, in order."""
        return tuple(dict.fromkeys(device for device, _ in self.answers))

    @property
    def outcome(self) -> CallOutcome:
        """What became of it. An answer counts for more than what was tried before it."""
        if not self.ended and self.joined_into is None:
            return CallOutcome.OPEN
        if self.reserves:
            return CallOutcome.RESERVED
        if self.changed is not None:
            return self.changed
        if self.answers:
            return CallOutcome.ANSWERED
        if self.joined_how is not None:
            return self.joined_how
        if self.failed is not None:
            return CallOutcome.FAILED
        if self.given_up_in is PhaseName.QUEUED:
            return CallOutcome.ABANDONED_QUEUED
        if self.given_up_in is PhaseName.RINGING:
            return CallOutcome.ABANDONED_RINGING
        if self.unanswered:
            return CallOutcome.NOT_ANSWERED
        talked = any(phase.name is PhaseName.TALKING for phase in self.phases)
        return CallOutcome.ANSWERED if talked else CallOutcome.UNATTENDED

    def line(self) -> str:
        """The call in one readable line."""
        kind = in_words(self.call_type) + " call" if self.call_type else "call"
        parts = [f"{kind} {self.call}"]
        if self.caller:
            parts[0] += f" from {quoted(self.caller)}"
        if self.called:
            parts[0] += f" to {quoted(self.called)}"
        if self.queues:
            parts.append(f"queue {', '.join(map(str, self.queues))}")
        times = self.times
        for name in PhaseName:
            time = times[None, name]
            if time:
                parts.append(f"{name.value} {duration(time)}")
        if self.agents:
            parts.append(f"agent {', '.join(quoted(agent) for agent in self.agents)}")
        parts += [f"{link.how} {link.call}" for link in self.links]
        parts += self._unanswered()
        parts.append(f"{self._outcome()} after {duration(self.duration)}")
        return "; ".join(parts)

    def _unanswered(self) -> list[str]:
        answered = set(self.answered_by)
        return [
            f"not answered by {self._who(rang.device)} in {duration(rang.end - rang.start)}"
            for rang in self.unanswered
            if rang.sent_back or (rang.device not in answered and self.outcome is CallOutcome.NOT_ANSWERED)
        ]

    def _who(self, device: str) -> str:
        return quoted(self.agent_at.get(device) or device)

    def _outcome(self) -> str:
        outcome = self.outcome
        by = ", ".join(self._who(device) for device in self.answered_by)
        if outcome is CallOutcome.ANSWERED:
            over = "over" if self.joined_into is None else f"part of {self.joined_into}"
            return f"answered by {by}, {over}" if by else over
        answered = f"answered by {by}, " if by else ""
        if outcome is CallOutcome.TRANSFERRED:
            to = f" to {self._who(self.transferred_to)}" if self.transferred_to is not None else ""
            return f"{answered}transferred{to}, over"
        if outcome is CallOutcome.CONFERENCED:
            other = " and ".join(self._who(device) for device in self.conferenced_with)
            return f"{answered}conferenced{' with ' + other if other else ''}, over"
        if outcome is CallOutcome.FAILED:
            why = f" ({in_words(self.failed or '')})" if self.failed else ""
            return f"failed{why}"
        if outcome is CallOutcome.OPEN:
            return f"{answered}not over"
        return outcome.value

    def lines(self) -> list[str]:
        """The whole story: the line, then one line a step with its time since the beginning."""
        told = [self.line()]
        for step in self.steps:
            where = f"  [sessions {', '.join(map(str, step.sessions))}]" if len(step.sessions) > 1 else ""
            told.append(f"  {(step.time - self.start) / SECOND:10.3f} s  {step.text}{where}")
        if self.steps_left_out:
            told.append(f"  ... and {plural(self.steps_left_out, 'further step')}")
        return told


class Dialed(IntEnum):
    """How sure it is that a number is the one that was dialed: data of a call may be those of the one before it."""

    NOT_SAID = 0
    SERVICE_NUMBER = 1
    DATA = 2
    CALLED = 3
    ASKED_FOR = 4


class _Following:
    """A call that is followed: what is known of it so far (see `CallStory`), and who heard of its beginning and its end."""

    __slots__ = (
        "agent_at", "begun", "call", "call_type", "called", "caller", "calling_agent", "changed", "cleared",
        "conferenced_with", "device", "dialed", "end", "ended", "ended_at", "failed", "heard_begin", "heard_end",
        "joined_how", "joined_into", "legs", "links", "messages", "parties", "queues", "reserves", "served_by", "server",
        "sessions", "start", "steps", "steps_left_out", "transferred_to",
    )  # fmt: skip

    def __init__(self, call: int, server: str, time: int) -> None:
        self.call = call
        self.server = server
        self.start = self.end = time
        self.begun = self.ended = self.reserves = False
        self.call_type: str | None = None
        self.caller: str | None = None
        self.called: str | None = None
        self.device: str | None = None
        self.parties: list[str] = []
        self.queues: list[int] = []
        self.served_by: list[str] = []
        self.sessions: list[int] = []
        self.steps: list[Step] = []
        self.links: list[Link] = []
        self.legs = Legs(start=time)
        self.transferred_to: str | None = None
        self.conferenced_with: list[str] = []
        self.changed: CallOutcome | None = None
        self.failed: str | None = None
        self.joined_into: int | None = None
        self.joined_how: CallOutcome | None = None
        self.calling_agent: str | None = None
        self.agent_at: dict[str, str] = {}
        self.messages = 0
        self.steps_left_out = 0
        self.heard_begin: set[int] = set()
        self.heard_end: set[int] = set()
        self.cleared = False
        self.ended_at: int | None = None
        self.dialed = Dialed.NOT_SAID

    def told(self) -> CallStory:
        """The call's story as it is known by now."""
        legs = self.legs
        return CallStory(
            self.call,
            self.server,
            self.start,
            self.end,
            self.begun,
            self.ended,
            self.call_type,
            self.caller,
            self.called,
            self.device,
            parties=tuple(self.parties),
            queues=tuple(self.queues),
            served_by=tuple(self.served_by),
            sessions=tuple(self.sessions),
            steps=tuple(self.steps),
            links=tuple(self.links),
            phases=legs.phases,
            answers=tuple(legs.answers),
            unanswered=tuple(legs.unanswered),
            given_up_in=legs.given_up_in,
            transferred_to=self.transferred_to,
            conferenced_with=tuple(self.conferenced_with),
            changed=self.changed,
            failed=self.failed,
            joined_into=self.joined_into,
            joined_how=self.joined_how,
            reserves=self.reserves,
            calling_agent=self.calling_agent,
            agent_at=MappingProxyType(dict(self.agent_at)),
            messages=self.messages,
            steps_left_out=self.steps_left_out,
        )

    def hears(self, place: int, session: int) -> None:
        """A session was told of a step, too."""
        step = self.steps[place]
        if session not in step.sessions:
            self.steps[place] = step._replace(sessions=(*step.sessions, session))

    def to(self, number: str | None, how: Dialed) -> None:
        """A number that may be the one dialed: the surest counts, of equals the first."""
        if number and how > self.dialed:
            self.called, self.dialed = number, how


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
        self._open: Newest[Key, _Following] = Newest(MOST_CALLS)
        self._over: OrderedDict[Key, _Following] = OrderedDict()
        #: Requests for a new call: the call that they are about, and the number that they dial.
        self._asked: dict[tuple[int, int], tuple[int | None, str | None]] = {}
        #: What sessions see: every call, or those of their own phones.
        self._bridges: set[int] = set()
        self._own: dict[int, tuple[str, ...]] = {}
        #: Devices of which was said that nobody sits there. Bounded.
        self._ports: Newest[tuple[str, str], None] = Newest(MOST_CALLS)
        #: Up to this time (ns) no call is over by time alone; 0 where that is to be looked at.
        self._due = 0

    def feed(self, event: Event) -> list[CallStory]:
        """Take the next event; give the stories of the calls that are over."""
        if isinstance(event, SessionEnded):
            for asked in [key for key in self._asked if key[0] == event.session.number]:
                del self._asked[asked]
            self._bridges.discard(event.session.number)
            self._own.pop(event.session.number, None)
            return []
        if not isinstance(event, Record):
            return []
        told = self._expire(event.time) if event.time > self._due else []
        message = event.decoded.message
        if message is not None:
            subject = self._reader.of(event.decoded)
            self._phones.learn(event.session.server, subject)
            if message.traits & Trait.OPENS:
                self._learn_session(event.session.number, subject)
            self._link_made(event, message, subject)
            if subject.call is not None:
                self._about(event, message, subject, subject.call, told)
        return told

    def elsewhere(self, event: Event) -> list[CallStory]:
        """Take an event of a session that is not looked at here: by it, time passes."""
        return self._expire(event.time) if isinstance(event, Record) and event.time > self._due else []

    @property
    def due(self) -> int:
        """Up to this time (ns) no call is over by time alone."""
        return self._due

    def concerns(self, message: Message, protocol: Protocol) -> bool:
        """Whether messages of a type may change anything here besides the time."""
        if message.traits & (Trait.OPENS | Trait.MAKES_CALL) or message.marked(Mark.CALL):
            return True
        if message.kind is not Kind.REQUEST and message.marked(Mark.INVOKE_ID):
            return True
        return bool(message.marked(Mark.AGENT) and message.marked(Mark.EXTENSION | Mark.INSTRUMENT))

    def advance(self, now: int) -> list[CallStory]:
        """Let time pass without a message, to `now` (ns): give the stories of the calls that are over by that."""
        return self._expire(now)

    @property
    def open_count(self) -> int:
        """How many calls are not over."""
        return len(self._open)

    def newest(self, most: int) -> list[CallStory]:
        """The stories so far of the calls that are not over, at most so many, the one heard of last first."""
        return [following.told() for following in islice(reversed(self._open.values()), most)]

    def flush(self) -> Iterator[CallStory]:
        """Nothing more will come: give the stories of the calls that have not ended, by their beginning."""
        left = [*self._over.values(), *self._open.values()]
        for following in sorted(left, key=lambda following: following.start):
            yield following.told()
        self._open.clear()
        self._over.clear()
        self._asked.clear()
        self._bridges.clear()
        self._own.clear()
        self._due = 0

    def _learn_session(self, session: int, subject: Subject) -> None:
        senses = subject.senses("services")
        if Sense.BRIDGE_MODE in senses:
            self._bridges.add(session)
        elif Sense.AGENT_MODE in senses and subject.phones:
            self._own[session] = subject.phones

    def _about(self, record: Record, message: Message, subject: Subject, call: int, told: list[CallStory]) -> None:
        key = (record.session.server, call)
        event = message.kind is Kind.EVENT
        following = self._open.get(key) or self._over.get(key)
        begins = event and bool(message.traits & Trait.CALL_BEGINS)
        if following is not None and begins and _another_call(following, record, subject):
            self._open.pop(key, None)
            self._over.pop(key, None)
            self._due = 0
            told.append(following.told())
            following = None
        if following is None:
            following = _Following(call, record.session.server, record.time)
            forgotten = self._open.keep(key, following)
            self._due = min(self._due, record.time + self.patience)
            if forgotten is not None:
                told.append(forgotten.told())
                self._due = 0
        elif key in self._open and len(self._open) > 1:
            if key == next(iter(self._open)):
                self._due = 0
            self._open.move_to_end(key)
        following.messages += 1
        if key in self._open:
            following.end = max(following.end, record.time)
        if record.session.number not in following.sessions and len(following.sessions) < MOST_STEPS:
            following.sessions.append(record.session.number)
        if event:
            self._learn(following, record, subject)
            self._event(key, following, record, message, subject)

    def _learn(self, story: _Following, record: Record, subject: Subject) -> None:
        if story.device is None:
            story.device = subject.connection
        if story.caller is None:
            story.caller = story.legs.caller = subject.calling
        name = subject.name_of("call_type")
        if story.call_type is None and name is not None and subject.call_type:
            story.call_type = name
            story.reserves = Sense.RESERVES in subject.senses("call_type")
        for queue in subject.queues:
            if queue not in story.queues and len(story.queues) < MOST_STEPS:
                story.queues.append(queue)
        for party in (subject.calling, subject.acting):
            if party and party not in story.parties and len(story.parties) < MOST_STEPS:
                story.parties.append(party)
            agent = self._phones.agent_at(record.session.server, party)
            if party and agent is not None:
                story.agent_at.setdefault(party, agent)
                if party == story.caller:
                    story.calling_agent = agent
                elif party == subject.acting:
                    self._serves(story, agent)
        if subject.agent is not None:
            self._serves(story, subject.agent)

    @staticmethod
    def _serves(story: _Following, agent: str) -> None:
        if agent not in story.served_by and len(story.served_by) < MOST_STEPS:
            story.served_by.append(agent)

    def _event(self, key: Key, following: _Following, record: Record, message: Message, subject: Subject) -> None:
        traits, session = message.traits, record.session.number
        further = bool(traits & Trait.CALL_BEGINS and following.begun and session not in following.heard_begin)
        if traits & Trait.CALL_BEGINS:
            following.heard_begin.add(session)
            following.legs.whole = following.legs.whole or not following.steps
            following.begun = True
        following.cleared = following.cleared or bool(traits & Trait.CALL_CLEARED)
        if traits & Trait.CALL_ENDS:
            self._end(key, following, record)
        elif self._echoes.is_echo(record, subject):
            steps = following.steps
            for place in range(len(steps) - 1, -1, -1):
                if steps[place].name == record.name and steps[place].device == subject.acting:
                    following.hears(place, session)
                    break
        else:
            self._add(
                following,
                record,
                subject.acting,
                f"told to session {session} too" if further else _step_text(message, subject),
            )
            _number(following, traits, subject)
            self._move(key, following, record, traits, subject)
            self._link(key, message, subject)
            if traits & Trait.CALL_CLEARED and key in self._open:
                self._close(key, following, record.time)

    @staticmethod
    def _add(story: _Following, record: Record, device: str | None, text: str) -> None:
        if len(story.steps) < MOST_STEPS:
            story.steps.append(Step(record.number, record.time, record.name, device, text, (record.session.number,)))
        else:
            story.steps_left_out += 1

    def _end(self, key: Key, following: _Following, record: Record) -> None:
        """A client hears the end of a call when its own device leaves, though the call may go on for others."""
        session = record.session.number
        following.heard_end.add(session)
        over = following.cleared or session in self._bridges or following.heard_begin <= following.heard_end
        steps = following.steps
        if not steps or steps[-1].name != record.name:
            self._add(following, record, None, "")
        else:
            following.hears(-1, session)
        last = steps[-1]
        if last.name == record.name:
            all_of_it = over or following.cleared
            text = "ends" if all_of_it else f"over for session {' and '.join(map(str, last.sessions))}"
            steps[-1] = last._replace(text=text)
        if not over:
            for phone in self._own.get(session, ()):
                following.legs.leaves(phone, record.time, sent_back=True)
        elif key in self._open:
            self._close(key, following, record.time)

    def _close(self, key: Key, following: _Following, time: int) -> None:
        following.end = max(following.end, time)
        following.ended = True
        following.legs.ends(time)
        del self._open[key]
        following.ended_at = time
        self._over[key] = following
        self._due = 0

    def _link(self, key: Key, message: Message, subject: Subject) -> None:
        server, call = key
        traits = message.traits
        if traits & _MERGES:
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
                links = following.links
                if len(links) < MOST_STEPS and not any(link.call == linked and link.how == text for link in links):
                    links.append(Link(linked, text))

    def _link_made(self, record: Record, message: Message, subject: Subject) -> None:
        """A request about one call whose confirmation brings another: a consult call, for one."""
        if subject.invoke_id is None:
            return
        key = (record.session.number, subject.invoke_id)
        if message.kind is Kind.REQUEST:
            if message.traits & Trait.MAKES_CALL and len(self._asked) < MOST_CALLS:
                self._asked[key] = (subject.call, subject.dialed)
            return
        if key not in self._asked:
            return
        asked, dialed = self._asked.pop(key)
        made = subject.new_call if subject.new_call is not None else subject.call
        if made is not None and made != asked:
            following = self._open.get((record.session.server, made))
            if following is None:
                following = _Following(made, record.session.server, record.time)
                self._open[record.session.server, made] = following
                self._due = 0
            following.to(dialed, Dialed.ASKED_FOR)
            if asked is not None:
                self._connect(record.session.server, asked, made, "led to", "made from")

    def _port(self, server: str, device: str) -> None:
        self._ports.keep((server, device), None)

    def _move(self, key: Key, following: _Following, record: Record, traits: int, subject: Subject) -> None:
        """Devices, and the call itself, go from phase to phase."""
        legs = following.legs
        server, time = record.session.server, record.time
        device = subject.acting or subject.connection
        kind = subject.senses("acting_type")
        if subject.acting is not None and Sense.UNATTENDED in kind:
            self._port(server, subject.acting)
        elif subject.acting is not None and Sense.ATTENDED in kind:
            legs.attended(subject.acting)
        if device is not None and (server, device) in self._ports:
            legs.unattended(device)
        if traits & Trait.CALL_QUEUED:
            legs.queues(
                time, [phone for phone in following.parties if self._phones.agent_at(server, phone) is not None]
            )
            if legs.answers and following.transferred_to is None:
                following.transferred_to = f"queue {subject.queues[0]}" if subject.queues else "a queue"
                following.changed = CallOutcome.TRANSFERRED
        elif traits & Trait.CALL_DEQUEUED:
            legs.dequeues(time)
        elif traits & _MERGES:
            self._join(key, following, record, traits, subject)
        elif traits & Trait.CALL_CLEARED:
            legs.ends(time)
        elif device is not None:
            if traits & _NAMES_CALLER and subject.calling:
                legs.caller = following.caller if legs.present(following.caller or "") else subject.calling
            self._device(following, device, traits, subject, time)

    @staticmethod
    def _device(story: _Following, device: str, traits: int, subject: Subject, time: int) -> None:
        legs = story.legs
        if traits & Trait.CALL_DIALS:
            legs.dials(device, time)
        elif traits & Trait.CALL_RINGS:
            if device == story.called and legs.connected and not legs.was_on(device):
                # What was dialed was reached already: this news is late.
                return
            gone = bool(legs.answers) and legs.present(device) is None and not legs.talks
            sender = subject.redirected
            if (
                gone
                or any(device == sender for device, _ in legs.answers)
                or (legs.answers and sender is not None and sender == legs.caller)
            ):
                story.transferred_to, story.changed = device, CallOutcome.TRANSFERRED
            legs.rings(device, time, subject.redirected)
        elif traits & Trait.CALL_CONNECTS:
            legs.connects(device, subject.calling, time)
        elif traits & Trait.CALL_HOLDS:
            legs.holds(device, time)
        elif traits & Trait.CALL_RETRIEVED:
            legs.retrieves(device, time)
        elif traits & Trait.CALL_FAILS:
            story.failed = subject.name_of("cause") or ""
            legs.leaves(device, time, sent_back=True)
        elif traits & _LEAVES:
            legs.leaves(device, time, sent_back=bool(traits & Trait.CALL_DIVERTS))

    def _join(self, key: Key, following: _Following, record: Record, traits: int, subject: Subject) -> None:
        """Two calls become one: the first of them, or a third one."""
        server, call = key
        target = subject.new_call if subject.new_call is not None else call
        joined = self._open.get((server, target))
        if joined is None:
            joined = self._open[server, target] = _Following(target, server, record.time)
            self._due = 0
            joined.caller = joined.legs.caller = following.caller
            joined.called, joined.call_type = following.called, following.call_type
            joined.dialed = following.dialed
        parts = [following]
        other = self._open.get((server, subject.other_call)) if subject.other_call is not None else None
        if other is not None and other is not following:
            parts.append(other)
        transfers = bool(traits & Trait.CALL_TRANSFERS)
        how = CallOutcome.TRANSFERRED if transfers else CallOutcome.CONFERENCED
        # Whom the second call had reached: the news of the joining need not say it.
        reached = [device for device in (other.legs.devices if other is not None else ()) if device != subject.acting]
        joined.legs.joins(
            subject.connected_parties,
            [part.legs for part in parts],
            subject.acting,
            transfers,
            record.time,
        )
        for story in {id(part): part for part in (following, joined)}.values():
            who = [*subject.joining, *(reached if not subject.joining else ())]
            story.changed = how
            if transfers and who:
                story.transferred_to = who[0]
            elif not transfers:
                story.conferenced_with += [device for device in who if device not in story.conferenced_with]
        for part in parts:
            for agent in part.served_by:
                self._serves(joined, agent)
            joined.agent_at.update(part.agent_at)
            if part is not joined:
                part.joined_into, part.joined_how = target, how
                part.end = max(part.end, record.time)

    def _expire(self, time: int) -> list[CallStory]:
        told: list[CallStory] = []
        while self._over:
            first = next(iter(self._over.values()))
            if time - (first.ended_at or 0) <= LINGER:
                break
            told.append(self._over.popitem(last=False)[1].told())
        while self._open:
            first = next(iter(self._open.values()))
            if time - first.end <= self.patience:
                break
            told.append(self._open.popitem(last=False)[1].told())
        self._due = _NEVER
        if self._over:
            self._due = (next(iter(self._over.values())).ended_at or 0) + LINGER
        if self._open:
            self._due = min(self._due, next(iter(self._open.values())).end + self.patience)
        return told


def _another_call(following: _Following, record: Record, subject: Subject) -> bool:
    """Whether the beginning of a call with a known id is that of a further call with the same id."""
    session = record.session.number
    if session in following.heard_end:
        # Over for this client only: to an agent who did not answer, the same call may come once more.
        if following.ended or not subject.calling or subject.calling != following.caller:
            return True
        following.heard_end.discard(session)
        return False
    if session in following.heard_begin:
        return bool(subject.calling and following.caller and subject.calling != following.caller)
    return False


def _number(following: _Following, traits: int, subject: Subject) -> None:
    """Which number was dialed: what a device called, before what the data of the call say."""
    if subject.called not in (subject.dialed, subject.service_number) or not traits & Trait.CALL_BEGINS:
        following.to(subject.called, Dialed.CALLED)
    following.to(subject.dialed, Dialed.DATA)
    following.to(subject.service_number, Dialed.SERVICE_NUMBER)


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
        words.append(f"({in_words(cause)})")
    return " ".join(words)
