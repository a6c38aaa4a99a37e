"""Which connection a segment belongs to, where two of them have the same endpoints; and who of the two is the client."""

from __future__ import annotations

from ccxdissect.capture.segment import Segment
from ccxdissect.stream.connection import CLIENT, SERVER, Connection, Flow
from ccxdissect.stream.events import Determined, EndedBy
from ccxdissect.stream.reassembly import ACK, MASK, REACH, RST, SYN, distance
from ccxdissect.wording import SECOND

#: A SYN recorded after data of its own connection is at most this late, and at most so many bytes of it.
_LATE_SYN_TIME = SECOND
_LATE_SYN_BYTES = 1 << 16
#: So far ahead of all that is known of a stream its next segments may well be: a window that is not scaled.
_WINDOW = 1 << 16


def judge(segment: Segment, ports: frozenset[int]) -> tuple[bool, Determined]:
    """Whether the client sent this segment, and how that is known."""
    if segment.flags & SYN and not segment.flags & RST:
        return not segment.flags & ACK, Determined.HANDSHAKE
    from_server, to_server = segment.sport in ports, segment.dport in ports
    if from_server != to_server:
        return to_server, Determined.PORT
    return segment.sport >= segment.dport, Determined.GUESS


def see_handshake(flow: Flow, flags: int) -> None:
    """Learn from a SYN who the client is."""
    connection = flow.connection
    if connection.determined is Determined.HANDSHAKE or flow.peer is flow:
        return
    connection.determined = Determined.HANDSHAKE
    if flow.side != (SERVER if flags & ACK else CLIENT):
        connection.swap()


def same_way(connection: Connection | None, flow: Flow) -> Flow | None:
    """The direction of another connection between the same endpoints that goes the way of `flow`."""
    if connection is None:
        return None
    return connection.flows[0] if connection.flows[0].key == flow.key else connection.flows[1]


def is_repeated_syn(flow: Flow, segment: Segment) -> bool:
    """Whether a SYN belongs to the connection that is known, rather than beginning a new one."""
    connection, peer = flow.connection, flow.peer
    seq, ack, flags, time = segment.seq, segment.ack, segment.flags, segment.time
    if flow.isn is not None:
        # The same number long after the end is a stack that always starts with the same one.
        gone = connection.ended and connection.ended_by is EndedBy.FIN and connection.ended_time is not None
        return flow.isn == seq and not (gone and time - (connection.ended_time or 0) > _LATE_SYN_TIME)
    if connection.ended:
        return False
    first = (seq + 1) & MASK
    if flow.base is not None:
        behind = distance((flow.base + flow.start) & MASK, first)
        if behind == 0 or (0 < behind <= _LATE_SYN_BYTES and time - connection.start <= _LATE_SYN_TIME):
            return True
    if flow.seen:
        return False
    if flags & ACK and peer.base is not None:
        return 0 <= distance(ack, (peer.base + peer.start) & MASK) <= _LATE_SYN_BYTES
    # Both sides open at once (RFC 9293, 3.5): neither can have sent more than its SYN.
    return peer.isn is not None and peer.payload == 0


def is_late(previous: Flow, flow: Flow, segment: Segment) -> bool:
    """Whether a segment can only be of the previous connection, recorded late, and not of the current one.

    The numbers of the new connection may lie within those of the old one. What fits both is the new one's.
    """
    return not _fits(flow, segment) and _was_near(previous, segment)


def _fits(flow: Flow, segment: Segment) -> bool:
    """Whether the numbers of a segment are what the connection of `flow` may well show next, or has shown."""
    if flow.base is not None:
        offset = flow.position + distance(segment.seq, flow.expected)
        if not flow.start - 1 <= offset <= flow.furthest + _WINDOW:
            return False
    peer = flow.peer
    if segment.flags & ACK and peer.base is not None:
        acked = peer.position + distance(segment.ack, peer.expected)
        # The peer's FIN, and its SYN where that was not captured, take a number too.
        if not peer.start - 1 <= acked <= peer.furthest + _WINDOW:
            return False
    return True


def _was_near(previous: Flow, segment: Segment) -> bool:
    gaps = []
    if previous.base is not None:
        gaps.append(abs(distance(segment.seq, previous.expected)))
    if segment.flags & ACK and previous.peer.base is not None:
        gaps.append(abs(distance(segment.ack, previous.peer.expected)))
    return bool(gaps) and max(gaps) < REACH


def begins_another(flow: Flow, segment: Segment) -> bool:
    """Whether a segment that is no SYN shows a further connection between the endpoints, its handshake not captured."""
    connection = flow.connection
    if not segment.payload or segment.flags & RST:
        return False
    if flow.is_stray(segment.seq):
        return connection.ended or flow.stray_next == segment.seq
    return (
        connection.ended
        and connection.ended_by is EndedBy.RESET
        and connection.ended_side == flow.side
        and segment.seq == flow.expected
    )
