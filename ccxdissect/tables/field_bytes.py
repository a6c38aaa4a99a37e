"""Where the data of many floating fields lie, and what they are: texts, integers, bytes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ccxdissect.columns.arrays import taken
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
        self._even = np.arange(0, 2 * len(start), 2, dtype=np.int32)

    def texts(self, those: slice) -> pa.Array:
        """The bytes of texts, one for each of those fields."""
        return self._pieces(self._bounds[those])

    def binaries(self, those: slice) -> pa.Array:
        """The bytes of fields, one for each of those."""
        return self._pieces(np.stack([self._start[those], self._stop[those]], axis=1).astype(np.int32))

    def _pieces(self, bounds: np.ndarray) -> pa.Array:
        count = len(bounds)
        # Every second of these pieces is one of theirs; they have to stand in the order of the bytes for that.
        which = self._even[:count]
        if not (bounds[1:, 0] >= bounds[:-1, 1]).all():
            order = np.argsort(bounds[:, 0], kind="stable")
            bounds = bounds[order]
            which = np.empty(count, np.int32)
            which[order] = self._even[:count]
        offsets = pa.py_buffer(np.ascontiguousarray(bounds))
        return taken(pa.Array.from_buffers(pa.binary(), 2 * count - 1, [None, offsets, self._data]), which)

    def integers(self, those: slice, kind: DataType) -> np.ndarray:
        """Integers, each of its type's width."""
        found = lying_at(self._octets, self._start[those], f">{kind.code}")
        return found.astype(found.dtype.newbyteorder("="))
