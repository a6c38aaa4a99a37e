"""How many messages came when, in a bounded number of bins whatever the length of the capture."""

from __future__ import annotations

from ccxdissect.wording import MILLISECOND

#: The most bins; of more, neighbours are put together.
MOST_BINS = 4_096
#: The width of a bin at first, in ns.
FIRST_WIDTH = 10 * MILLISECOND


class Rates:
    """Counts times. Bins double in width when there are too many of them; no count is lost by it."""

    def __init__(self, most: int = MOST_BINS, width: int = FIRST_WIDTH) -> None:
        self.most = most
        self.width = width
        self._bins: dict[int, int] = {}
        self._low = self._high = 0

    def add(self, time: int) -> None:
        """Count something at `time`, in ns."""
        place = time // self.width
        if place in self._bins:
            self._bins[place] += 1
            return
        self._bins[place] = 1
        self._low = min(self._low, place) if len(self._bins) > 1 else place
        self._high = max(self._high, place) if len(self._bins) > 1 else place
        while self._high - self._low >= self.most:
            self._widen()

    def _widen(self) -> None:
        self.width *= 2
        wider: dict[int, int] = {}
        for place, count in self._bins.items():
            wider[place // 2] = wider.get(place // 2, 0) + count
        self._bins = wider
        self._low //= 2
        self._high //= 2

    def bins(self) -> list[tuple[int, int]]:
        """The bins that are not empty, in order: when each begins, in ns, and its count."""
        return [(place * self.width, self._bins[place]) for place in sorted(self._bins)]
