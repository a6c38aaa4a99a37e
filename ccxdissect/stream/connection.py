"""One TCP connection as far as it was captured, its two directions, and what is given out of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from ccxdissect.capture.segment import format_endpoint
from ccxdissect.stream.events import Determined, EndedBy, NoteKind
from ccxdissect.stream.reassembly import MASK, Limits, Note, Reassembler, Recent, distance
from ccxdissect.wording import MILLISECOND

Endpoint = tuple[bytes, int]
Key = tuple[bytes, int, bytes, int]

CLIENT, SERVER = 0, 1

#: Who got no answer waits longer than this (ns) before sending again: 200 ms and more in the systems at hand (RFC 6298 asks for
#: 1 s). Only fast retransmission, which more data behind a loss brings about, may be quicker.
COPIED_WITHIN = 10_000_000


class Flow(Reassembler):
    """One direction of a connection.

    Besides the counters of `Reassembler`: `side` is 0 for what the client sends, 1 for what the server sends.
    """

    __slots__ = (
        "charged", "connection", "copied", "cuts", "first_cut", "first_heard", "first_reordered", "first_repeated", "heard", "in_vain", "in_vain_after", "in_vain_since",
        "key", "last_ack", "left_out", "number", "peer", "reordered", "repeated", "row", "side", "syns", "tally", "timer", "twins",
    )  # fmt: skip

    connection: Connection
    peer: Flow
    #: A number that only this direction of this connection has, the same in every run over the same segments.
    number: int
    #: How many bytes came, and when the last packet was captured, and the first: of one that is not kept here.
    plainly: tuple[int, int, int] | None = None

    def __init__(self, key: Key, side: int, limits: Limits, recent: Recent) -> None:
        super().__init__(limits, recent)
        self.key = key
        self.side = side
        #: The last acknowledgement number looked at.
        self.last_ack = -1
        #: The deadline of this flow's valid entry among the table's timers, 0 if none.
        self.timer = 0
        #: What this flow has been charged for in the table's total of held memory.
        self.charged = 0
        #: When the first packet of this direction was captured, and when the last; None while none was.
        self.first_heard: int | None = None
        self.heard: int | None = None
        #: SYNs, segments with old bytes, and segments cut by the snap length.
        self.syns = 0
        self.repeated = 0
        #: Of the segments with old bytes those that came right behind another one of this direction (`COPIED_WITHIN`).
        self.copied = self.twins = 0
        #: Segments with new bytes that came behind later ones.
        self.reordered = 0
        self.cuts = 0
        #: When the first of each of these was captured, of those with old bytes the first that no copy need be.
        self.first_repeated: int | None = None
        self.first_reordered: int | None = None
        self.first_cut: int | None = None
        #: Bytes that were left out of the capture on purpose and have not come up as missing yet.
        self.left_out = 0
        #: How often old bytes were sent again, or the other side was probed, since it was heard last (`in_vain_after`).
        self.in_vain = 0
        self.in_vain_since: int | None = None
        self.in_vain_after: int | None = None
        #: For the layer above; not touched here.
        self.tally: Any = None
        #: Where it is kept instead, as long as it is; -1: nowhere.
        self.row = -1

    def follows(self, time: int) -> bool:
        """Whether a packet comes so soon behind the last one of this direction that nobody can have waited for an answer to that."""
        return self.heard is not None and abs(time - self.heard) <= COPIED_WITHIN

    def is_twin(self, time: int) -> bool:
        """Whether a packet was captured at the very time of the last one of this direction. Of a clock that tells whole
        milliseconds that means nothing."""
        return time == self.heard and time % MILLISECOND != 0

    def tells_again(self, time: int, noted: int, repeats: bool, copied: bool, twin: bool) -> None:
        """Old bytes came again, or (not `repeats`) a probe whether the other side is still there. `noted`: the time (ns) for
        noting the first of them; `copied`: nothing may have been sent again, only captured; `twin`: see `is_twin`."""
        if repeats:
            if not copied and self.first_repeated is None:
                self.first_repeated = noted
            self.repeated += 1
            self.copied += copied
            self.twins += twin
        if copied:
            return
        heard = self.peer.heard
        if self.in_vain_since is None or self.in_vain_after != heard:
            self.in_vain, self.in_vain_since, self.in_vain_after = 0, time, heard
        self.in_vain += 1

    def overtakes(self, seq: int) -> bool:
        """Whether bytes further on than `seq` are here already, waiting for a hole to be filled."""
        return self.held is not None and self.position + distance(seq, self.expected) < self.held.end

    def pass_by(self, size: int) -> None:
        """Count `size` bytes that somebody else gave out, of segments which could all take the quick way."""
        self.fast = (self.fast + size) & MASK
        self.position += size
        self.payload += size
        self.delivered += size
        self.given = True

    @property
    def lenient(self) -> bool:
        """Whether an acknowledgement of less than everything changes nothing here; beside an earlier connection of the
        same endpoints it may be of that one."""
        whole = self.fast >= 0 and self.mark_time is None and not self.timer and not self.charged
        return whole and self.connection.previous is None


class Connection:
    """One TCP connection as far as it was captured."""

    __slots__ = (
        "determined", "end", "ended", "ended_by", "ended_frame", "ended_side", "ended_time", "excerpt", "first_frame",
        "flows", "last_frame", "lasting", "notes", "number", "previous", "start", "state",
    )  # fmt: skip

    #: What keeps its directions, as long as they are not kept here.
    lasting: Any

    def __init__(self, number: int, client: Flow, server: Flow, determined: Determined, frame: int, time: int) -> None:
        #: From 1, in the order of first packets.
        self.number = number
        #: The directions: what the client sends, what the server sends.
        self.flows = (client, server)
        #: How it is known which side the server is.
        self.determined = determined
        #: Times of the first and the last packet, in ns since the epoch; and their frame numbers.
        self.start = time
        self.end = time
        self.first_frame = frame
        self.last_frame = frame
        #: None: not (yet) ended, or ended by nothing seen but a new connection on its ports.
        self.ended_by: EndedBy | None = None
        #: The side that ended it first (0 client, 1 server), and the packet with which it did.
        self.ended_side: int | None = None
        self.ended_frame: int | None = None
        self.ended_time: int | None = None
        #: Whether `Ended` was given out.
        self.ended = False
        #: The connection that had the same endpoints before, as long as its late packets may come.
        self.previous: Connection | None = None
        #: Whether packets of it were left out of the capture on purpose.
        self.excerpt = False
        #: For the layer above; not touched here.
        self.state: Any = None
        #: What was noted of the connection as a whole, or of the direction given, and not yet told.
        self.notes: tuple[tuple[Flow | None, Note], ...] = ()

    @property
    def client(self) -> Endpoint:
        """The client's packed IP address and port."""
        key = self.flows[CLIENT].key
        return key[0], key[1]

    @property
    def server(self) -> Endpoint:
        """The server's packed IP address and port."""
        key = self.flows[SERVER].key
        return key[0], key[1]

    def let_go(self) -> None:
        """Nothing will be asked about its directions any more."""
        if self.flows[CLIENT].row >= 0:
            self.lasting.leave(self)

    def swap(self) -> None:
        """Make the client the server and the server the client.

        What was given out before (also by the same call of `feed()`) carries the directions as they were.
        """
        client, server = self.flows
        self.flows = (server, client)
        server.side, client.side = CLIENT, SERVER
        if self.ended_side is not None:
            self.ended_side = 1 - self.ended_side

    def note(self, kind: NoteKind, frame: int, flow: Flow | None = None, size: int = 0) -> None:
        """Note something of the connection as a whole, or of a direction."""
        self.notes += ((flow, Note(kind, frame, None, size)),)

    def __repr__(self) -> str:
        ends = format_endpoint(*self.client), format_endpoint(*self.server)
        return f"<Connection {self.number}: {ends[0]} -> {ends[1]}>"


class Delivery(NamedTuple):
    """Bytes in order of one direction (0 from the client, 1 from the server); see `Chunk` for the rest.

    `flow` is the direction itself, whose `side` stays right when the connection turns out to be the other way round.
    """

    connection: Connection
    direction: int
    missing: int
    data: bytes
    frame: int
    time: int
    flow: Flow
    offset: int


class Remark(NamedTuple):
    """Something that was noted of a connection, or of one `flow` of it, in a packet of `time`."""

    connection: Connection
    flow: Flow | None
    time: int
    note: Note


class Ended(NamedTuple):
    """Nothing more will be given out of this connection."""

    connection: Connection


class Forgotten(NamedTuple):
    """Nothing more will be counted of this connection either, which had ended."""

    connection: Connection


Event = Delivery | Remark | Ended | Forgotten
