"""What the page holds, gathered in one pass: the messages, the results, and what the pictures are drawn from.

All times are ns since `base`, the first time there is, so that a number of JavaScript holds them exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ccxdissect.analysis.agents import Agents
from ccxdissect.analysis.calls import Calls
from ccxdissect.analysis.exchanges import Exchanges
from ccxdissect.analysis.findings import Finding, Findings, Gathering
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.protocol.model import Side
from ccxdissect.report.details import BLOCK
from ccxdissect.report.messages import MessageColumns
from ccxdissect.report.rates import Rates
from ccxdissect.report.tables import table, times_of
from ccxdissect.stream.events import Event, Loss, Record
from ccxdissect.views.messages import Showing
from ccxdissect.views.rows import schema_of

#: The most messages that are embedded, and the most rows of each table.
MOST = 200_000


class Content:
    """Takes events; `document` is what the page embeds, `blocks` the bytes and trees of its messages."""

    def __init__(self, showing: Showing, most: int = MOST) -> None:
        self.most = most
        self.gathering = Gathering()
        reader = SubjectReader()
        self._messages = MessageColumns(showing, most, reader)
        self._findings = Findings()
        self._exchanges = Exchanges(reader=reader)
        self._calls = Calls(reader=reader)
        self._agents = Agents(reader=reader)
        self.rows: dict[str, list[Any]] = {
            name: [] for name in ("sessions", "exchanges", "calls", "agents", "findings")
        }
        self._rates = Rates()
        self._times: list[int] = []
        self._heard: dict[tuple[int, Side], int] = {}
        self._gaps: list[tuple[int, str, int, int, int]] = []

    def feed(self, event: Event) -> None:
        """Take the next event."""
        self._take("findings", self._findings.feed(event))
        self._take("sessions", self._findings.ended)
        self._take("exchanges", self._exchanges.feed(event))
        self._take("calls", self._calls.feed(event))
        self._take("agents", self._agents.feed(event))
        if isinstance(event, Record):
            self._messages.add(event)
            self._rates.add(event.time)
            self._reach(event.time)
            self._heard[event.session.number, event.sender] = event.time
        elif isinstance(event, Loss):
            self._reach(event.time)
            if event.missing:
                since = self._heard.get((event.session.number, event.sender), event.session.start)
                gap = (event.session.number, event.sender.value, min(since, event.time), event.time, event.missing)
                self._gaps.append(gap)

    def flush(self) -> None:
        """Nothing more will come."""
        self._take("findings", self._findings.flush())
        self._take("sessions", self._findings.ended)
        self._take("exchanges", self._exchanges.flush())
        self._take("calls", self._calls.flush())
        self._take("agents", self._agents.flush())
        self._messages.details.close()
        self.rows["sessions"].sort(key=lambda story: story.session.number)
        for name, rows in self.rows.items():
            schema = schema_of(name)[0]
            for row in rows:
                for time in times_of(schema, row):
                    self._reach(time)

    def _take(self, name: str, found: Iterable[Any]) -> None:
        for result in found:
            self.rows[name].append(result)
            if isinstance(result, Finding):
                self.gathering.add(result)

    def _reach(self, time: int) -> None:
        if not self._times:
            self._times = [time, time]
        elif time < self._times[0]:
            self._times[0] = time
        elif time > self._times[1]:
            self._times[1] = time

    @property
    def messages(self) -> int:
        """How many messages there were."""
        return self._messages.total

    @property
    def blocks(self) -> list[str]:
        """The packed bytes and trees of the messages."""
        return self._messages.details.blocks

    @property
    def base(self) -> int:
        """The first time there is, in ns since 1970; 0 when there is none."""
        return self._times[0] if self._times else 0

    @property
    def end(self) -> int:
        """The last time there is."""
        return self._times[1] if self._times else 0

    def document(self) -> dict[str, Any]:
        """What the page's scripts work on."""
        base = self.base
        return {
            "base": str(base),
            "span": self.end - base,
            "block": BLOCK,
            "messages": self._messages.document(base),
            "tables": {name: table(schema_of(name)[0], rows, base, self.most) for name, rows in self.rows.items()},
            "gaps": [
                [number, side, since - base, until - base, missing]
                for number, side, since, until, missing in self._gaps[: self.most]
            ],
            "rate": {
                "width": self._rates.width,
                "bins": [[start - base, count] for start, count in self._rates.bins()],
            },
        }
