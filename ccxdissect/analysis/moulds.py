"""Moulds: the stories of calls of one course, in marks; and how one is made of what stands for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from ccxdissect.analysis.call_stories import CallStory, Step
from ccxdissect.analysis.following import AS_IT_IS, Following
from ccxdissect.analysis.legs import Phase, Unanswered
from ccxdissect.analysis.marks import SESSIONS, Cast, Template, moment
from ccxdissect.wording.names import quoted

_NEW = tuple.__new__
_PLACES = {name: place for place, name in enumerate(CallStory._fields)}
#: Where single texts stand, lists of texts or queues, and where the rest of what differs does.
_TEXTS = tuple(_PLACES[name] for name in ("server", "caller", "called", "device", "calling_agent"))
_LISTS = tuple(_PLACES[name] for name in ("parties", "queues", "served_by", "conferenced_with"))
_CALL, _MESSAGES, _SESSIONS = _PLACES["call"], _PLACES["messages"], _PLACES["sessions"]
_START, _END, _STEPS, _PHASES = _PLACES["start"], _PLACES["end"], _PLACES["steps"], _PLACES["phases"]
_ANSWERS, _UNANSWERED = _PLACES["answers"], _PLACES["unanswered"]
_TRANSFERRED_TO, _AGENT_AT = _PLACES["transferred_to"], _PLACES["agent_at"]


class _Marked(CallStory):
    """A story in marks."""

    def line(self) -> str:
        return self.worded(lambda time: f"<d{time}>")


class Mould:
    """What stories of calls of one course are cast in. `marked`: one of them, in marks."""

    __slots__ = ("_answers", "_facts", "_lists", "_phases", "_steps", "_texts", "_to", "_unanswered", "marked")

    def __init__(self, following: Following, last: int, sessions: int, names: int) -> None:
        """`following`: such a call in marks, its times told by their places. `last`: the place of the time of its last word.
        `sessions`, `names`: how many were told of it, and are told on it."""

        def filled(marked: str) -> tuple[str, Callable[[Sequence[str]], Any] | None]:
            """A text to be filled, and what gives the values for that of `said`, see `story`; None where it says the same always."""
            template = Template(marked)
            if not template.holes:
                return marked, None
            first = {'"': 0, "": names, "s": 2 * names}
            return template.text, itemgetter(*[first[kind] + place for kind, place in template.holes])

        following = following.renamed(AS_IT_IS)
        following.end, following.sessions = last, list(SESSIONS[:sessions])
        told = following.told()
        moments = following.renamed(AS_IT_IS._replace(time=moment)).told()
        self.marked: CallStory = tuple.__new__(_Marked, moments)
        self._facts: list[Any] = list(told)
        self._texts = [(at, _place(told[at])) for at in _TEXTS if told[at] is not None]
        self._lists = [(at, tuple(map(_place, self._facts[at]))) for at in _LISTS if told[at]]
        self._to = None if told.transferred_to is None else filled(told.transferred_to)
        self._steps = [
            (
                int(step.message),
                step.time,
                step.name,
                _device(step.device),
                *filled(step.text),
                tuple(map(int, step.sessions)),
            )
            for step in told.steps
        ]
        self._phases = [(_device(one.device), one.name, one.start, one.end) for one in told.phases]
        self._answers = [(_place(device), time) for device, time in told.answers]
        self._unanswered = [(_place(one.device), one.start, one.end, one.sent_back) for one in told.unanswered]
        self._facts[_AGENT_AT] = [(_place(phone), _place(agent)) for phone, agent in told.agent_at.items()]

    def story(self, cast: Cast) -> CallStory:
        """The story that is cast by it."""
        _, names, numbers, sessions, times = cast
        facts = self._facts.copy()
        facts[_CALL], facts[_MESSAGES] = numbers[0], numbers[1]
        facts[_START], facts[_END], facts[_SESSIONS] = times[0], times[-1], tuple(sessions)
        for at, place in self._texts:
            facts[at] = names[place]
        for at, places in self._lists:
            facts[at] = tuple([names[place] for place in places])
        held = [*names, None]
        said = [*map(quoted, names), *names, *sessions]
        facts[_STEPS] = tuple(
            [
                _NEW(
                    Step,
                    (
                        numbers[number],
                        times[time],
                        name,
                        held[device],
                        text % get(said) if get is not None else text,
                        (sessions[told[0]],) if len(told) == 1 else tuple([sessions[place] for place in told]),
                    ),
                )
                for number, time, name, device, text, get, told in self._steps
            ]
        )
        facts[_PHASES] = tuple(
            [
                _NEW(Phase, (held[device], name, times[start], None if end is None else times[end]))
                for device, name, start, end in self._phases
            ]
        )
        facts[_ANSWERS] = tuple([(names[device], times[time]) for device, time in self._answers])
        if self._unanswered:
            facts[_UNANSWERED] = tuple(
                [
                    Unanswered(names[device], times[start], times[end], back)
                    for device, start, end, back in self._unanswered
                ]
            )
        if self._to is not None:
            text, get = self._to
            facts[_TRANSFERRED_TO] = text % get(said) if get is not None else text
        facts[_AGENT_AT] = MappingProxyType({names[phone]: names[agent] for phone, agent in facts[_AGENT_AT]})
        story: CallStory = _NEW(CallStory, facts)
        story.__dict__["cast"] = cast
        return story


def _place(mark: Any) -> int:
    """The place of a name: that of a text stands between signs."""
    return int(mark[1:-1]) if isinstance(mark, str) else int(mark)


def _device(mark: str | None) -> int:
    """The place of a device; that of none is the last one."""
    return -1 if mark is None else _place(mark)
