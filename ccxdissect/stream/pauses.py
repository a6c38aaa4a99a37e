"""How long a capture goes on behind a packet: whether nothing came, or nothing could be seen.

What was not answered when its session was seen last may have been unanswered for hours, if other packets show that the capture
went on; where no packet at all came for a while, it may have stopped, or a file may be lacking.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from typing import NamedTuple

from ccxdissect.wording import SECOND

#: Where no packet at all came for so long (ns), nothing shows that the capture went on.
PAUSE = 60 * SECOND
#: So many pauses are remembered, the newest.
_MOST = 1_000


class SetBack(NamedTuple):
    """The clock was set back: after the packets up to the time `at` (ns) came some that are dated so much earlier (`by`, ns).
    `times`: how often that was; the first is told."""

    at: int
    by: int
    times: int


class Pauses:
    """When packets came, and when none did. `latest`: the time (ns) of the last by now, 0 before the first. A single packet
    far from that is dated wrongly, or the first after a pause: the next one tells. `odd`: the time of such a one.
    `set_back`: that the clock was, by more than a pause lasts."""

    __slots__ = ("_forgot", "_since", "latest", "odd", "set_back")

    def __init__(self) -> None:
        self.latest = 0
        self.odd: int | None = None
        self.set_back: SetBack | None = None
        #: The last times before a pause, rising; whether there were more.
        self._since: deque[int] = deque(maxlen=_MOST)
        self._forgot = False

    def saw(self, time: int) -> None:
        """Take the time (ns) of the next packet."""
        if -PAUSE <= time - self.latest <= PAUSE or not self.latest:
            self.odd = None
            if time > self.latest:
                self.latest = time
        elif self.odd is None or not -PAUSE <= time - self.odd <= PAUSE:
            self.odd = time
        else:
            goes_on = min(self.odd, time)
            if goes_on < self.latest:
                known = self.set_back or SetBack(self.latest, self.latest - goes_on, 0)
                self.set_back = known._replace(times=known.times + 1)
            self._go_on(goes_on)
            self.latest, self.odd = max(self.odd, time), None

    def _go_on(self, time: int) -> None:
        """The capture goes on at that time (ns), after a pause or by a clock that was put back."""
        while self._since and self._since[-1] >= time:
            self._since.pop()
        if self.latest < time:
            self._forgot = self._forgot or len(self._since) == _MOST
            self._since.append(self.latest)

    def goes_on(self, followed: int) -> int | None:
        """Until when (ns) the capture goes on, as far as is known by now, behind a pause at the time up to which it was `followed`;
        None: it does not."""
        return self.latest if self.latest > followed else None

    def followed(self, since: int) -> int:
        """Until when (ns) the capture surely went on after that time (ns): to its last packet, or to a pause before that.
        Where that is forgotten: the time itself."""
        if self._forgot and (not self._since or since < self._since[0]):
            return since
        place = bisect_left(self._since, since)
        return max(self._since[place] if place < len(self._since) else self.latest, since)
