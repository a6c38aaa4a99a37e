"""Writing lines to a stream: at once where somebody watches, in batches elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TextIO

#: Characters of one batch.
_BATCH = 1 << 16


def write_lines(lines: Iterable[str], out: TextIO) -> None:
    """Write lines, each with its end."""
    if out.isatty():
        for line in lines:
            out.write(line + "\n")
        return
    batch: list[str] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size > _BATCH:
            batch.append("")
            out.write("\n".join(batch))
            batch = []
            size = 0
    if batch:
        batch.append("")
        out.write("\n".join(batch))


def write_ascii(pieces: Iterable[bytes | memoryview], out: TextIO) -> None:
    """Write text that is there as ASCII bytes, whole lines with their ends."""
    below = getattr(out, "buffer", None)
    if below is None or os.linesep != "\n" or "\n".encode(out.encoding) != b"\n":
        for piece in pieces:
            out.write(bytes(piece).decode("ascii"))
        return
    out.flush()
    for piece in pieces:
        below.write(piece)
