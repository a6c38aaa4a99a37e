"""Writing what a command gives to standard output."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from ccxdissect.analysis.schema import ColumnKind, Schema
from ccxdissect.cli.options import names_of
from ccxdissect.cli.output import columns_told
from ccxdissect.errors import UsageError
from ccxdissect.views import lines
from ccxdissect.views.formats import writer
from ccxdissect.views.layout import Layout, Times
from ccxdissect.views.text import day_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ccxdissect.sources.trace import Trace


def write_lines(texts: Iterable[str]) -> None:
    """Print lines."""
    lines.write_lines(texts, sys.stdout)


def as_table(args: argparse.Namespace) -> bool:
    """Whether rows are wanted, of a command that tells them otherwise unless it is asked for what only rows have."""
    return bool(args.format != "table" or args.columns or args.wide or args.time != Times.CLOCK.value)


def layout_of(args: argparse.Namespace, trace: Trace | None = None) -> Layout:
    """What the options say about looks, and what is known of the trace that the rows are of."""
    columns = names_of(args, "columns")
    return Layout(
        columns=columns,
        wide=getattr(args, "wide", False),
        width=None if getattr(args, "wide", False) or columns else terminal_width(),
        times=Times(getattr(args, "time", "abs")),
        colour=_colour(getattr(args, "color", "never")),
        dated=None if trace is None else lambda: not trace.is_of_one_day(day_of),
    )


def terminal_width() -> int | None:
    """The characters of a line of the terminal that is written to; None when it is none."""
    return columns_told() if _terminal() else None


def _terminal() -> bool:
    """Whether people see what is written, be it by way of a pager."""
    there = sys.__stdout__
    return sys.stdout is not None and there is not None and there.isatty() and not _to_file()


def _to_file() -> bool:
    name = getattr(sys.stdout, "name", None)
    return sys.stdout is not sys.__stdout__ and isinstance(name, str)


def _colour(wanted: str) -> bool:
    if wanted != "auto":
        return wanted == "always"
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and _terminal()


def write_rows(args: argparse.Namespace, schema: Schema, rows: Iterable[Any], trace: Trace | None = None) -> int:
    """Print rows in the format that the options name, as many as they want; returns how many. `trace`: what they are
    of."""
    times = getattr(args, "time", Times.CLOCK.value)
    if times != Times.CLOCK.value and not any(column.kind is ColumnKind.TIME for column in schema):
        raise UsageError(f"--time {times} cannot apply: these rows have no points in time")
    counted = _Counted(so_many(args, rows))
    writer(getattr(args, "format", "table")).write(schema, counted, sys.stdout, layout_of(args, trace))
    return counted.count


def so_many(args: argparse.Namespace, rows: Iterable[Any]) -> Iterator[Any]:
    """As many of the rows as were asked for."""
    most = getattr(args, "most_rows", None)
    return iter(rows) if most is None else islice(rows, most)


def write_table(schema: Schema, rows: Iterable[Any]) -> None:
    """Print rows as a table that has no options."""
    writer("table").write(schema, rows, sys.stdout, Layout(width=terminal_width()))


class _Counted:
    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Any]:
        for row in self._rows:
            self.count += 1
            yield row
