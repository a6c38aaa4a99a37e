"""The figures of agents and of skill groups: the same counts and times, over one period after the other."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.protocol.model import Fixed
from ccxdissect.protocol.types import UINT

#: What the names of a period's figures end with, and how we say that.
PERIODS = {
    "Session": "this session",
    "Today": "today",
    "To5": "last five minutes",
    "ToHalf": "this half hour",
}
#: Kinds of outbound calls that have the same five figures each.
_OUTBOUND = {
    "AutoOut": "automatic (predictive) calls",
    "Preview": "preview calls",
    "Reservation": "calls that reserve an agent",
}


def _outbound(stem: str, calls: str) -> dict[str, str]:
    return {
        f"{stem}Calls": calls,
        f"{stem}CallsTalkTime": f"talk time of {calls}",
        f"{stem}CallsTime": f"time of {calls}, wrap-up included",
        f"{stem}CallsHeld": f"{calls} that were held",
        f"{stem}CallsHeldTime": f"hold time of {calls}",
    }


#: Every figure, as its name begins, in the order in which messages have them.
_FIGURES = {
    "AvailTime": "time available",
    "LoggedOnTime": "time logged on",
    "NotReadyTime": "time not ready",
    "ICMAvailableTime": "time available to ICM",
    "RoutableTime": "time routable",
    **_outbound("AgentOut", "outbound calls"),
    "HandledCalls": "calls handled",
    "HandledCallsTalkTime": "talk time of calls handled",
    "HandledCallsAfterCallTime": "wrap-up time of calls handled",
    "HandledCallsTime": "time of calls handled, wrap-up included",
    "IncomingCallsHeld": "incoming calls that were held",
    "IncomingCallsHeldTime": "hold time of incoming calls",
    "InternalCalls": "internal calls made",
    "InternalCallsTime": "time of internal calls made",
    "InternalCallsRcvd": "internal calls received",
    "InternalCallsRcvdTime": "time of internal calls received",
    "InternalCallsHeld": "internal calls that were held",
    "InternalCallsHeldTime": "hold time of internal calls",
    **{name: meaning for stem, calls in _OUTBOUND.items() for name, meaning in _outbound(stem, calls).items()},
    "BargeInCalls": "calls that a supervisor barged into",
    "InterceptCalls": "calls that a supervisor took over",
    "MonitorCalls": "calls that a supervisor listened to",
    "WhisperCalls": "calls in which a supervisor whispered",
    "EmergencyCalls": "emergency calls",
}
#: Those that are told of single agents only.
_OF_AGENTS = ("ICMAvailableTime", "RoutableTime", "InternalCalls", "InternalCallsTime")


def figures(period: str, of_agent: bool = False) -> Iterator[Fixed]:
    """The figures over one of the PERIODS, of a skill group or of an agent."""
    for name, meaning in _FIGURES.items():
        if of_agent or name not in _OF_AGENTS:
            yield Fixed(f"{name}{period}", UINT, f"{meaning}, {PERIODS[period]}")
