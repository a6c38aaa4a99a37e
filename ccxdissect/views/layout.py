"""What was asked for about the looks of rows, whatever the format; each format heeds what concerns it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Times(Enum):
    """How points in time stand in a table."""

    CLOCK = "abs"  #: the time of day, with the date when a page holds more than one day
    SINCE_FIRST = "relative"
    SINCE_BEFORE = "delta"


@dataclass(frozen=True)
class Layout:
    """`columns`: these, by name, in this order (default: the usual ones of a table, all of them elsewhere). `wide`: all
    columns, however wide the table. `width`: of the terminal in characters, None when the lines may be of any length.
    `times`: how points in time stand in a table. `colour`: whether what matters stands out in colour. `dated`: whether
    those need dates, for what is known by now, even if these rows are all of one day.
    """

    columns: tuple[str, ...] = ()
    wide: bool = False
    width: int | None = None
    times: Times = Times.CLOCK
    colour: bool = False
    dated: Callable[[], bool] | None = None


#: Nothing was asked for.
USUAL = Layout()
