"""Lines of rows that were cast in moulds: the mould's own row, in marks, is written once as any row is; of each row what
stands for the marks is put in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import sub
from typing import Any

from ccxdissect.analysis.marks import Cast, Template, made_of
from ccxdissect.bounded import Memo
from ccxdissect.wording import duration, seconds
from ccxdissect.wording.names import quoted

#: So many moulds are known as lines.
_MOST_MOULDS = 1000
#: So many rows are written at a time where nobody waits for each.
_TOGETHER = 256
#: So many texts are remembered as they stand in a line, if they are no longer than that.
_MOST_TEXTS, _LONG = 4096, 100
#: What the marks in a line are of, see `marks.WRITTEN`.
_KINDS = ('\\"', '"', "", "n", "s", "t", "d")


def marked_number(number: Any) -> str:
    """A number of a row in marks."""
    return str(number)


def marked_time(time: int | None) -> str:
    """A time or a duration of a row in marks."""
    return "null" if time is None else f"<t{time}>" if time else seconds(time)


class Casts:
    """Writes rows as lines of JSON. `whole` writes any row; `marked` one in marks; `json_text` a text."""

    def __init__(
        self,
        whole: Callable[[Any], str],
        marked: Callable[[Any], str],
        json_text: Callable[[str], str],
        cast: Callable[[Any], Cast | None],
    ) -> None:
        self._whole, self._marked, self._json_text, self._cast = whole, marked, json_text, cast
        self._lines: Memo[Any, _Line] = Memo(_MOST_MOULDS)

    def one(self, row: Any) -> str:
        """A row."""
        cast = self._cast(row)
        return self._whole(row) if cast is None else self._line(cast.mould).of([cast])[0]

    def lines(self, rows: Iterable[Any]) -> Iterator[str]:
        """Rows as lines: some at a time, those of one mould together."""
        for some in _some(rows):
            found: dict[int, str] = {}
            alike: dict[Any, dict[int, Cast]] = {}
            for place, row in enumerate(some):
                cast = self._cast(row)
                if cast is None:
                    found[place] = self._whole(row)
                else:
                    alike.setdefault(cast.mould, {})[place] = cast
            for mould, casts in alike.items():
                found.update(zip(casts, self._line(mould).of([*casts.values()]), strict=True))
            yield from map(found.__getitem__, range(len(some)))

    def _line(self, mould: Any) -> _Line:
        return self._lines.get(mould) or self._lines.remember(mould, _Line(self._marked(mould.marked), self._json_text))


def _some(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Rows, so many at a time; those that came before something went wrong are given first."""
    some: list[Any] = []
    try:
        for row in rows:
            some.append(row)
            if len(some) == _TOGETHER:
                yield some
                some = []
    except Exception:
        yield some
        raise
    yield some


class _Known(dict[Any, str]):
    """How values are written. Of those that come again and again, each is made once."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> str:
        found = self._make(value)
        if len(found) < _LONG:
            if len(self) >= _MOST_TEXTS:
                self.clear()
            self[value] = found
        return found


class _Line:
    """The line of one mould."""

    def __init__(self, written: str, json_text: Callable[[str], str]) -> None:
        template = Template(written)
        holes = sorted(dict.fromkeys(template.holes), key=lambda hole: _KINDS.index(hole[0]))
        rank = {hole: at for at, hole in enumerate(holes)}
        self._fill, self._order = template.text.__mod__, [rank[hole] for hole in template.holes]

        def of(kind: str) -> list[int]:
            return [place for one, place in holes if one == kind]

        self._quoted, self._texts, self._named, self._numbers, self._sessions = map(of, _KINDS[:5])
        self._times, self._worded = ([_difference(time) for time in of(kind)] for kind in _KINDS[5:])
        self._between_signs = _Known(lambda name: json_text(quoted(name))[1:-1]).__getitem__
        self._text: Callable[[Any], str] = json_text
        self._long = _Known(seconds).__getitem__
        self._said = _Known(lambda length: json_text(duration(length))[1:-1]).__getitem__

    def of(self, casts: Sequence[Cast]) -> list[str]:
        """With what stands for the marks in each."""
        _, *told = zip(*casts, strict=True)
        names, numbers, sessions, times = (list(zip(*one, strict=True)) for one in told)
        columns: list[Iterable[Any]] = [map(self._between_signs, names[place]) for place in self._quoted]
        columns += [map(self._text, names[place]) for place in self._texts]
        columns += [names[place] for place in self._named]
        columns += [numbers[place] for place in self._numbers]
        columns += [sessions[place] for place in self._sessions]
        columns += [self._written(made, times) for made in self._times]
        columns += [map(self._said, _lengths(made, times)) for made in self._worded]
        if not columns:
            return [self._fill(())] * len(casts)
        held = list(map(tuple, columns))
        return list(map(self._fill, zip(*[held[at] for at in self._order], strict=True)))

    def _written(self, made: tuple[Any, ...], times: Sequence[Sequence[int]]) -> Iterable[str]:
        """Times or durations in seconds. Durations come again and again."""
        return map(seconds if made[1] is None and not made[2] else self._long, _lengths(made, times))


def _difference(time: int) -> tuple[int, int | None, tuple[tuple[int, int], ...]]:
    """Of which times a time, or a duration, is made: what is added, and what is taken away (None: nothing); or of more."""
    made = made_of(time)
    added = [place for place, often in made if often == 1]
    taken = [place for place, often in made if often == -1]
    if len(added) == 1 and len(added) + len(taken) == len(made) < 3:
        return added[0], taken[0] if taken else None, ()
    # Of none, it is none.
    return 0, None if made else 0, made


def _lengths(
    made: tuple[int, int | None, tuple[tuple[int, int], ...]], times: Sequence[Sequence[int]]
) -> Iterable[int]:
    """How long, or when, that is in each."""
    added, taken, more = made
    if more:
        return [sum([often * one[place] for place, often in more]) for one in zip(*times, strict=True)]
    return times[added] if taken is None else map(sub, times[added], times[taken])
