"""Arrow arrays made of the bytes that they consist of. `pyarrow.array` looks for pandas, to know what it is given, and
loads it where it is installed: 0.2 s and 40 MiB for nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa


def numbers(values: np.ndarray) -> pa.Array:
    """Integers as they lie in memory: nothing is copied where they lie one after the other."""
    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


def binaries(values: Sequence[bytes]) -> pa.Array:
    """Strings of bytes, of less than 2 GiB together."""
    offsets = np.zeros(len(values) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, values), np.int32, len(values)), out=offsets[1:])
    return pa.Array.from_buffers(
        pa.binary(), len(values), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(values))]
    )
