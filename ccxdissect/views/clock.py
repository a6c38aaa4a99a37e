"""What is said of the clock by which a capture or a log is dated."""

from __future__ import annotations

from ccxdissect.stream.pauses import SetBack
from ccxdissect.views.text import date_and_clock, zone_name
from ccxdissect.wording import duration, plural


def clock_set_back(set_back: SetBack) -> str:
    """That the clock was set back, when, and by how much; more often than once it may not be one clock."""
    more = set_back.times - 1
    again = f", and so again {plural(more, 'time')}, as where the clocks of several hosts are mixed" if more else ""
    return (
        f"The clock was set back: what comes after {date_and_clock(set_back.at)} {zone_name()} is dated "
        f"{duration(set_back.by)} earlier{again}. Times across that do not compare, and what lasted across it lasted longer"
    )
