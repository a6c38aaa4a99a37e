"""Where a command's output goes: a file, a pager, or as it is to standard output."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator

#: Digits of a width that anybody means.
_DIGITS = 9


def add_output(parser: argparse.ArgumentParser, pager: bool = True) -> None:
    """Where the output goes; `pager`: it has an end, and may go through one."""
    group = parser.add_argument_group("where to write it")
    group.add_argument("-o", "--output", dest="text_output", metavar="FILE", help="to this file, not to the terminal")
    group.add_argument("--force", action="store_true", help="even if the file exists already")
    if pager:
        group.add_argument("--no-pager", action="store_true", help="not through a pager, however long it is")


def columns_told() -> int | None:
    """How wide COLUMNS says that the terminal is, or else the terminal; None where neither tells."""
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and 0 < len(told.lstrip("0")) <= _DIGITS:
        return int(told)
    try:
        return os.get_terminal_size(1).columns or None
    except OSError:
        return None


@contextlib.contextmanager
def destination(args: argparse.Namespace) -> Iterator[None]:
    """Standard output leads there meanwhile. Raises CaptureError for a file that must not be written, or cannot be."""
    path = getattr(args, "text_output", None)
    if path is not None and path != "-":
        with _file(path, args):
            yield
    elif hasattr(args, "no_pager") and not args.no_pager and sys.stdout.isatty():
        with _pager():
            yield
    else:
        yield


@contextlib.contextmanager
def leaving_nothing() -> Iterator[None]:
    """Let a request to end run through whatever removes unfinished files."""
    # Only here: commands that write to the terminal start without it.
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        # Signals are the main thread's.
        yield
        return

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _file(path: str, args: argparse.Namespace) -> Iterator[None]:
    from io import TextIOWrapper

    from ccxdissect.outputs import appearing, check_output

    check_output(path, args.force, list(_named(args)))
    if hasattr(args, "no_pager"):
        # What has an end takes the place of another file only when all is well.
        with (
            leaving_nothing(),
            appearing(path) as made,
            TextIOWrapper(made, "utf-8", "ccxdissect", "\n") as file,
            contextlib.redirect_stdout(file),
        ):
            yield
        return
    if os.path.islink(path):
        os.unlink(path)
    # It is there from the first line on: of live traffic there is no end to wait for.
    with open(path, "w", encoding="utf-8", errors="ccxdissect", newline="\n") as live, contextlib.redirect_stdout(live):
        yield


def _named(args: argparse.Namespace) -> Iterator[str]:
    """All that may be a file to read: what is no option."""
    for action in args.usage_of._actions:
        value = None if action.option_strings else getattr(args, action.dest, None)
        yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))


@contextlib.contextmanager
def _pager() -> Iterator[None]:
    """A pager as git uses it: it ends by itself when all fits on the screen, and leaves colours alone."""
    command = os.environ.get("CCXDISSECT_PAGER", os.environ.get("PAGER", "less"))
    import shutil
    import subprocess

    # A terminal that knows nothing cannot be paged on: less would only ask whether to go on.
    plain = os.environ.get("TERM", "dumb") == "dumb"
    if plain or not command.strip() or command == "cat" or shutil.which(command.split()[0]) is None:
        yield
        return
    environment = {"LESS": "FRX", **os.environ}
    process = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, errors="ccxdissect", env=environment)
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
