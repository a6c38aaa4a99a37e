"""A message in one line: what it says by the marks of its fields."""

from __future__ import annotations

from ccxdissect.codec import Decoder, Encoder, Value
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.views.gist import gist


def test_a_monitor_is_told_with_what_it_hears_of() -> None:
    def told(name: str, fixed: dict[str, int | bytes], floating: list[tuple[str | int, Value]]) -> str:
        wire = Encoder(UCCE_CTI).encode(name, fixed, floating, version=20)
        return gist(Decoder(UCCE_CTI).decode(UCCE_CTI.message(name).number, wire[8:], 20))

    nothing: dict[str, int | bytes] = {"InvokeID": 7, "ConnectionCallID": 0xFFFFFFFF}
    assert told("MONITOR_START_REQ", nothing, [("MonitoredDeviceID", "3001")]) == "#7 watches 3001"
    assert told("MONITOR_START_REQ", {"InvokeID": 7, "ConnectionCallID": 12}, []) == "#7 call 12"
    assert told("MONITOR_STOP_REQ", {"InvokeID": 8, "MonitorID": 3}, []) == "#8 monitor 3"
    assert told("SESSION_MONITOR_START_REQ", {"InvokeID": 9, "SessionID": 4}, []) == "#9 watches 4"
    assert told("MONITOR_AGENT_TEAM_START_REQ", {"InvokeID": 9, "TeamID": 5001}, []) == "#9 watches 5001"
