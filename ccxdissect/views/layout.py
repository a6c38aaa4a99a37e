"""What was asked for about the looks of rows, whatever the format; each format heeds what concerns it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """`columns`: these, by name, in this order (default: the usual ones of a table, all of them elsewhere). `wide`: all
    columns, however wide the table. `width`: of the terminal in characters, None when the lines may be of any length.
    """

    columns: tuple[str, ...] = ()
    wide: bool = False
    width: int | None = None


#: Nothing was asked for.
USUAL = Layout()
