"""Calls that are known from their first word to their last at once, and go just as others did: what is known of how such
calls go, and one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ccxdissect.analysis.call_stories import CallStory
from ccxdissect.analysis.courses import Alike, Course
from ccxdissect.analysis.marks import Cast, Mark

if TYPE_CHECKING:
    from ccxdissect.analysis.following import Following

#: So many numbers of a call stand before those of its news.
_BEFORE_NEWS = 2


class Way(NamedTuple):
    """How calls went, from the first word to the last. `names`: where among all that such a call names its names stand, in the
    order of their marks. `closing`: the how manieth of its news ended it, from 0."""

    course: Course
    names: tuple[int, ...]
    closing: int

    @classmethod
    def gone(cls, call: Any, named: Sequence[Any], messages: int, news: int) -> Way | None:
        """The way that a call went of which so many messages told, `news` of them something new; None if it has to be followed
        by itself. `named`: all that it names, each once."""
        if (
            not isinstance(call, Alike)
            or call.closed_by is None
            or call.messages != messages
            or len(call.sessions) != 1
        ):
            return None
        if len(call.numbers) != _BEFORE_NEWS + news:
            return None
        places = {
            _place(mark): named.index(name) for name, mark in call.names.items() if name is not None and name != ()
        }
        return cls(call.course, tuple([places[place] for place in sorted(places)]), call.closed_by)


class Whole(NamedTuple):
    """A call that is over, and went that way. `names`: texts, and lists of the one queue. `times`: those of its news, each
    once; `ended_at`: when it was over. In ns."""

    way: Way
    call: int
    server: str
    session: int
    messages: int
    names: tuple[Any, ...]
    #: Of the messages that told the news.
    numbers: list[int]
    times: list[int]
    ended_at: int

    @property
    def start(self) -> int:
        """The first word of it."""
        return self.times[0]

    @property
    def end(self) -> int:
        """The last word of it."""
        return self.ended_at

    def alike(self) -> Alike:
        """The same, to be told more of."""
        alike = Alike(self.call, self.server, self.start, self.way.course)
        alike.end = alike.ended_at = self.ended_at
        alike.closed_by, alike.messages = self.way.closing, self.messages
        alike.sessions.append(self.session)
        alike.times = list(self.times)
        alike.numbers += self.numbers
        for name in self.names:
            # Each gets the next mark.
            alike.names[name]
        return alike

    def alone(self) -> Following:
        """The same, followed by itself."""
        return self.alike().alone()

    def told(self) -> CallStory:
        """Its story."""
        cast = self.cast()
        return self.alone().told() if cast is None else cast.mould.story(cast)

    def cast(self) -> Cast | None:
        """What its story is made of; None if it is to be told by itself."""
        times = self.times if self.ended_at == self.times[-1] else [*self.times, self.ended_at]
        mould = self.way.course.mould(len(times) - 1, 1, len(self.names) + 1)
        if mould is None:
            return None
        names = (self.server, *[name if name.__class__ is str else name[0] for name in self.names])
        return Cast(mould, names, (self.call, self.messages, *self.numbers), (self.session,), times)


def _place(mark: Any) -> int:
    """The place of a name: that of a queue stands in a list of one."""
    found = mark[0] if isinstance(mark, tuple) else mark
    return int(found) if isinstance(found, Mark) else int(found[1:-1])
