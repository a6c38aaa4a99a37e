"""Lines of rows that were cast in moulds: the mould's own row, in marks, is written once as any row is; of each row what
stands for the marks is put in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from ccxdissect.analysis.marks import Cast, Template, made_of
from ccxdissect.bounded import Memo
from ccxdissect.wording import duration, seconds
from ccxdissect.wording.names import quoted

#: So many moulds are known as lines.
_MOST_MOULDS = 1000
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
        if cast is None:
            return self._whole(row)
        line = self._lines.get(cast.mould)
        if line is None:
            line = self._lines.remember(cast.mould, _Line(self._marked(cast.mould.marked), self._json_text))
        return line.of(cast)


class _Line:
    """The line of one mould."""

    def __init__(self, written: str, json_text: Callable[[str], str]) -> None:
        template = Template(written)
        self._text, self._json_text = template.text, json_text
        holes = sorted(dict.fromkeys(template.holes), key=lambda hole: _KINDS.index(hole[0]))
        rank = {hole: at for at, hole in enumerate(holes)}
        self._order = [rank[hole] for hole in template.holes]
        self._get = itemgetter(*self._order) if len(self._order) > 1 else None

        def of(kind: str) -> list[int]:
            return [place for one, place in holes if one == kind]

        self._quoted, self._texts, self._named, self._numbers, self._sessions = map(of, _KINDS[:5])
        self._times, self._worded = ([_difference(time) for time in of(kind)] for kind in _KINDS[5:])

    def of(self, cast: Cast) -> str:
        """With what stands for the marks."""
        _, names, numbers, sessions, times = cast
        text = self._json_text
        pieces = [text(quoted(names[place]))[1:-1] for place in self._quoted]
        pieces += [text(names[place]) for place in self._texts]
        pieces += [str(names[place]) for place in self._named]
        pieces += [str(numbers[place]) for place in self._numbers]
        pieces += [str(sessions[place]) for place in self._sessions]
        times = (*times, 0)
        pieces += map(seconds, _lengths(self._times, times))
        pieces += [text(duration(length))[1:-1] for length in _lengths(self._worded, times)]
        return self._text % (tuple([pieces[at] for at in self._order]) if self._get is None else self._get(pieces))


def _difference(time: int) -> tuple[Any, ...]:
    """Of which times a time, or a duration, is made: what is added to what is 0, and what is taken away; or of more."""
    made = made_of(time)
    added = [place for place, often in made if often == 1]
    taken = [place for place, often in made if often == -1]
    if len(added) == 1 and len(added) + len(taken) == len(made) < 3:
        return added[0], *(taken or [-1]), ()
    return -1, -1, made


def _lengths(made: list[tuple[Any, ...]], times: Sequence[int]) -> list[int]:
    """How long, or when, that is. The last of the times is 0."""
    return [
        times[added] - times[taken] if not more else sum([often * times[place] for place, often in more])
        for added, taken, more in made
    ]
