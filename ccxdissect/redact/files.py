"""Files redacted: a capture or a log in, the same without secrets and personal data out."""

from __future__ import annotations

import secrets
import sys
import tempfile
from collections.abc import Sequence
from typing import IO

from ccxdissect.capture.files import Progress, check_capture
from ccxdissect.capture.log_lines import is_log_input
from ccxdissect.capture.source import ByteSource, can_be_reopened, name_of, total_size
from ccxdissect.errors import CaptureError
from ccxdissect.outputs import appearing, check_output
from ccxdissect.protocol.model import Protocol, several
from ccxdissect.redact.captures import CaptureRedactor
from ccxdissect.redact.fields import Keep
from ccxdissect.redact.logs import LogRedactor
from ccxdissect.redact.report import Report

#: A key of fewer bytes would be guessed by trying, and a longer file is no key.
SHORTEST_KEY = 16
LONGEST_KEY = 1 << 20
#: Bytes of a pipe that are kept on disk meanwhile.
MOST_SPOOLED = 16 << 30


def read_key(path: str) -> bytes:
    """The key in a file, the whole of it; raises CaptureError when it is missing, too short or no key at all."""
    try:
        with open(path, "rb") as file:
            key = file.read(LONGEST_KEY + 1)
    except OSError as error:
        raise CaptureError(path, (error.strerror or str(error)).lower()) from error
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise CaptureError(path, f"a key has {SHORTEST_KEY} bytes at least and {LONGEST_KEY} at most")
    return key


def bytes_to_read(given: Sequence[str]) -> int | None:
    """How many bytes redacting these files reads; None when one cannot tell."""
    total = 0
    for path in given:
        size = total_size([path])
        if size is None:
            return None
        total += size * (LogRedactor.PASSES if is_log_input(path) else CaptureRedactor.PASSES)
    return total


def redact_file(
    protocols: Protocol | Sequence[Protocol],
    given: str,
    out: str,
    ports: frozenset[int],
    key: bytes | None = None,
    keep: Keep | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> tuple[Report, list[str]]:
    """Redact the capture or log `given` into the file `out` ("-" is standard input and output).

    Without a key a fresh one is made and forgotten. The output appears when it is complete; a file that is there already
    is replaced only with `force`, and a symbolic link is never followed. A pipe's data are kept meanwhile in a file that
    only its owner may read. `progress` hears how many more bytes were read. Gives the report and what was noted on reading; raises CaptureError.
    """
    key = key if key is not None else secrets.token_bytes(32)
    check_output(out, force, [given])
    if not is_log_input(given):
        check_capture(given)
    if can_be_reopened(given):
        return _redact(protocols, given, out, ports, key, keep, progress)
    with tempfile.NamedTemporaryFile(prefix="ccxdissect-") as spooled:
        try:
            _spool(given, spooled)
            spooled.flush()
        except OSError as error:
            raise CaptureError(name_of(given), (error.strerror or str(error)).lower()) from error
        return _redact(protocols, spooled.name, out, ports, key, keep, progress)


def _spool(given: str, into: IO[bytes]) -> None:
    """Keep what a pipe holds, unpacked."""
    source = ByteSource(given)
    size = 0
    try:
        while data := source.refill(b"", 1):
            size += len(data)
            if size > MOST_SPOOLED:
                raise CaptureError(
                    name_of(given), f"more than {MOST_SPOOLED >> 30} GiB through a pipe: redact it from a file"
                )
            into.write(data)
    finally:
        source.close()


def _redact(
    protocols: Protocol | Sequence[Protocol],
    path: str,
    out: str,
    ports: frozenset[int],
    key: bytes,
    keep: Keep | None,
    progress: Progress | None,
) -> tuple[Report, list[str]]:
    redactor: CaptureRedactor | LogRedactor
    if is_log_input(path):
        redactor = LogRedactor(several(protocols)[0], path, key, keep, progress)
    else:
        redactor = CaptureRedactor(protocols, path, ports, key, keep, progress)
    if out == "-":
        redactor.write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return redactor.report, redactor.notices
    with appearing(out) as file:
        redactor.write(file)
    return redactor.report, redactor.notices
