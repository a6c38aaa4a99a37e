"""Writing what a command gives to standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from ccxdissect.analysis.schema import Schema
from ccxdissect.views import lines
from ccxdissect.views.formats import writer
from ccxdissect.views.layout import USUAL, Layout


def write_lines(texts: Iterable[str]) -> None:
    """Print lines."""
    lines.write_lines(texts, sys.stdout)


def write_rows(style: str, schema: Schema, rows: Iterable[Any], layout: Layout = USUAL) -> None:
    """Print rows in the format of that name."""
    writer(style).write(schema, rows, sys.stdout, layout)
