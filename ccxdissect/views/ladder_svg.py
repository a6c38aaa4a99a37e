"""A ladder as a self-contained SVG picture: no script, no font, nothing from elsewhere.

It is built as a tree of elements, so that whatever the messages hold is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from ccxdissect.views.ladder import Ladder, LadderStep, Tone
from ccxdissect.views.text import clock, date_and_clock, shown
from ccxdissect.wording import duration, plural

_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif"
#: What keeps a text readable on a line that it stands upon.
_HALO = {"paint_order": "stroke", "stroke": "#ffffff", "stroke_width": "3", "stroke_linejoin": "round"}
_MONO = "ui-monospace, 'DejaVu Sans Mono', Consolas, Menlo, monospace"
#: Measures in pixels. Letters are taken for wide ones, so that no text leaves its place.
_GUTTER, _EDGE, _ROW, _HEAD, _FOOT = 172, 28, 44, 88, 24
_NAME_LETTER, _DETAIL_LETTER = 7.4, 6.1
_NARROWEST, _CROWDED, _WIDEST = 260, 400, 480
_LATENCY_ROOM = 88

_COLOURS = {
    Tone.REQUEST: "#1f5fbf",
    Tone.CONFIRMATION: "#1a7f37",
    Tone.FAILURE: "#c4242b",
    Tone.EVENT: "#6f42c1",
    Tone.HEARTBEAT: "#7a828c",
    Tone.UNKNOWN: "#9a6700",
    Tone.CONNECTION: "#57606a",
    Tone.SILENCE: "#8c959f",
}
_LEGEND = (Tone.REQUEST, Tone.CONFIRMATION, Tone.EVENT, Tone.FAILURE)


def svg(ladder: Ladder) -> str:
    """The picture as text, ready to be written to a file."""
    return "".join(svg_pieces(ladder))


def svg_pieces(ladder: Ladder) -> Iterator[str]:
    """The same, piece by piece: a large picture is never held as a whole."""
    gap = _gap(ladder)
    count = max(len(ladder.columns), 1)
    top = _HEAD + (30 if ladder.title else 0) + (18 if ladder.subtitle else 0)
    centre = [_GUTTER + gap / 2.4 + position * gap for position in range(count)]
    width = round(centre[-1] + gap / 2.4 + _EDGE)
    foot = top + 22 + len(ladder.steps) * _ROW
    height = foot + _FOOT + 40
    root = ElementTree.Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        width=str(width),
        height=str(height),
        viewBox=f"0 0 {width} {height}",
        role="img",
    )
    root.set("font-family", _FONT)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield ElementTree.tostring(root, encoding="unicode").removesuffix(" />") + ">\n"
    ElementTree.SubElement(root, "title").text = shown(ladder.title) or "Message flow"
    _arrow_heads(root)
    ElementTree.SubElement(root, "rect", width="100%", height="100%", fill="#ffffff")
    if ladder.title:
        _text(root, _EDGE, 30, _cut(ladder.title, width - 2 * _EDGE, 10.2), 17, "#1f2328", font_weight="600")
    if ladder.subtitle:
        under = 50 if ladder.title else 26
        _text(root, _EDGE, under, _cut(ladder.subtitle, width - 2 * _EDGE, 7.2), 12, "#57606a")
    yield from _taken(root)
    for position in range(1, len(ladder.steps), 2):
        _band(root, top + 6 + position * _ROW, width)
        yield from _taken(root)
    for column, middle in zip(ladder.columns, centre, strict=False):
        _line(root, middle, top - 12, middle, foot, "#b3bac2", dash="3 4")
        _heading(root, middle, top - 56, gap, column.title, column.subtitle)
    yield from _taken(root)
    dated = ladder.several_days
    for position, step in enumerate(ladder.steps):
        if step.tone is Tone.SILENCE:
            _silence(root, step, top + 26 + position * _ROW, centre)
            continue
        if dated:
            day, y = date_and_clock(step.time)[:10], top + 26 + position * _ROW
            _text(root, _EDGE + 100, y - 8, day, 9, "#57606a", text_anchor="end", font_family=_MONO)
        _step(root, step, top + 26 + position * _ROW, centre, gap)
        yield from _taken(root)
    if ladder.left_out:
        _text(root, _GUTTER, foot + 12, f"... and {plural(ladder.left_out, 'further message')}", 12, "#57606a")
    _legend(root, foot + 36)
    yield from _taken(root)
    yield "</svg>\n"


def _taken(root: ElementTree.Element) -> Iterator[str]:
    """What was put into the picture, taken out again as text."""
    for element in root:
        ElementTree.indent(element, level=1)
        yield f"  {ElementTree.tostring(element, encoding='unicode')}\n"
    del root[:]


def _gap(ladder: Ladder) -> float:
    longest = max((len(step.name) for step in ladder.steps), default=0) * _NAME_LETTER + 2 * _LATENCY_ROOM
    detail = max((len(step.detail) for step in ladder.steps), default=0) * _DETAIL_LETTER + 30
    titles = max((len(column.title) + 4 for column in ladder.columns), default=0) * _NAME_LETTER
    widest = _WIDEST if len(ladder.columns) <= 3 else _CROWDED
    return max(_NARROWEST, min(max(longest, detail, titles), widest))


def _arrow_heads(root: ElementTree.Element) -> None:
    defs = ElementTree.SubElement(root, "defs")
    for tone, colour in _COLOURS.items():
        marker = ElementTree.SubElement(
            defs,
            "marker",
            id=f"to-{tone.value}",
            viewBox="0 0 10 10",
            refX="9",
            refY="5",
            markerWidth="8",
            markerHeight="8",
            orient="auto",
        )
        ElementTree.SubElement(marker, "path", d="M0 0 L10 5 L0 10 z", fill=colour)


def _band(root: ElementTree.Element, y: float, width: float) -> None:
    ElementTree.SubElement(root, "rect", x="0", y=_number(y), width=_number(width), height=str(_ROW), fill="#f6f8fa")


def _heading(root: ElementTree.Element, middle: float, y: float, gap: float, title: str, subtitle: str) -> None:
    width = min(gap - 16, max(len(title) * _NAME_LETTER, len(subtitle) * _DETAIL_LETTER) + 32)
    ElementTree.SubElement(
        root,
        "rect",
        x=_number(middle - width / 2),
        y=_number(y),
        width=_number(width),
        height="44",
        rx="6",
        fill="#eef2f7",
        stroke="#b3bac2",
    )
    _text(
        root,
        middle,
        y + 19,
        _cut(title, width - 12, _NAME_LETTER),
        13,
        "#1f2328",
        text_anchor="middle",
        font_weight="600",
    )
    _text(root, middle, y + 35, _cut(subtitle, width - 12, _DETAIL_LETTER), 11, "#57606a", text_anchor="middle")


def _step(root: ElementTree.Element, step: LadderStep, y: float, centre: list[float], gap: float) -> None:
    colour = _COLOURS[step.tone]
    group = ElementTree.SubElement(root, "g")
    ElementTree.SubElement(group, "title").text = f"{step.label} {step.name} {step.detail}".strip()
    _text(group, _EDGE + 100, y + 4, clock(step.time), 11, "#57606a", text_anchor="end", font_family=_MONO)
    label = step.label if len(step.label) <= 5 else f"{step.numbers[0]}+{len(step.numbers) - 1}"
    _text(
        group,
        _EDGE + 141,
        y + 4,
        label[:6],
        11 if len(label) < 5 else 9,
        "#8c959f",
        text_anchor="end",
        font_family=_MONO,
    )
    start, end = centre[step.source], centre[step.targets[0]]
    for target in step.targets:
        _line(
            group,
            start,
            y + 4,
            centre[target],
            y + 4,
            colour,
            dash="6 4" if step.tone in (Tone.CONFIRMATION, Tone.FAILURE) else None,
            marker=f"url(#to-{step.tone.value})",
        )
    # Between which lifelines the words stand: next to the sender, however long the arrow.
    near = start + (gap if end > start else -gap)
    low, high = sorted((start, near))
    middle = (low + high) / 2
    name = _cut(step.name, gap - 2 * _LATENCY_ROOM + 40, _NAME_LETTER)
    _text(group, middle, y - 3, name, 12, colour, text_anchor="middle", font_weight="600", **_HALO)
    if step.detail:
        _text(
            group,
            middle,
            y + 17,
            _cut(step.detail, gap - 20, _DETAIL_LETTER),
            10.5,
            "#424a53",
            text_anchor="middle",
            **_HALO,
        )
    badge = f"after {duration(step.latency)}" if step.latency is not None else "no reply" if step.unanswered else ""
    if badge:
        aside = end - 12 if end > start else end + 12
        _text(
            group,
            aside,
            y - 4,
            badge,
            10,
            "#c4242b" if step.unanswered else "#57606a",
            text_anchor="end" if end > start else "start",
            **_HALO,
        )
    if step.problem:
        _text(group, _EDGE + 144, y + 4, "!", 12, "#c4242b", font_weight="700")


def _silence(root: ElementTree.Element, step: LadderStep, y: float, centre: list[float]) -> None:
    """A break in the lifelines, with how long nothing came."""
    low, high = centre[0] - 14, centre[-1] + 14
    for at in (y - 4, y + 10):
        _line(root, low, at, high, at, _COLOURS[Tone.SILENCE], dash="2 5")
    _text(root, (low + high) / 2, y + 7, step.name, 11, "#57606a", text_anchor="middle", font_style="italic", **_HALO)


def _legend(root: ElementTree.Element, y: float) -> None:
    x: float = _EDGE
    for tone in _LEGEND:
        _line(root, x, y, x + 28, y, _COLOURS[tone], marker=f"url(#to-{tone.value})")
        _text(root, x + 34, y + 4, tone.value, 11, "#57606a")
        x += 50 + len(tone.value) * 7


def _text(
    parent: ElementTree.Element, x: float, y: float, text: str, size: float, fill: str, **attributes: str
) -> None:
    """Text that begins at a place, unless `text_anchor` says otherwise; attributes with `_` for `-`."""
    element = ElementTree.SubElement(parent, "text", x=_number(x), y=_number(y), fill=fill)
    element.set("font-size", _number(size))
    for name, value in {"text_anchor": "start", **attributes}.items():
        element.set(name.replace("_", "-"), value)
    element.text = shown(text)


def _line(
    parent: ElementTree.Element,
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    colour: str,
    *,
    dash: str | None = None,
    marker: str | None = None,
) -> None:
    element = ElementTree.SubElement(
        parent, "line", x1=_number(x1), y1=_number(y1), x2=_number(x2), y2=_number(y2), stroke=colour
    )
    element.set("stroke-width", "1.5" if marker else "1")
    if dash:
        element.set("stroke-dasharray", dash)
    if marker:
        element.set("marker-end", marker)


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _cut(text: str, room: float, letter: float) -> str:
    most = max(int(room / letter), 4)
    return text if len(text) <= most else text[: most - 1] + "…"
