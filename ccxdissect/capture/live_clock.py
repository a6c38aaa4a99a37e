"""What time it is where live packets come from: theirs, as far as it can be believed.

Packets say when they passed, and between two of them time goes on as it does here. A packet may lie, by a damaged
record or a clock that was set: its time counts only when those around it agree. Times in ns since the epoch; `here`
is a clock of this machine that nobody sets, in ns.
"""

from __future__ import annotations

from ccxdissect.wording import SECOND

#: A packet so much further on than what has passed here, or so far back, has to be confirmed by others, in ns.
LEAP = 10 * SECOND
#: So many packets in a row that agree are believed.
AGREE = 3
#: No capture is so far ahead of this machine's calendar that began within it, in ns.
AHEAD = 86_400 * SECOND


class LiveClock:
    """The packets' clock. Tell it each packet with `heard`; `now` may be asked at any time."""

    def __init__(self) -> None:
        self._time: int | None = None
        self._here = 0
        #: Whether the first packet's time lay beyond AHEAD, so that this machine's calendar says nothing.
        self._foreign = False
        self._doubtful = 0
        self._agreeing = 0
        #: Packets whose time nothing confirmed.
        self.disbelieved = 0

    def heard(self, time: int, here: int, calendar: int) -> int:
        """A packet of `time` came; `calendar` is this machine's time of day, in ns since the epoch.

        Gives by how much the clock leapt (negative: back): a long pause in a capture that is played, or a clock that
        was set. 0 when it goes on as it does here, and as long as nothing confirms that it does not.
        """
        if self._time is None:
            self._foreign = time > calendar + AHEAD
            self._time, self._here = time, here
            return 0
        expected = self._time + here - self._here
        if time - self._time >= -LEAP and time - expected <= LEAP:
            self._disbelieve()
            if time > self._time:
                self._time, self._here = time, here
            return 0
        if time > calendar + AHEAD and not self._foreign:
            self._disbelieve()
            self.disbelieved += 1
            return 0
        if self._agreeing and abs(time - self._doubtful) <= LEAP:
            self._agreeing += 1
        else:
            # One still further on does not say that the one before was wrong: a capture that is played may be of a quiet day.
            if time < self._doubtful:
                self._disbelieve()
            self._agreeing = 1
        self._doubtful = time
        if self._agreeing < AGREE:
            return 0
        leap = time - (expected if time > expected else self._time)
        self._time, self._here, self._agreeing = time, here, 0
        return leap

    def now(self, here: int) -> int | None:
        """The packets' time by now; None before the first."""
        return None if self._time is None else self._time + max(here - self._here, 0)

    def _disbelieve(self) -> None:
        self.disbelieved += self._agreeing
        self._agreeing = 0
