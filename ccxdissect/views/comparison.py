"""Two sessions side by side, in words and as rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ccxdissect.analysis.comparison import MOST, Comparison, Difference, Step
from ccxdissect.analysis.schema import Column, ColumnKind, Schema
from ccxdissect.analysis.sessions import SessionStory
from ccxdissect.codec.values import is_secret
from ccxdissect.stream.events import Record
from ccxdissect.views.gist import gist
from ccxdissect.views.table import Heading, table
from ccxdissect.views.text import shown
from ccxdissect.views.values import plain
from ccxdissect.wording import plural

_TEXT, _INTEGER = ColumnKind.TEXT, ColumnKind.INTEGER
#: Differences and lone messages that people are shown of one pair of sessions.
_MOST_SHOWN = 50
_LONGEST = 60


class DifferingStep(NamedTuple):
    """A step at which two sessions differ, and which sessions these are."""

    comparison: Comparison
    step: Step


class _Field(NamedTuple):
    field: str
    good: str | None
    bad: str | None


def differing(comparisons: Sequence[Comparison]) -> Iterator[DifferingStep]:
    """All the steps at which sessions differ."""
    for comparison in comparisons:
        for step in comparison.steps:
            if not step.same:
                yield DifferingStep(comparison, step)


def _session(story: SessionStory | None) -> int | None:
    return None if story is None else story.session.number


def _fields(row: DifferingStep) -> list[_Field]:
    return [_Field(found.name, *_values(found)) for found in row.step.differences]


SCHEMA = Schema(
    "compare",
    "where two sessions differ: messages that stand for each other and say something else, or that only one of them has",
    (
        Column(
            "what",
            _TEXT,
            "how they differ",
            lambda row: "differs" if row.step.differences else "only good" if row.step.bad is None else "only bad",
            codes=("differs", "only good", "only bad"),
            rank=1,
        ),
        Column(
            "first", ColumnKind.FLAG, "whether these sessions part here", lambda row: row.step is row.comparison.first
        ),
        Column("good_session", _INTEGER, "the good session", lambda row: _session(row.comparison.good), optional=True),
        Column("bad_session", _INTEGER, "the bad session", lambda row: _session(row.comparison.bad), optional=True),
        Column(
            "good", _INTEGER, "number of the good message", lambda row: _number(row.step.good), rank=1, optional=True
        ),
        Column("bad", _INTEGER, "number of the bad message", lambda row: _number(row.step.bad), rank=1, optional=True),
        Column("good_name", _TEXT, "its type", lambda row: _name(row.step.good), rank=1, optional=True),
        Column("bad_name", _TEXT, "its type", lambda row: _name(row.step.bad), rank=1, optional=True),
        Column(
            "reply_to", _TEXT, "the type of the request that they answer", lambda row: row.step.reply_to, optional=True
        ),
        Column(
            "fields",
            ColumnKind.LIST,
            "the fields that differ",
            _fields,
            of=Schema(
                "field",
                "one of them",
                (
                    Column("field", _TEXT, "its name"),
                    Column("good", _TEXT, "what the good message says there", optional=True),
                    Column("bad", _TEXT, "what the bad one says there", optional=True),
                ),
            ),
            brief=lambda found: "; ".join(f"{one.field}: {one.good or '-'} / {one.bad or '-'}" for one in found),
            rank=1,
        ),
    ),
)


def _number(record: Record | None) -> int | None:
    return None if record is None else record.number


def _name(record: Record | None) -> str | None:
    return None if record is None else record.name


def _values(found: Difference) -> tuple[str | None, str | None]:
    said = []
    for row, value in zip(found.rows, found.values, strict=True):
        said.append(None if row is None and value is None else plain(row, value))
    if any(row is not None and is_secret(row) for row in found.rows) and said[0] == said[1]:
        said[1] = f"{said[1]} (another)"
    return said[0], said[1]


def comparison_lines(
    comparisons: Sequence[Comparison], names: tuple[str, str], most: int | None = None
) -> Iterator[str]:
    """All of it, for people; `names`: of the captures; `most`: how many of each kind of difference are listed."""
    for place, comparison in enumerate(comparisons):
        if place:
            yield ""
        yield from _one(comparison, names, most or _MOST_SHOWN)


def _one(comparison: Comparison, names: tuple[str, str], most: int) -> Iterator[str]:
    for what, story, name in (("GOOD", comparison.good, names[0]), ("BAD ", comparison.bad, names[1])):
        said = "no session to compare with" if story is None else f"session {story.session.number}, {story.line()}"
        yield f"{what}  {shown(name)}: {shown(said)}"
    if comparison.good is None or comparison.bad is None:
        return
    if comparison.taken:
        each = (f'{kind} "{shown(one)}" and "{shown(other)}"' for kind, one, other in comparison.taken[:_MOST_SHOWN])
        yield f"Taken for each other: {', '.join(each)}"
    yield ""
    steps, first = comparison.steps, comparison.first
    if first is None:
        yield f"They say the same in {plural(len(steps), 'message')}" + (
            ", and end differently: see above" if comparison.ends_differ else ""
        )
    else:
        alike = steps.index(first)
        after = (
            f"after {plural(alike, 'message')} that {'says' if alike == 1 else 'say'} the same" if alike else "at once"
        )
        yield f"They part {after}: {_where(first)}"
        yield from (f"  {line}" for line in _in_full(first))
    answer = comparison.answer
    if answer is not None and answer is not first:
        yield ""
        yield f"The first answer that differs: {_where(answer)}"
        yield from (f"  {line}" for line in _in_full(answer))
    moved = sum(step.moved for step in steps)
    if moved:
        yield f"In another order, and otherwise the same or told here: {plural(moved, 'message')}"
    yield from _further(comparison, (first, answer), most)
    if comparison.cut:
        yield f"Only the first {MOST:,} messages of each were compared"


def _where(step: Step) -> str:
    one, other = step.good, step.bad
    if one is None or other is None:
        found, whose = (other, "BAD") if one is None else (one, "GOOD")
        assert found is not None
        of = f", the reply to {step.reply_to}" if step.reply_to and step.reply_to != found.name else ""
        return f"only {whose} has message {found.number} {found.name}{of}"
    name = one.name if one.name == other.name else f"the reply to {step.reply_to}" if step.reply_to else one.name
    return f"{name}, message {one.number} of GOOD and {other.number} of BAD"


def _in_full(step: Step) -> Iterator[str]:
    if step.good is not None and step.bad is not None:
        rows = [[_cut(said or "-") for said in (found.name, *_values(found))] for found in step.differences]
        yield from table([Heading("field"), Heading("GOOD"), Heading("BAD")], rows)
        return
    found = step.good or step.bad
    assert found is not None
    yield _cut(gist(found.decoded), 2 * _LONGEST)


def _further(comparison: Comparison, told: tuple[Step | None, ...], most: int) -> Iterator[str]:
    rest = [step for step in comparison.steps if not step.same and step not in told]
    differ = [step for step in rest if step.differences]
    if differ:
        yield ""
        yield "They differ further in"
        rows = []
        for step in differ[:most]:
            assert step.good is not None and step.bad is not None
            said = "; ".join(
                f"{one.name} {_cut(_values(one)[0] or '-')} / {_cut(_values(one)[1] or '-')}"
                for one in step.differences
            )
            rows.append([step.good.number, step.bad.number, step.good.name, said])
        yield from table(
            [Heading("GOOD", number=True), Heading("BAD", number=True), Heading("message"), Heading("what")], rows
        )
        yield from _more(differ, most)
    for whose, alone in (
        ("GOOD", [step.good for step in rest if step.bad is None and step.good is not None]),
        ("BAD", [step.bad for step in rest if step.good is None and step.bad is not None]),
    ):
        if alone:
            yield ""
            yield f"Only {whose} has"
            lines = [
                [record.number, record.sender.value, record.name, _cut(gist(record.decoded), 2 * _LONGEST)]
                for record in alone[:most]
            ]
            yield from table(
                [Heading("message", number=True), Heading("from"), Heading("type"), Heading("what it says")], lines
            )
            yield from _more(alone, most)


def _more(found: Sequence[object], most: int) -> Iterator[str]:
    if len(found) > most:
        yield f"and {len(found) - most:,} more; --format jsonl has all"


def _cut(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
