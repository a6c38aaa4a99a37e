"""What comes out of a stream of captured bytes: messages, losses, and sessions that begin and end.

Whatever the source, a capture, a live interface or the server's log, the views and the analysis see these only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ccxdissect.codec.decoder import Decoded
from ccxdissect.codec.forms import FloatingForm
from ccxdissect.codec.problems import Problem
from ccxdissect.protocol.model import Side


@dataclass(slots=True)
class Direction:
    """What one side of a session sent, in bytes of TCP payload, and how many messages.

    payload = decoded + undecoded + duplicate; `missing` was never captured, as the sequence numbers say.
    """

    payload: int = 0
    decoded: int = 0
    undecoded: int = 0
    duplicate: int = 0
    missing: int = 0
    messages: int = 0
    #: Of the undecoded bytes, those that never became part of the stream (sent after its end, or with a reset).
    undelivered: int = 0


#: Notes kept of one session.
NOTES = 100


def _settled() -> None:
    """The counts of a source without TCP are always up to date."""


@dataclass(slots=True, eq=False)
class Session:
    """One TCP connection, or what a log tells of one.

    `client` and `server` are "ip:port" (IPv6 in brackets), or what the source knows instead. `version` and `form`
    are None until known; `version_said` is False when the version is inferred. Times are ns since the epoch.
    `ended_by`: "fin", "reset", "refused", "capture end", or None while it lasts; `ended_side`: who did it.
    """

    number: int
    client: str
    server: str
    start: int
    end: int
    version: int | None = None
    version_said: bool = False
    form: FloatingForm | None = None
    ended_by: str | None = None
    ended_side: Side | None = None
    #: Whether its first bytes were captured, so that nothing came before.
    from_start: bool = False
    sent: dict[Side, Direction] = field(default_factory=lambda: {side: Direction() for side in Side})
    #: What went wrong below the messages, in the order of time: (frame, time, text). Bounded.
    notes: list[tuple[int, int, str]] = field(default_factory=list)
    #: Brings `sent` up to date; to be called before its counts are read.
    settle: Callable[[], None] = _settled

    def note(self, frame: int, time: int, text: str) -> None:
        """Keep a note, unless there are too many already."""
        if len(self.notes) < NOTES:
            self.notes.append((frame, time, text))

    def endpoint(self, side: Side) -> str:
        """The address of a side."""
        return self.client if side is Side.CLIENT else self.server


@dataclass(slots=True, eq=False)
class Record:
    """One message where and when it was sent.

    `number` counts from 1 over everything read; `frame` is the packet that completed it; `time` that packet's, in ns.
    `begun`: the time of the packet that brought its first byte.
    """

    number: int
    frame: int
    time: int
    session: Session
    sender: Side
    decoded: Decoded
    begun: int = 0
    #: Problems of the source rather than of the bytes (a log line that tells less than a message holds).
    source_problems: tuple[Problem, ...] = ()

    @property
    def src(self) -> str:
        """Address of the sender."""
        return self.session.endpoint(self.sender)

    @property
    def dst(self) -> str:
        """Address of the receiver."""
        return self.session.client if self.sender is Side.SERVER else self.session.server

    @property
    def name(self) -> str:
        """The message's name."""
        return self.decoded.name

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with it."""
        return self.decoded.problems + self.source_problems


@dataclass(slots=True, frozen=True)
class SessionOpened:
    """A session was seen for the first time."""

    session: Session
    time: int
    frame: int


@dataclass(slots=True, frozen=True)
class SessionEnded:
    """A session is over, or the capture is."""

    session: Session
    time: int
    frame: int


@dataclass(slots=True, frozen=True)
class Loss:
    """Bytes of a stream that gave no message: never captured (`missing`) or not understood (`skipped`).

    `partial`: what can be decoded of a message of which only the beginning was captured.
    """

    session: Session
    sender: Side
    time: int
    frame: int
    missing: int
    skipped: int
    reason: str
    partial: Decoded | None = None


Event = Record | SessionOpened | SessionEnded | Loss
