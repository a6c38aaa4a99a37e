"""A call that is followed: what is known of it so far, and what each piece of news changes."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from ccxdissect.analysis.call_news import CallNews
from ccxdissect.analysis.call_stories import CallOutcome, CallStory, Link, Step
from ccxdissect.analysis.legs import Legs, Presence
from ccxdissect.analysis.subject import Subject
from ccxdissect.protocol.codes import Sense
from ccxdissect.protocol.model import Trait

#: The most steps, parties and sessions that one story keeps; further ones are counted only.
MOST_STEPS = 500
#: Makes a step of a tuple, without a call of Python's.
_NEW = tuple.__new__


class Dialed(IntEnum):
    """How sure it is that a number is the one that was dialed: data of a call may be those of the one before it."""

    NOT_SAID = 0
    SERVICE_NUMBER = 1
    DATA = 2
    CALLED = 3
    ASKED_FOR = 4


#: From here on nothing that an event says is surer.
_SURE = Dialed.CALLED


class Around(NamedTuple):
    """What was told elsewhere that a piece of news of a call depends on."""

    #: It was told to another session already.
    again: bool = False
    #: At the device that it is about nobody sits.
    port: bool = False
    #: The agents at the phone that calls, and at the one that acts.
    calling_agent: str | None = None
    acting_agent: str | None = None
    #: Of the end of a call: whether the session sees every call; else its own phones.
    bridge: bool = False
    own: tuple[str, ...] = ()
    #: Of queueing: devices that are phones of agents.
    phones: tuple[str, ...] = ()


class Renaming(NamedTuple):
    """What stands for each text, time (ns), message number, session and queue of a call. A text may hold several."""

    text: Callable[[str], str]
    time: Callable[[int], int]
    message: Callable[[int], int]
    session: Callable[[int], int]
    queue: Callable[[int], int]

    def any(self, text: str | None) -> str | None:
        """What stands for a text, if there is one."""
        return None if text is None else self.text(text)


def _same(name: Any) -> Any:
    return name


#: No other names.
AS_IT_IS = Renaming(_same, _same, _same, _same, _same)


class Following:
    """A call that is followed: what is known of it so far (see `CallStory`), and who heard of its beginning and its end."""

    __slots__ = (
        "agent_at", "begun", "call", "call_type", "called", "caller", "calling_agent", "changed", "cleared",
        "conferenced_with", "device", "dialed", "end", "ended", "ended_at", "failed", "heard_begin", "heard_end",
        "joined_how", "joined_into", "legs", "links", "messages", "parties", "queues", "reserves", "served_by", "server",
        "sessions", "start", "steps", "steps_left_out", "transferred_to", "unheard",
    )  # fmt: skip

    def __init__(self, call: int, server: str, time: int) -> None:
        self.call = call
        self.server = server
        self.start = self.end = time
        self.begun = self.ended = self.reserves = self.unheard = False
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
            unheard=self.unheard,
            calling_agent=self.calling_agent,
            agent_at=MappingProxyType(dict(self.agent_at)),
            messages=self.messages,
            steps_left_out=self.steps_left_out,
        )

    def renamed(self, names: Renaming) -> Following:
        """A call that went just as this one, told in other names."""
        text, time = names.text, names.time
        other = Following(self.call, self.server, time(self.start))
        other.end = time(self.end)
        other.begun, other.ended, other.reserves, other.cleared = self.begun, self.ended, self.reserves, self.cleared
        other.call_type, other.failed, other.dialed = self.call_type, self.failed, self.dialed
        other.unheard = self.unheard
        other.changed, other.joined_into, other.joined_how = self.changed, self.joined_into, self.joined_how
        other.caller, other.called, other.device = (
            names.any(self.caller),
            names.any(self.called),
            names.any(self.device),
        )
        other.transferred_to, other.calling_agent = names.any(self.transferred_to), names.any(self.calling_agent)
        other.parties = [text(party) for party in self.parties]
        other.queues = [names.queue(queue) for queue in self.queues]
        other.served_by = [text(agent) for agent in self.served_by]
        other.sessions = [names.session(session) for session in self.sessions]
        other.conferenced_with = [text(device) for device in self.conferenced_with]
        other.agent_at = {text(phone): text(agent) for phone, agent in self.agent_at.items()}
        other.heard_begin = {names.session(session) for session in self.heard_begin}
        other.heard_end = {names.session(session) for session in self.heard_end}
        other.ended_at = None if self.ended_at is None else time(self.ended_at)
        other.messages, other.steps_left_out, other.links = self.messages, self.steps_left_out, self.links.copy()
        other.legs = self.legs.renamed(text, time, names.queue)
        for message, when, name, device, said, sessions in self.steps:
            told = tuple(names.session(session) for session in sessions)
            other.steps.append(Step(names.message(message), time(when), name, names.any(device), text(said), told))
        return other

    def takes(self, message: int, time: int, session: int, news: CallNews, subject: Subject, around: Around) -> bool:
        """An event about it was told to a session by the message of that number. Gives whether something happened that was not told
        before, other than its end: calls that join are left to who knows them all."""
        self.learn(subject, around)
        further = False
        if news.begins:
            further = self.begun and session not in self.heard_begin
            self.heard_begin.add(session)
            self.legs.whole = self.legs.whole or not self.steps
            self.begun = True
        if news.clears:
            self.cleared = True
        if news.ends:
            self._ends(message, time, session, news, around)
            return False
        if around.again:
            steps = self.steps
            for place in range(len(steps) - 1, -1, -1):
                if steps[place].name == news.name and steps[place].device == subject.acting:
                    self.hears(place, session)
                    break
            return False
        text = f"told to session {session} too" if further else news.text(subject)
        self.add(message, time, news.name, subject.acting, text, session)
        self.dialed_by(subject, news.begins)
        self._moves(time, news, subject, around)
        if news.clears and not news.merges:
            self.closes(time)
        return True

    def closes(self, time: int, elsewhere: bool = False) -> None:
        """It is over for everybody, if it was not before; or for all who are told of it, and may go on `elsewhere`."""
        if self.ended_at is None:
            self.end = max(self.end, time)
            self.ended = True
            self.legs.ends(time, elsewhere=elsewhere)
            self.ended_at = time

    def _ends(self, message: int, time: int, session: int, news: CallNews, around: Around) -> None:
        """A client hears the end of a call when its own device leaves, though the call may go on for others."""
        self.heard_end.add(session)
        over = self.cleared or around.bridge or self.heard_begin <= self.heard_end
        steps = self.steps
        if not steps or steps[-1].name != news.name:
            self.add(message, time, news.name, None, "", session)
        else:
            self.hears(-1, session)
        last = steps[-1]
        if last.name == news.name:
            text = "ends" if over else f"over for session {' and '.join(map(str, last.sessions))}"
            steps[-1] = last._replace(text=text)
        legs = self.legs
        # The end for a client's own phone alone is none of the call, unless that phone calls, or its caller has left.
        elsewhere = not (self.cleared or around.bridge or legs.caller_left or self.caller in around.own)
        if not over or (elsewhere and self.ended_at is None):
            for phone in around.own:
                legs.leaves(phone, time, sent_back=True)
        if over:
            if elsewhere and self.ended_at is None and not legs.answers:
                self.unheard = True
            self.closes(time, elsewhere)

    def _moves(self, time: int, news: CallNews, subject: Subject, around: Around) -> None:
        """Devices, and the call itself, go from phase to phase."""
        legs = self.legs
        device = subject.acting or subject.connection
        if subject.acting is not None and subject.acting_type is not None:
            kind = subject.senses("acting_type")
            if Sense.ATTENDED in kind and Sense.UNATTENDED not in kind:
                legs.attended(subject.acting)
        if device is not None and around.port:
            legs.unattended(device)
        if news.queues:
            legs.queues(time, [phone for phone in around.phones if phone in self.parties], subject.queues)
            self.failed = None
            if legs.answers and self.transferred_to is None:
                self.transferred_to = f"queue {subject.queues[0]}" if subject.queues else "a queue"
                self.changed = CallOutcome.TRANSFERRED
        elif news.dequeues:
            legs.dequeues(time, subject.queues)
        elif news.merges:
            pass
        elif news.clears:
            legs.ends(time)
        elif device is not None:
            if news.names_caller and subject.calling:
                legs.caller = self.caller if legs.present(self.caller or "") else subject.calling
            if news.at_device is not None:
                _AT_DEVICE[news.at_device](self, device, subject, time)

    def learn(self, subject: Subject, around: Around) -> None:
        """Learn who and what the call is about, as far as an event says."""
        calling, acting = subject.calling, subject.acting
        if self.device is None:
            self.device = subject.connection
        if self.caller is None:
            self.caller = self.legs.caller = calling
        if self.call_type is None and subject.call_type:
            name = subject.name_of("call_type")
            if name is not None:
                self.call_type = name
                self.reserves = Sense.RESERVES in subject.senses("call_type")
        for queue in subject.queues:
            if queue not in self.queues and len(self.queues) < MOST_STEPS:
                self.queues.append(queue)
        if calling:
            self._party(calling, around.calling_agent, acting)
        if acting and acting != calling:
            self._party(acting, around.acting_agent, acting)
        if subject.agent is not None:
            self.serves(subject.agent)

    def _party(self, party: str, agent: str | None, acting: str | None) -> None:
        if party not in self.parties and len(self.parties) < MOST_STEPS:
            self.parties.append(party)
        if agent is not None:
            self.agent_at.setdefault(party, agent)
            if party == self.caller:
                self.calling_agent = agent
            elif party == acting:
                self.serves(agent)

    def serves(self, agent: str) -> None:
        """An agent was told of on it."""
        if agent not in self.served_by and len(self.served_by) < MOST_STEPS:
            self.served_by.append(agent)

    def add(self, message: int, time: int, name: str, device: str | None, text: str, session: int) -> None:
        """Something happened, of which a session was told by the message of that number and name."""
        if len(self.steps) < MOST_STEPS:
            self.steps.append(_NEW(Step, (message, time, name, device, text, (session,))))
        else:
            self.steps_left_out += 1

    def hears(self, place: int, session: int) -> None:
        """A session was told of a step, too."""
        step = self.steps[place]
        if session not in step.sessions:
            self.steps[place] = step._replace(sessions=(*step.sessions, session))

    def to(self, number: str | None, how: Dialed) -> None:
        """A number that may be the one dialed: the surest counts, of equals the first."""
        if number and how > self.dialed:
            self.called, self.dialed = number, how

    def dialed_by(self, subject: Subject, begins: bool) -> None:
        """Which number was dialed, as far as an event says (`begins`: that of its beginning): what a device called, before what
        the data of the call say."""
        if self.dialed >= _SURE:
            return
        if subject.called not in (subject.dialed, subject.service_number) or not begins:
            self.to(subject.called, Dialed.CALLED)
        if subject.dialed:
            self.to(subject.dialed, Dialed.DATA)
        if subject.service_number:
            self.to(subject.service_number, Dialed.SERVICE_NUMBER)

    def alone(self) -> Following:
        """The same call, followed by itself: it is."""
        return self

    def knows(self, session: int) -> bool:
        """Whether a session may have heard of its beginning, or its end."""
        return True

    def begins_again(self, session: int, subject: Subject) -> bool:
        """Whether the beginning of a call with this id is that of a further call with the same id."""
        if session in self.heard_end:
            # Over for this client only: to an agent who did not answer, the same call may come once more.
            if self.ended or not subject.calling or subject.calling != self.caller:
                return True
            self.heard_end.discard(session)
            return False
        if session in self.heard_begin:
            return bool(subject.calling and self.caller and subject.calling != self.caller)
        return False

    # -- what devices do ------------------------------------------------------------------------------------------------

    def dials(self, device: str, subject: Subject, time: int) -> None:
        """A device goes off-hook."""
        self.legs.dials(device, time)

    def rings(self, device: str, subject: Subject, time: int) -> None:
        """A phone rings."""
        legs = self.legs
        sender = subject.redirected
        answers = legs.answers
        sent_on = any(answered == sender for answered, _ in answers)
        if device == self.called and legs.connected and not legs.was_on(device) and not sent_on:
            # What was dialed was reached already: this news is late. Whom it was forwarded to may send it back, though.
            return
        if answers:
            gone = legs.present(device) is None and not legs.talks
            back = sender is not None and sender == legs.caller
            if gone or back or sent_on:
                self.transferred_to, self.changed = device, CallOutcome.TRANSFERRED
        legs.rings(device, time, sender)
        if legs.present(device) is Presence.RINGING:
            self.failed = None

    def connects(self, device: str, subject: Subject, time: int) -> None:
        """A device answers."""
        self.legs.connects(device, subject.calling, time)

    def holds(self, device: str, subject: Subject, time: int) -> None:
        """A device puts the call on hold."""
        self.legs.holds(device, time)

    def retrieves(self, device: str, subject: Subject, time: int) -> None:
        """A device takes the call back."""
        self.legs.retrieves(device, time)

    def fails(self, device: str, subject: Subject, time: int) -> None:
        """The call fails at a device."""
        self.failed = subject.name_of("cause") or ""
        self.legs.leaves(device, time, sent_back=True)

    def leaves(self, device: str, subject: Subject, time: int) -> None:
        """A device is off the call."""
        self.legs.leaves(device, time)

    def sent_on(self, device: str, subject: Subject, time: int) -> None:
        """The call is sent on from a device."""
        self.legs.leaves(device, time, sent_back=True)


#: What becomes of a device.
_AT_DEVICE: dict[Trait, Callable[[Following, str, Subject, int], None]] = {
    Trait.CALL_DIALS: Following.dials,
    Trait.CALL_RINGS: Following.rings,
    Trait.CALL_CONNECTS: Following.connects,
    Trait.CALL_HOLDS: Following.holds,
    Trait.CALL_RETRIEVED: Following.retrieves,
    Trait.CALL_FAILS: Following.fails,
    Trait.CALL_DIVERTS: Following.sent_on,
    Trait.PARTY_LEAVES: Following.leaves,
}
