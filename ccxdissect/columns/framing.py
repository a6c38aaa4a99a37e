"""Messages out of deliveries: where each begins and ends, for all directions of a chunk.

Most deliveries are one message each, which is seen at once for all of them. Where messages share a segment or go over
several, the headers of that direction are followed one after the other. A header that is not plausible ends what is told
here of its connection: from that delivery on the framer of `stream` goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import Struct
from typing import NamedTuple

import numpy as np

from ccxdissect.codec.layout import HEADER
from ccxdissect.columns.places import lying_at
from ccxdissect.stream.framing import Boundaries, Brought

_SIZE = HEADER.size
_HEADER = np.dtype([("length", ">u4"), ("number", ">u4")])


class Rows(NamedTuple):
    """Deliveries in order: the bytes `place` to `place + size` of a buffer, which direction they are of, and where.

    `offset`: where the first one stands in its direction's stream. `frame`, `time`: of the packet that completed it.
    """

    flow: np.ndarray
    place: np.ndarray
    size: np.ndarray
    offset: np.ndarray
    frame: np.ndarray
    time: np.ndarray


class Frames(NamedTuple):
    """Messages, in no order: the row that completed each, type, body (place and size), when its first byte came.

    `offset`: where its header begins in its direction's stream.
    """

    row: np.ndarray
    number: np.ndarray
    place: np.ndarray
    size: np.ndarray
    begun: np.ndarray
    offset: np.ndarray


class Held(NamedTuple):
    """Bytes of an unfinished message, and the packets that brought them."""

    data: bytes
    brought: list[Brought]


NOTHING_HELD = Held(b"", [])


class Cutter:
    """Cuts the deliveries of one chunk into messages. `buffer` holds their bytes; bodies may be put behind it.

    `several`: what headers may say, and `which`: for each direction which of these its own may.
    """

    def __init__(self, several: Sequence[Boundaries], which: np.ndarray, buffer: bytes) -> None:
        self._buffer = buffer
        self._several = several
        #: For each direction the row of what its headers may say.
        self._which = which
        self._largest = np.array([one.largest_body for one in several], np.int64)
        self._known = np.zeros((len(several), max((max(one.types) for one in several), default=0) + 2), bool)
        for row, one in enumerate(several):
            self._known[row, list(one.types)] = True
        #: Bodies that came in several deliveries: they lie behind `buffer`, in this order.
        self.joined: list[bytes] = []
        self._end = len(buffer)
        self._found: list[tuple[int, int, int, int, int, int]] = []

    def cut(
        self, rows: Rows, wanted: np.ndarray, held: Mapping[int, Held]
    ) -> tuple[Frames, dict[int, int], dict[int, Held]]:
        """The messages of `rows`; for each direction that cannot go on here, the row at which it stops; what is held at the end.

        `wanted`: by direction, whether anything is to be told of it; `held`: what it holds already, if it does.
        """
        self._found.clear()
        octets = np.frombuffer(self._buffer, np.uint8)
        fits = rows.size >= _SIZE
        place = np.where(fits, rows.place, 0)
        header = lying_at(octets, place, _HEADER)
        length, number = header["length"].astype(np.int64), header["number"].astype(np.int64)
        single = fits & (length + _SIZE == rows.size)
        if len(number):
            which = self._which[rows.flow]
            single &= (length <= self._largest[which]) & self._known[
                which, np.minimum(number, self._known.shape[1] - 1)
            ]
        flows = len(wanted)
        plain = wanted.copy()
        plain[list(held)] = False
        plain[rows.flow[~single]] = False
        at_once = np.flatnonzero(plain[rows.flow])
        stopped: dict[int, int] = {}
        left: dict[int, Held] = {}
        followed = wanted & ~plain
        if followed.any():
            mine = np.flatnonzero(followed[rows.flow])
            order = mine[np.argsort(rows.flow[mine], kind="stable")]
            bounds = np.searchsorted(rows.flow[order], np.arange(flows + 1))
            for flow in np.flatnonzero(followed).tolist():
                here = order[bounds[flow] : bounds[flow + 1]]
                if len(here):
                    stop, rest = self._follow(rows, flow, here.tolist(), held.get(flow, NOTHING_HELD))
                    if stop is not None:
                        stopped[flow] = stop
                    left[flow] = rest
        more = np.array(self._found, np.int64).reshape(-1, 6)
        columns = zip(
            (
                at_once,
                number[at_once],
                rows.place[at_once] + _SIZE,
                length[at_once],
                rows.time[at_once],
                rows.offset[at_once],
            ),
            more.T,
            strict=True,
        )
        return Frames(*(np.concatenate(pair) for pair in columns)), stopped, left

    def _follow(self, rows: Rows, flow: int, here: list[int], start: Held) -> tuple[int | None, Held]:
        """Follow one direction. Gives the row at which it cannot go on (or None), and what is held before that."""
        bounds = self._several[int(self._which[flow])]
        buffer, types, largest = self._buffer, bounds.types, bounds.largest_body
        unpack = Struct(">II").unpack_from
        add = self._found.append
        columns = (rows.place, rows.size, rows.offset, rows.frame, rows.time)
        parts = [start.data] if start.data else []
        brought = list(start.brought) if start.data else []
        have, need = len(start.data), self._needed(start.data)
        if have >= _SIZE:
            length, number = unpack(start.data)
            if length > largest or number not in types:
                return here[0], start
        for row, at, size, offset, frame, time in zip(
            here, *(column[here].tolist() for column in columns), strict=True
        ):
            stop = at + size
            if have + size < need:
                parts.append(buffer[at:stop])
                brought.append(Brought(size, frame, time))
                have += size
                continue
            # What there was before, in case that this delivery cannot be told here.
            known = len(self._found), len(self.joined), self._end
            earlier, many, packets = parts, len(parts), list(brought)
            # Where the stream would stand if the buffer began with it.
            origin = offset - at
            good = True
            if have:
                parts = list(parts)
                header_at, begun = offset - have, brought[0].time
                if have < _SIZE:
                    parts.append(buffer[at : at + _SIZE - have])
                    at += _SIZE - have
                    have = _SIZE
                    length, number = unpack(b"".join(parts))
                    good = length <= largest and number in types
                    need = _SIZE + length
                if good and have + stop - at >= need:
                    parts.append(buffer[at : at + need - have])
                    at += need - have
                    whole = b"".join(parts)
                    length, number = unpack(whole)
                    add((row, number, self._end + _SIZE, length, begun, header_at))
                    self.joined.append(whole)
                    self._end += len(whole)
                    parts, brought, have = [], [], 0
            if not have:
                while stop - at >= _SIZE:
                    length, number = unpack(buffer, at)
                    good = length <= largest and number in types
                    if not good or at + _SIZE + length > stop:
                        break
                    add((row, number, at + _SIZE, length, time, origin + at))
                    at += _SIZE + length
            if not good:
                del self._found[known[0] :]
                del self.joined[known[1] :]
                self._end = known[2]
                return row, Held(b"".join(earlier[:many]), packets)
            if have or at < stop:
                if at < stop:
                    parts.append(buffer[at:stop])
                if not have:
                    need = self._needed(parts[0])
                brought.append(Brought(size if have else stop - at, frame, time))
                have = sum(map(len, parts)) if have else stop - at
            else:
                need = _SIZE
        return None, Held(b"".join(parts), brought)

    @staticmethod
    def _needed(data: bytes) -> int:
        return _SIZE + HEADER.unpack_from(data)[0] if len(data) >= _SIZE else _SIZE
