"""Writing rows to standard output in the format asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence


def write_lines(lines: Iterable[str]) -> None:
    """Print lines, in batches when nobody watches."""
    if sys.stdout.isatty():
        for line in lines:
            print(line)
        return
    batch: list[str] = []
    size = 0
    write = sys.stdout.write
    for line in lines:
        batch.append(line)
        size += len(line)
        if size > 1 << 16:
            batch.append("")
            write("\n".join(batch))
            batch = []
            size = 0
    if batch:
        batch.append("")
        write("\n".join(batch))


def write_rows(style: str, columns: Sequence[str], rows: Iterable[Sequence[object]], wrap: int | None = None) -> None:
    """Print rows as a table (its last column broken at `wrap` characters) or as CSV."""
    from ccxdissect.views.table import csv_lines, table

    write_lines(csv_lines(columns, rows) if style == "csv" else table(columns, rows, wrap=wrap))
