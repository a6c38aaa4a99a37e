"""What is remembered of a stream without end, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Newest(OrderedDict[K, V]):
    """The `most` entries that were kept last, the oldest first.

    >>> held = Newest(2)
    >>> held.keep("a", 1), held.keep("b", 2), held.keep("a", 3), held.keep("c", 4)
    (None, None, None, 2)
    >>> list(held.items())
    [('a', 3), ('c', 4)]
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def keep(self, key: K, value: V) -> V | None:
        """Keep a value as the newest; give the one that is forgotten for it, None if none has to be."""
        self[key] = value
        self.move_to_end(key)
        return self.forget() if len(self) > self.most else None

    def forget(self) -> V:
        """Forget the oldest; give it."""
        return self.popitem(last=False)[1]


class Memo(dict[K, V]):
    """What can be made again at any time: all of it is forgotten when there are `most` entries.

    >>> made = Memo(2)
    >>> [made.remember(number, number * number) for number in (1, 2, 3)]
    [1, 4, 9]
    >>> dict(made)
    {3: 9}
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def remember(self, key: K, value: V) -> V:
        """Remember what was made; give it."""
        if len(self) >= self.most:
            self.clear()
        self[key] = value
        return value
