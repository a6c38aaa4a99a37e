"""Live traffic as a producer of the same events as files: packets from a source, through the same pipeline; time passes in between.

The clock is the packets': the time of the last packet that can be believed, plus what has passed here since it came. It
never runs ahead of what is still on its way, and works for an interface, a pipe from another machine and a replayed
capture alike. Where it leaps, nobody is blamed for the time between.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from ccxdissect.capture.live_clock import LiveClock
from ccxdissect.capture.live_source import LiveSource
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segments import SegmentReader
from ccxdissect.errors import CaptureError
from ccxdissect.sources.options import Options
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Tried
from ccxdissect.stream.pauses import SetBack
from ccxdissect.wording import SECOND

#: Packet time between two looks at what is overdue, in ns.
TICK = SECOND // 4
#: So much later than it could, the clock of a quiet line goes: packets may be on their way, in ns.
SLACK = SECOND // 4
_NOT_YET = -(1 << 100)


class Attending(Protocol):
    """Who sees to a live run while its events are iterated over."""

    def begun(self) -> None:
        """The source is open."""

    def before_reading(self) -> None:
        """The source is about to wait."""

    def packet(self, packet: Packet) -> None:
        """A packet, before it is dissected."""

    def leapt(self, leap: int, now: int) -> None:
        """The packets' clock was set by `leap` ns, or a capture that is played had a pause; it is `now`."""

    def passed(self, now: int, events: Sequence[Event]) -> None:
        """Time has passed, to `now` (ns), and brought these events, which are not iterated over."""


class LiveProducer:
    """Makes events of a live source. `ended` may be set to end it between two packets.

    With somebody `attending`, the events that time brings while nothing comes are told at once; else they come with the
    next packet. `failure` says what went wrong with the input after it had begun.
    """

    def __init__(self, source: LiveSource, options: Options, attending: Attending | None = None) -> None:
        self.source = source
        self.reader = SegmentReader(self._packets(), options.ports, notices=source.notices)
        self.ended = False
        self.failure: str | None = None
        #: The time of the last packet, in ns.
        self.packet_time: int | None = None
        self._options = options
        self._attending = attending
        self._dissector = Dissector(options.protocols, options.ports)
        self._clock = LiveClock()
        #: By the clock, the time of the next look at what is overdue.
        self._tick = 0
        self._late: list[Event] = []
        #: The time of the last segment, and when it came here, in ns.
        self._fed = _NOT_YET, 0

    def __iter__(self) -> Iterator[Event]:
        try:
            for segment in self.reader:
                yield from self._kept_back()
                self._fed = segment.time, time.monotonic_ns()
                yield from self._dissector.feed(segment)
        except CaptureError as error:
            if self.packet_time is None:
                raise
            self.failure = str(error)
        finally:
            self.source.close()
        yield from self._kept_back()
        yield from self._dissector.flush()

    def now(self) -> int | None:
        """The time where the packets are, in ns; None before the first."""
        return self._clock.now(time.monotonic_ns())

    def tried(self) -> Iterator[Tried]:
        """The attempts to connect that nothing has answered by now."""
        return self._dissector.tried()

    def notices(self) -> list[str]:
        """What was lost, could not be read, or not be believed."""
        if self._clock.disbelieved:
            counted, self._clock.disbelieved = str(self._clock.disbelieved), 0
            self.source.notices.add("packets dated as nothing around them is", None, self.source.name, counted)
        return [str(notice) for notice in self.source.notices]

    def nothing_found(self) -> str:
        """Why there may have been no messages, and what to try."""
        said = f"no CTI messages on port {self._options.ports_said()}"
        busiest = self.reader.other_ports.most_common(3)
        if busiest:
            named = self._options.others_said(busiest)
            return f"{said}; the busiest other TCP ports are {named}: try --port {busiest[0][0]}"
        return f"{said}; check the interface (`ccxdissect live` lists them) and the server's port (--port)"

    @property
    def snap(self) -> int | None:
        """The snap length that packets were cut to, when any were."""
        return self.reader.snap

    @property
    def set_back(self) -> SetBack | None:
        """That the clock of the packets was."""
        return self._dissector.pauses.set_back

    def _kept_back(self) -> Iterator[Event]:
        late, self._late = self._late, []
        yield from late

    def _packets(self) -> Iterator[Packet]:
        for packet in self.source.packets(self):
            if self._attending is not None:
                self._attending.packet(packet)
            here = time.monotonic_ns()
            leap = self._clock.heard(packet.time, here, time.time_ns())
            now = min(self._clock.now(here) or packet.time, packet.time)
            if leap:
                if self._attending is not None:
                    self._attending.leapt(leap, now)
                self._tick = min(self._tick, now)
            if now >= self._tick:
                self._advance(now)
                if self.ended:
                    return
            self.packet_time = packet.time
            yield packet

    # -- time (see Waiting) ------------------------------------------------------------------------------------------

    def begun(self) -> None:
        """The source is open."""
        if self._attending is not None:
            self._attending.begun()

    def before_reading(self) -> None:
        """The source is about to wait."""
        if self._attending is not None:
            self._attending.before_reading()

    def nothing_came(self) -> None:
        """A quiet moment: time goes on all the same."""
        now = self.now()
        if now is not None:
            self._advance(now - SLACK)

    def _advance(self, now: int) -> None:
        if now < self._tick:
            return
        self._tick = now + TICK
        # For streams time passes by their own segments, and where these stay away: a capture that is played reads as the
        # file does, whatever else is in it.
        fed, here = self._fed
        quiet = time.monotonic_ns() - here - SLACK
        events = list(self._dissector.advance(min(now, fed + quiet))) if quiet > 0 else []
        if self._attending is None:
            self._late += events
        else:
            self._attending.passed(now, events)
