"""A command as its user runs it, but within the process of the tests: most of what a short run costs is its beginning.

What is about processes (pipes, terminals, signals, what is imported when) starts them; so do the runs of `test_one_file.py`,
which hold that a process and this give the same.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from ccxdissect.cli.main import main


class Done(NamedTuple):
    """What a run left behind."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str, stdin: bytes = b"") -> Done:
    """Run ccxdissect; its output is neither a terminal nor a file."""
    out, errors = _stream(), _stream()
    with _standard(_stream(stdin), out, errors):
        try:
            status: object = main(arguments)
        except SystemExit as ended:
            status = ended.code
    assert status is None or isinstance(status, int)
    return Done(status or 0, _text(out), _text(errors))


def _stream(data: bytes = b"") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="\n")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    held = stream.buffer
    assert isinstance(held, io.BytesIO)
    return held.getvalue().decode()


@contextmanager
def _standard(stdin: io.TextIOWrapper, out: io.TextIOWrapper, errors: io.TextIOWrapper) -> Iterator[None]:
    before = sys.stdin, sys.stdout, sys.stderr, sys.__stdout__
    sys.stdin, sys.stdout, sys.stderr = stdin, out, errors
    sys.__stdout__ = out  # type: ignore[misc]
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr, sys.__stdout__ = before  # type: ignore[misc]
