"""What each agent did in total, day by day: time in each state and for each reason, logins, calls handled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone, tzinfo

from ccxdissect.analysis.agents import Spell
from ccxdissect.analysis.schema import Column, ColumnKind, Schema
from ccxdissect.wording import SECOND, duration
from ccxdissect.wording.names import less_prefix

#: The most days and agents that are told apart; what is beyond goes into the last one.
MOST_ROWS = 100_000


@dataclass(slots=True)
class Share:
    """Time in one state (for one reason), in ns, how often, and its share of the time logged in."""

    state: str
    reason: int | None = None
    reason_name: str | None = None
    time: int = 0
    times: int = 0
    share: float = 0.0


@dataclass(slots=True)
class AgentDay:
    """One agent on one day. Times in ns."""

    agent: str
    day: str
    logins: int = 0
    calls: int = 0
    logged_in: int = 0
    #: Whether a state of the day still lasted when the capture ended.
    open: bool = False
    #: Whether a state of the day may have ended sooner than it seems, bytes being lacking.
    unheard: bool = False
    states: dict[str, Share] = field(default_factory=dict)
    reasons: dict[tuple[str, int], Share] = field(default_factory=dict)


_SHARE = (
    Column("time", ColumnKind.DURATION, "how long"),
    Column("times", ColumnKind.INTEGER, "how often"),
    Column("share", ColumnKind.NUMBER, "share of the time logged in, 0 to 1"),
)
STATE = Schema("state", "time in one state", (Column("state", ColumnKind.TEXT, "the state's constant"), *_SHARE))
REASON = Schema(
    "reason",
    "time in one state for one reason",
    (
        Column("state", ColumnKind.TEXT, "the state's constant"),
        Column("reason", ColumnKind.INTEGER, "reason code"),
        Column("reason_name", ColumnKind.TEXT, "its constant, when the tables have it", optional=True),
        *_SHARE,
    ),
)


def _states(shares: Iterable[Share]) -> str:
    told = sorted(shares, key=lambda share: -share.time)
    return ", ".join(f"{less_prefix(one.state)} {duration(one.time)} ({one.share:.0%})" for one in told)


def _reasons(shares: Iterable[Share]) -> str:
    told = sorted(shares, key=lambda share: -share.time)
    return ", ".join(
        f"{one.reason}{' ' + one.reason_name if one.reason_name else ''} {duration(one.time)}" for one in told
    )


SCHEMA = Schema(
    "agent_totals",
    "what one agent did on one day",
    (
        Column("agent", ColumnKind.TEXT, "login id of the agent", rank=1),
        Column("day", ColumnKind.TEXT, "the day, YYYY-MM-DD", rank=2),
        Column("logins", ColumnKind.INTEGER, "logins that were seen", rank=4),
        Column("calls", ColumnKind.INTEGER, "calls handled: how often the agent began to talk", rank=5),
        Column(
            "logged_in",
            ColumnKind.DURATION,
            "time in any state but logged out",
            rank=3,
            told=lambda day: f"{'up to ' if day.unheard else ''}{duration(day.logged_in)}",
        ),
        Column("open", ColumnKind.FLAG, "a state still lasted when the capture ended, its time so far counts", rank=6),
        Column(
            "unheard", ColumnKind.FLAG, "bytes are lacking: a state may have ended sooner, and others have come between"
        ),
        Column(
            "states",
            ColumnKind.LIST,
            "time in each state",
            lambda day: list(day.states.values()),
            rank=7,
            of=STATE,
            brief=_states,
        ),
        Column(
            "reasons",
            ColumnKind.LIST,
            "time for each reason",
            lambda day: list(day.reasons.values()),
            rank=8,
            of=REASON,
            brief=_reasons,
        ),
    ),
)


def schema_in(zone: str) -> Schema:
    """The same with the name of the zone whose days these are, for people."""
    named = (replace(one, heading=f"day ({zone})") if one.name == "day" else one for one in SCHEMA.columns)
    return replace(SCHEMA, columns=tuple(named))


class AgentTotals:
    """Adds up the spells of agents, in the order in which they are given: by their ends. Days are those of a zone (None:
    that of this machine)."""

    def __init__(self, zone: tzinfo | None = timezone.utc) -> None:
        self._zone = zone
        self._days: dict[tuple[str, str], AgentDay] = {}
        #: When (ns) agents who are logged out were said to be.
        self._out: dict[str, int] = {}
        self._talking: set[str] = set()

    def add(self, spell: Spell) -> None:
        """Take the next spell."""
        first = self._day(spell.agent, spell.start)
        # What began before the agent went, and is given only now, is no return.
        back = not spell.logged_out and spell.start >= self._out.get(spell.agent, spell.start + 1)
        first.logins += spell.logs_in or back
        if spell.logged_out:
            self._out[spell.agent] = spell.start
            self._talking.discard(spell.agent)
            return
        if back:
            del self._out[spell.agent]
        if spell.on_call and spell.agent not in self._talking:
            first.calls += 1
        (self._talking.add if spell.on_call else self._talking.discard)(spell.agent)
        state = spell.state_name or f"state {spell.state}"
        for number, (start, end) in enumerate(self._by_day(spell.start, spell.until)):
            day = self._day(spell.agent, start)
            day.logged_in += end - start
            day.open = day.open or spell.open
            day.unheard = day.unheard or spell.unheard
            parts = [day.states.setdefault(state, Share(state))]
            if spell.reason:
                parts.append(
                    day.reasons.setdefault((state, spell.reason), Share(state, spell.reason, spell.reason_name))
                )
            for share in parts:
                share.time += end - start
                share.times += number == 0

    def rows(self) -> list[AgentDay]:
        """The totals, by agent and day."""
        for day in self._days.values():
            for share in (*day.states.values(), *day.reasons.values()):
                share.share = round(share.time / day.logged_in, 4) if day.logged_in else 0.0
        return [self._days[key] for key in sorted(self._days)]

    def _day(self, agent: str, time: int) -> AgentDay:
        day = self._date(time).strftime("%Y-%m-%d")
        if len(self._days) >= MOST_ROWS and (agent, day) not in self._days:
            return next(reversed(self._days.values()))
        return self._days.setdefault((agent, day), AgentDay(agent, day))

    def _date(self, time: int) -> datetime:
        return datetime.fromtimestamp(time // SECOND, timezone.utc).astimezone(self._zone)

    def _by_day(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The part of a span on each day; at least one, be it empty."""
        while True:
            moment = self._date(start)
            midnight = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            next_day = int(midnight.timestamp()) * SECOND
            if next_day >= end:
                yield start, max(end, start)
                return
            yield start, next_day
            start = next_day
