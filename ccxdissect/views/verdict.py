"""The verdict in words: the first line of a summary."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ccxdissect.analysis.foreign import Carries, Foreign, OnPort
from ccxdissect.analysis.gathering import Gathered
from ccxdissect.analysis.summary import Summary
from ccxdissect.analysis.verdict import Kind, Verdict
from ccxdissect.views.text import shown
from ccxdissect.wording import plural


def headline(
    verdict: Verdict,
    foreign: Foreign | None = None,
    ports: Collection[int] = (),
    files: str = "FILE",
    logged: bool = False,
) -> str:
    """The one thing that matters most.

    `foreign`: what the other ports than `ports` carry, where nothing was decoded; `files`: the captures, as they would
    be named again on the command line; `logged`: they are a server's log.
    """
    seen = verdict.seen
    if verdict.kind is Kind.TROUBLE and verdict.gathered is not None:
        found = verdict.gathered.first
        return f"{found.severity.value.capitalize()}: {shown(found.text)}{_more(verdict.gathered)}"
    if verdict.kind is Kind.NOTHING and logged:
        return "No CTI decoded: no message is in the log. The debug levels of ICD_CTI have to be on in the server"
    if verdict.kind is Kind.NOTHING:
        return "No CTI decoded: " + (_elsewhere(foreign, ports, files) if foreign is not None else _nothing(verdict))
    notes = f" ({plural(verdict.notes, 'note')})" if verdict.notes else ""
    if verdict.kind is Kind.WELL:
        return f"Nothing to worry about: {plural(seen.spoken, 'session')}, seen whole and well{notes}"
    lacking = []
    if seen.from_start < seen.spoken:
        lacking.append(f"{seen.spoken - seen.from_start} of {plural(seen.spoken, 'session')} began before the capture")
    if seen.holed:
        lacking.append(f"of {seen.holed} of {plural(seen.spoken, 'session')} bytes are lacking")
    if seen.paused:
        lacking.append(
            f"{seen.paused} of {plural(seen.spoken, 'session')} did not come back behind a pause of the capture"
        )
    if seen.unnamed:
        lacking.append(
            f"of {plural(seen.unnamed, 'message')} the log does not say whose {'it is' if seen.unnamed == 1 else 'they are'}"
        )
    if verdict.files_lacking:
        lacking.append("files are lacking between those given")
    return f"No trouble seen, but not all was there to be seen: {', '.join(lacking)}{notes}"


def summary_headline(summary: Summary) -> str:
    """The same of a summary, which may be of what a filter keeps: of the rest it says nothing."""
    verdict = summary.verdict
    if summary.filtered and verdict.kind is not Kind.TROUBLE:
        notes = f" but {plural(verdict.notes, 'note')}" if verdict.notes else ""
        return f"No finding{notes} is about what the filter keeps" if summary.messages else "Nothing fits the filter"
    return headline(verdict, summary.foreign, summary.ports, summary.files, summary.logged)


def _more(gathered: Gathered) -> str:
    if gathered.count == 1:
        return ""
    return f" ({gathered.count - 1:,} more like it)"


def _nothing(verdict: Verdict) -> str:
    seen = verdict.seen
    if not seen.sessions:
        return "no TCP on the ports that were looked at"
    if seen.foreign:
        return f"{plural(seen.foreign, 'connection')} with something else on it"
    return f"{plural(seen.silent, 'connection')} on which nothing was said"


def _elsewhere(foreign: Foreign, ports: Collection[int], files: str) -> str:
    cti = [on for on in foreign.most(Carries.CTI) if on.is_cti and on.port not in ports]
    if cti:
        options = " ".join(f"--port {on.port}" for on in cti)
        where = " and ".join(str(on.port) for on in cti)
        return f"it is on port {where}. Run: ccxdissect summary {options} {files}"
    secured = [on for on in foreign.most(Carries.TLS) if on.port in foreign.tls_ports]
    if secured:
        on = secured[0]
        run = "ccxdissect summary --engine tshark --tshark-option tls.keylog_file:KEYS"
        return f"port {on.port} carries {_carried(on)}, by its port {foreign.tls_ports[on.port]}. With a key log, run: {run} {files}"
    mine = [on for on in foreign.ports.values() if on.port in ports and _spoken(on)]
    if mine:
        return "; ".join(f"port {on.port} carries {_carried(on)}" for on in sorted(mine, key=lambda on: on.port))
    others = [on for on in foreign.ports.values() if _spoken(on)]
    if others:
        others.sort(key=lambda on: (-sum(on.carries.values()), on.port))
        return (
            "the capture has " + ", ".join(f"{_carried(on)} on port {on.port}" for on in others[:3]) + _rest(others[3:])
        )
    tried = sum(on.carries[Carries.NOTHING] for on in foreign.ports.values())
    if not tried:
        return "no TCP in the capture"
    if tried == 1:
        return "one attempt to connect, and nothing was said"
    return f"nothing but {plural(tried, 'attempt')} to connect to {plural(len(foreign.ports), 'port')} (a scan)"


def _spoken(on: OnPort) -> bool:
    return any(count for what, count in on.carries.items() if what is not Carries.NOTHING)


def _carried(on: OnPort) -> str:
    told = []
    for what, _ in on.carries.most_common():
        if what is Carries.NOTHING:
            continue
        if what is Carries.TLS:
            version = max(on.versions, default="TLS")
            names = f" to {', '.join(shown(name) for name in on.names)}" if on.names else ""
            told.append(version + names)
        else:
            told.append("unreadable CTI" if what is Carries.CTI else what.value)
    return " and ".join(told)


def _rest(others: Iterable[object]) -> str:
    count = len(list(others))
    return f" and {plural(count, 'further port')}" if count else ""
