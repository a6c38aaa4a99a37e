"""Events about one call and about nothing else, known before it is their turn: what a request led to among them is worked
out when it is asked for, of all that have come by then at once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

#: A server, and an agent (text) or a call (a number) of it.
Key = tuple[str, object]


class Foreseen:
    """Events that come in their turn without a word, by the call that they are about."""

    def __init__(self) -> None:
        #: The number of the message whose turn it is: those before it have come.
        self.at = 0
        #: Each event's number, and its time (ns): those about one call side by side, in order.
        self.numbers: Sequence[int] = ()
        self.times: Sequence[int] = ()
        #: Where those about a call of a server begin that were not asked for yet, and where they end.
        self.of_calls: dict[Key, list[int]] = {}

    def foretell(self, numbers: Sequence[int], times: Sequence[int], of_calls: Iterable[tuple[Key, list[int]]]) -> None:
        """These will come."""
        self.numbers, self.times, self.of_calls = numbers, times, dict(of_calls)

    def come(self, key: Key) -> slice | None:
        """Where those about one of these calls are that have come since this was asked; None: there are none."""
        of_call = self.of_calls[key]
        start, end = of_call
        if start == end or self.numbers[start] >= self.at:
            return None
        of_call[0] = stop = bisect_left(self.numbers, self.at, start + 1, end)
        return slice(start, stop)

    def left(self) -> list[Key]:
        """The calls of those that were not asked for yet."""
        return [key for key, (start, end) in self.of_calls.items() if start < end]

    def clear(self) -> None:
        """None are left."""
        self.foretell((), (), ())
