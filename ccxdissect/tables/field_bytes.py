"""Where the data of many floating fields lie, and what they are: strings of bytes, integers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ccxdissect.columns.arrays import every_second
from ccxdissect.columns.places import lying_at
from ccxdissect.protocol.types import DataType


class FieldBytes:
    """The data of floating fields: of each, from `start` to `stop` of the bytes. `ended`: those that end before their NUL,
    when they have one."""

    def __init__(self, data: bytes, octets: np.ndarray, start: np.ndarray, stop: np.ndarray, ended: np.ndarray) -> None:
        self._data = pa.py_buffer(data)
        self._octets = octets
        self._start = start
        nul = ended & (stop > start) & (octets[np.maximum(stop - 1, 0)] == 0)
        self._bounds = np.empty((len(start), 2), np.int32)
        self._bounds[:, 0] = start
        self._bounds[:, 1] = stop - nul

    def strings(self, those: slice) -> pa.Array:
        """The bytes of those fields."""
        bounds = self._bounds[those]
        # In what order they lie there matters not: of the pieces between all bounds, every second is one of theirs, and nobody
        # looks at the others. The outermost bounds are but for Arrow: they lie within the bytes, and tell it how much room to make ready.
        offsets = np.empty(2 * len(bounds) + 2, np.int32)
        offsets[0] = 0
        offsets[1:-1] = bounds.reshape(-1)
        offsets[-1] = min(2 * int((bounds[:, 1] - bounds[:, 0]).sum()), len(self._octets))
        return every_second(
            pa.Array.from_buffers(pa.binary(), 2 * len(bounds) + 1, [None, pa.py_buffer(offsets), self._data])
        )

    def integers(self, those: slice, kind: DataType) -> np.ndarray:
        """Integers, each of its type's width."""
        found = lying_at(self._octets, self._start[those], f">{kind.code}")
        return found.astype(found.dtype.newbyteorder("="))
