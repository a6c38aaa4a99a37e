"""How rows come out: one file per format; adding a format is adding a file.

Each has `write(schema, rows, out, layout)`, which writes the rows of a schema to a text stream as they come, and a
`MEANING`, which help prints. An empty result is written as one: its heading, where the format has headings.
"""

from __future__ import annotations

from importlib import import_module

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Protocol, TextIO

    from ccxdissect.analysis.schema import Schema
    from ccxdissect.views.layout import Layout

    class Writer(Protocol):
        """What a format's module is."""

        MEANING: str

        def write(self, schema: Schema, rows: Iterable[Any], out: TextIO, layout: Layout = ...) -> None:
            """Write the rows."""


def format_names() -> list[str]:
    """The formats there are: the modules of this package; the table, for people, first."""
    from pkgutil import iter_modules

    names = [module.name for module in iter_modules(__path__)]
    return sorted(names, key=lambda name: (name != "table", name))


def writer(name: str) -> Writer:
    """The format of that name."""
    found: Any = import_module(f"{__name__}.{name}")
    return found
