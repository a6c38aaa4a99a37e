"""The messages of the page: what each of them is about, in columns; their bytes and trees are in `details`."""

from __future__ import annotations

from typing import Any

from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.bounded import Memo
from ccxdissect.protocol.model import Side
from ccxdissect.report.details import Details
from ccxdissect.report.tables import described
from ccxdissect.stream.events import Record
from ccxdissect.views.gist import gist
from ccxdissect.views.ladder import tone_of
from ccxdissect.views.message_rows import message_schema
from ccxdissect.views.messages import Showing
from ccxdissect.views.text import shown
from ccxdissect.wording.problems import say

#: The columns, in the page's own terms.
_NAMES = ("time", "frame", "session", "side", "name", "tone", "size", "what", "wrong", "agent", "calls")
#: Messages of which it is remembered what they say.
_REMEMBERED = 2000


class MessageColumns:
    """Takes messages in their order, the first `most` of them whole; counts all of them."""

    def __init__(self, showing: Showing, most: int) -> None:
        self.most = most
        self.total = 0
        self.details = Details(showing)
        self._secrets = showing.secrets
        self._schema = message_schema(showing)
        self._reader = SubjectReader()
        self._phones = Phones()
        self._names: dict[str, int] = {}
        self._agents: dict[str, int] = {}
        self._columns: dict[str, list[Any]] = {name: [] for name in _NAMES}
        self._numbers: list[int] = []
        self._known: Memo[object, tuple[str, bytes]] = Memo(_REMEMBERED)

    def overhear(self, record: Record) -> None:
        """A message that is not shown: whose phone is whose is learnt from it all the same."""
        self._phones.learn(record.session.server, self._reader.of(record.decoded))

    def add(self, record: Record) -> None:
        """The next message."""
        self.total += 1
        if self.total > self.most:
            return
        subject = self._reader.of(record.decoded)
        self._phones.learn(record.session.server, subject)
        agent = self._phones.agent_of(record.session.server, subject)
        told, detail = self._told(record)
        cells = (
            record.time,
            record.frame,
            record.session.number,
            int(record.sender is Side.SERVER),
            self._names.setdefault(record.name, len(self._names)),
            tone_of(record.decoded.message, None).value,
            len(record.decoded.body) + 8,
            told,
            "; ".join(shown(say(problem)) for problem in record.problems),
            -1 if agent is None else self._agents.setdefault(shown(agent), len(self._agents)),
            list(subject.calls),
        )
        for name, cell in zip(_NAMES, cells, strict=True):
            self._columns[name].append(cell)
        self._numbers.append(record.number)
        self.details.add(detail)

    def _told(self, record: Record) -> tuple[str, bytes]:
        """What a message says, in a line and whole. A server tells several clients the same, one soon after the other."""
        decoded = record.decoded
        problems = [f"problem: {shown(say(problem))}" for problem in record.source_problems]
        key = (decoded.body, decoded.number, decoded.version, decoded.layout, decoded.form)
        told = None if problems else self._known.get(key)
        if told is None:
            told = gist(decoded, self._secrets, ()), self.details.pack(decoded, problems)
            if not problems:
                self._known.remember(key, told)
        return told

    def document(self, base: int) -> dict[str, Any]:
        """The columns, times counted from `base`."""
        columns = dict(self._columns)
        columns["time"] = [time - base for time in columns["time"]]
        return {
            "columns": {column.name: described(column, shown_=True) for column in self._schema.usual},
            "names": list(self._names),
            "agents": list(self._agents),
            # Those of a whole capture are counted by the page itself.
            "numbers": self._numbers if self._numbers and self._numbers[-1] != len(self._numbers) else None,
            "data": columns,
            "total": self.total,
        }
