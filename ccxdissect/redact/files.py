"""Files redacted: a capture or a log in, the same without secrets and personal data out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from ccxdissect.capture.files import Progress, check_capture
from ccxdissect.capture.log_lines import is_log_input
from ccxdissect.capture.source import total_size
from ccxdissect.capture.spooled import reopenable
from ccxdissect.errors import CaptureError
from ccxdissect.outputs import check_output, packed_or_plain
from ccxdissect.protocol.model import Protocol, several
from ccxdissect.redact.captures import CaptureRedactor, wants_blocks
from ccxdissect.redact.fields import Keep
from ccxdissect.redact.logs import LogRedactor
from ccxdissect.redact.pseudonyms import Pseudonyms
from ccxdissect.redact.report import Report
from ccxdissect.redact.rewriting import Room

#: A key of fewer bytes would be guessed by trying, and a longer file is no key.
SHORTEST_KEY = 16
LONGEST_KEY = 1 << 20


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
    done = redact_files(protocols, [given], [out], ports, key or secrets.token_bytes(32), keep, force, progress)
    return done[0].report, done[0].notices


def redact_files(
    protocols: Protocol | Sequence[Protocol],
    given: Sequence[str],
    outs: Sequence[str],
    ports: frozenset[int],
    key: bytes,
    keep: Keep | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> list[CaptureRedactor | LogRedactor]:
    """The same of several, each into its own file: what is the same in two of them gets the same pseudonym in both, and
    what is not gets another."""
    for path, out in zip(given, outs, strict=True):
        check_output(out, force, given)
        if not is_log_input(path):
            check_capture(path)
    with reopenable(given) as paths:
        pseudonyms = Pseudonyms(key)
        room = Room()
        redactors: list[CaptureRedactor | LogRedactor] = [
            LogRedactor(several(protocols)[0], path, pseudonyms, keep, progress)
            if is_log_input(path)
            else CaptureRedactor(protocols, path, ports, pseudonyms, keep, progress, wants_blocks(out), room)
            for path, out in zip(paths, outs, strict=True)
        ]
        try:
            for redactor in redactors:
                redactor.collect()
            pseudonyms.settle()
            for redactor, out in zip(redactors, outs, strict=True):
                with packed_or_plain(out) as file:
                    redactor.write(file)
                    paths.check()
        finally:
            for redactor in redactors:
                if isinstance(redactor, CaptureRedactor):
                    redactor.close()
        return redactors
