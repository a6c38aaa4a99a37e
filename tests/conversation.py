"""A scripted TCP conversation for tests: messages in, segments out, with whatever faults a test wants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from building import ENCODER
from ccxdissect.capture.segment import Segment
from ccxdissect.protocol.model import Protocol
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Loss, Record, Session, SessionEnded

CLIENT, SERVER = 0, 1
SYN, ACK, FIN, RST, PSH = 2, 16, 1, 4, 8
START = 1_700_000_000 * 10**9
MILLISECOND = 10**6
ENDS = ((b"\x0a\0\0\x01", 50001), (b"\x0a\0\0\x09", 12028))


class Conversation:
    """Builds segments of one connection; `segments` is the capture so far."""

    def __init__(self, isn: tuple[int, int] = (1000, 2000), ends: Sequence[tuple[bytes, int]] = ENDS) -> None:
        self.segments: list[Segment] = []
        self.ends = ends
        self.at = [isn[0], isn[1]]

    def add(self, side: int, flags: int, payload: bytes = b"") -> Segment:
        frame = len(self.segments) + 1
        src, dst = self.ends[side], self.ends[1 - side]
        time = START + frame * MILLISECOND
        ack = self.at[1 - side] if flags & ACK else 0
        segment = Segment(frame, time, *src, *dst, self.at[side] % 2**32, ack % 2**32, flags, payload, 0)
        self.at[side] += len(payload) + (1 if flags & (SYN | FIN) else 0)
        self.segments.append(segment)
        return segment

    def handshake(self) -> Conversation:
        self.add(CLIENT, SYN)
        self.add(SERVER, SYN | ACK)
        self.add(CLIENT, ACK)
        return self

    def send(self, side: int, data: bytes, size: int | None = None) -> Conversation:
        step = size or len(data)
        for start in range(0, len(data), step):
            self.add(side, PSH | ACK, data[start : start + step])
        return self

    def close(self) -> Conversation:
        self.add(CLIENT, FIN | ACK)
        self.add(SERVER, FIN | ACK)
        self.add(CLIENT, ACK)
        return self


def renumbered(segments: Iterable[Segment]) -> list[Segment]:
    """The segments as a capture in this order would have them."""
    return [
        segment._replace(frame=frame, time=START + frame * MILLISECOND)
        for frame, segment in enumerate(segments, start=1)
    ]


def dissect(segments: Iterable[Segment], protocol: Protocol = UCCX_CTI) -> list[Event]:
    """All events of a capture."""
    dissector = Dissector(protocol)
    events: list[Event] = []
    for segment in segments:
        events += dissector.feed(segment)
    events += dissector.flush()
    return events


def records(events: Iterable[Event]) -> list[Record]:
    return [event for event in events if isinstance(event, Record)]


def losses(events: Iterable[Event]) -> list[Loss]:
    return [event for event in events if isinstance(event, Loss)]


def sessions(events: Iterable[Event]) -> list[Session]:
    return [event.session for event in events if isinstance(event, SessionEnded)]


def names(events: Iterable[Event]) -> list[str]:
    return [record.name for record in records(events)]


def ids(events: Iterable[Event]) -> list[int]:
    """The InvokeIDs (or CallIDs) of the messages, in order."""
    return [
        record.decoded.fixed.get("InvokeID", record.decoded.fixed.get("CallID"))  # type: ignore[misc]
        for record in records(events)
    ]


def six(version: int = 14) -> list[bytes]:
    """Six messages of one client, with InvokeIDs 1 to 6."""
    login = [("ClientID", "desk"), ("ClientPassword", "x"), ("AgentID", "anna")]
    device = [("ConnectionDeviceID", "2005")]
    messages = [ENCODER.encode("OPEN_REQ", {"InvokeID": 1, "VersionNumber": version}, login, version=version)]
    for number in range(2, 6):
        fixed = {"InvokeID": number, "CallID": 16777500 + number}
        messages.append(ENCODER.encode("ANSWER_CALL_REQ", fixed, device, version=version))
    messages.append(ENCODER.encode("CLOSE_REQ", {"InvokeID": 6}, version=version))
    return messages


def law_holds(session: Session) -> bool:
    """payload = decoded + undecoded + duplicate, for both directions."""
    return all(sent.payload == sent.decoded + sent.undecoded + sent.duplicate for sent in session.sent.values())
