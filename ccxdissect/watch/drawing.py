"""How the rows of the panes look: text with styles, safe for a terminal."""

from __future__ import annotations

from ccxdissect.analysis.agents import Spell
from ccxdissect.analysis.call_stories import CallOutcome, CallStory
from ccxdissect.analysis.findings import Finding, Severity
from ccxdissect.analysis.legs import PhaseName
from ccxdissect.analysis.sessions import SessionStory
from ccxdissect.protocol.model import Kind, Side
from ccxdissect.stream.events import Record
from ccxdissect.views.live import Tally
from ccxdissect.views.messages import Showing
from ccxdissect.views.text import clock, shown, zone_name
from ccxdissect.watch.state import Row, brief_time
from ccxdissect.wording import SECOND, duration, plural
from ccxdissect.wording.names import in_words

Line = list[tuple[str, str]]

_SEVERITY = {Severity.NOTE: "cyan", Severity.WARNING: "yellow", Severity.ERROR: "bold red"}
_PHASE_STYLES = {
    PhaseName.QUEUED: "yellow",
    PhaseName.RINGING: "yellow",
    PhaseName.TALKING: "bold green",
    PhaseName.HELD: "cyan",
}
_KIND = {Kind.REQUEST: "bold", Kind.CONFIRMATION: "", Kind.EVENT: "green"}


def message(row: Row, showing: Showing, dated: bool = False) -> Line:
    """A message: dim numbers, the sender by colour, a problem in red; `dated`: its time with month and day."""
    record: Record = row.record
    kind = record.decoded.message.kind if record.decoded.message is not None else None
    whole = "red" if record.problems else _KIND.get(kind, "red") if kind is not None else "red"
    sender = "magenta" if record.sender is Side.CLIENT else "blue"
    return list(zip(row.cut(showing, dated), ("dim", "", sender, whole), strict=True))


def finding(item: Finding, dated: bool = False) -> Line:
    """A finding; `dated`: its time with month and day."""
    about = f" message {item.message}" if item.message is not None else ""
    return [
        (f"{brief_time(item.time, dated)} ", "dim"),
        (f"{item.severity.value:<7} ", _SEVERITY[item.severity]),
        (f"session {item.session}{about}: ", "dim"),
        (shown(item.text), ""),
    ]


def session(story: SessionStory, now: int | None) -> Line:
    """A session: who, how, and how long nothing was heard of it."""
    held = story.session
    sent = sum(side.messages for side in held.sent.values())
    version = "v?" if held.version is None else f"v{held.version}"
    who = story.mode or "mode?"
    if story.agent:
        who += f" {shown(story.agent)}"
    elif story.client_name:
        who += f" {shown(story.client_name)}"
    if held.ended_by is not None:
        state, style = f"ended: {story.ended_by}", "dim"
    else:
        silent = max((now or held.end) - held.end, 0)
        state, style = f"quiet {_whole(silent)}" if silent >= SECOND else "active", "green"
        if story.idle_timeout and silent > story.idle_timeout * SECOND:
            style = "bold red"
    faint = "dim" if held.ended_by is not None else ""
    return [
        (f"{held.number:>3} ", "bold" if not faint else "dim"),
        (f"{state:<14} ", style),
        (f"{version} {who:<16} ", faint or "cyan"),
        (f"{shown(held.client)}  ", faint),
        (f"{sent:,} msgs", faint),
    ]


def agent(spell: Spell, now: int | None) -> Line:
    """An agent's state, and since when."""
    state = in_words(spell.state_name) if spell.state_name else f"state {spell.state}"
    style = "bold green" if spell.on_call else "green" if spell.free else "yellow" if spell.not_free else ""
    if spell.end is not None:
        # The last that was told: no session is left that would tell more.
        return [(f"{shown(spell.agent):<14} {state:<16} last told {clock(spell.end)[:8]}", "dim")]
    parts: Line = [(f"{shown(spell.agent):<14} ", "bold"), (f"{state:<16} ", style)]
    parts.append((f"{_since(spell.start, now):<10} ", ""))
    if spell.reason:
        why = spell.reason_meaning or (in_words(spell.reason_name) if spell.reason_name else "")
        parts.append((f"reason {spell.reason} {shown(why)}".rstrip(), "dim"))
    return parts


def call(story: CallStory, now: int | None) -> Line:
    """A call: who calls whom, what phase it is in and how long it lasts; when it is over, how it came out."""
    if story.outcome is not CallOutcome.OPEN:
        parts: Line = [
            (f"{story.call} ", "dim"),
            (f"{shown(story.caller or '?')} -> {shown(story.called or '?')} ", "dim"),
            (f"{story.outcome.value} ", ""),
            (f"{_whole(story.duration)} ", "dim"),
        ]
        return parts + _agents(story)
    phases = [phase for phase in story.phases if phase.end is None]
    lasting = phases[-1].name if phases else None
    phase = lasting.value if lasting is not None else (story.steps[-1].text if story.steps else "")
    style = "" if lasting is None else _PHASE_STYLES[lasting]
    parts = [
        (f"{story.call} ", "bold"),
        (f"{shown(story.caller or '?')} -> {shown(story.called or '?')} ", ""),
        (f"{shown(phase)} ", style),
        (f"{_since(story.start, now)} ", ""),
    ]
    return parts + _agents(story)


def _agents(story: CallStory) -> Line:
    return [(f"agent {', '.join(shown(name) for name in story.agents[:4])}", "dim")] if story.agents else []


def status(tally: Tally, rate: float | None, source: str, state: str) -> Line:
    """The line above everything. Of what is read from files there is no rate (None), and no packet is dropped."""
    lost = tally.dropped or tally.missing
    worst = "bold red" if tally.errors else "yellow" if tally.warnings else "green"
    drops = [] if rate is None else ["drops unknown" if tally.dropped is None else f"{tally.dropped:,} dropped"]
    if tally.missing:
        drops.append(f"{plural(tally.missing, 'byte')} missing")
    return [
        (f" {shown(source)} ", "bold reverse"),
        (f" {state} ", "bold yellow" if state == "PAUSED" else "bold"),
        (f" {_whole(tally.elapsed)} ", ""),
        (f" times in {shown(zone_name())} ", ""),
        (f" {plural(tally.messages, 'message')} ", ""),
        ("" if rate is None else f" {rate:,.0f}/s ", "cyan"),
        (f" {plural(tally.open_sessions, 'session')} open ", ""),
        (f" {tally.found()} ", worst),
        (f" {', '.join(drops)} ", "bold red" if lost else ""),
    ]


def _since(start: int, now: int | None) -> str:
    return "" if now is None else _whole(now - start)


def _whole(time: int) -> str:
    """A duration in ns in whole seconds: a clock that shows less only flickers."""
    time = max(time, 0) // SECOND
    return f"{time} s" if time < 60 else duration(time * SECOND)
