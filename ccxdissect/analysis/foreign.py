"""What is in a capture that has no message of this protocol where it was looked for: what else the connections carry,
told by the first bytes of each side, and whether this protocol is on another port.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ccxdissect.stream.events import Event, Loss, Record, Session, SessionEnded

#: Bytes of a side that are looked at, connections that are told apart, and names that are kept.
MOST_BYTES = 4_096
MOST_CONNECTIONS = 10_000
MOST_NAMES = 5
#: So many whole messages of a port without one that is wrong, and it carries this protocol.
ENOUGH = 2


class Carries(Enum):
    """What a connection carries."""

    CTI = "CTI"
    TLS = "TLS"
    HTTP = "HTTP"
    SSH = "SSH"
    OTHER = "something else"
    NOTHING = "nothing"


_TLS_VERSIONS = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}
_HTTP = (b"GET ", b"POST ", b"PUT ", b"HEAD ", b"OPTIONS ", b"CONNECT ", b"DELETE ", b"HTTP/1.")


@dataclass(slots=True)
class OnPort:
    """What one server port carries: connections by what they carry, and names and versions that were said."""

    port: int
    carries: Counter[Carries] = field(default_factory=Counter)
    messages: int = 0
    wrong: int = 0
    versions: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)

    @property
    def is_cti(self) -> bool:
        """Whether its content is this protocol beyond doubt."""
        return self.messages >= ENOUGH and not self.wrong


class Foreign:
    """Takes the events of all the ports of a capture; tells what each port carries. `tls_ports`: whose servers listen where
    for this protocol inside TLS.
    """

    def __init__(self, tls_ports: Mapping[int, str] | None = None) -> None:
        self.tls_ports = tls_ports or {}
        self.ports: dict[int, OnPort] = {}
        self._first: dict[int, bytes] = {}
        self._spoken: set[int] = set()

    def feed(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, Record):
            on = self._on(event.session)
            on.messages += event.decoded.message is not None
            on.wrong += event.decoded.message is None or bool(event.problems)
            if len(self._spoken) < MOST_CONNECTIONS:
                self._spoken.add(event.session.number)
        elif isinstance(event, Loss):
            if event.offset == 0 and event.data and len(self._first) < MOST_CONNECTIONS:
                self._first.setdefault(event.flow, event.data[:MOST_BYTES])
        elif isinstance(event, SessionEnded):
            self._end(event.session)

    def _on(self, session: Session) -> OnPort:
        port = session.server.port or 0
        if port not in self.ports and len(self.ports) >= MOST_CONNECTIONS:
            port = 0
        return self.ports.setdefault(port, OnPort(port))

    def _end(self, session: Session) -> None:
        on = self._on(session)
        firsts = [self._first.pop(flow, b"") for flow in (2 * session.number, 2 * session.number + 1)]
        if not any(sent.payload for sent in session.sent.values()):
            on.carries[Carries.NOTHING] += 1
            return
        if session.number in self._spoken:
            self._spoken.discard(session.number)
            on.carries[Carries.CTI if on.is_cti else Carries.OTHER] += 1
            return
        kinds = [what for what in map(_what, firsts) if what is not Carries.OTHER]
        on.carries[kinds[0] if kinds else Carries.OTHER] += 1
        for first in firsts:
            version, name = tls_hello(first)
            if version and (version not in on.versions or not on.versions[version]):
                on.versions[version] += 1
            if name and (name in on.names or len(on.names) < MOST_NAMES):
                on.names[name] += 1

    def most(self, what: Carries) -> list[OnPort]:
        """The ports that carry something, that with the most connections first."""
        found = [on for on in self.ports.values() if on.carries[what]]
        return sorted(found, key=lambda on: (-on.carries[what], on.port))


def _what(first: bytes) -> Carries:
    if len(first) >= 3 and first[0] in (0x14, 0x15, 0x16, 0x17) and first[1] == 3 and first[2] <= 4:
        return Carries.TLS
    if first.startswith(_HTTP):
        return Carries.HTTP
    return Carries.SSH if first.startswith(b"SSH-") else Carries.OTHER


def tls_hello(data: bytes) -> tuple[str, str]:
    """The version that a TLS hello chooses or offers at most, and the server's name in it; empty where it has none.

    After RFC 8446, sections 4.1 and 4.2, and RFC 6066, section 3.
    """
    try:
        if data[0] != 0x16 or data[5] not in (1, 2):
            return "", ""
        client = data[5] == 1
        (version,) = struct.unpack_from(">H", data, 9)
        at = 43 + 1 + data[43]
        at = at + 2 + struct.unpack_from(">H", data, at)[0] if client else at + 2
        at = at + 1 + data[at] if client else at + 1
        name = ""
        (size,) = struct.unpack_from(">H", data, at)
        at, end = at + 2, min(at + 2 + size, len(data))
        while at + 4 <= end:
            kind, length = struct.unpack_from(">HH", data, at)
            body = data[at + 4 : at + 4 + length]
            if kind == 0 and client and len(body) > 5:
                name = body[5:].decode("ascii", "backslashreplace")
            elif kind == 43:
                offered = [int.from_bytes(body[i : i + 2], "big") for i in range(1 if client else 0, len(body) - 1, 2)]
                version = max([one for one in offered if one in _TLS_VERSIONS], default=version)
            at += 4 + length
        return _TLS_VERSIONS.get(version, ""), name
    except (IndexError, struct.error):
        return "", ""
