"""Requests to watch a device: whoever asked hears of its calls, under the number of the monitor."""

from __future__ import annotations

from collections.abc import Mapping

from ccxdissect.lab.channel import Received
from ccxdissect.lab.node import Handler, Node
from ccxdissect.lab.notes import Sort, note
from ccxdissect.lab.sessions import ServerSession


def _start(node: Node, session: ServerSession, request: Received) -> None:
    device = request.text("MonitoredDeviceID")
    if not session.offers(node.codes.CTIServiceMask.CTI_SERVICE_PERIPHERAL_MONITOR):
        node.fail(session, request, node.codes.StatusCode.E_CTI_FUNCTION_NOT_AVAILABLE)
    elif node.world.agent_at(device) is None:
        node.fail(session, request, node.codes.StatusCode.E_CTI_INVALID_DEVICE)
    elif device in session.monitors.values():
        node.fail(session, request, node.codes.StatusCode.E_CTI_MONITOR_ALREADY_EXISTS)
    else:
        node.monitors += 1
        session.monitors[node.monitors] = device
        node.confirm(session, request, "MONITOR_START_CONF", {"MonitorID": node.monitors})
        node.say(note(Sort.NEWS, session.label, f"watches {device}, as monitor {node.monitors}"))


def _stop(node: Node, session: ServerSession, request: Received) -> None:
    if session.monitors.pop(request.number("MonitorID"), None) is None:
        node.fail(session, request, node.codes.StatusCode.E_CTI_INVALID_MONITORID)
    else:
        node.confirm(session, request, "MONITOR_STOP_CONF")


HANDLERS: Mapping[str, Handler] = {"MONITOR_START_REQ": _start, "MONITOR_STOP_REQ": _stop}
