"""What is read more than once, be it a pipe."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import BinaryIO, cast

from ccxdissect.capture.source import ByteSource, can_be_reopened, name_of
from ccxdissect.errors import CaptureError

#: Bytes of a pipe that are kept on disk meanwhile.
MOST_SPOOLED = 16 << 30


@contextmanager
def reopenable(given: Sequence[str]) -> Iterator[list[str]]:
    """Paths that can be read as often as one likes, in the same order: those of regular files, and of copies of pipes,
    unpacked, that only their owner may read and that are gone afterwards. Raises CaptureError."""
    with ExitStack() as stack:
        paths = []
        for path in given:
            if can_be_reopened(path):
                paths.append(path)
                continue
            spooled = stack.enter_context(tempfile.NamedTemporaryFile(prefix="ccxdissect-"))
            try:
                _spool(path, cast(BinaryIO, spooled))
                spooled.flush()
            except OSError as error:
                raise CaptureError(name_of(path), (error.strerror or str(error)).lower()) from error
            paths.append(spooled.name)
        yield paths


def _spool(given: str, into: BinaryIO) -> None:
    source = ByteSource(given)
    size = 0
    try:
        while data := source.refill(b"", 1):
            size += len(data)
            if size > MOST_SPOOLED:
                raise CaptureError(name_of(given), f"more than {MOST_SPOOLED >> 30} GiB through a pipe: give a file")
            into.write(data)
    finally:
        source.close()
