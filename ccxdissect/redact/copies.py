"""Redacted copies of captures, for a view that holds nobody's data."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from ccxdissect.capture.files import Progress
from ccxdissect.protocol.model import Protocol
from ccxdissect.redact.files import redact_file


class Copies(NamedTuple):
    """Redacted copies: their paths, in the order of the captures, and what was noted while those were read."""

    paths: list[str]
    notices: list[str]


@contextmanager
def redacted_copies(
    protocols: Protocol | Sequence[Protocol],
    captures: Sequence[str],
    ports: frozenset[int],
    progress: Progress | None = None,
    key: bytes | None = None,
) -> Iterator[Copies]:
    """Redacted copies of captures, which are gone afterwards.

    One key (default: a fresh one) serves all of them, so that people keep their pseudonyms from file to file. `progress` hears how many more
    bytes were read. Raises CcxDissectError.
    """
    key = key or secrets.token_bytes(32)
    with tempfile.TemporaryDirectory(prefix="ccxdissect-") as folder:
        copies = Copies([], [])
        for place, capture in enumerate(captures):
            copy = os.path.join(folder, str(place))
            _, noted = redact_file(protocols, capture, copy, ports, key, progress=progress)
            copies.notices.extend(noted)
            # A log's year is guessed from its file's date.
            with suppress(OSError):
                os.utime(copy, ns=(os.stat(capture).st_atime_ns, os.stat(capture).st_mtime_ns))
            copies.paths.append(copy)
        yield copies
