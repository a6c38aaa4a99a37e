"""Captures into a Parquet dataset: units of captures that belong together, done by this process or by many."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ccxdissect.analysis.filters import Filter
from ccxdissect.errors import CcxDissectError, one_line
from ccxdissect.sources.keeping import Seen
from ccxdissect.sources.options import Options
from ccxdissect.tables.dataset import Dataset
from ccxdissect.tables.rows import Tables
from ccxdissect.tables.work import Done, Work, asked, do

#: Does units in any order, and gives what became of each.
Workforce = Callable[[Iterable[Work]], Iterator[Done]]
#: Notes of reading that are kept; of further ones the count.
MOST_NOTICES = 1_000
#: Bytes of a group from which on its messages are shared out, when there are several workers; and the most shares.
SHARED_FROM, MOST_SHARES = 64 << 20, 64


@dataclass
class Exported:
    """What an export did: `rows` by table; what could not be read, with the reason; what was noted while reading;
    units that were done before; seconds of wall time, and of processor time over all workers; with a filter, how many
    messages were read, and what was seen of them until one fitted."""

    rows: dict[str, int] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    skipped: int = 0
    seconds: float = 0.0
    processor_seconds: float = 0.0
    read: int = 0
    seen: Seen = field(default_factory=Seen)

    @property
    def messages(self) -> int:
        """How many messages have a row."""
        return sum(count for table, count in self.rows.items() if table.startswith("messages/"))


@dataclass(frozen=True)
class Order:
    """What to make: the folder to write, how to understand what is read, whether secrets are shown, the key that
    everything is redacted with (None: nothing is). `find`: where a worker finds what is called so here. `keep`: which
    messages are wanted (None: all)."""

    folder: str
    options: Options
    secrets: bool = False
    key: bytes | None = None
    find: Callable[[str], str] = str
    keep: Filter | None = None


def units(groups: Iterable[Sequence[str]], order: Order, sizes: Callable[[Sequence[str]], int]) -> Iterator[Work]:
    """The units of groups of captures: a large group is several. `sizes`: how many bytes count for a group."""
    number = 0
    for group in groups:
        shares = min(sizes(group) // SHARED_FROM, MOST_SHARES)
        of = shares + 1 if shares > 1 else 1
        # The first one has the least to do, and is begun last.
        for share in reversed(range(of)):
            paths = tuple(map(order.find, group))
            told = order.folder, order.options, order.secrets, order.key, order.keep
            yield Work(number + share + 1, paths, tuple(group), (share, of), *told)
        number += of


def in_this_process(works: Iterable[Work]) -> Iterator[Done]:
    """Every unit, one after the other."""
    return map(do, works)


def export(
    works: Iterable[Work],
    order: Order,
    resume: bool = False,
    workforce: Workforce = in_this_process,
    told: Callable[[Work], object] = lambda work: None,
) -> Exported:
    """Write the tables of all units into the order's folder; `told` hears of each that is done.

    A capture that cannot be read is named in the result, and what else there is is complete. `resume`: units that are
    done already are left as they are. Raises CcxDissectError when the folder cannot be written to, holds something, or
    was begun with other captures or another filter.
    """
    began = time.monotonic()
    dataset = Dataset(order.folder, resume)
    done = dataset.units()
    facts = asked(order.keep, order.key)
    if any(known["work"].get("filter") != facts.get("filter") for known in done.values()):
        other = "filter" if order.key is None else "filter, or another key"
        raise CcxDissectError(one_line(f"{order.folder}: was begun with another {other}"))
    exported = Exported()
    inputs: dict[str, None] = {}
    waiting: dict[int, Work] = {}
    found = dict(done)

    def wanted() -> Iterator[Work]:
        clean = False
        for work in works:
            inputs.update(dict.fromkeys(work.said()["inputs"]))
            known = found.pop(work.number, None)
            if known is None:
                if not clean:
                    # Not before: who is refused leaves the folder as it was.
                    dataset.clean(done)
                    clean = True
                waiting[work.number] = work
                yield work
            elif known["work"] == work.said():
                exported.skipped += 1
                told(work)
            else:
                raise _begun_otherwise(order)
        if found:
            raise _begun_otherwise(order)

    more = 0
    for one in workforce(wanted()):
        work = waiting.pop(one.number)
        if one.unread is not None:
            exported.unread[work.called(work.names[0])] = one.unread
        else:
            done[one.number] = {"rows": one.rows}
        room = MOST_NOTICES - len(exported.notices)
        exported.notices += one.notices[:room]
        more += len(one.notices[room:])
        exported.processor_seconds += one.seconds
        exported.read += one.read
        exported.seen.join(one.seen)
        told(work)
    if more:
        exported.notices.append(f"{more:,} further notes")
    said: dict[str, Any] = {"inputs": list(inputs), "unread": exported.unread, **facts}
    exported.rows = dataset.finish(Tables(order.options.protocols).schemas(), done, said)
    exported.seconds = time.monotonic() - began
    return exported


def _begun_otherwise(order: Order) -> CcxDissectError:
    return CcxDissectError(one_line(f"{order.folder}: was begun with other captures, or with other workers"))
