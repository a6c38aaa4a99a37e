"""Ladders: who sent what to whom, in the order of time. Here is what is drawn; `ladder_rows` makes its rows, `ladder_text`,
`ladder_mermaid` and `ladder_svg` draw it.

Columns are the endpoints; with several clients the server stands between them. All texts are safe to print.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from ccxdissect.analysis.exchange import Exchange, Outcome
from ccxdissect.protocol.model import Kind, Message, Trait
from ccxdissect.views.text import day_of, teller

#: Beyond so many messages nobody reads a ladder.
MOST_STEPS = 1_000
#: Of so many at most a picture is made at all, whoever wants it; each session has a line down all of it, so that these are
#: bounded too: what a ladder takes grows with both.
MOST_DRAWN, MOST_SESSIONS = 100_000, 100


class Tone(Enum):
    """What kind of row a step is."""

    REQUEST = "request"
    CONFIRMATION = "confirmation"
    FAILURE = "failure"
    EVENT = "event"
    HEARTBEAT = "heartbeat"
    UNKNOWN = "unknown"
    CONNECTION = "connection"  #: what TCP showed, no message
    SILENCE = "silence"  #: nothing for a while: no arrow at all


@dataclass(frozen=True)
class Column:
    """One endpoint. `title` its address, `subtitle` its part: client or server, and for whom."""

    title: str
    subtitle: str


@dataclass(frozen=True)
class LadderStep:
    """One row: a message, one event told to several clients, several heartbeats, an end of a connection, or a silence.

    `numbers`: of the messages that it stands for. `source` and `targets`: columns, one arrow to each of these. Times in ns,
    `until` that of the last of what it stands for; `latency` stands at a reply; `unanswered` marks a request without any.
    """

    numbers: tuple[int, ...]
    time: int
    source: int
    targets: tuple[int, ...]
    name: str
    detail: str
    tone: Tone
    until: int
    latency: int | None = None
    unanswered: bool = False
    problem: bool = False

    @property
    def label(self) -> str:
        """The numbers as they stand in front of it: `12`, `61,62`, `70-85`."""
        if len(self.numbers) < 3:
            return ",".join(map(str, self.numbers))
        first, last = min(self.numbers), max(self.numbers)
        return f"{first}-{last}" if last - first + 1 == len(self.numbers) else f"{first}..{last}"


@dataclass(frozen=True)
class Ladder:
    """All there is to draw. `subtitle`: of which files and which time; `left_out`: how many messages there were beyond
    those that are drawn."""

    title: str
    columns: tuple[Column, ...]
    steps: tuple[LadderStep, ...]
    left_out: int = 0
    subtitle: str = ""

    @property
    def times(self) -> Iterable[int]:
        """The times of its steps, in ns."""
        return (step.time for step in self.steps)

    @property
    def several_days(self) -> bool:
        """Whether the steps are of more than one day, so that their times need dates."""
        return len({day_of(time) for time in self.times}) > 1

    @property
    def moment(self) -> Callable[[int], str]:
        """How its times are told."""
        return teller(self.times)


def tone_of(message: Message | None, answered: Exchange | None) -> Tone:
    """What kind of arrow a message of a type (None: an undeclared one) is; `answered`: the exchange that it completes."""
    if message is None:
        return Tone.UNKNOWN
    if message.traits & (Trait.FAILS | Trait.REPORTS_FAILURE) or (
        answered is not None and answered.outcome is Outcome.FAILED
    ):
        return Tone.FAILURE
    if message.traits & Trait.HEARTBEAT:
        return Tone.HEARTBEAT
    return {Kind.REQUEST: Tone.REQUEST, Kind.CONFIRMATION: Tone.CONFIRMATION, Kind.EVENT: Tone.EVENT}[message.kind]
