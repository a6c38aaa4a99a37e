"""Arrow arrays, with as little loaded as can be.

They are made of the bytes that they consist of: `pyarrow.array` looks for pandas, to know what it is given, and loads it
where it is installed, 0.2 s and 40 MiB for nothing. And they are worked on by Arrow's own functions: `pyarrow.compute`
first describes all of them to people, which takes longer than loading the rest of Arrow.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

try:
    from pyarrow._compute import CastOptions, TakeOptions, call_function
except ImportError:
    # Its home in Arrow's own house may move; the public one stays.
    from pyarrow.compute import CastOptions, TakeOptions, call_function


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


def taken(array: pa.Array, places: np.ndarray) -> pa.Array:
    """What stands at these places of an array, one after the other."""
    return call_function("take", [array, numbers(places)], TakeOptions(boundscheck=True))


def digits(values: np.ndarray) -> pa.Array:
    """Integers written with digits, as strings of bytes."""
    written = call_function("cast", [numbers(values)], CastOptions.safe(pa.string()))
    return call_function("cast", [written], CastOptions.safe(pa.binary()))
