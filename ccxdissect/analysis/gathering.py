"""What many findings come to: like ones together, the gravest first.

A group is all the findings of one severity and rule that say the same of whatever session; see `Said.group`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from ccxdissect.analysis.findings import MOST_DIFFERENT, Finding, Severity

#: The most findings that are put in order.
MOST_ORDERED = 100_000


def gravest_first(findings: Iterable[Finding], most: int = MOST_ORDERED) -> Iterator[Finding]:
    """Errors, then warnings, then notes, each in the order of time: for people.

    Holds at most `most` of them: of more, those that are found first are put in order, and what is found later follows,
    in the order in which it is found.
    """
    rest = iter(findings)
    yield from sorted(islice(rest, most), key=lambda finding: (-finding.severity.rank, finding.time))
    yield from rest


@dataclass(slots=True, frozen=True)
class Gathered:
    """All the findings of one rule, severity and group: the first and the last of them, how many, in which sessions."""

    first: Finding
    last: Finding
    #: How many findings; how often what they tell came about, which may be more.
    count: int = 1
    times: int = 1
    sessions: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Group:
    """The same while more may come."""

    first: Finding
    last: Finding
    count: int
    times: int
    sessions: set[int]

    def gathered(self) -> Gathered:
        return Gathered(self.first, self.last, self.count, self.times, frozenset(self.sessions))


#: The most groups of one rule that are told apart, and sessions of one group that are counted.
MOST_GROUPS = 100


class Gathering:
    """What matters of many findings: for a summary. Grows with the number of rules and groups only, both bounded."""

    def __init__(self) -> None:
        self._groups: dict[tuple[Severity, str, object], _Group] = {}
        self._sizes: dict[tuple[Severity, str], int] = {}

    def add(self, finding: Finding) -> None:
        """Take the next finding."""
        rule = (finding.severity, finding.rule)
        key = (*rule, finding.group)
        known = self._groups.get(key)
        if known is None and self._sizes.get(rule, 0) >= MOST_GROUPS:
            key = (*rule, None)
            known = self._groups.get(key)
        if known is None:
            self._sizes[rule] = self._sizes.get(rule, 0) + 1
            self._groups[key] = _Group(finding, finding, 1, finding.times, {finding.session})
            return
        known.count += 1
        known.times += finding.times
        if finding.time < known.first.time:
            known.first = finding
        elif finding.time >= known.last.time:
            known.last = finding
        if len(known.sessions) < MOST_DIFFERENT:
            known.sessions.add(finding.session)

    def counts(self) -> dict[Severity, int]:
        """How many findings of each severity, the gravest first."""
        return {
            severity: sum(held.count for (grave, _, _), held in self._groups.items() if grave is severity)
            for severity in reversed(Severity)
        }

    def that_matter(self, most: int | None = None, least: Severity = Severity.NOTE) -> list[Gathered]:
        """The gravest first, then in the order of time; none below `least`."""
        held = [group for group in self._groups.values() if group.first.severity.rank >= least.rank]
        held.sort(key=lambda group: (-group.first.severity.rank, group.first.time))
        return [group.gathered() for group in held[:most]]

    def headline(self) -> Gathered | None:
        """What matters most: of the gravest the one that explains most, then the earliest; None without findings."""
        found = min(
            self._groups.values(),
            key=lambda held: (-held.first.severity.rank, -held.first.weight, held.first.time),
            default=None,
        )
        return None if found is None else found.gathered()
