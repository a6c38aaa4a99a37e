"""Courses of calls: what calls of which the same was told have in common, worked out once for all of them.

What becomes of a call follows from its news, and from nothing that a device, an agent, a queue or a session is called or
when something was: only which of them are the same counts, and what came before what. So a call that goes as others have
gone keeps but its names and times; a `Course` holds the rest, a `Following` of marks that stand for them. A call that goes
where none went before, or does what concerns other calls, is followed by itself from there on.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from operator import attrgetter
from typing import Any, Final

from ccxdissect.analysis.call_news import CallNews
from ccxdissect.analysis.call_stories import CallStory
from ccxdissect.analysis.following import AS_IT_IS, Around, Following, Renaming
from ccxdissect.analysis.marks import (
    MOST_NAMES,
    MOST_NUMBERS,
    MOST_SESSIONS,
    NUMBERS,
    QUEUES,
    SESSIONS,
    TEXTS,
    Cast,
    Template,
)
from ccxdissect.analysis.moulds import Mould
from ccxdissect.analysis.subject import Subject, SubjectPlan, listed
from ccxdissect.bounded import Memo
from ccxdissect.protocol.codes import Sense
from ccxdissect.wording.names import quoted

#: So many courses are worked out; each once a second call was about to take it.
MOST_COURSES = 1000
#: So many ways on that one call took are remembered, to be known when a second one takes them.
MOST_TRIED = 2_000
#: So many kinds of subjects are known by what is looked at of them.
_MOST_KINDS = 4096

#: What decides about the course of a call: names, and constants. What tells of other calls has none.
_NAMES: Final = (
    "agent", "connection", "calling", "called", "acting", "dialed", "service_number", "redirected", "queues",
)  # fmt: skip
_CONSTANTS: Final = ("call_type", "acting_type", "cause", "other_call", "new_call")
#: What gives both of a subject.
_Asked = tuple[Callable[[Subject], tuple[Any, ...]], Callable[[Subject], tuple[Any, ...]]]
#: So many numbers of a call are none of messages.
_BEFORE_NEWS: Final = 2
#: Stands for what has no mark: such a call has no course.
_STRANGE: Final = object()


def may_be_named(value: Any) -> bool:
    """Whether a mark may stand for a name; of a queue that a call went to is said in words."""
    if value.__class__ is str:
        return bool(value) and "queue" not in value
    return value.__class__ is tuple and len(value) == 1 and value[0].__class__ is int


class _Names(dict[Any, Any]):
    """The names in a call, each with the mark that stands for it; constants stand for themselves."""

    def __init__(self, server: str) -> None:
        super().__init__(_NOTHING)
        #: Texts and queues, by the place that their marks tell; the server is the first of them.
        self.told: list[Any] = [server]

    def __missing__(self, value: Any) -> Any:
        kind, place = value.__class__, len(self.told)
        if kind is int:
            return value
        if place == MOST_NAMES or not may_be_named(value):
            return _STRANGE
        mark: Any = TEXTS[place] if kind is str else (QUEUES[place],)
        self.told.append(value if kind is str else value[0])
        self[value] = mark
        return mark


_NOTHING: Final = {None: None, (): ()}


class Course:
    """A place on the way of calls: what is known of a call that came here, told in marks; and where calls went on from here."""

    __slots__ = ("_moulds", "following", "onward", "ports")

    def __init__(self, following: Following, ports: bool = False) -> None:
        """`ports`: by the news that led here the device that it is about is one at which nobody sits."""
        self.following = following
        self.ports = ports
        self.onward: dict[Hashable, Course] = {}
        self._moulds: dict[tuple[int, int], Mould | None] = {}

    def mould(self, last: int, sessions: int, names: int) -> Mould | None:
        """What the stories of calls that came here are cast in, see `Mould`; None the first time that it is asked for."""
        key = last, sessions
        found = self._moulds.get(key)
        if found is None:
            again = key in self._moulds
            found = self._moulds[key] = Mould(self.following, last, sessions, names) if again else None
        return found


class Courses:
    """All the courses that calls took more than once. Holds at most `most`."""

    def __init__(self, most: int = MOST_COURSES) -> None:
        start = Following(NUMBERS[0], TEXTS[0], 0)
        start.messages = NUMBERS[1]
        self.start = Course(start)
        self._room = most
        self._tried: Memo[Hashable, None] = Memo(MOST_TRIED)
        #: What `asked` gives.
        self.kinds: Memo[Any, _Asked] = Memo(_MOST_KINDS)

    def asked(self, kind: Any) -> _Asked:
        """What gives, of the subjects of a kind, what decides about courses. A kind is a class of subjects that tell the same
        slots by one plan, or a plan."""
        return self.kinds.get(kind) or self.kinds.remember(
            kind, (attrgetter(*_of_kind(kind, _NAMES)), attrgetter(*_of_kind(kind, _CONSTANTS)))
        )

    def onward(self, course: Course, key: tuple[Any, ...], number: int, time: int, news: CallNews) -> Course | None:
        """The course of a call that goes on from there, which no call was seen to do, or one. None if there is to be none.
        `number`: the place of the number of the message that tells it; `time`: that of its time."""
        kind, session, _, around, names, constants = key
        tried = course, key
        if not self._room or number >= MOST_NUMBERS or news.merges or _STRANGE in names or _strange(around):
            return None
        if tried not in self._tried:
            self._tried.remember(tried, None)
            return None
        slots = (*_of_kind(kind, _NAMES), *_of_kind(kind, _CONSTANTS))
        subject = listed(kind if isinstance(kind, SubjectPlan) else kind._plan, slots)((*names, *constants))
        if subject.other_call is not None or subject.new_call is not None:
            return None
        del self._tried[tried]
        self._room -= 1
        ports = not around[0] and not news.ends and marks_port(subject)
        around = Around(around[0], around[1] or ports, *around[2:])
        following = course.following.renamed(AS_IT_IS)
        following.takes(NUMBERS[number], time, session, news, subject, around)
        found = course.onward[key] = Course(following, ports)
        return found


def marks_port(subject: Subject) -> bool:
    """Whether a message says of the device that it is about that nobody sits there."""
    if subject.acting is None or subject.acting_type is None:
        return False
    return Sense.UNATTENDED in subject.senses("acting_type")


def _of_kind(kind: Any, slots: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the slots that subjects of a kind may tell; two at least, since one alone would not be given as a tuple."""
    if isinstance(kind, SubjectPlan):
        return slots
    return tuple(sorted(slots, key=lambda slot: slot not in kind._fields)[: max(2, len({*slots} & {*kind._fields}))])


def _strange(around: tuple[Any, ...]) -> bool:
    return any(one is _STRANGE or (isinstance(one, tuple) and _STRANGE in one) for one in around)


class Alike:
    """A call that has gone, so far, as others did: its own names and times, and its course."""

    __slots__ = (
        "call", "closed_by", "course", "end", "ended_at", "messages", "names", "numbers", "server", "sessions", "start", "times",
    )  # fmt: skip

    def __init__(self, call: int, server: str, time: int, course: Course) -> None:
        self.call = call
        self.server = server
        self.start = self.end = time
        self.course = course
        self.ended_at: int | None = None
        #: By which of its news, from 0.
        self.closed_by: int | None = None
        self.messages = 0
        self.sessions: list[int] = []
        #: The times of its news, each once, ascending; the numbers of the messages that told it.
        self.times = [time]
        #: Behind that of the call, and how many messages there were about it.
        self.numbers: list[int] = [call, 0]
        self.names = _Names(server)

    @property
    def ended(self) -> bool:
        """Whether it is over for everybody."""
        return self.ended_at is not None

    def knows(self, session: int) -> bool:
        """Whether a session may have heard of its beginning, or its end."""
        return session in self.sessions

    @property
    def parties(self) -> list[str]:
        """The devices that took part."""
        told = self.names.told
        return [told[int(mark[1:-1])] for mark in self.course.following.parties]

    def goes(
        self, courses: Courses, message: int, time: int, session: int, news: CallNews, subject: Subject, around: Around
    ) -> bool:
        """A piece of news; False if no course leads on from there, and nothing was done."""
        times, sessions = self.times, self.sessions
        last = times[-1]
        if time < last or len(sessions) > MOST_SESSIONS:
            return False
        place = 0 if session == sessions[0] else sessions.index(session)
        kind: Any = subject.__class__
        if kind is Subject:
            kind = subject._plan
        names, constants = courses.kinds.get(kind) or courses.asked(kind)
        mark = self.names.__getitem__
        again, port, calling, acting, bridge, own, phones = around
        if own or phones:
            own, phones = tuple(map(mark, own)), tuple(map(mark, phones))
        key = (
            kind, SESSIONS[place], time > last,
            (again, port, mark(calling), mark(acting), bridge, own, phones),
            tuple(map(mark, names(subject))), constants(subject),
        )  # fmt: skip
        course = self.course.onward.get(key)
        if course is None:
            course = courses.onward(self.course, key, len(self.numbers), len(times) - (time == last), news)
            if course is None:
                return False
        self.course = course
        self.numbers.append(message)
        if time > last:
            times.append(time)
        if self.ended_at is None and course.following.ended_at is not None:
            self.end = max(self.end, time)
            self.ended_at = time
            self.closed_by = len(self.numbers) - _BEFORE_NEWS - 1
        return True

    def alone(self) -> Following:
        """The same call, followed by itself."""
        # Where no course led on from the beginning, nothing was told of it.
        begun = len(self.numbers) > _BEFORE_NEWS
        following = self._named() if begun else Following(self.call, self.server, self.start)
        following.call, following.server, following.messages = self.call, self.server, self.messages
        following.start, following.end, following.ended_at = self.start, self.end, self.ended_at
        following.sessions = self.sessions.copy()
        return following

    def _named(self) -> Following:
        told, sessions = self.names.told, self.sessions
        said = {'"': [quoted(name) for name in told], "": told, "s": sessions}

        def text(marked: str) -> str:
            template = Template(marked)
            return template.text % tuple([said[kind][place] for kind, place in template.holes])

        names = Renaming(text, self.times.__getitem__, self.numbers.__getitem__, sessions.__getitem__, told.__getitem__)
        return self.course.following.renamed(names)

    def told(self) -> CallStory:
        """Its story as it is known by now."""
        cast = self.cast()
        return self.alone().told() if cast is None else cast.mould.story(cast)

    def cast(self) -> Cast | None:
        """What its story is made of; None if it is to be told by itself."""
        times, sessions, names = self.times, self.sessions, self.names.told
        if self.end != times[-1]:
            times = [*times, self.end]
        few = len(sessions) <= MOST_SESSIONS
        mould = self.course.mould(len(times) - 1, len(sessions), len(names)) if few else None
        if mould is None:
            return None
        self.numbers[1] = self.messages
        return Cast(mould, tuple(names), tuple(self.numbers), tuple(sessions), tuple(times))
