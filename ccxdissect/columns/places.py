"""What lies at many places of a run of bytes at once, whatever lies between."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ccxdissect.codec.layout import CompiledLayout


def fixed_part(layout: CompiledLayout, positions: Iterable[int]) -> np.dtype:
    """A fixed part as a type: the fields at these positions of a layout, called `f0`, `f1` ... by them."""
    chosen = [(position, layout.fields[position]) for position in positions]
    return np.dtype(
        {
            "names": [f"f{position}" for position, _ in chosen],
            "formats": [f">{field.type.code}" if field.type.size else f"V{field.size}" for _, field in chosen],
            "offsets": [layout.offsets[position] for position, _ in chosen],
            "itemsize": max(layout.size, 1),
        }
    )


def lying_at(octets: np.ndarray, places: np.ndarray, dtype: np.dtype | str) -> np.ndarray:
    """The value of this type at each of the places, all of which have so many bytes behind them.

    The bytes are seen as values that begin at each of them and overlap: several times quicker than to ask byte by byte.
    """
    dtype = np.dtype(dtype)
    size = dtype.itemsize
    if not len(places) or not size:
        return np.zeros(len(places), dtype)
    overlapping = np.ndarray((len(octets) - size + 1,), f"V{size}", octets, 0, (1,))
    return overlapping[places].view(dtype)


def put_at(room: np.ndarray, places: np.ndarray, rows: np.ndarray) -> None:
    """Put rows of equal length, one at each of the places, into a room of as many values and of the same type."""
    size = rows.shape[1] * rows.itemsize
    if len(rows) and size:
        overlapping = np.ndarray((len(room) - rows.shape[1] + 1,), f"V{size}", room, 0, (room.itemsize,))
        overlapping[places] = np.ascontiguousarray(rows).view(f"V{size}")[:, 0]
