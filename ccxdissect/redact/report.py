"""What was replaced, counted by name and never by value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator


class Report:
    """Counts of what a redaction did. `fields`: replaced by pseudonyms; `secrets`: zeroed; `kept`: as asked for."""

    def __init__(self) -> None:
        self.fields: Counter[str] = Counter()
        self.secrets: Counter[str] = Counter()
        self.blanked: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()
        self.messages = 0
        #: Packets, or lines.
        self.units = 0
        self.unit = "packets"

    def lines(self) -> Iterator[str]:
        """The report in lines."""
        yield f"{self.units:,} {self.unit}, {self.messages:,} messages"
        for title, counts in (
            ("zeroed", self.secrets),
            ("replaced by pseudonyms", self.fields),
            ("blanked, since not understood or not of the protocol", self.blanked),
            ("kept as asked", self.kept),
        ):
            if counts:
                yield f"{title}:"
                for name, count in sorted(counts.items()):
                    yield f"  {name}: {count:,}"
