"""Who sent to whom, as lines of JSON say it, kept for sessions that come up in batch after batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from ccxdissect.columns.arrays import binaries, digits, taken
from ccxdissect.stream.events import Ends, Session, ends_of
from ccxdissect.views.formats.jsonl import json_text
from ccxdissect.views.messages import BEHIND, SENT, TO

#: So many sessions are remembered before all are forgotten.
_MOST_SESSIONS = 1 << 15
#: What each text is put together of: the session's number with its name, the sender's, the receiver's, and the name of what follows.
_PIECES = 7
_SESSION = '"session":'


class Senders:
    """The texts of sessions, two of each: what the client sends comes first.

    They lie apart from all that each batch needs: of thousands of sessions that are open at once a batch takes its own.
    """

    def __init__(self) -> None:
        #: By number, client and server: which session it is here.
        self._which: dict[Ends, int] = {}
        self._data = np.zeros(1 << 16, np.uint8)
        self._bounds = np.zeros(1 << 10, np.int32)

    def places(self, sessions: Sequence[Session]) -> np.ndarray:
        """Where the texts of these sessions stand: of each that of the client, behind which that of the server is."""
        if len(self._which) > _MOST_SESSIONS:
            self._which.clear()
        ends = ends_of(sessions)
        which = self._which
        found = list(map(which.get, ends))
        if None in found:
            begin = len(which)
            found = [which.setdefault(one, len(which)) for one in ends]
            self._add(2 * begin, _texts(list(which)[begin:]))
        return 2 * np.array(found, np.int64)

    def texts(self, places: np.ndarray) -> pa.Array:
        """The texts at these places."""
        count = 2 * len(self._which)
        buffers = [None, pa.py_buffer(self._bounds[: count + 1]), pa.py_buffer(self._data)]
        return taken(pa.Array.from_buffers(pa.binary(), count, buffers), places)

    def _add(self, count: int, texts: pa.Array) -> None:
        """Put texts behind the first `count`."""
        begin = int(self._bounds[count])
        bounds = np.frombuffer(texts.buffers()[1], np.int32)[: _PIECES * (len(texts) // _PIECES) + 1 : _PIECES]
        size = int(bounds[-1])
        self._data = _with_room(self._data, begin + size)
        self._data[begin : begin + size] = np.frombuffer(texts.buffers()[2], np.uint8)[:size]
        self._bounds = _with_room(self._bounds, count + len(bounds))
        self._bounds[count : count + len(bounds)] = bounds + begin


def _texts(ends: Sequence[Ends]) -> pa.Array:
    """What the lines of these sessions say, in so many pieces for each side of each: put together for all of them at once."""
    constant = _SESSION, *(f",{one}" for one in SENT), TO, BEHIND
    first = len(constant)
    named: dict[str, int] = {}
    pieces = np.empty((len(ends), 2, _PIECES), np.int32)
    pieces[:, :, 0], pieces[:, 0, 2], pieces[:, 1, 2], pieces[:, :, 4], pieces[:, :, 6] = range(first)
    client = [named.setdefault(one, len(named)) for _, one, _ in ends]
    server = [named.setdefault(one, len(named)) for _, _, one in ends]
    pieces[:, 0, 3] = pieces[:, 1, 5] = np.array(client) + first
    pieces[:, 1, 3] = pieces[:, 0, 5] = np.array(server) + first
    pieces[:, :, 1] = (np.arange(len(ends)) + first + len(named))[:, None]
    texts = binaries([text.encode("ascii") for text in (*constant, *map(json_text, named))])
    numbers = digits(np.array([number for number, _, _ in ends], np.int64))
    return taken(pa.concat_arrays([texts, numbers]), pieces.reshape(-1))


def _with_room(column: np.ndarray, size: int) -> np.ndarray:
    """The same column, and room for so much altogether."""
    if len(column) >= size:
        return column
    more = np.zeros(2 * size, column.dtype)
    more[: len(column)] = column
    return more
