"""Where each segment of the protocol stands in its stream, on disk, since there are as many as packets."""

from __future__ import annotations

import struct
import tempfile

from ccxdissect.capture.segment import Segment
from ccxdissect.redact.streams import Place

#: What is stored of each: frame, direction, offset, sequence number and ports.
ENTRY = struct.Struct("<qqqIHH")


class Places:
    """The places of segments, in the order of packets. `add` them all, `rewind`, then ask; `close` frees the disk."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="ccxdissect-")  # noqa: SIM115 (closed by close())
        self._next: tuple[int, ...] | None = None

    def add(self, segment: Segment, place: Place) -> None:
        """Note where the payload of a segment stands."""
        self._file.write(ENTRY.pack(segment.frame, place.flow, place.offset, segment.seq, segment.sport, segment.dport))

    def add_all(self, entries: bytes) -> None:
        """Note many, each as it is stored."""
        self._file.write(entries)

    def rewind(self) -> None:
        """All were added: begin to be asked, from the first on."""
        self._file.seek(0)
        self._step()

    def of(self, segment: Segment) -> Place | None:
        """The place of a segment; frames must be asked for in order."""
        found = None
        while self._next is not None and self._next[0] <= segment.frame:
            frame, flow, offset, seq, sport, dport = self._next
            if frame == segment.frame and (seq, sport, dport) == (segment.seq, segment.sport, segment.dport):
                found = Place(flow, offset)
            self._step()
        return found

    def _step(self) -> None:
        data = self._file.read(ENTRY.size)
        self._next = ENTRY.unpack(data) if len(data) == ENTRY.size else None

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
