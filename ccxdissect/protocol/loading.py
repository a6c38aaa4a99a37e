"""What is loaded when it is first looked into: of two dialects a capture mostly speaks one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar, overload

Item = TypeVar("Item")
Key = TypeVar("Key")


class LoadedRow(Sequence[Item]):
    """A sequence that `load` makes."""

    def __init__(self, load: Callable[[], Sequence[Item]]) -> None:
        self._load = load

    @cached_property
    def _all(self) -> Sequence[Item]:
        return tuple(self._load())

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...

    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        return self._all[index]

    def __iter__(self) -> Iterator[Item]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


class LoadedTable(Mapping[Key, Item]):
    """A mapping that `load` makes."""

    def __init__(self, load: Callable[[], Mapping[Key, Item]]) -> None:
        self._load = load

    @cached_property
    def _all(self) -> Mapping[Key, Item]:
        return self._load()

    def __getitem__(self, key: Key) -> Item:
        return self._all[key]

    # What `Mapping` makes of the above takes several times as long, and this is asked for each field that is odd.
    def __contains__(self, key: object) -> bool:
        return key in self._all

    def __iter__(self) -> Iterator[Key]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)
