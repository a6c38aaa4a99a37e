"""One unit of an export, as any process of any machine can do it: read its captures, write its files."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from ccxdissect.analysis.filters import Filter
from ccxdissect.capture.source import CalledPath, name_of
from ccxdissect.capture.spooled import reopenable
from ccxdissect.errors import CaptureError
from ccxdissect.redact.copies import redacted_copies
from ccxdissect.sources.keeping import Keep, Seen, by_number, wants_calls
from ccxdissect.sources.options import Options
from ccxdissect.sources.trace import Trace
from ccxdissect.stream.events import Event, Session
from ccxdissect.tables.dataset import Unit
from ccxdissect.tables.rows import KINDS, Tables
from ccxdissect.tables.store import Store
from ccxdissect.wording import readable

if TYPE_CHECKING:
    from ccxdissect.columns.batch import Batch
    from ccxdissect.tables.message_columns import MessageColumns

#: What is told of a group as a whole; what is told of each server by itself. All else is told of each session by itself.
_OF_ALL = frozenset(("findings",))
_OF_SERVERS = frozenset(("exchanges", "calls", "agents"))
_MESSAGES = "messages"


class Work(NamedTuple):
    """`number`: of the unit, from 1. `paths`: captures that are read together, as the worker finds them; `names`: as
    people know them. `share`: (k, of): of a group that many do together, share 0 makes what is told of the whole, and
    each further one what is told of its share of the servers and of the sessions; (0, 1): all of it is done in one.
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
        with _opened(work) as trace:
            _fill(unit, trace, work)
            done.notices = list(trace.notices)
            if trace.kept is not None and work.share[0] == 0:
                done.read = trace.count
                done.seen.join(trace.kept.seen)
    except CaptureError as error:
        unit.give_up()
        done.unread = str(error)
        return done
    except BaseException:
        unit.give_up()
        raise
    unit.done(work.said(), notices=done.notices)
    done.rows = unit.rows
    done.seconds = time.process_time() - began
    return done


@contextmanager
def _opened(work: Work) -> Iterator[Trace]:
    names = [work.called(name) for name in work.names]
    with ExitStack() as stack:
        paths = _as_called(work.paths, names)
        keep: Keep | None = work.keep
        if work.key is not None:
            if keep is not None:
                paths = _as_called(stack.enter_context(reopenable(paths)), names)
                with Trace(paths, work.options, keep) as whole:
                    keep = by_number(whole.messages())
            copies = redacted_copies(work.options.protocols, paths, work.options.ports, key=work.key)
            paths = _as_called(stack.enter_context(copies), names)
        yield stack.enter_context(Trace(paths, work.options, keep))


def _as_called(paths: Iterable[str], names: Iterable[str]) -> list[CalledPath]:
    return [CalledPath(path, name_of(name)) for path, name in zip(paths, names, strict=True)]


def _fill(unit: Unit, trace: Trace, work: Work) -> None:
    tables = Tables(work.options.protocols, work.secrets)
    share, of = work.share
    kinds = KINDS if of == 1 else [kind for kind in KINDS if (kind in _OF_ALL) == (share == 0)]
    own = _Share(share - 1, of - 1) if share else None
    capture = work.called(work.names[0])
    # Who asks for calls has the whole read beforehand, message by message.
    batches = None if wants_calls(trace.keep) else trace.batches()
    if batches is None or _MESSAGES not in kinds:
        results = trace.results(kinds, mine=None if own is None else own.has)
    else:
        kinds = [kind for kind in kinds if kind != _MESSAGES]
        events = _by_columns(unit, batches, tables.message_columns(capture), own, trace)
        results = trace.results(kinds, mine=None if own is None else own.has, events=events)
    for table, schema, row in tables.rows(results, capture):
        unit.add(table, schema, row)


def _by_columns(
    unit: Unit, batches: Iterable[Batch], columns: MessageColumns, own: _Share | None, trace: Trace
) -> Iterator[Event]:
    """Put the messages of batches into their tables, and give what happened, for what else is made of it: who takes that
    asks the trace's filter of each message, which is why it is given first."""
    # Batches come where it is installed.
    import numpy as np

    for batch in batches:
        yield from batch.all_events()
        mine = None
        if own is not None:
            mine = batch.of_sessions([own.has(_MESSAGES, session) for session in batch.sessions])
        if trace.kept is not None:
            kept = np.array(trace.kept.places(batch.first, len(batch)), np.int64)
            mine = kept if mine is None else np.intersect1d(mine, kept, assume_unique=True)
        for table, rows in columns.of(batch, mine):
            unit.add_columns(table, rows)


class _Share:
    """One share of many of the sessions and the servers of a group: the same ones in every process."""

    def __init__(self, share: int, of: int) -> None:
        self._share = share
        self._of = of

    def has(self, kind: str, session: Session) -> bool:
        """Whether results of a kind are made here of a session."""
        # What is told of a server is told from all its sessions together.
        number = crc32(session.server.encode()) if kind in _OF_SERVERS else session.number
        return number % self._of == self._share
