"""Who rings, talks and holds on one call, and for how long; and whether the call waits in a queue.

Each device has one presence on a call at a time, told by events; its phases follow from all of them together: a device
talks only while somebody else talks too, so that a caller whose agent holds the call is not talking, and neither is one
who hears music in a queue. Route points and CTI ports, at which nobody sits, have no phases. A phase ends with what
ends it, at the latest with the call. Out-of-order news reopens nothing: a device that talks does not ring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from typing import NamedTuple

#: The most phases and parties that one call keeps.
MOST_PHASES = 500


class PhaseName(str, Enum):
    """What a device, or the call itself (queued), does during a phase."""

    # Found by its text, too, and without a call of Python's.
    __hash__ = str.__hash__

    QUEUED = "queued"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"


class Presence(Enum):
    """How a device is on a call, as the events say."""

    # Each is itself alone: found without a call of Python's.
    __hash__ = object.__hash__

    DIALING = "dialing"
    RINGING = "ringing"
    CONNECTED = "connected"
    HOLDING = "holding"


_CONNECTED = Presence.CONNECTED
_ON_CALL = (Presence.CONNECTED, Presence.HOLDING)
#: The phase of a device that is on a call so; the one of `_CONNECTED` only while somebody else talks.
_PHASES = {
    Presence.RINGING: PhaseName.RINGING,
    Presence.HOLDING: PhaseName.HELD,
    Presence.CONNECTED: PhaseName.TALKING,
}


class Phase(NamedTuple):
    """A device (None: the call itself) was in a phase of the call. `end` is None while it lasts. Times in ns."""

    device: str | None
    name: PhaseName
    start: int
    end: int | None = None

    @property
    def duration(self) -> int | None:
        """How long it lasted, in ns; None while it lasts."""
        return None if self.end is None else self.end - self.start


@dataclass(slots=True)
class _Lasting:
    """A phase, and whether it is over yet."""

    device: str | None
    name: PhaseName
    start: int
    end: int | None = None


@dataclass(slots=True, frozen=True)
class Unanswered:
    """A phone that rang in vain, from when to when (ns); `sent_back`: it was taken from there, not given up."""

    device: str
    start: int
    end: int
    sent_back: bool


@dataclass(slots=True, eq=False)
class Legs:
    """The devices on one call. Times are ns; an earlier time than the last one counts as the last one."""

    caller: str | None = None
    #: No news is earlier.
    start: int = 0
    #: Whether the call was seen from its beginning, so that everybody on it is known.
    whole: bool = False
    #: The devices at which somebody other than the caller answered, in order, with the time.
    answers: list[tuple[str, int]] = field(default_factory=list)
    unanswered: list[Unanswered] = field(default_factory=list)
    #: In which phase the call was when its caller left without an answer.
    given_up_in: PhaseName | None = None
    #: Its caller left it, however it was then.
    caller_left: bool = False
    over: bool = False
    _present: dict[str, Presence] = field(default_factory=dict)
    _unattended: set[str] = field(default_factory=set)
    _attended: set[str] = field(default_factory=set)
    _queued: bool = False
    _was_queued: bool = False
    #: The queues in which it waits, or did before it rang; empty where they were not named.
    _queues: set[int] = field(default_factory=set)
    _phases: list[_Lasting] = field(default_factory=list)
    _now: dict[str | None, _Lasting] = field(default_factory=dict)
    #: Ringing that ended by news about the queue: the phone itself has not been heard of since.
    _presumed: dict[str, _Lasting] = field(default_factory=dict)
    _last: int = 0
    #: Who has left: to be named as the caller once more is not to come back.
    _gone: set[str] = field(default_factory=set)
    #: Who is on the call by a list of its parties alone: taken for one who talks, as one does who was asked before the call was
    #: transferred, until news of the phone itself say that it has not been reached yet.
    _listed: set[str] = field(default_factory=set)
    #: Somebody who talked has left, and nobody has come since then.
    _left: bool = False

    def __post_init__(self) -> None:
        self._last = max(self._last, self.start)

    def present(self, device: str) -> Presence | None:
        """How a device is on the call; None when it is not."""
        return self._present.get(device)

    def was_on(self, device: str) -> bool:
        """Whether a device is, or ever was, on the call."""
        return device in self._present or device in self._gone

    @property
    def devices(self) -> list[str]:
        """The devices on the call at which somebody sits."""
        return [device for device in self._present if device not in self._unattended]

    @property
    def connected(self) -> bool:
        """Whether anybody, or a port, but the caller is connected."""
        return any(how in _ON_CALL and device != self.caller for device, how in self._present.items())

    @property
    def talks(self) -> bool:
        """Whether somebody other than the caller is on the call, talking or holding."""
        return any(
            how in _ON_CALL and device != self.caller and device not in self._unattended
            for device, how in self._present.items()
        )

    def attended(self, device: str) -> None:
        """An agent sits at this device."""
        if len(self._attended) < MOST_PHASES:
            self._attended.add(device)

    def unattended(self, device: str) -> None:
        """Nobody sits at this device: what was told of it is no phase of anybody."""
        if device not in self._unattended and len(self._unattended) < MOST_PHASES:
            self._unattended.add(device)
            self._phases = [phase for phase in self._phases if phase.device != device]
            self.answers = [answer for answer in self.answers if answer[0] != device]
            self.unanswered = [rang for rang in self.unanswered if rang.device != device]
            self._now.pop(device, None)
            self._presumed.pop(device, None)

    def dials(self, device: str, time: int) -> None:
        """A device goes off-hook."""
        if not self.over and device not in self._present:
            self._enter(device, Presence.DIALING)
            self._settle(time)

    def rings(self, device: str, time: int, redirected: str | None = None) -> None:
        """A phone rings; `redirected`: the device from which the call was sent here."""
        if self.over:
            return
        if device in self._listed:
            self._not_reached(device)
        if self._present.get(device) in _ON_CALL:
            return
        if redirected is not None and redirected != device and (redirected != self.caller or self.answers):
            self._off(redirected, time, sent_back=True)
        if device not in self._unattended:
            self._queued = False
        self._presumed.pop(device, None)
        self._enter(device, Presence.RINGING)
        self._settle(time)

    def connects(self, device: str, caller: str | None, time: int) -> None:
        """A device answers. Where somebody sits there, the caller is connected too, and nobody else rings any more."""
        if self.over:
            return
        self._extend(device, time)
        if device in self._listed:
            self._not_reached(device)
        known = device in self._present
        self._enter(device, Presence.CONNECTED)
        for other, presence in list(self._present.items()):
            if other != device and presence is Presence.RINGING:
                self._off(other, time, sent_back=False)
        if device in self._unattended:
            self._settle(time)
            return
        self._queued = False
        for other in [other for other in self._present if other in self._unattended]:
            del self._present[other]
        if device != self.caller and (not known or device not in (answer[0] for answer in self.answers)):
            self.answers.append((device, time))
        caller = caller or self.caller
        here = caller is not None and caller not in self._gone
        if caller and here and caller != device and self._present.get(caller) in (None, Presence.DIALING):
            self._enter(caller, Presence.CONNECTED)
        self._settle(time)

    def holds(self, device: str, time: int) -> None:
        """A device puts the call on hold."""
        if not self.over:
            self._enter(device, Presence.HOLDING)
            self._settle(time)

    def retrieves(self, device: str, time: int) -> None:
        """A device takes the call back."""
        if not self.over:
            self._enter(device, Presence.CONNECTED)
            self._settle(time)

    def leaves(self, device: str, time: int, sent_back: bool = False) -> None:
        """A device is off the call; `sent_back`: the call was taken from there to somewhere else."""
        if self.over:
            return
        if device == self.caller and not sent_back:
            self.caller_left = True
            self._given_up()
            self._queued = False
            if not self.answers:
                for other, presence in list(self._present.items()):
                    if presence is Presence.RINGING:
                        self._off(other, time, sent_back=False)
        self._extend(device, time)
        if not sent_back and not self.was_on(device) and device not in self._unattended:
            # That was the one of whom nothing had been told.
            self._left = True
        self._off(device, time, sent_back)
        self._settle(time)

    def queues(self, time: int, phones: Iterable[str] = (), queues: Iterable[int] = ()) -> None:
        """The call waits in a queue: nobody but its caller is on it. Where it was before it waited for the first time
        is a route point or a port, unless it is one of the agents' `phones`. `queues`: those that are named.
        """
        if self.over:
            return
        for one in [one for one in self._present if one in self._listed and one != self.caller]:
            self._not_reached(one)
        known = self._attended.union(phones)
        if not self._was_queued:
            for device in {phase.device for phase in self._phases} | set(self._present):
                if device is not None and device != self.caller and device not in known:
                    self.unattended(device)
        for device, presence in list(self._present.items()):
            if device == self.caller or presence is Presence.DIALING or device in self._unattended:
                continue
            if presence is Presence.RINGING:
                self._presume(device, time, sent_back=True)
            else:
                self._off(device, time, sent_back=False)
        self._waits_in(queues)
        self._was_queued = True
        if not self.answers and self.caller is not None and self._present.get(self.caller) is Presence.CONNECTED:
            # Only a port had answered: the caller has talked to nobody yet.
            self._present[self.caller] = Presence.DIALING
            self._phases = [phase for phase in self._phases if phase.device != self.caller]
            self._now.pop(self.caller, None)
        self._settle(time)

    def dequeues(self, time: int, queues: Iterable[int] = ()) -> None:
        """The call is taken out of its queue; what rang for the queue until now does not ring any more. Out of those `queues`
        alone that are named (`NumCSQs` of the guide: the queues that it left, 0 is all): it waits in the others.
        """
        if self.over:
            return
        left = set(queues)
        if left and self._queues - left:
            self._queues -= left
            return
        self._queues.clear()
        if not self._queued:
            for device, presence in list(self._present.items()):
                if presence is Presence.RINGING and self.answers == []:
                    self._presume(device, time, sent_back=False)
        self._queued = False
        self._settle(time)

    def joins(
        self, parties: Iterable[str], others: Iterable[Legs], acting: str | None, leaves: bool, time: int
    ) -> None:
        """Calls were joined to this one: the `parties` are on it from now on (where no list was told: all of both
        calls, less the `acting` device when it `leaves`), each as it was on the call that it came from. The holding of
        whoever joined them ends.
        """
        if self.over:
            return
        before = dict(self._present)
        listed = set(self._listed)
        for legs in others:
            if legs is not self:
                listed |= legs._listed - set(before)
                for device, presence in legs._present.items():
                    if before.get(device) in (None, Presence.HOLDING):
                        before[device] = presence
                self._unattended |= legs._unattended
                for device in legs._attended:
                    self.attended(device)
                if legs._queued:
                    self._waits_in(legs._queues)
                if not self.whole:
                    self.answers += legs.answers
                legs.ends(time, joined=True)
        if acting is not None and any(device == acting for device, _ in self.answers):
            # A port that joins calls is known by its type: it has not answered.
            self.attended(acting)
        wanted = list(parties) or [device for device in before if not (leaves and device == acting)]
        for device in [device for device in self._present if device not in wanted]:
            self._off(device, time, sent_back=False)
        for device in wanted[:MOST_PHASES]:
            was = before.get(device)
            stays = was is Presence.RINGING or (was is Presence.HOLDING and acting not in (None, device))
            self._enter(device, was if was is not None and stays else Presence.CONNECTED)
            if was is None or device in listed:
                self._listed.add(device)
        self._left = False
        self._settle(time)

    def ends(self, time: int, joined: bool = False, elsewhere: bool = False) -> None:
        """The call is over, or became part of another one (`joined`), or may go on where nothing is told of it (`elsewhere`)."""
        if self.over:
            return
        time = self._at(time)
        if not joined and not elsewhere:
            self._given_up()
        self._queued = False
        for device, presence in list(self._present.items()):
            if presence is Presence.RINGING and not joined:
                self._off(device, time, sent_back=False)
        self._present.clear()
        self._settle(time)
        self.over = True

    def renamed(self, text: Callable[[str], str], time: Callable[[int], int], queue: Callable[[int], int]) -> Legs:
        """The same of another call: `text`, `time` and `queue` say what stands for each device, time and queue."""

        def lasting(one: _Lasting) -> _Lasting:
            if id(one) not in known:
                device = None if one.device is None else text(one.device)
                known[id(one)] = _Lasting(device, one.name, time(one.start), None if one.end is None else time(one.end))
            return known[id(one)]

        known: dict[int, _Lasting] = {}
        return Legs(
            caller=None if self.caller is None else text(self.caller),
            start=time(self.start),
            whole=self.whole,
            answers=[(text(device), time(when)) for device, when in self.answers],
            unanswered=[
                Unanswered(text(rang.device), time(rang.start), time(rang.end), rang.sent_back)
                for rang in self.unanswered
            ],
            given_up_in=self.given_up_in,
            caller_left=self.caller_left,
            over=self.over,
            _present={text(device): presence for device, presence in self._present.items()},
            _unattended={text(device) for device in self._unattended},
            _attended={text(device) for device in self._attended},
            _queued=self._queued,
            _was_queued=self._was_queued,
            _queues={queue(one) for one in self._queues},
            _phases=[lasting(one) for one in self._phases],
            _now={None if device is None else text(device): lasting(one) for device, one in self._now.items()},
            _presumed={text(device): lasting(one) for device, one in self._presumed.items()},
            _last=time(self._last),
            _gone={text(device) for device in self._gone},
            _listed={text(device) for device in self._listed},
            _left=self._left,
        )

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Every phase so far, in the order of their beginnings."""
        return tuple(Phase(one.device, one.name, one.start, one.end) for one in self._phases)

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _at(self, time: int) -> int:
        if time > self._last:
            self._last = time
        return self._last

    def _enter(self, device: str, presence: Presence) -> None:
        if device in self._present or len(self._present) < MOST_PHASES:
            if presence in _ON_CALL and self._present.get(device) not in _ON_CALL:
                self._left = False
            self._present[device] = presence
            self._gone.discard(device)
            self._listed.discard(device)

    def _off(self, device: str, time: int, sent_back: bool) -> None:
        presence = self._present.pop(device, None)
        self._listed.discard(device)
        if presence in _ON_CALL and device not in self._unattended:
            self._left = True
        if presence is not None and len(self._gone) < MOST_PHASES:
            self._gone.add(device)
        if presence is Presence.RINGING and device not in self._unattended:
            time = self._at(time)
            phase = self._now.get(device)
            if phase is not None and len(self.unanswered) < MOST_PHASES:
                self.unanswered.append(Unanswered(device, phase.start, time, sent_back))

    def _not_reached(self, device: str) -> None:
        """One who is on the call by a list of its parties alone was not reached up to now: neither it nor who else was left has
        talked since then."""
        self._listed.discard(device)
        self._present.pop(device, None)
        since = self._now.pop(device, None)
        if since is None:
            return
        self._phases = [phase for phase in self._phases if phase is not since]
        if list(self._people().values()).count(_CONNECTED) > 1:
            return
        for other, phase in list(self._now.items()):
            if phase.name is PhaseName.TALKING:
                del self._now[other]
                if phase.start < since.start:
                    phase.end = since.start
                else:
                    self._phases = [one for one in self._phases if one is not phase]

    def _presume(self, device: str, time: int, sent_back: bool) -> None:
        phase = self._now.get(device)
        self._off(device, time, sent_back)
        if phase is not None:
            self._presumed[device] = phase

    def _waits_in(self, queues: Iterable[int]) -> None:
        """The call waits in these queues, besides those in which it waits; where some are not named, none is known."""
        named = set(islice(queues, MOST_PHASES))
        if self._queued:
            named = named | self._queues if named and self._queues else set()
        self._queues = named
        self._queued = True

    def _extend(self, device: str, time: int) -> None:
        """The phone is heard of: it rang until now after all."""
        phase = self._presumed.pop(device, None)
        if (
            phase is not None
            and phase.end is not None
            and not any(later.device == device and later.start > phase.start for later in self._phases)
        ):
            phase.end = self._at(time)
            self.unanswered = [rang for rang in self.unanswered if (rang.device, rang.start) != (device, phase.start)]

    def _given_up(self) -> None:
        if self.answers or self.given_up_in is not None:
            return
        if any(
            presence is Presence.RINGING and device not in self._unattended
            for device, presence in self._present.items()
        ):
            self.given_up_in = PhaseName.RINGING
        elif self._queued:
            self.given_up_in = PhaseName.QUEUED

    def _settle(self, time: int) -> None:
        """End the phases that are over, begin those that have begun."""
        time = self._at(time)
        wanted, now = self._wanted(), self._now
        over = [device for device, phase in now.items() if wanted.get(device) is not phase.name]
        for device in over:
            now.pop(device).end = time
        for device, name in wanted.items():
            if device not in self._now and len(self._phases) < MOST_PHASES:
                self._now[device] = phase = _Lasting(device, name, time)
                self._phases.append(phase)

    def _wanted(self) -> dict[str | None, PhaseName]:
        found: dict[str | None, PhaseName] = {None: PhaseName.QUEUED} if self._queued else {}
        people = self._people()
        talk = list(people.values()).count(_CONNECTED) > 1 or self._talks_alone(people)
        for device, how in people.items():
            name = _PHASES.get(how)
            if name is not None and (talk or how is not _CONNECTED):
                found[device] = name
        return found

    def _people(self) -> dict[str, Presence]:
        """The devices on the call at which somebody sits."""
        if not self._unattended:
            return self._present
        return {device: how for device, how in self._present.items() if device not in self._unattended}

    def _talks_alone(self, people: dict[str, Presence]) -> bool:
        """Whether the only connected device talks to somebody of whom nothing was told."""
        alone = len(people) == 1 and len(self._present) == 1 and not self._left
        return alone and not self._queued and bool(self.answers or not self.whole)


class PhaseTimes(dict[tuple[str | None, str], int]):
    """For how many ns each device (None: at least one, or the call itself) was in each phase, by both; 0 where it never
    was. Phases that last, last `until` then."""

    def __init__(self, phases: Sequence[Phase], until: int) -> None:
        super().__init__()
        several: set[tuple[str | None, str]] = set()
        for device, name, start, end in phases:
            length = max((until if end is None else end) - start, 0)
            key: tuple[str | None, str] = None, name
            if key in self:
                several.add(key)
            self[key] = length
            if device is not None:
                key = device, name
                if key in self:
                    several.add(key)
                self[key] = length
        for key in several:
            self[key] = _united(*key, phases, until)

    def __missing__(self, key: tuple[str | None, str]) -> int:
        return 0


def devices_in(times: Iterable[tuple[str | None, str]]) -> list[str]:
    """The devices that were in any phase, in the order of their first ones."""
    return list(dict.fromkeys(device for device, _ in times if device is not None))


def _united(device: str | None, name: str, phases: Iterable[Phase], until: int) -> int:
    total = reached = 0
    for start, end in sorted(
        (phase.start, until if phase.end is None else phase.end)
        for phase in phases
        if phase.name == name and device in (None, phase.device)
    ):
        total += max(end - max(start, reached), 0)
        reached = max(reached, end)
    return total
