"""The protocol in Scapy: a Packet class for each message type, and a stream session for `sniff()`.

    >>> from scapy.all import sniff
    >>> from ccxdissect.layers import CTISession, OPEN_REQ
    >>> OPEN_REQ(InvokeID=1, VersionNumber=14, floating=[("ClientID", "x"), ("ClientPassword", "y")])
    >>> sniff(offline="capture.pcap", session=CTISession)

Importing this binds the messages to TCP ports 12028, 42027 and 43027. Packet by packet (`rdpcap`, `sniff`
without a session) a message that is cut over segments stays in pieces; CTISession gives whole messages.
Passwords are shown as `***` unless `conf.contribs["ccxdissect"]["show_secrets"] = True`; the fields hold
them.
"""

from __future__ import annotations

from typing import Any

from ccxdissect.layers.messages import face_of

FACE = face_of(__name__)
FACE.bind()
_CLASSES = FACE.names()
bind_port = FACE.bind_port

__all__ = ["CTISession", "bind_port", *_CLASSES]


def __getattr__(name: str) -> Any:
    """The message classes; and the session, which is imported only when it is used."""
    if name in _CLASSES:
        return _CLASSES[name]
    if name == "CTISession":
        from ccxdissect.layers.session import session_for

        globals()[name] = session_for(FACE)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
