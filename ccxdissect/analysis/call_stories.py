"""A call's story: what is told of one call, and how it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from ccxdissect.analysis.legs import Phase, PhaseName, PhaseTimes, Unanswered
from ccxdissect.analysis.marks import Cast
from ccxdissect.codec.decoder import Once
from ccxdissect.identity import known_by_identity
from ccxdissect.wording import SECOND, duration, plural
from ccxdissect.wording.names import in_words, quoted

#: The phases and their words.
_PHASES = tuple((name, name.value) for name in PhaseName)


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
    UNKNOWN = "not known"  #: it is over, and what was not captured or not told of it may have been an answer
    OPEN = "open"  #: it was not over when the capture ended


@dataclass(slots=True, frozen=True)
class Link:
    """A further call that has to do with this one: `how` says what made the link."""

    call: int
    how: str


class _Facts(NamedTuple):
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
    #: For a while within it no session was heard that had told of it: bytes were lost, or the session was over; or it was over
    #: for the phones of those who were told of it alone.
    unheard: bool = False
    #: The agent who made the call, when it was one.
    calling_agent: str | None = None
    #: Whose phones they are, as far as known.
    agent_at: Mapping[str, str] = MappingProxyType({})
    messages: int = 0
    steps_left_out: int = 0


@known_by_identity
class CallStory(_Facts):
    """All that was told of one call. Times in ns.

    >>> import ccxdissect
    >>> with ccxdissect.open("samples/queued-call.pcapng") as trace:
    ...     story = next(trace.calls())
    >>> story.caller, story.called, story.outcome.value
    ('2005', '7000', 'transferred')
    """

    #: What it was made of by a mould, if it was.
    cast: Cast | None = None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: what was told can be read only")

    @property
    def duration(self) -> int:
        """From the first word to the last, in ns."""
        return self.end - self.start

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents to whom the call came; of a call that came to none, the one who made it."""
        served = tuple(agent for agent in self.served_by if agent != self.calling_agent)
        return served or ((self.calling_agent,) if self.calling_agent is not None else ())

    @Once
    def times(self) -> Mapping[tuple[str | None, str], int]:
        """For how many ns who was in each phase, as of `PhaseTimes`."""
        return MappingProxyType(PhaseTimes(self.phases, self.end))

    def time_in(self, name: PhaseName, device: str | None = None) -> int:
        """For how many ns at least one device (the call itself, or this `device`) was in a phase."""
        return self.times[device, name]

    @property
    def answered_by(self) -> tuple[str, ...]:
        """The devices that answered it, in order."""
        return tuple(dict.fromkeys(device for device, _ in self.answers))

    @property
    def outcome(self) -> CallOutcome:
        """What became of it. An answer counts for more than what was tried before it; that there was none is said only of a call
        that was heard throughout."""
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
        # Who held it had answered it.
        talked = any(phase.name in (PhaseName.TALKING, PhaseName.HELD) for phase in self.phases)
        if self.unheard and not talked:
            return CallOutcome.UNKNOWN
        if self.given_up_in is PhaseName.QUEUED:
            return CallOutcome.ABANDONED_QUEUED
        if self.given_up_in is PhaseName.RINGING:
            return CallOutcome.ABANDONED_RINGING
        if self.unanswered:
            return CallOutcome.NOT_ANSWERED
        if talked:
            return CallOutcome.ANSWERED
        return CallOutcome.UNATTENDED if self.begun else CallOutcome.UNKNOWN

    def line(self) -> str:
        """The call in one readable line."""
        return self.worded(duration)

    def worded(self, said: Callable[[int], str]) -> str:
        """The same, durations (ns) worded by `said`."""
        kind = in_words(self.call_type) + " call" if self.call_type else "call"
        head = f"{kind} {self.call}"
        if self.caller:
            head += f" from {quoted(self.caller)}"
        if self.called:
            head += f" to {quoted(self.called)}"
        parts = [head]
        if self.queues:
            parts.append(f"queue {', '.join(map(str, self.queues))}")
        times = self.times
        for name, word in _PHASES:
            time = times[None, name]
            if time:
                parts.append(f"{word} {said(time)}")
        agents = self.agents
        if agents:
            parts.append(f"agent {', '.join([quoted(agent) for agent in agents])}")
        parts += [f"{link.how} {link.call}" for link in self.links]
        outcome, answered = self.outcome, self.answered_by
        for rang in self.unanswered:
            if rang.sent_back or (rang.device not in answered and outcome is CallOutcome.NOT_ANSWERED):
                parts.append(f"not answered by {self._who(rang.device)} in {said(rang.end - rang.start)}")
        parts.append(f"{self._became(outcome, answered)} after {said(self.duration)}")
        return "; ".join(parts)

    def _who(self, device: str) -> str:
        return quoted(self.agent_at.get(device) or device)

    def _became(self, outcome: CallOutcome, answered_by: tuple[str, ...]) -> str:
        by = ", ".join([self._who(device) for device in answered_by])
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
        if outcome is CallOutcome.UNKNOWN:
            return "over, how is not known,"
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
