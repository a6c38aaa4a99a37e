"""What is read more than once, be it a pipe."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ccxdissect.capture.source import ByteSource, CalledPath, can_be_reopened, name_of
from ccxdissect.errors import CaptureError

#: Bytes of a pipe that are kept on disk meanwhile.
MOST_SPOOLED = 16 << 30


class Reopenable(list[str]):
    """Paths of what is read more than once."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(paths)
        self._first = [_state(path) for path in paths]

    def check(self) -> None:
        """Raise CaptureError when a file is another one by now, or shorter: what was made of it mixes the two. One that
        grows is read as far as it went, and one that is gone was read, or could not be opened."""
        for path, first in zip(self, self._first, strict=True):
            now = _state(path)
            if first is not None and now is not None and (first[:2] != now[:2] or now[2] < first[2]):
                raise CaptureError(name_of(path), "was replaced or cut short while it was read")


def _state(path: str) -> tuple[int, int, int] | None:
    """Which file a path names, and its size; None of one that is not there, or in a storage."""
    try:
        held = os.stat(path)
    except (OSError, ValueError):
        return None
    return held.st_dev, held.st_ino, held.st_size


@contextmanager
def reopenable(given: Sequence[str]) -> Iterator[Reopenable]:
    """Paths that can be read as often as one likes, in the same order: those of regular files, and of copies of pipes,
    unpacked, that only their owner may read and that are gone afterwards. Raises CaptureError."""
    with ExitStack() as stack:
        paths: list[str] = []
        for path in given:
            if can_be_reopened(path):
                paths.append(path)
                continue
            try:
                spooled = _own(stack)
                _spool(path, spooled)
                spooled.flush()
            except OSError as error:
                raise CaptureError(name_of(path), (error.strerror or str(error)).lower()) from error
            paths.append(CalledPath(spooled.name, name_of(path)))
        yield Reopenable(paths)


def _own(stack: ExitStack) -> BinaryIO:
    """A new file that only its owner may read, and that is gone when `stack` is left. Who is asked to end while the file comes into
    being leaves none, either: its name is known before."""
    name = os.path.join(tempfile.gettempdir(), f"ccxdissect-{os.urandom(16).hex()}")
    stack.callback(Path(name).unlink, missing_ok=True)
    return stack.enter_context(open(name, "xb", opener=partial(os.open, mode=0o600)))


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
