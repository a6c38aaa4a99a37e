"""The front door: opens a trace, and hands it the tables, which stand above it in the house."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from ccxdissect.capture.remote import is_remote
from ccxdissect.errors import CaptureError, CcxDissectError
from ccxdissect.protocol.model import Protocol
from ccxdissect.sources.keeping import Keep
from ccxdissect.sources.options import AUTO, options
from ccxdissect.sources.producers import Progress
from ccxdissect.sources.trace import Trace


def open_trace(
    *paths: str | os.PathLike[str],
    dialect: str | Protocol = AUTO,
    ports: Iterable[int] = (),
    engine: str = "own",
    zone: str | None = None,
    year: int | None = None,
    keep: Keep | None = None,
    progress: Progress | None = None,
) -> Trace:
    """Open one or many captures (pcap, pcapng) or logs of the server, gzipped or not; "-" is standard input.

    Several captures continue each other. `dialect`: "auto" (each session tells), "ccx", "cce", or a set of declarations. `ports`: where the server listens
    (default: the dialect's ports). `engine`: "own", or "tshark" and "pyshark" for what only Wireshark can open. `zone`
    and `year`: those of a log, which names neither. (`Trace` itself takes the rarer options of `sources.options`.)
    `keep`: which messages matter: a `Filter`, an expression, or a function of a message that says so; other results are
    given when one of their messages is kept. `progress`: hears how many more bytes were read; None at the end.

    Raises CaptureError for what cannot be opened, UsageError for options that make no sense.

    >>> import ccxdissect
    >>> with ccxdissect.open("samples/trouble.pcapng", keep="name == OPEN_REQ and VersionNumber < 14") as trace:
    ...     print([message.number for message in trace.messages()], "of", trace.count)
    [3] of 81
    """
    if not paths:
        raise CcxDissectError("nothing to open")
    given = options(dialect=dialect, ports=ports, engine=engine, zone=zone, year=year)
    names = [os.fspath(path) for path in paths]
    for name in names:
        if name != "-" and not is_remote(name):
            try:
                os.stat(name)
            except (OSError, ValueError) as error:
                raise CaptureError(name, str(getattr(error, "strerror", None) or error).lower()) from error
    return Trace(names, given, keep, progress, tables=_table)


def _table(trace: Trace, table: str) -> Any:
    from ccxdissect.tables.in_memory import to_arrow

    return to_arrow(trace, table)
