"""Rows of cells drawn as a table for people, in pages so that a long one streams."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ccxdissect.views.text import shown

#: Rows of one page; each page has its own heading, and its own widths.
PAGE = 1000
#: Characters of a line of prose within a cell.
WRAP = 70
#: Characters between two columns, and by which a column is wider than its heading at least.
GAP, PADDING = 2, 2


class Heading(NamedTuple):
    """The heading of a column. `number`: its cells stand on the right. `prose`: they are broken into lines."""

    text: str
    number: bool = False
    prose: bool = False


def table(headings: Sequence[Heading], rows: Iterable[Sequence[object]], page: int = PAGE) -> Iterator[str]:
    """The lines of a table, page by page; of no rows, the heading. Text cells are made safe to print."""
    batch: list[list[object]] = []
    written = False
    for row in rows:
        batch.append([shown(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row])
        if len(batch) == page:
            yield from page_lines(headings, batch)
            batch, written = [], True
    if batch or not written:
        yield from page_lines(headings, batch)


def page_lines(headings: Sequence[Heading], rows: list[list[object]]) -> list[str]:
    """The lines of one page. Cells have to be safe to print."""
    from tabulate import tabulate

    for at, heading in enumerate(headings):
        if heading.prose:
            # tabulate can break lines as well, twenty times slower.
            for row in rows:
                row[at] = textwrap.fill(str(row[at]), WRAP, break_on_hyphens=False)
    text: str = tabulate(
        rows,
        headers=[heading.text for heading in headings],
        tablefmt="simple",
        disable_numparse=True,
        colalign=["right" if heading.number else "left" for heading in headings] if rows else None,
    )
    return [line.rstrip() for line in text.splitlines()]
