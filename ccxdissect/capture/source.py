"""Bytes of a capture, whatever holds them: a file, a pipe, standard input; plain or gzipped."""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Callable
from typing import BinaryIO, Union

from ccxdissect.capture.remote import is_remote, open_remote, size_of
from ccxdissect.errors import CaptureError

Input = Union[str, "os.PathLike[str]", BinaryIO]
"""What may be read: a path, a name in object storage (`s3://...`), "-" for standard input, or an object with read()."""

BLOCK = 1 << 18
"""Bytes asked for at a time."""

PROGRESS_STEP = 1 << 20
"""Bytes between two calls of a progress hook."""

STDIN_NAME = "standard input"


class CalledPath(str):
    """A path that notices and errors call by another name, `called`: a copy in a spool, or a capture that an export
    names in its own way. It is opened as the path that it is."""

    called: str

    def __new__(cls, path: str, called: str) -> CalledPath:
        """A path called so."""
        made = super().__new__(cls, path)
        made.called = called
        return made

    def __reduce__(self) -> tuple[type[CalledPath], tuple[str, str]]:
        """What makes it again in another process."""
        return CalledPath, (str(self), self.called)


def name_of(given: Input) -> str:
    """Return how `given` is called in notices and errors."""
    if isinstance(given, CalledPath):
        return given.called
    if isinstance(given, str) and given == "-":
        return STDIN_NAME
    if isinstance(given, (str, os.PathLike)):
        return os.fspath(given)
    name = getattr(given, "name", None)
    return name if isinstance(name, str) else "a file object"


def can_be_reopened(given: Input) -> bool:
    """Tell whether `given` is a regular file, or an object of a storage, that reads the same the second time."""
    if not isinstance(given, (str, os.PathLike)) or given == "-":
        return False
    if is_remote(given):
        return True
    try:
        return stat.S_ISREG(os.stat(given).st_mode)
    except (OSError, ValueError):
        return False


def total_size(inputs: list[Input]) -> int | None:
    """Return the bytes that reading all of `inputs` will take (as stored, compressed), None if one cannot
    tell."""
    total = 0
    for given in inputs:
        if not can_be_reopened(given):
            return None
        assert isinstance(given, (str, os.PathLike))
        size = size_of(given) if isinstance(given, str) and is_remote(given) else os.stat(given).st_size
        if size is None:
            return None
        total += size
    return total


def standard_input() -> BinaryIO:
    """The bytes of standard input; raises CaptureError when it is closed."""
    if sys.stdin is None:
        raise CaptureError(STDIN_NAME, "is closed")
    return sys.stdin.buffer


class _Raw:
    """The stored bytes: reads return what is there rather than wait for more, and the progress hook hears of
    it."""

    def __init__(self, handle: BinaryIO, progress: Callable[[int], None] | None) -> None:
        self._read = getattr(handle, "read1", handle.read)
        self._progress = progress
        self._untold = 0
        self._ahead = b""

    def read(self, size: int = BLOCK) -> bytes:
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        data = self._read(size) or b""
        self._untold += len(data)
        if self._progress and (self._untold >= PROGRESS_STEP or (not data and self._untold)):
            self._progress(self._untold)
            self._untold = 0
        return data

    def starts_with(self, magic: bytes) -> bool:
        while len(self._ahead) < len(magic):
            more = self._read(BLOCK)
            if not more:
                break
            self._untold += len(more)
            self._ahead += more
        return self._ahead.startswith(magic)


class _Pipe:
    """A pipe that somebody looked into: it reads on from its beginning."""

    def __init__(self, handle: BinaryIO) -> None:
        self._read = getattr(handle, "read1", handle.read)
        self._handle = handle
        self._ahead = b""

    def look(self, enough: Callable[[bytes], bool], most: int) -> bytes:
        while len(self._ahead) < most and not enough(self._ahead):
            more = self._read(BLOCK)
            if not more:
                break
            self._ahead += more
        return self._ahead

    def read(self, size: int) -> bytes:
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        return self._read(size) or b""

    def close(self) -> None:
        self._handle.close()


#: What was looked into and not yet read, since a pipe cannot be opened a second time.
_LOOKED_INTO: dict[str, _Pipe] = {}


def look_into(given: str | os.PathLike[str], enough: Callable[[bytes], bool], most: int) -> bytes:
    """The beginning of a pipe: as far as is `enough`, or `most` bytes, or all of it. The next to read it gets it too.

    Raises CaptureError.
    """
    name = os.fspath(given)
    try:
        pipe = _LOOKED_INTO.get(name)
        if pipe is None:
            handle: BinaryIO = standard_input() if name == "-" else io.FileIO(name)
            pipe = _LOOKED_INTO[name] = _Pipe(handle)
        return pipe.look(enough, most)
    except (OSError, ValueError) as error:
        raise CaptureError(name_of(given), _reason(error)) from error


class ByteSource:
    """A stream of bytes read once from start to end, unpacked if its content is gzip.

    Raises CaptureError if it cannot be opened, or fails later for reasons outside the data. Damaged gzip data
    ends the stream early and leaves the reason in `damage`. Memory stays flat however far the data unpacks.
    """

    def __init__(self, given: Input, progress: Callable[[int], None] | None = None) -> None:
        self.name = name_of(given)
        self.damage = ""
        """Why the stream ended before its end; empty if it did not."""
        self.ended = False
        self._owned: BinaryIO | None = None
        try:
            if isinstance(given, (str, os.PathLike)):
                known = _LOOKED_INTO.pop(os.fspath(given), None)
                if known is not None:
                    handle: BinaryIO = known  # type: ignore[assignment]
                    self._owned = None if given == "-" else handle
                elif given == "-":
                    handle = standard_input()
                elif isinstance(given, str) and is_remote(given):
                    handle = self._owned = open_remote(given)
                else:
                    # FileIO is what a BinaryIO needs to be here, but typeshed keeps them apart.
                    handle = self._owned = io.FileIO(os.fspath(given))
            else:
                handle = given
            raw = _Raw(handle, progress)
            if raw.starts_with(b"\x1f\x8b"):
                self._read: Callable[[int], bytes] = gzip.GzipFile(fileobj=raw, mode="rb").read1  # type: ignore
            else:
                self._read = raw.read
        except (OSError, ValueError) as error:
            self.close()
            raise CaptureError(self.name, _reason(error)) from error

    def refill(self, rest: bytes, need: int) -> bytes:
        """Return `rest` and what follows it: `need` bytes or more in all, fewer only if the stream ends
        before.

        Callers bound `need` themselves.
        """
        return b"".join([rest, *self.blocks(need - len(rest))])

    def blocks(self, need: int, exactly: bool = False) -> list[bytes]:
        """What follows, in pieces: `need` bytes or more in all (`exactly`: no more), fewer only if the stream ends before."""
        found: list[bytes] = []
        while need > 0:
            try:
                more = self._read(min(BLOCK, need) if exactly else BLOCK)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                self.damage = f"damaged gzip data: {error}"
                self._read = _nothing
                self.ended = True
                break
            except (OSError, ValueError) as error:
                raise CaptureError(self.name, _reason(error)) from error
            if not more:
                self.ended = True
                break
            found.append(more)
            need -= len(more)
        return found

    def close(self) -> None:
        """Close the file if it was opened here; objects and standard input belong to the caller."""
        if self._owned is not None:
            self._owned.close()
            self._owned = None


def _nothing(_size: int) -> bytes:
    return b""


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error)
