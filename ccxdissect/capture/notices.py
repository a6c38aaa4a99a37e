"""What went wrong while reading packets without stopping it: counted, never raised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ccxdissect.errors import one_line

KINDS = 256
"""Kinds of notices kept apart; a hostile capture must not make the tally grow without end."""

OVERFLOW = "further kinds of notices"


@dataclass
class Notice:
    """A kind of trouble in one source: how often it was met, and where first."""

    reason: str
    count: int
    frame: int | None
    """The packet at which it was first met; None if it belongs to no packet."""
    source: str
    """The file or interface; empty if it belongs to none."""
    detail: str
    """What is special about the first case; may be empty."""

    def __str__(self) -> str:
        where = self.source
        if self.frame is not None:
            where += (": " if where else "") + f"frame {self.frame}"
        text = self.reason + (f" ({self.detail})" if self.detail else "")
        if self.count > 1:
            text += f", {self.count} times"
        return one_line(f"{where}: {text}" if where else text)


class Notices:
    """An ordered, bounded tally of notices by source and reason."""

    def __init__(self, kinds: int = KINDS) -> None:
        self._kinds = kinds
        self._tally: dict[tuple[str, str], Notice] = {}

    def add(self, reason: str, frame: int | None = None, source: str = "", detail: str = "") -> None:
        """Count `reason`; frame and detail are kept of the first case only."""
        known = self._tally.get((source, reason))
        if known is None and len(self._tally) >= self._kinds:
            source, detail, reason = "", "", OVERFLOW
            known = self._tally.get((source, reason))
        if known is not None:
            known.count += 1
        else:
            self._tally[source, reason] = Notice(reason, 1, frame, source, detail)

    def __iter__(self) -> Iterator[Notice]:
        return iter(list(self._tally.values()))

    def __len__(self) -> int:
        return len(self._tally)
