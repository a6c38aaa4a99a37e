"""What the page says at once, before any picture: the verdict, the numbers, the findings by severity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ccxdissect.analysis.findings import Finding, Severity
from ccxdissect.analysis.gathering import Gathered
from ccxdissect.report.content import Content
from ccxdissect.views.text import date_and_clock, shown, teller, zone_name
from ccxdissect.views.verdict import headline
from ccxdissect.wording import duration, plural

#: Kinds of findings told at the top, of each severity.
MOST_TOLD = 12


@dataclass
class Front:
    """What the template shows of it, as texts."""

    headline: str
    severity: str
    when: str
    numbers: list[dict[str, str]] = field(default_factory=list)
    severities: list[dict[str, Any]] = field(default_factory=list)
    asked: str = ""
    left_out: str = ""


def front(content: Content, files: str = "FILE", asked: str | None = None) -> Front:
    """The front of a page with that content; `files`: what was read, as it is named on the command line; `asked`: what
    was asked for of it, in words, when not everything was."""
    counts = content.gathering.counts()
    gravest = next((severity for severity in counts if counts[severity]), Severity.NOTE)
    whole = content.end - content.base
    when = (
        f"{date_and_clock(content.base)} to {_until(content)} {shown(zone_name())}"
        if content.messages
        else "no messages"
    )
    rows = content.rows
    if asked is not None and content.read and not content.messages:
        said = f"Nothing of {plural(content.read, 'message')} fits what was asked for"
    else:
        said = headline(content.verdict, content.foreign, content.ports, files, content.logged)
    found = Front(said, gravest.value, when)
    if asked is not None:
        found.asked = (
            f"Only what was asked for{f' ({shown(asked)})' if asked else ''}: {content.messages:,} of "
            f"{plural(content.read, 'message')}, and what they belong to. The verdict is of these alone."
        )
    found.numbers = [
        _number("message", content.messages),
        _number("session", content.totals["sessions"]),
        _number("agent", len({spell.agent for spell in rows["agents"]})),
        _number("call", content.totals["calls"]),
        {"word": "from first to last", "value": duration(whole)},
    ]
    undecoded = sum(sent.undecoded for story in rows["sessions"] for sent in story.session.sent.values())
    missing = sum(sent.missing for story in rows["sessions"] for sent in story.session.sent.values())
    for count, word in ((undecoded, "not decoded"), (missing, "never captured")):
        if count:
            found.numbers.append({"word": word, "value": plural(count, "byte")})
    if content.left_out:
        found.left_out = (
            f"This page holds the first {content.most:,} of {content.messages:,} messages. The verdict, the findings and the "
            "message rate are of all of them; tables and figures hold the first of their kind and say how many there are."
        )
    places = {id(finding): row for row, finding in enumerate(rows["findings"])}
    say_time = teller((content.base, content.end))
    for severity in counts:
        told = [gathered for gathered in content.gathering.that_matter() if gathered.first.severity is severity]
        if told:
            found.severities.append(
                {
                    "name": severity.value,
                    "title": plural(counts[severity], severity.value),
                    "findings": [_told(gathered, places, say_time) for gathered in told[:MOST_TOLD]],
                }
            )
    return found


def _number(word: str, count: int) -> dict[str, str]:
    return {"word": word if count == 1 else word + "s", "value": f"{count:,}"}


def _until(content: Content) -> str:
    return teller((content.base, content.end))(content.end)


def _told(gathered: Gathered, places: dict[int, int], say_time: Callable[[int], str]) -> dict[str, Any]:
    finding: Finding = gathered.first
    return {
        "row": places.get(id(finding), -1),
        "rule": finding.rule,
        "at": say_time(finding.time),
        "text": shown(finding.text),
        "where": f"message {finding.message}" if finding.message is not None else f"session {finding.session}",
        "more": f"{gathered.times - 1:,} more of this kind" if gathered.times > 1 else "",
    }
