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
    from pyarrow._compute import CastOptions, FilterOptions, TakeOptions, call_function
except ImportError:
    # Its home in Arrow's own house may move; the public one stays.
    from pyarrow.compute import CastOptions, FilterOptions, TakeOptions, call_function


_TAKE = TakeOptions(boundscheck=True)
_FILTER = FilterOptions("drop")


def numbers(values: np.ndarray) -> pa.Array:
    """Integers as they lie in memory: nothing is copied where they lie one after the other."""
    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


def typed(values: np.ndarray, kind: pa.DataType, valid: np.ndarray | None = None) -> pa.Array:
    """Values as they lie in memory, taken for this type (of the same width); null where `valid`, a flag for each, is false."""
    values = np.ascontiguousarray(values)
    known = None if valid is None or valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [known, pa.py_buffer(values)])


def texts(values: Sequence[str]) -> pa.Array:
    """Texts, of less than 2 GiB together."""
    made = binaries([value.encode() for value in values])
    return pa.Array.from_buffers(pa.string(), len(values), made.buffers())


def cast(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """The same values as another type. Raises pyarrow.ArrowInvalid where one is none of that."""
    return call_function("cast", [array], CastOptions.safe(kind))


def binaries(values: Sequence[bytes]) -> pa.Array:
    """Strings of bytes, of less than 2 GiB together."""
    offsets = np.zeros(len(values) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, values), np.int32, len(values)), out=offsets[1:])
    return pa.Array.from_buffers(
        pa.binary(), len(values), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(values))]
    )


def taken(array: pa.Array, places: np.ndarray, valid: np.ndarray | None = None) -> pa.Array:
    """What stands at these places of an array, one after the other; nothing where `valid`, a flag for each, is false."""
    return at_places(array, typed(places, pa.from_numpy_dtype(places.dtype), valid))


def at_places(array: pa.Array, places: pa.Array) -> pa.Array:
    """What stands at these places of an array, one after the other; null where the place is."""
    return call_function("take", [array, places], _TAKE)


def every_second(array: pa.Array) -> pa.Array:
    """Of an array the second, the fourth and so on."""
    bits = pa.py_buffer(b"\xaa" * (len(array) + 7 >> 3))
    return call_function("filter", [array, pa.Array.from_buffers(pa.bool_(), len(array), [None, bits])], _FILTER)


def digits(values: np.ndarray) -> pa.Array:
    """Integers written with digits, as strings of bytes."""
    return cast(cast(numbers(values), pa.string()), pa.binary())
