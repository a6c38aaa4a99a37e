"""What the page holds, gathered in one pass: the messages, the results, and what the pictures are drawn from.

All times are ns since `base`, the first time there is, so that a number of JavaScript holds them exactly.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ccxdissect.analysis.gathering import Gathering, gravest_first
from ccxdissect.analysis.verdict import Seen, Verdict, judge
from ccxdissect.protocol.model import Side
from ccxdissect.report.details import BLOCK
from ccxdissect.report.messages import MessageColumns
from ccxdissect.report.rates import Rates
from ccxdissect.report.tables import DRAWN, table, times_of
from ccxdissect.sources.keeping import Kept
from ccxdissect.sources.trace import Trace
from ccxdissect.stream.events import Event, Loss, Record
from ccxdissect.views.messages import Showing
from ccxdissect.views.rows import schema_of
from ccxdissect.views.text import shown, utc_offset, zone_name
from ccxdissect.wording import SECOND

#: The most messages that are embedded, and the most rows of each table.
MOST = 200_000
#: The most hours of a capture that are looked at for changes of the zone's clocks.
MOST_HOURS = 20_000


class Content:
    """What is in a trace, or what its filter keeps of it, read once; `document` is what the page embeds, `blocks` the bytes and trees of its messages.

    `rows`: the first results of each kind; `totals`: how many there are of it.
    """

    def __init__(self, trace: Trace, showing: Showing, most: int = MOST) -> None:
        self.most = most
        self.gathering = Gathering()
        self._seen = Seen()
        self.rows: dict[str, list[Any]] = {name: [] for name in DRAWN}
        self.totals = dict.fromkeys(DRAWN, 0)
        self._schemas = {name: schema_of(name)[0] for name in DRAWN}
        self._messages = MessageColumns(showing, most)
        self._rates = Rates()
        self._times: list[int] = []
        self._heard: dict[tuple[int, Side], int] = {}
        self._gaps: list[tuple[int, str, int, int, int]] = []
        for name, result in trace.results(("events", *DRAWN)):
            if name != "events":
                self._result(name, result)
            elif trace.kept is None or self._asked_for(trace.kept, result):
                self._event(result)
        self.rows["findings"] = list(gravest_first(self.rows["findings"], most))
        self._messages.details.close()
        #: How many messages were read, be they asked for or not.
        self.read = trace.count
        #: What the ports carry, where nothing was decoded; and those that were looked at.
        self.foreign = None if self.read else trace.elsewhere()
        self.logged = trace.logged
        self.ports = trace.options.ports
        self._files_lacking = bool(trace.lacking)

    @property
    def verdict(self) -> Verdict:
        """What all of it comes to."""
        return judge(self.gathering, self._seen).of_files(self._files_lacking)

    def _asked_for(self, kept: Kept, event: Event) -> bool:
        if isinstance(event, Record):
            wanted = kept.has("messages", event)
            if not wanted:
                self._messages.overhear(event)
            return wanted
        return not isinstance(event, Loss) or kept.has("losses", event)

    def _event(self, event: Event) -> None:
        if isinstance(event, Record):
            self._messages.add(event)
            self._rates.add(event.time)
            self._reach(event.time)
            self._heard[event.session.number, event.sender] = event.time
        elif isinstance(event, Loss):
            self._reach(event.time)
            if event.missing and len(self._gaps) < self.most:
                since = self._heard.get((event.session.number, event.sender), event.session.start)
                gap = (event.session.number, event.sender.value, min(since, event.time), event.time, event.missing)
                self._gaps.append(gap)

    def _result(self, name: str, result: Any) -> None:
        self.totals[name] += 1
        if name == "findings":
            self.gathering.add(result)
        elif name == "sessions":
            self._seen = self._seen.and_of(result)
        if self.totals[name] <= self.most:
            self.rows[name].append(result)
            for time in times_of(self._schemas[name], result):
                self._reach(time)

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
    def left_out(self) -> int:
        """How many of them the page does not hold."""
        return max(self.messages - self.most, 0)

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

    def _offsets(self) -> list[list[int]]:
        """How far the zone is ahead of UTC: from when on (ns since `base`), and by how many seconds."""
        base, hour = self.base, 3600 * SECOND
        found = [[0, utc_offset(base)]]
        # Clocks are changed on the hour; of a span of many years every so many hours are looked at.
        step = hour * max((self.end - base) // (MOST_HOURS * hour), 1)
        for time in range(base - base % hour + hour, self.end, step):
            offset = utc_offset(time)
            if offset != found[-1][1]:
                found.append([time - base, offset])
        return found

    def document(self) -> dict[str, Any]:
        """What the page's scripts work on; what is large as functions that make it, one when the other is done with."""
        base = self.base
        return {
            "base": str(base),
            "span": self.end - base,
            "block": BLOCK,
            "zone": {"name": shown(zone_name()), "offsets": self._offsets()},
            "messages": partial(self._messages.document, base),
            "tables": {
                name: partial(table, self._schemas[name], rows, base, self.totals[name])
                for name, rows in self.rows.items()
            },
            "gaps": [
                [number, side, since - base, until - base, missing]
                for number, side, since, until, missing in self._gaps
            ],
            "rate": {
                "width": self._rates.width,
                "bins": [[start - base, count] for start, count in self._rates.bins()],
            },
        }
