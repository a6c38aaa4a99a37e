"""Messages that were collected by columns, of many directions at once, on disk until they are rewritten."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import BinaryIO, NamedTuple

import numpy as np

from ccxdissect.redact.fields import MessageRedactor, Treatment

_SIZES = Struct("<4q")


class Block(NamedTuple):
    """Whole messages, each direction's in a row, and what is to be replaced in them.

    `pieces`: direction, offset in its stream and size of what stands together. `texts`: where each text starts and stops
    in `data`; `others`: the same of what has another treatment, and that. All of 64 bits.
    """

    pieces: np.ndarray
    data: bytes
    texts: np.ndarray
    others: np.ndarray

    def stored(self) -> bytes:
        """The block as bytes."""
        sizes = _SIZES.pack(len(self.pieces), len(self.data), len(self.texts), len(self.others))
        return b"".join((sizes, self.pieces.tobytes(), self.data, self.texts.tobytes(), self.others.tobytes()))

    @classmethod
    def read(cls, file: BinaryIO) -> Block:
        """The next block of those that were stored in a file."""
        pieces, size, texts, others = _SIZES.unpack(file.read(_SIZES.size))
        return cls(_table(file, pieces, 3), file.read(size), _table(file, texts, 2), _table(file, others, 3))

    def rewritten(self, messages: MessageRedactor) -> Iterator[tuple[int, int, bytes, bytes]]:
        """Of each piece its direction and offset, what it was and what it is to be. The pseudonyms are settled."""
        before, made = self.data, bytearray(self.data)
        start, stop = self.texts.T
        texts = [before[begin:end] for begin, end in zip(start.tolist(), stop.tolist(), strict=True)]
        pseudonyms = np.frombuffer(b"".join(messages.pseudonyms.texts(texts)), np.uint8)
        size = stop - start
        # Each byte of the pseudonyms goes as far behind the start of its text as it stands behind that of its pseudonym.
        places = np.repeat(start - (np.cumsum(size) - size), size) + np.arange(len(pseudonyms))
        np.frombuffer(made, np.uint8)[places] = pseudonyms
        for begin, end, treatment in self.others.tolist():
            made[begin:end] = messages.replacement(Treatment(treatment), before[begin:end])
        after, at = bytes(made), 0
        for flow, offset, long in self.pieces.tolist():
            yield flow, offset, before[at : at + long], after[at : at + long]
            at += long


def _table(file: BinaryIO, rows: int, columns: int) -> np.ndarray:
    return np.frombuffer(file.read(8 * rows * columns), np.int64).reshape(rows, columns)
