"""Rows as a table for people, in pages so that a long one streams; and as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from ccxdissect.views.text import shown

#: Rows of one page; each page has its own heading, and its own widths.
PAGE = 1000


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], page: int = PAGE, wrap: int | None = None
) -> Iterator[str]:
    """The lines of a table, page by page. Text cells must be safe to print already, or are made so.

    `wrap`: the width in characters at which the last column is broken into lines.
    """
    batch: list[list[object]] = []
    for row in rows:
        batch.append([shown(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row])
        if len(batch) == page:
            yield from _page(columns, batch, wrap)
            batch = []
    if batch:
        yield from _page(columns, batch, wrap)


def _page(columns: Sequence[str], rows: list[list[object]], wrap: int | None) -> list[str]:
    from tabulate import tabulate

    if wrap:
        # tabulate can break lines as well, twenty times slower.
        for row in rows:
            row[-1] = textwrap.fill(str(row[-1]), wrap, break_on_hyphens=False)
    text: str = tabulate(
        rows,
        headers=list(columns),
        tablefmt="simple",
        disable_numparse=True,
        colalign=_sides(rows),
    )
    return [line.rstrip() for line in text.splitlines()]


def _sides(rows: list[list[object]]) -> list[str]:
    return ["right" if isinstance(cell, (int, float)) else "left" for cell in rows[0]]


#: What makes a spreadsheet take a cell for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula, and no terminal obeys."""
    if not isinstance(cell, str):
        return cell
    text = shown(cell)
    return "'" + text if text.startswith(_FORMULA) else text


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a CSV file, heading first, without line ends."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        yield buffer.getvalue()[:-1]
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(["" if cell is None else safe_cell(cell) for cell in row])
    yield buffer.getvalue()[:-1]
