"""A ladder as text: one line a message, for a terminal or a ticket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ccxdissect.views.ladder import Ladder, LadderStep, Tone
from ccxdissect.wording import duration, plural

#: What arrows are drawn with; replies and failures with =.
_STROKES = {Tone.REQUEST: "-", Tone.HEARTBEAT: "-", Tone.EVENT: "·", Tone.CONNECTION: "~", Tone.UNKNOWN: "="}
#: What ends a text that is cut, and what stands for these two where there is nothing but ASCII.
_CUT = "…"
_IN_ASCII = {"·": ".", _CUT: "~"}
#: The narrowest gap between two lifelines, and the widest that a name may ask for.
_NARROWEST, _WIDEST = 24, 44


def text_lines(ladder: Ladder, ascii_only: bool = False) -> Iterator[str]:
    """The lines of a ladder. Requests have plain arrows, what the server sends has dashed ones, failures end in x.
    `ascii_only`: it is drawn with nothing else; texts are what they are."""
    for line, _ in step_lines(ladder, ascii_only):
        yield line


def step_lines(ladder: Ladder, ascii_only: bool = False) -> Iterator[tuple[str, int | None]]:
    """The same lines, each with the number of the (first) message that it draws; None where it draws none."""
    marks = _IN_ASCII if ascii_only else {}
    if ladder.title or ladder.subtitle:
        yield from ((line, None) for line in (ladder.title, ladder.subtitle) if line)
        yield "", None
    if not ladder.steps:
        yield "no messages", None
        return
    left = max(len(step.label) for step in ladder.steps)
    moment = ladder.moment
    margin = " " * (len(moment(ladder.steps[0].time)) + 2 + left + 2)
    gap = _gap(ladder)
    centre = [_start(ladder) + position * gap for position in range(len(ladder.columns))]
    width = centre[-1] + 1
    lines = frozenset(centre)
    for texts in ([column.title for column in ladder.columns], [column.subtitle for column in ladder.columns]):
        yield (margin + _heading(texts, centre, gap, marks)).rstrip(), None
    for step in ladder.steps:
        if step.tone is Tone.SILENCE:
            lifelines = "".join(":" if at in lines else " " for at in range(width))
            yield f"{margin}{lifelines}  ... {step.name} ...", None
            continue
        line = _arrow(step, centre, width, marks)
        note = _note(step)
        number = min(step.numbers, default=None)
        yield f"{moment(step.time)}  {step.label:>{left}}  {line}{'  ' + note if note else ''}", number
    if ladder.left_out:
        yield f"... and {plural(ladder.left_out, 'further message')}", None


def _gap(ladder: Ladder) -> int:
    longest = max((len(step.name) for step in ladder.steps), default=0)
    titles = max(max(len(column.title), len(column.subtitle)) for column in ladder.columns)
    return max(_NARROWEST, min(longest + 8, _WIDEST), min(titles + 2, _WIDEST))


def _start(ladder: Ladder) -> int:
    first = ladder.columns[0]
    return min(max(len(first.title), len(first.subtitle)), _WIDEST) // 2


def _heading(texts: list[str], centre: list[int], gap: int, marks: Mapping[str, str]) -> str:
    line = ""
    for text, middle in zip(texts, centre, strict=True):
        cut = text if len(text) <= gap - 2 else text[: gap - 3] + marks.get(_CUT, _CUT)
        line = line.ljust(max(middle - len(cut) // 2, 0))
        if line and line[-1] != " ":
            line += " "
        line += cut
    return line


def _arrow(step: LadderStep, centre: list[int], width: int, marks: Mapping[str, str]) -> str:
    cells = [" "] * width
    for middle in centre:
        cells[middle] = "|"
    stroke = _STROKES.get(step.tone, "=")
    stroke = marks.get(stroke, stroke)
    source, failed = step.source, step.tone is Tone.FAILURE
    met = {centre[target] for target in step.targets}
    # The farthest first, so that those on the way have their heads too.
    for target in sorted(step.targets, key=lambda target: -abs(target - source)):
        low, high = sorted((centre[source], centre[target]))
        for at in range(low + 1, high):
            if at not in met:
                cells[at] = stroke
        if source < target:
            cells[high - 1] = "x" if failed else ">"
        else:
            cells[low + 1] = "x" if failed else "<"
    far = max(step.targets, key=lambda target: abs(target - source))
    # Of several arrows the name stands next to the sender, where all of them are.
    near = far if len(step.targets) == 1 else source + (1 if far > source else -1)
    low, high = sorted((centre[source], centre[near]))
    room = high - low - 5
    name = f" {step.name if len(step.name) + 2 <= room else step.name[: room - 3] + marks.get(_CUT, _CUT)} "
    at = low + 1 + (high - low - 1 - len(name)) // 2
    cells[at : at + len(name)] = name
    return "".join(cells)


def _note(step: LadderStep) -> str:
    parts = [step.detail] if step.detail else []
    if step.latency is not None:
        parts.append(f"[after {duration(step.latency)}]")
    if step.unanswered:
        parts.append("[no reply]")
    return " ".join(parts)
