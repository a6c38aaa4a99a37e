"""What a lab client knows of the calls it hears of: which device is in which state on which call."""

from __future__ import annotations

from dataclasses import dataclass, field

from ccxdissect.lab.channel import Received
from ccxdissect.protocol.common.constants import LocalConnectionState

LCS = LocalConnectionState


@dataclass(eq=False)
class KnownCall:
    """One call as its events told it. `caller`: the device whose connection names the call."""

    id: int
    caller: str
    devices: dict[str, LocalConnectionState] = field(default_factory=dict)


class CallBook:
    """The calls, the latest last."""

    def __init__(self) -> None:
        self.calls: dict[int, KnownCall] = {}

    def find(self, device: str, *states: LocalConnectionState) -> KnownCall | None:
        """The latest call on which a device is in one of the states (any state when none is given)."""
        for call in reversed(self.calls.values()):
            if device in call.devices and (not states or call.devices[device] in states):
                return call
        return None

    def latest(self) -> KnownCall | None:
        """The call heard of last."""
        return next(reversed(self.calls.values()), None)

    def _call(self, number: int, caller: str) -> KnownCall:
        return self.calls.setdefault(number, KnownCall(number, caller))

    def heard(self, message: Received) -> None:
        """Takes in one message; what is no call event changes nothing."""
        name = message.known_as
        if name in ("CALL_TRANSFERRED_EVENT", "CALL_CONFERENCED_EVENT"):
            self._joined(message)
            return
        if name in ("MAKE_CALL_CONF", "CONSULT_CALL_CONF"):
            made = message.text("NewConnectionDeviceID")
            self._call(message.number("NewCallID"), made).devices.setdefault(made, LCS.LCS_INITIATE)
            return
        number = message.number("CallID")
        device = message.text("ConnectionDeviceID")
        if name == "BEGIN_CALL_EVENT":
            self._call(number, device)
        elif name == "END_CALL_EVENT":
            self.calls.pop(number, None)
        elif name == "CALL_DATA_UPDATE_EVENT":
            if message.number("NewCallID") not in (number, 0, 0xFFFFFFFF):
                self._call(message.number("NewCallID"), message.text("NewConnectionDeviceID"))
        elif name in _ACTING:
            acting, state = _ACTING[name]
            call = self._call(number, device)
            who = message.text(acting)
            if state is None:
                call.devices.pop(who, None)
            else:
                call.devices[who] = state
            calling = message.text("CallingDeviceID")
            if name == "CALL_ESTABLISHED_EVENT" and calling and call.devices.get(calling) in (None, LCS.LCS_INITIATE):
                call.devices[calling] = LCS.LCS_CONNECT

    def _joined(self, message: Received) -> None:
        primary = self._call(message.number("PrimaryCallID"), message.text("PrimaryDeviceID"))
        secondary = self.calls.get(message.number("SecondaryCallID"))
        states = dict(primary.devices)
        if secondary is not None and secondary is not primary:
            for device, state in secondary.devices.items():
                if states.get(device) in (None, LCS.LCS_HOLD):
                    states[device] = state
        present = [str(f.value) for f in message.decoded.floating if f.name == "ConnectedPartyDeviceID"]
        primary.devices = {
            device: LCS.LCS_CONNECT if states.get(device) in (None, LCS.LCS_HOLD, LCS.LCS_INITIATE) else states[device]
            for device in present
        }


#: Which device an event is about, and the state it is in afterwards (None: it is off the call).
_ACTING: dict[str, tuple[str, LocalConnectionState | None]] = {
    "CALL_SERVICE_INITIATED_EVENT": ("CallingDeviceID", LCS.LCS_INITIATE),
    "CALL_ORIGINATED_EVENT": ("CallingDeviceID", LCS.LCS_INITIATE),
    "CALL_DELIVERED_EVENT": ("AlertingDeviceID", LCS.LCS_ALERTING),
    "CALL_ESTABLISHED_EVENT": ("AnsweringDeviceID", LCS.LCS_CONNECT),
    "CALL_HELD_EVENT": ("HoldingDeviceID", LCS.LCS_HOLD),
    "CALL_RETRIEVED_EVENT": ("RetrievingDeviceID", LCS.LCS_CONNECT),
    "CALL_CONNECTION_CLEARED_EVENT": ("ReleasingDeviceID", None),
    "CALL_DIVERTED_EVENT": ("DivertingDeviceID", None),
}
