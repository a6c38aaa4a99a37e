"""Files that are written: looked at before the work begins, and there only when they are whole."""

from __future__ import annotations

import gzip
import io
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ccxdissect.errors import CaptureError


def check_output(path: str, force: bool = False, inputs: Iterable[str] = (), streams: bool = True) -> None:
    """Raise CaptureError where a file cannot be, or must not be, written: one that is among the `inputs`, or that is
    there already (with `force` it may be; a symbolic link is replaced then, never followed), or in a folder that is
    not there. "-" is standard output, and fine if `streams` says that what is written can go there."""
    if path == "-" and not streams:
        raise CaptureError("-", "standard output has something else to say: name a file (./- if it is called so)")
    if path == "-":
        return
    if not path:
        raise CaptureError(repr(path), "is no name of a file to write")
    for given in inputs:
        if given != "-" and os.path.exists(path) and os.path.exists(given) and os.path.samefile(given, path):
            raise CaptureError(path, "is the input itself")
    folder = os.path.dirname(path)
    if folder and not os.path.isdir(folder):
        raise CaptureError(path, f"there is no folder {folder}")
    if os.path.isdir(path):
        raise CaptureError(path, "is a folder")
    if os.path.islink(path) and not force:
        raise CaptureError(path, "is a symbolic link, which is not followed: --force replaces it")
    if os.path.isfile(path) and not force:
        raise CaptureError(path, "is there already: --force replaces it")
    if not os.path.exists(path) and not os.access(folder or ".", os.W_OK):
        raise CaptureError(path, "nothing may be written to that folder")


@contextmanager
def appearing(path: str) -> Iterator[BinaryIO]:
    """A file to write that appears when all is well, in place of one that was there; a device or a pipe takes the bytes
    as they come. Raises CaptureError when it cannot be made or filled; whatever goes wrong, nothing unfinished is left."""
    try:
        if os.path.exists(path) and not os.path.isfile(path) and not os.path.islink(path):
            with open(path, "wb") as there:
                yield there
        else:
            with _unfinished(path) as file:
                yield file
    except BrokenPipeError:
        raise
    except OSError as error:
        # One that names no file is about the bytes that were to be written: a full disk.
        if error.filename is not None and error.filename != path:
            raise
        raise CaptureError(path, (error.strerror or str(error)).lower()) from error


@contextmanager
def packed_or_plain(path: str) -> Iterator[BinaryIO]:
    """The same; packed if the name ends in .gz, and "-" is standard output."""
    if path == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with appearing(path) as file:
        if path.lower().endswith(".gz"):
            # Without a name and a time in it: the same content gives the same file.
            with gzip.GzipFile("", "wb", 6, file, 0) as packed, io.BufferedWriter(packed, 1 << 20) as buffered:
                yield cast(BinaryIO, buffered)
        else:
            yield file


@contextmanager
def _unfinished(path: str) -> Iterator[BinaryIO]:
    folder = os.path.dirname(os.path.abspath(path))
    try:
        handle, unfinished = tempfile.mkstemp(prefix=".ccxdissect-", dir=folder)
    except OSError as error:
        raise CaptureError(path, (error.strerror or str(error)).lower()) from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        Path(unfinished).chmod(0o666 & ~umask)
        os.replace(unfinished, path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
