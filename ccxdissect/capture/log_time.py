"""When a log's lines were written: a month, a day, a clock and a zone's abbreviation -> nanoseconds since the epoch.

The lines name no year, and most abbreviations of zones are ambiguous: both may be told, and what is guessed is said.
"""

from __future__ import annotations

import re
import time as clock
from datetime import datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

from ccxdissect.errors import CcxDissectError, UsageError, one_line
from ccxdissect.wording import SECOND

#: Years that a log may be of, and the most that lie between its first line and any other.
FIRST_YEAR, LAST_YEAR = 1970, 9998
MOST_YEARS = 20
_DAY = 86_400 * SECOND

#: Hours from UTC of abbreviations that mean one thing only.
_CERTAIN = {
    "UTC": 0, "GMT": 0, "Z": 0, "UCT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "EDT": -4, "MDT": -6, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
    "NZST": 12, "NZDT": 13, "AEST": 10, "AEDT": 11, "ACST": 9.5, "ACDT": 10.5, "AWST": 8, "JST": 9, "KST": 9,
    "SGT": 8, "HKT": 8, "PKT": 5, "NPT": 5.75, "SAST": 2, "EAT": 3, "CAT": 2, "WAT": 1, "BRT": -3, "ART": -3,
    "NST": -3.5, "NDT": -2.5,
}  # fmt: skip
#: Hours from UTC of the likeliest meaning of the others, and where that is.
_LIKELY = {
    "IST": (5.5, "India"), "EST": (-5, "North America"), "CST": (-6, "North America"), "CDT": (-5, "North America"),
    "MST": (-7, "North America"), "PST": (-8, "North America"), "AST": (-4, "North America"),
    "ADT": (-3, "North America"), "BST": (1, "Britain"), "GST": (4, "the Gulf"), "SST": (-11, "Samoa"),
    "AMT": (-4, "Brazil"), "ECT": (-5, "Ecuador"), "WIB": (7, "Indonesia"), "ICT": (7, "Indochina"),
}  # fmt: skip

_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$")


class Stamp(NamedTuple):
    """What a line says of its time. `year` is 0 when it says none; `nanosecond` counts from midnight."""

    year: int
    month: int
    day: int
    nanosecond: int
    zone: str


def zone_of(text: str) -> tzinfo:
    """A zone by its offset from UTC ("+05:30", "-0400", "UTC") or its name ("Asia/Kolkata", "EDT").

    Raises UsageError when there is no such zone.
    """
    offset = _offset(text)
    if offset is not None:
        return timezone(offset)
    if text.upper() in _CERTAIN:
        return timezone(timedelta(hours=_CERTAIN[text.upper()]))
    # Only here, since it takes long to import.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            one_line(f"no time zone is called {text!r}: give an offset such as +05:30, or a name such as Asia/Kolkata")
        ) from None


def _offset(text: str) -> timedelta | None:
    found = _OFFSET.match(text)
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    if int(hours) > 15 or int(minutes or 0) > 59:
        return None
    size = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return -size if sign == "-" else size


class LogClock:
    """Turns stamps into times, in the order of the log.

    `zone` and `year` overrule what the lines say (`year`: that of the first line). `latest`: a time (ns) at which the
    log existed, such as its file's; without a year, the first line gets the last one that does not lie after it.
    Where the date falls back by half a year and more, the next year has begun; but no more than `MOST_YEARS` are counted,
    since dates that go to and fro mean something else. `guesses` says what was guessed.

    Raises CcxDissectError for a zone that is not known and a year that no log is of.
    """

    def __init__(self, zone: str | None = None, year: int | None = None, latest: int | None = None) -> None:
        self._zone = zone_of(zone) if zone else None
        if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
            raise CcxDissectError(f"no log is of the year {year}: from {FIRST_YEAR} to {LAST_YEAR}")
        self._year = year
        self._first_year = year
        self._latest = clock.time_ns() if latest is None else latest
        self._before: tuple[int, int] | None = None
        self._offsets: dict[str, timedelta] = {}
        self._midnights: tuple[tuple[int, int, int, str], int] | None = None
        self.guesses: list[str] = []

    def time(self, stamp: Stamp) -> int:
        """The stamp in nanoseconds since the epoch."""
        year = stamp.year or self._year_of(stamp)
        key = (year, stamp.month, stamp.day, stamp.zone)
        if self._zone is None and self._midnights is not None and self._midnights[0] == key:
            return self._midnights[1] + stamp.nanosecond
        midnight = self._midnight(year, stamp.month, stamp.day)
        if self._zone is not None:
            moment = midnight + timedelta(microseconds=stamp.nanosecond // 1000)
            # When the clocks go back an hour comes twice: what the line calls its zone tells which of the two it is.
            again = moment.replace(fold=1)
            if (self._zone.tzname(again) or "").upper() == stamp.zone.upper():
                moment = again
            offset = self._zone.utcoffset(moment) or timedelta()
        else:
            offset = self._abbreviated(stamp.zone)
        start = _nanoseconds(midnight) - int(offset.total_seconds()) * SECOND
        self._midnights = (key, start)
        return start + stamp.nanosecond

    def _year_of(self, stamp: Stamp) -> int:
        day = (stamp.month, stamp.day)
        before, self._before = self._before, day
        if self._year is None:
            year = datetime.fromtimestamp(self._latest / SECOND, timezone.utc).year
            while year > 1 and (
                _nanoseconds(self._midnight(year, *day)) > self._latest + _DAY or not _exists(year, *day)
            ):
                year -= 1
            self._year = self._first_year = year
            self._guess(f"the log names no year: {year} is a guess (--year tells)")
        elif before is not None:
            away = (day[0] - before[0]) * 31 + day[1] - before[1]
            turn = (away < -186) - (away > 186)
            if turn and self._first_year is not None:
                turned = self._year + turn
                if 1 <= turned <= LAST_YEAR and abs(turned - self._first_year) <= MOST_YEARS:
                    self._year = turned
                else:
                    self._guess("the log's dates go to and fro: the year of the later lines is a guess")
        return self._year

    def _abbreviated(self, zone: str) -> timedelta:
        known = self._offsets.get(zone)
        if known is not None:
            return known
        offset = _offset(zone)
        if offset is None:
            name = zone.upper()
            if name in _CERTAIN:
                offset = timedelta(hours=_CERTAIN[name])
            elif name in _LIKELY:
                hours, where = _LIKELY[name]
                offset = timedelta(hours=hours)
                self._guess(f"the zone {name} is ambiguous: taken for {_spelled(offset)}, {where} (--zone tells)")
            else:
                offset = timedelta()
                self._guess(f"the zone {one_line(zone)!r} is not known: taken for UTC (--zone tells)")
        if len(self._offsets) < 64:
            self._offsets[zone] = offset
        return offset

    def _guess(self, text: str) -> None:
        if text not in self.guesses and len(self.guesses) < 20:
            self.guesses.append(text)

    @staticmethod
    def _midnight(year: int, month: int, day: int) -> datetime:
        """The day's first moment; a day that its month does not have is the month's last."""
        last = min(max(day, 1), 31)
        return next(datetime(year, month, day) for day in range(last, 0, -1) if _exists(year, month, day))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        datetime(year, month, day)
    except ValueError:
        return False
    return True


def _nanoseconds(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1)).total_seconds()) * SECOND


def _spelled(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
