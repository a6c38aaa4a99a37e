"""A call that is followed: what is known of it so far, and what each piece of news changes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from ccxdissect.analysis.call_stories import CallOutcome, CallStory, Link, Step
from ccxdissect.analysis.legs import Legs
from ccxdissect.analysis.subject import Subject
from ccxdissect.protocol.codes import Sense

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


class Following:
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

    def learn(self, server: str, subject: Subject, agents: Mapping[tuple[str, str], str]) -> None:
        """Learn who and what the call is about, as far as an event says. `agents`: by server and phone."""
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
        for party in (calling, acting) if acting != calling else (calling,):
            if not party:
                continue
            if party not in self.parties and len(self.parties) < MOST_STEPS:
                self.parties.append(party)
            agent = agents.get((server, party))
            if agent is not None:
                self.agent_at.setdefault(party, agent)
                if party == self.caller:
                    self.calling_agent = agent
                elif party == acting:
                    self.serves(agent)
        if subject.agent is not None:
            self.serves(subject.agent)

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
        if device == self.called and legs.connected and not legs.was_on(device):
            # What was dialed was reached already: this news is late.
            return
        answers = legs.answers
        if answers:
            gone = legs.present(device) is None and not legs.talks
            back = sender is not None and sender == legs.caller
            if gone or back or any(answered == sender for answered, _ in answers):
                self.transferred_to, self.changed = device, CallOutcome.TRANSFERRED
        legs.rings(device, time, sender)

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
