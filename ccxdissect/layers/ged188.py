"""The same for Unified CCE's CTI Server (GED-188), whose messages have other fields and, from 20 on, other headers.

    >>> from ccxdissect.layers.ged188 import CCEMessage, CTISession, OPEN_REQ
    >>> OPEN_REQ(InvokeID=1, VersionNumber=24, floating=[("ClientID", "x"), ("ClientPassword", "y")])

Importing this binds the messages to the ports of the first ten instances: 42027 and 43027, plus 40 for each. The
first two were Unified CCX's before: packet by packet nothing tells the dialects apart, so whichever was imported last
has them. Sessions of `sniff()` take the dialect whose session is used.
"""

from __future__ import annotations

from typing import Any

from ccxdissect.layers.messages import face_of

FACE = face_of(__name__)
FACE.bind()
_CLASSES = FACE.names()
bind_port = FACE.bind_port

__all__ = ["CTISession", "bind_port", *_CLASSES]  # noqa: F822


def __getattr__(name: str) -> Any:
    """The message classes; and the session, which is imported only when it is used."""
    if name in _CLASSES:
        return _CLASSES[name]
    if name == "CTISession":
        from ccxdissect.layers.session import session_for

        globals()[name] = session_for(FACE)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
