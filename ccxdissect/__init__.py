"""ccxdissect: a packet dissector for the Cisco Unified CCX CTI protocol.

    import ccxdissect

    with ccxdissect.open("x.pcapng") as trace:
        for message in trace.messages():
            print(message.number, message.name)

`open` is all that most need; what a trace gives are objects of the other names here. Importing this package imports
nothing else: each name comes in when it is first used. For Scapy there is `ccxdissect.layers`.
"""

from __future__ import annotations

from ccxdissect.release import __version__ as __version__

#: Where the names are from; `open` is called otherwise at home, where it would hide Python's own.
_HOMES = {
    "open": ("ccxdissect.opening", "open_trace"),
    "Trace": ("ccxdissect.sources.trace", "Trace"),
    "Message": ("ccxdissect.stream.events", "Record"),
    "Session": ("ccxdissect.stream.events", "Session"),
    "Loss": ("ccxdissect.stream.events", "Loss"),
    "Exchange": ("ccxdissect.analysis.exchanges", "Exchange"),
    "SessionStory": ("ccxdissect.analysis.sessions", "SessionStory"),
    "CallStory": ("ccxdissect.analysis.call_stories", "CallStory"),
    "Spell": ("ccxdissect.analysis.agents", "Spell"),
    "Finding": ("ccxdissect.analysis.findings", "Finding"),
    "Summary": ("ccxdissect.analysis.summary", "Summary"),
    "Filter": ("ccxdissect.analysis.filters", "Filter"),
    "Severity": ("ccxdissect.analysis.findings", "Severity"),
    "CcxDissectError": ("ccxdissect.errors", "CcxDissectError"),
    "CaptureError": ("ccxdissect.errors", "CaptureError"),
    "UsageError": ("ccxdissect.errors", "UsageError"),
}

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ccxdissect.analysis.agents import Spell as Spell
    from ccxdissect.analysis.call_stories import CallStory as CallStory
    from ccxdissect.analysis.exchange import Exchange as Exchange
    from ccxdissect.analysis.filters import Filter as Filter
    from ccxdissect.analysis.findings import Finding as Finding
    from ccxdissect.analysis.findings import Severity as Severity
    from ccxdissect.analysis.sessions import SessionStory as SessionStory
    from ccxdissect.analysis.summary import Summary as Summary
    from ccxdissect.errors import CaptureError as CaptureError
    from ccxdissect.errors import CcxDissectError as CcxDissectError
    from ccxdissect.errors import UsageError as UsageError
    from ccxdissect.opening import open_trace as open
    from ccxdissect.sources.trace import Trace as Trace
    from ccxdissect.stream.events import Loss as Loss
    from ccxdissect.stream.events import Record as Message
    from ccxdissect.stream.events import Session as Session

__all__ = [
    "CallStory",
    "CaptureError",
    "CcxDissectError",
    "Exchange",
    "Filter",
    "Finding",
    "Loss",
    "Message",
    "Session",
    "SessionStory",
    "Severity",
    "Spell",
    "Summary",
    "Trace",
    "UsageError",
    "open",
]


def __getattr__(name: str) -> object:
    """A name of `__all__`, from where it is defined."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _HOMES[name]
    found = globals()[name] = getattr(import_module(module), attribute)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
