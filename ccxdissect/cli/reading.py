"""Reading what the command line names: captures into events, with a progress bar, and what went wrong on stderr."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from typing import Any

from ccxdissect.protocol import UCCX_CTI
from ccxdissect.stream.events import Event, Loss, Record

#: Notes printed before the rest is only counted.
NOTES = 20


class Reading:
    """One run over the captures that `args` names.

    Iterate over it for the events. Afterwards `complain()` says on standard error what was lost or could not be read,
    so that nothing is passed over in silence.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        self.captures: list[str] = args.captures
        self.ports = frozenset(args.port or UCCX_CTI.ports)
        self.messages = 0
        self._losses: list[str] = []
        self._more_losses = 0
        self._bar: Any = None
        from ccxdissect.capture.segments import read_segments

        self.reader = read_segments(self.captures, self.ports, progress=self._progress)

    def __iter__(self) -> Iterator[Event]:
        from ccxdissect.stream.dissector import Dissector

        dissector = Dissector(UCCX_CTI, self.ports)
        try:
            for segment in self.reader:
                for event in dissector.feed(segment):
                    self._count(event)
                    yield event
            for event in dissector.flush():
                self._count(event)
                yield event
        finally:
            if self._bar is not None:
                self._bar.close()

    def records(self) -> Iterator[Record]:
        """The messages alone."""
        for event in self:
            if isinstance(event, Record):
                yield event

    def _count(self, event: Event) -> None:
        if isinstance(event, Record):
            self.messages += 1
        elif isinstance(event, Loss):
            if len(self._losses) < NOTES:
                self._losses.append(
                    f"frame {event.frame}, session {event.session.number}, {event.sender.value}: {event.reason}"
                    + (f" ({event.skipped} bytes)" if event.skipped else "")
                )
            else:
                self._more_losses += 1

    def _progress(self, size: int) -> None:
        if self._bar is None:
            if not sys.stderr.isatty():
                return
            from tqdm import tqdm

            total = sum(os.path.getsize(path) for path in self.captures if os.path.isfile(path)) or None
            self._bar = tqdm(total=total, unit="B", unit_scale=True, leave=False, file=sys.stderr, desc="reading")
        self._bar.update(size)

    def complain(self) -> None:
        """Say on standard error what was not read, not captured or not understood."""
        for notice in self.reader.notices:
            print(f"note: {notice}", file=sys.stderr)
        for loss in self._losses:
            print(f"note: {loss}", file=sys.stderr)
        if self._more_losses:
            print(f"note: and {self._more_losses} more losses; `ccxdissect sessions` counts the bytes", file=sys.stderr)
        if not self.messages:
            print(f"note: {self.nothing_found()}", file=sys.stderr)

    def nothing_found(self) -> str:
        """Why there may be no messages, and what to try."""
        ports = ", ".join(str(port) for port in sorted(self.ports))
        said = f"no CTI messages among {self.reader.packets:,} packets on port {ports}"
        busiest = self.reader.other_ports.most_common(3)
        if busiest:
            named = ", ".join(f"{port} ({count:,} segments)" for port, count in busiest)
            said += f"; the busiest other TCP ports are {named}: try --port {busiest[0][0]}"
        return said
