"""What the commands have in common that make tables of captures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccxdissect.analysis.filters import Filter
    from ccxdissect.sources.options import Options
    from ccxdissect.sources.planning import Scan
    from ccxdissect.tables.cluster import Cluster
    from ccxdissect.tables.export import Exported
    from ccxdissect.tables.work import Work


@dataclass
class Request:
    """What a command wants: the folder to write, whether to go on in it, the key of the pseudonyms (None: as it is), and
    who does the work: the address of a scheduler, or a number of processes (None: this one alone); which messages are
    wanted (None: all)."""

    output: str
    resume: bool = False
    key: bytes | None = None
    scheduler: str | None = None
    workers: int | None = None
    keep: Filter | None = None


@dataclass
class _Sizes:
    """Bytes of captures, each asked for once."""

    known: dict[str, int] = field(default_factory=dict)

    def of(self, path: str) -> int:
        """Zero where nobody can tell."""
        from ccxdissect.capture.source import total_size
        from ccxdissect.errors import CaptureError

        if path not in self.known:
            try:
                self.known[path] = total_size([path]) or 0
            except (CaptureError, OSError):
                self.known[path] = 0
        return self.known[path]


def export_captures(args: argparse.Namespace, wanted: Request) -> tuple[Exported, int, int]:
    """Export what the command line names, and say on standard error what was not read; with how many captures and bytes
    were read."""
    from ccxdissect.cli.reading import apply_zone, options_of, progress
    from ccxdissect.errors import CcxDissectError, UsageError, one_line

    apply_zone(args, "the tables are in UTC")
    given, keep = options_of(args), wanted.keep
    if keep is not None:
        keep.test(given.protocols)  # says what is wrong with it before anything is begun
    try:
        from ccxdissect.tables.export import Order, export, in_this_process, units
        from ccxdissect.tables.plan import look_here, plan

        with _workers(wanted) as cluster:
            find = str if cluster is None else _absolute()
            order = Order(find(wanted.output), given, args.show_secrets, wanted.key, find, keep)
            sizes = _Sizes()
            look = look_here if cluster is None else cluster.look

            def looking(paths: Sequence[str], options: Options) -> Iterator[Scan | None]:
                with progress("planning", sum(map(sizes.of, paths))) as told:
                    for path, one in zip(paths, look(paths, options), strict=True):
                        told(sizes.of(path))
                        yield one

            planned = plan(args.captures, given, looking, keep is not None and not keep.by_itself)
            if not planned.groups:
                for note in planned.notes:
                    print(f"note: {one_line(note)}", file=sys.stderr)
                raise CcxDissectError(one_line(f"{' '.join(args.captures)}: there is no capture to read"))
            shares = cluster is not None and cluster.workers > 1
            works = units(planned.groups, order, lambda group: sum(map(sizes.of, group)) if shares else 0)
            total = sum(sizes.of(path) for group in planned.groups for path in group)
            with progress("exporting", total) as told:

                def advance(work: Work) -> None:
                    told(sum(map(sizes.of, work.names)) // work.share[1])

                workforce = in_this_process if cluster is None else cluster.do
                exported = export(works, order, wanted.resume, workforce, advance)
    except ModuleNotFoundError as error:
        extra = "cluster" if error.name in ("dask", "distributed") else "tables"
        raise UsageError(f"this needs one more library ({error.name}): pip install 'ccxdissect[{extra}]'") from None
    notes = [*planned.notes, *exported.notices, *(f"not read: {why}" for why in exported.unread.values())]
    if exported.read and not exported.messages:
        from ccxdissect.views.remarks import nothing_fits

        # What names somebody is not to stand beside pseudonyms.
        notes.append(nothing_fits(exported.read, exported.seen, keep if wanted.key is None else None))
    for note in notes:
        print(f"note: {one_line(note)}", file=sys.stderr)
    return exported, sum(map(len, planned.groups)), total


def _absolute() -> Callable[[str], str]:
    from ccxdissect.tables.cluster import absolute

    return absolute


@contextmanager
def _workers(wanted: Request) -> Iterator[Cluster | None]:
    if wanted.scheduler is None and wanted.workers is None:
        yield None
        return
    from ccxdissect.tables.cluster import existing, local

    with existing(wanted.scheduler) if wanted.scheduler else local(wanted.workers or 1) as cluster:
        if cluster.dashboard:
            print(f"note: {cluster.dashboard} shows what the workers do", file=sys.stderr)
        yield cluster
