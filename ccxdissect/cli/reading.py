"""Opening what the command line names, and saying on standard error what was not read, not captured or not understood."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timezone, tzinfo
from typing import Any

from ccxdissect.capture.log_lines import is_log_input
from ccxdissect.capture.source import total_size
from ccxdissect.errors import UsageError, one_line
from ccxdissect.sources.keeping import Keep
from ccxdissect.sources.options import Options, options
from ccxdissect.sources.trace import Trace
from ccxdissect.views.text import use_zone


def options_of(args: argparse.Namespace) -> Options:
    """How what is read is to be understood. Raises UsageError for what cannot apply."""
    if getattr(args, "tshark_option", None) and args.engine != "tshark":
        raise UsageError("--tshark-option is for --engine tshark, which reads with tshark")
    return options(
        dialect=args.dialect,
        ports=args.port or (),
        engine=getattr(args, "engine", "own"),
        tshark_options=getattr(args, "tshark_option", None) or (),
        checksums=getattr(args, "checksums", False),
        zone=getattr(args, "zone", None),
        year=getattr(args, "year", None),
    )


def open_trace(args: argparse.Namespace, keep: Keep | None = None, no_zone: str | None = None) -> Trace:
    """The trace of the captures that are named; a terminal shows how far reading is. `no_zone`: see `apply_zone`."""
    apply_zone(args, no_zone)
    captures = list(args.captures)
    bar = _Bar("reading", lambda: total_size(captures))
    return Trace(args.captures, options_of(args), keep, bar.advance)


def shown_zone(args: argparse.Namespace) -> tzinfo | None:
    """The zone of the times that are shown, and of those that are typed without one; None: this machine's."""
    zone = getattr(args, "zone", None)
    captures = getattr(args, "captures", None) or ()
    if zone is None or (captures and all(is_log_input(path) for path in captures)):
        return timezone.utc
    if zone.lower() == "local":
        return None
    from ccxdissect.capture.log_time import zone_of

    return zone_of(zone)


def apply_zone(args: argparse.Namespace, no_zone: str | None = None) -> None:
    """The zone of a capture is that in which its times are shown; a log has one of its own, in which it was written.

    `no_zone`: why what is written of a capture has no times of a zone. Raises UsageError for what cannot apply.
    """
    zone, year = getattr(args, "zone", None), getattr(args, "year", None)
    use_zone(timezone.utc, "UTC")
    if zone is None and year is None:
        return
    captures = getattr(args, "captures", ())
    if captures and all(is_log_input(path) for path in captures):
        if zone is not None and zone.lower() == "local":
            raise UsageError("--zone local is for captures; of a log, name the zone in which it was written")
        return
    if year is not None:
        raise UsageError("--year is for logs, which name none: the packets of a capture carry their year")
    assert zone is not None
    # The totals of a day are those of a zone's day, in any format.
    if getattr(args, "format", None) == "jsonl" and not getattr(args, "totals", False):
        no_zone = "JSON lines hold seconds since 1970, which are the same in every zone"
    if no_zone is not None and (getattr(args, "start", None) or getattr(args, "end", None)):
        # It is that of the times that were typed.
        return
    if no_zone is not None:
        raise UsageError(f"--zone cannot apply: {no_zone}")
    use_zone(shown_zone(args), "local time" if zone.lower() == "local" else zone)


class _Bar:
    """How far something is, on standard error if that is a terminal."""

    def __init__(self, doing: str, total: Callable[[], int | None]) -> None:
        self._doing = doing
        self._total = total
        self._bar: Any = None
        self._shown = sys.stderr is not None and sys.stderr.isatty()

    def advance(self, size: int | None) -> None:
        """So many more bytes were read or written; None: all were."""
        if not self._shown:
            return
        if size is None:
            if self._bar is not None:
                self._bar.close()
            return
        if self._bar is None:
            from tqdm import tqdm

            total = self._total()
            self._bar = tqdm(total=total, unit="B", unit_scale=True, leave=False, file=sys.stderr, desc=self._doing)
        self._bar.update(size)


@contextmanager
def progress(doing: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Shown from now on that this is done; call it with how many more bytes, of `total` if that is known."""
    bar = _Bar(doing, lambda: total)
    bar.advance(0)
    try:
        yield bar.advance
    finally:
        bar.advance(None)


def complain(trace: Trace, why_none: Callable[[Trace], str | None] | None = None) -> None:
    """Say the remarks on standard error; `why_none` tells why none of its rows was wanted, if none was."""
    from ccxdissect.views.remarks import remarks

    none = None if why_none is None else why_none(trace)
    for remark in (*remarks(trace), *(() if none is None else (none,))):
        print(f"note: {one_line(remark)}", file=sys.stderr)
