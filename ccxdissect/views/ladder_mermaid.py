"""A ladder in Mermaid, which trackers and wikis draw."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ccxdissect.views.ladder import Ladder, LadderStep, Tone
from ccxdissect.wording import duration, plural

_ARROWS = {
    Tone.REQUEST: "->>",
    Tone.HEARTBEAT: "->>",
    Tone.CONFIRMATION: "-->>",
    Tone.FAILURE: "--x",
    Tone.EVENT: "-)",
    Tone.UNKNOWN: "->>",
    Tone.CONNECTION: "-)",
}
#: What needs no escape; everything else is written as the number of its character.
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-.,()=+/")

_END = re.compile(r"\bend\b", re.IGNORECASE)


def escaped(text: str) -> str:
    """`text` as Mermaid shows it and never obeys it."""
    # A bare "end" closes a block, whatever the place it stands in.
    ends = {match.start() for match in _END.finditer(text)}
    return "".join(
        letter if letter in _PLAIN and at not in ends else f"#{ord(letter)};" for at, letter in enumerate(text)
    )


def mermaid_lines(ladder: Ladder) -> Iterator[str]:
    """The lines of a Mermaid sequence diagram."""
    yield "sequenceDiagram"
    title = ", ".join(text for text in (ladder.title, ladder.subtitle) if text)
    if title:
        yield f"    title {escaped(title)}"
    for position, column in enumerate(ladder.columns, start=1):
        yield f"    participant p{position} as {escaped(column.title)}<br/>{escaped(column.subtitle)}"
    moment = ladder.moment
    for step in ladder.steps:
        if step.tone is Tone.SILENCE:
            yield f"    Note over p1,p{len(ladder.columns)}: {escaped(step.name)}"
        for number, target in enumerate(step.targets):
            label = escaped(step.name) if number else _label(step, moment(step.time))
            yield f"    p{step.source + 1}{_ARROWS[step.tone]}p{target + 1}: {label}"
    if ladder.left_out and ladder.columns:
        yield f"    Note over p1: and {plural(ladder.left_out, 'further message')}"


def _label(step: LadderStep, moment: str) -> str:
    head = f"{moment} {step.name}"
    if step.latency is not None:
        head += f" (after {duration(step.latency)})"
    if step.unanswered:
        head += " (no reply)"
    return escaped(head) + (f"<br/>{escaped(step.detail)}" if step.detail else "")
