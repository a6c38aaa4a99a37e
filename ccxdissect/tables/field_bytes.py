"""Where the data of many floating fields lie, and what they are: texts, integers, bytes."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pyarrow as pa

from ccxdissect.columns.arrays import at_places, numbers, taken
from ccxdissect.columns.places import lying_at
from ccxdissect.protocol.types import DataType


class FieldBytes:
    """The data of floating fields: of each, from `start` to `stop` of the bytes."""

    def __init__(self, data: bytes, octets: np.ndarray, start: np.ndarray, stop: np.ndarray) -> None:
        self._data = pa.py_buffer(data)
        self._octets = octets
        self._start, self._stop = start, stop
        # A text ends before its NUL, when it has one.
        ended = (stop > start) & (octets[np.maximum(stop - 1, 0)] == 0)
        self._bounds = np.empty((len(start), 2), np.int32)
        self._bounds[:, 0] = start
        self._bounds[:, 1] = stop - ended
        self._offsets = pa.py_buffer(self._bounds)
        #: Fields behind which one stands that lies before it.
        self._falls = np.flatnonzero(start[1:] < stop[:-1]).tolist()
        self._even = numbers(np.arange(0, 2 * len(start), 2, dtype=np.int32))

    def texts(self, those: slice) -> pa.Array:
        """The bytes of texts, one for each of those fields."""
        fall = bisect_left(self._falls, those.start)
        if fall < len(self._falls) and self._falls[fall] < those.stop - 1:
            return self._pieces(self._bounds[those])
        count = those.stop - those.start
        buffers = [None, self._offsets, self._data]
        # Every second of these pieces is one of theirs; they have to stand in the order of the bytes for that.
        pieces = pa.Array.from_buffers(pa.binary(), 2 * count - 1, buffers, offset=2 * those.start)
        return at_places(pieces, self._even[:count])

    def binaries(self, those: slice) -> pa.Array:
        """The bytes of fields, one for each of those."""
        return self._pieces(np.stack([self._start[those], self._stop[those]], axis=1).astype(np.int32))

    def _pieces(self, bounds: np.ndarray) -> pa.Array:
        count = len(bounds)
        order = np.argsort(bounds[:, 0], kind="stable")
        which = np.empty(count, np.int32)
        which[order] = np.arange(0, 2 * count, 2)
        offsets = pa.py_buffer(bounds[order])
        return taken(pa.Array.from_buffers(pa.binary(), 2 * count - 1, [None, offsets, self._data]), which)

    def integers(self, those: slice, kind: DataType) -> np.ndarray:
        """Integers, each of its type's width."""
        found = lying_at(self._octets, self._start[those], f">{kind.code}")
        return found.astype(found.dtype.newbyteorder("="))
