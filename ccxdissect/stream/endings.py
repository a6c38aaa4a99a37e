"""How connections end: what a reset means, and whether it is to be believed."""

from __future__ import annotations

from ccxdissect.capture.segment import Segment
from ccxdissect.stream.connection import Connection, Flow
from ccxdissect.stream.events import EndedBy, NoteKind
from ccxdissect.stream.reassembly import ACK, REACH, distance


def note_end(connection: Connection, by: EndedBy, side: int | None, frame: int, time: int) -> None:
    """Note how a connection ended, for the first time."""
    connection.ended_by = by
    connection.ended_side = side
    connection.ended_frame = frame
    connection.ended_time = time


def reset(flow: Flow, segment: Segment) -> bool:
    """Take a reset; return whether the connection is to be closed soon."""
    connection, peer = flow.connection, flow.peer
    size = len(segment.payload)
    if size:
        # Some stacks explain their reset in words; they are not part of the stream.
        flow.payload += size
        flow.undelivered += size
        connection.note(NoteKind.RESET_BYTES, segment.frame, flow, size)
    if connection.ended:
        return False
    refused = peer.isn is not None and not flow.seen and not peer.given and connection.ended_by is None
    if refused:
        answers = not segment.flags & ACK or distance(segment.ack, peer.expected) in (0, -1)
        if answers:
            note_end(connection, EndedBy.REFUSED, flow.side, segment.frame, segment.time)
            return True
    if flow.seen and abs(distance(segment.seq, flow.expected)) > REACH:
        connection.note(NoteKind.RESET_STRAY, segment.frame, flow)
        return False
    if connection.ended_by is None:
        note_end(connection, EndedBy.RESET, flow.side, segment.frame, segment.time)
        if flow.base is not None:
            flow.claim(segment.seq)
    elif connection.ended_by is EndedBy.FIN:
        connection.note(NoteKind.RESET_AFTER_FIN, segment.frame, flow)
    return True


def doubt_reset(flow: Flow, segment: Segment) -> bool:
    """Withdraw a reset if its sender goes on sending: a real one leaves nothing that could.

    Returns whether it was.
    """
    connection = flow.connection
    if connection.ended or connection.ended_side != flow.side:
        return False
    beyond = distance(segment.seq, flow.expected)
    if flow.position + beyond < max(flow.claimed, flow.position) or beyond > REACH:
        return False
    connection.ended_by = connection.ended_side = connection.ended_frame = connection.ended_time = None
    connection.note(NoteKind.RESET_WITHDRAWN, segment.frame, flow)
    return True
