"""Where a command's output goes: a file, a pager, or as it is to standard output."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator


def add_output(parser: argparse.ArgumentParser, pager: bool = True) -> None:
    """Where the output goes; `pager`: it has an end, and may go through one."""
    group = parser.add_argument_group("where to write it")
    group.add_argument("-o", "--output", dest="text_output", metavar="FILE", help="to this file, not to the terminal")
    group.add_argument("--force", action="store_true", help="even if the file exists already")
    if pager:
        group.add_argument("--no-pager", action="store_true", help="not through a pager, however long it is")


def refuse_to_overwrite(path: str, force: bool) -> None:
    """Raise CcxDissectError for a file that is there already, unless with `force`."""
    from ccxdissect.errors import CcxDissectError

    if not force and os.path.isfile(path):
        raise CcxDissectError(f"{path}: exists already; --force overwrites it")


@contextlib.contextmanager
def destination(args: argparse.Namespace) -> Iterator[None]:
    """Standard output leads there meanwhile. Raises CcxDissectError for a file that exists already."""
    path = getattr(args, "text_output", None)
    if path is not None and path != "-":
        with _file(path, args.force):
            yield
    elif hasattr(args, "no_pager") and not args.no_pager and sys.stdout.isatty():
        with _pager():
            yield
    else:
        yield


@contextlib.contextmanager
def _file(path: str, force: bool) -> Iterator[None]:
    from ccxdissect.errors import CcxDissectError

    try:
        file = open(  # noqa: SIM115
            path,
            "w" if force else "x",
            encoding="utf-8",
            newline="\n",
        )
    except FileExistsError:
        raise CcxDissectError(f"{path}: exists already; --force overwrites it") from None
    with file, contextlib.redirect_stdout(file):
        yield


@contextlib.contextmanager
def _pager() -> Iterator[None]:
    """A pager as git uses it: it ends by itself when all fits on the screen, and leaves colours alone."""
    command = os.environ.get("CCXDISSECT_PAGER", os.environ.get("PAGER", "less"))
    # A terminal that knows nothing cannot be paged on: less would only ask whether to go on.
    plain = os.environ.get("TERM", "dumb") == "dumb"
    if plain or not command.strip() or command == "cat" or shutil.which(command.split()[0]) is None:
        yield
        return
    environment = {"LESS": "FRX", **os.environ}
    process = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, errors="backslashreplace", env=environment)
    assert process.stdin is not None
    try:
        with contextlib.redirect_stdout(process.stdin):
            yield
    except BrokenPipeError:
        # Whoever reads has seen enough.
        pass
    finally:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        while True:
            try:
                process.wait()
                break
            except KeyboardInterrupt:
                # It is the pager's to deal with.
                continue
