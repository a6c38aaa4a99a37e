"""One unit of an export, as any process of any machine can do it: read its captures, write its files."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple

from ccxdissect.analysis.filters import Filter
from ccxdissect.capture.source import CalledPath, name_of
from ccxdissect.capture.spooled import reopenable
from ccxdissect.errors import CaptureError
from ccxdissect.redact.copies import redacted_copies
from ccxdissect.sources.keeping import Keep, Seen
from ccxdissect.sources.options import Options
from ccxdissect.sources.producers import producer_of
from ccxdissect.sources.trace import Trace
from ccxdissect.tables.dataset import Unit
from ccxdissect.tables.filling import Share, fill
from ccxdissect.tables.rows import Tables
from ccxdissect.tables.store import Store
from ccxdissect.wording import readable


class Work(NamedTuple):
    """`number`: of the unit, from 1. `paths`: captures that are read together, as the worker finds them; `names`: as
    people know them. `share`: (k, of): what is to be done of a group that many do together, see `filling.Share`.
    `key`: the tables are made from copies that are redacted with it. `keep`: which messages are wanted (None: all); where
    it does not judge each by itself, one group has all captures.
    """

    number: int
    paths: tuple[str, ...]
    names: tuple[str, ...]
    share: tuple[int, int]
    folder: str
    options: Options
    secrets: bool = False
    key: bytes | None = None
    keep: Filter | None = None

    def said(self) -> dict[str, Any]:
        """What it is, for the dataset's notes: an export that goes on in a folder has to mean the same by its number.

        People name files after people: of a redacted one a sign is given that only the key's owner can make out.
        """
        inputs = [self.called(name) for name in self.names]
        return {"inputs": inputs, "share": list(self.share), **asked(self.keep, self.key)}

    def called(self, name: str) -> str:
        """What a capture is called in tables and notes."""
        return _called(name, self.key)


def asked(keep: Filter | None, key: bytes | None) -> dict[str, str]:
    """A filter as the dataset's notes say it; with a key, which may be there to hide whom it names, a sign of it."""
    return {} if keep is None else {"filter": _called(keep.in_words(), key)}


def _called(name: str, key: bytes | None) -> str:
    if key is None:
        return readable(name)
    return f"redacted-{blake2b(name.encode(errors='surrogateescape'), digest_size=4, key=key[:64]).hexdigest()}"


@dataclass
class Done:
    """What became of a unit: its rows by table; why it could not be read, if it could not; what was noted while
    reading; processor time in seconds; of a group with a filter, told with its first share, how many messages were read,
    and what was seen of them until one fitted."""

    number: int
    rows: dict[str, int] = field(default_factory=dict)
    unread: str | None = None
    notices: list[str] = field(default_factory=list)
    seconds: float = 0.0
    read: int = 0
    seen: Seen = field(default_factory=Seen)


def do(work: Work) -> Done:
    """Do a unit. A capture that cannot be read is told in the result. Raises CcxDissectError when the folder cannot be
    written to."""
    began = time.process_time()
    done = Done(work.number)
    unit = Unit(Store(work.folder), work.number)
    try:
        with _opened(work) as (trace, noted):
            share = Share(*work.share)
            fill(unit, trace, Tables(work.options.protocols, work.secrets), work.called(work.names[0]), share)
            # What is told of reading is told once.
            if share.is_first:
                done.notices = list(dict.fromkeys([*noted, *trace.notices]))
            if trace.kept is not None and share.is_first:
                done.read = trace.count
                done.seen.join(trace.kept.seen)
        unit.done(work.said(), notices=done.notices)
    except CaptureError as error:
        unit.give_up()
        done.unread = str(error)
        return done
    except BaseException:
        unit.give_up()
        raise
    done.rows = unit.rows
    done.seconds = time.process_time() - began
    return done


@contextmanager
def _opened(work: Work) -> Iterator[tuple[Trace, list[str]]]:
    """What is to be read; and what was noted while the redacted copies of it were written, complete from the start."""
    names = [work.called(name) for name in work.names]
    noted: list[str] = []
    with ExitStack() as stack:
        paths = _as_called(work.paths, names)
        keep: Keep | None = work.keep
        if work.key is not None:
            if keep is not None:
                paths = _as_called(stack.enter_context(reopenable(paths)), names)
                with Trace(paths, work.options, keep) as whole:
                    keep = whole.chosen()
            writing = redacted_copies(work.options.protocols, paths, work.options.ports, key=work.key)
            copies = stack.enter_context(writing)
            paths, noted = _as_called(copies.paths, names), copies.notices
        # Arrow needs what the columns do.
        make = partial(producer_of, paths, work.options, tables=True)
        yield stack.enter_context(Trace(paths, work.options, keep, producer=make)), noted


def _as_called(paths: Iterable[str], names: Iterable[str]) -> list[CalledPath]:
    return [CalledPath(path, name_of(name)) for path, name in zip(paths, names, strict=True)]
