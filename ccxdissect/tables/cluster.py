"""Many processes, of this machine or of many, by Dask: the same work as one process does, done by whoever is free.

Needs the extra `cluster`. A worker that dies has its work done again by another; work that kills one worker after the
other is told as not read. When the scheduler itself is lost, the export ends with a CcxDissectError, and can be gone on
with.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import islice
from typing import Any, TypeVar
from urllib.request import urlopen

from dask.config import set as configured
from distributed import Client, Future, LocalCluster, as_completed
from distributed.scheduler import KilledWorker

from ccxdissect.errors import CaptureError, CcxDissectError, UsageError
from ccxdissect.release import __version__
from ccxdissect.sources.options import Options
from ccxdissect.sources.planning import Scan, scan
from ccxdissect.tables.work import Done, Work, do

#: Seconds until a scheduler that does not answer is given up.
_PATIENCE = 15
#: Seconds until a page that does not come is given up.
_GLANCE = 3
#: Tasks that wait for each worker: enough for none to idle, few enough for a plan of any length.
_AHEAD = 4
#: Captures looked at in one task.
_LOOKS = 16

T = TypeVar("T")


class Cluster:
    """Workers: `plan.Look` and `export.Workforce` are its methods. `workers`: how many there are now. `dashboard`: where a
    browser sees what they do; empty when nothing serves it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.name = str(client.scheduler.address)  # type: ignore[union-attr]
        self.dashboard = _served(client)

    @property
    def workers(self) -> int:
        """How many processes do the work now."""
        with self._kept():
            return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def look(self, paths: Sequence[str], options: Options) -> Iterator[Scan | None]:
        """A first look at every capture, in their order."""
        chunks = [paths[start : start + _LOOKS] for start in range(0, len(paths), _LOOKS)]
        works = [(number * _LOOKS, list(map(absolute, chunk)), options.ports) for number, chunk in enumerate(chunks)]
        found: dict[int, list[Scan | None]] = {}
        turn = 0
        for work, result in self._each(_look, works):
            # Looking kills no worker but by accident: reading it will tell.
            found[work[0]] = [None] * len(work[1]) if isinstance(result, Exception) else result
            while turn in found:
                for path, one in zip(chunks[turn // _LOOKS], found.pop(turn), strict=True):
                    yield one and one._replace(path=path)
                turn += _LOOKS

    def do(self, works: Iterable[Work], task: Callable[[Work], Done] = do) -> Iterator[Done]:
        """Every unit, in the order in which they get done."""
        for work, result in self._each(task, works):
            if isinstance(result, KilledWorker):
                yield Done(
                    work.number,
                    unread=f"{work.called(work.names[0])}: the worker that read it died, each time it was tried",
                )
            elif isinstance(result, Exception):
                raise result
            else:
                yield result

    def _each(self, task: Callable[[Any], T], works: Iterable[Any]) -> Iterator[tuple[Any, T | Exception]]:
        """What each gives, or why it failed; never more of them at the scheduler than the workers need."""
        waiting: dict[Future, Any] = {}
        left = iter(works)

        def more(count: int) -> Iterator[Future]:
            for work in islice(left, count):
                future = self._client.submit(task, work, pure=False)
                waiting[future] = work
                yield future

        with self._kept():
            done = as_completed(more(_AHEAD * max(self.workers, 1)))
            for future in done:
                if future.status in ("lost", "cancelled"):
                    raise CcxDissectError(
                        f"{self.name}: the scheduler was lost; --resume goes on with what is not done"
                    )
                error = future.exception()
                result = future.result() if error is None else error
                work = waiting.pop(future)
                future.release()
                yield work, result
                done.update(more(1))

    @contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except CcxDissectError:
            raise
        except (OSError, TimeoutError, RuntimeError) as error:
            # Dask tells the loss of its scheduler in these ways.
            reason = str(error) or type(error).__name__
            raise CcxDissectError(
                f"{self.name}: the scheduler was lost ({reason}); --resume goes on with what is not done"
            ) from error


def _served(client: Client) -> str:
    """The address of the dashboard; empty when no page is there: a scheduler names a port whether it has one or not."""
    try:
        link = str(client.dashboard_link)
        with urlopen(link, timeout=_GLANCE):
            return link
    except (KeyError, OSError, ValueError):
        return ""


def _look(work: tuple[int, Sequence[str], frozenset[int]]) -> list[Scan | None]:
    number, paths, ports = work
    return [scan(path, number + place, ports) for place, path in enumerate(paths)]


@contextmanager
def local(workers: int) -> Iterator[Cluster]:
    """So many processes of this machine, which are gone afterwards."""
    with (
        _quiet(),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
            host="127.0.0.1",
            silence_logs=50,
            memory_limit=0,
        ) as cluster,
        Client(cluster) as client,
    ):
        made = Cluster(client)
        if find_spec("bokeh") is None:
            # Its own scheduler serves a page that says no more than this.
            made.dashboard = ""
        yield made


@contextmanager
def existing(address: str) -> Iterator[Cluster]:
    """A cluster that runs already, by its scheduler's address (`tcp://HOST:8786`).

    Raises CcxDissectError when nobody answers there, when it has no worker, or when a worker has not this version.
    """
    with _quiet():
        try:
            client = Client(address, timeout=_PATIENCE)
        except ValueError as error:
            raise UsageError(f"{address}: is no address of a scheduler ({error})") from None
        except (OSError, TimeoutError) as error:
            raise CcxDissectError(f"{address}: no scheduler answers there") from error
        with client:
            cluster = Cluster(client)
            if not cluster.workers:
                raise CcxDissectError(f"{address}: the scheduler has no worker")
            try:
                versions = client.run(_version, on_error="return")
            except (OSError, RuntimeError) as error:
                raise CcxDissectError(f"{address}: its workers cannot be asked ({error})") from error
            for worker, version in versions.items():
                if version != __version__:
                    raise CcxDissectError(f"{worker}: has not ccxdissect {__version__}, but {version}")
            yield cluster


def _version() -> str:
    from ccxdissect.release import __version__ as there

    return there


@contextmanager
def _quiet() -> Iterator[None]:
    """What goes wrong is said by us, in one line: the libraries would print how it came to be."""
    import logging

    names = ("distributed", "distributed.scheduler", "distributed.worker", "distributed.nanny", "distributed.client",
             "distributed.comm", "distributed.core", "tornado.application")  # fmt: skip
    before = [(name, logging.getLogger(name).level) for name in names]
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    settings = {
        "distributed.comm.timeouts.connect": _PATIENCE,
        "distributed.scheduler.allowed-failures": 2,
        # Workers of our own are not watched at their work a hundred times a second, which takes a third of their time.
        "distributed.worker.profile.enabled": False,
    }
    with configured(settings):
        try:
            yield
        finally:
            for name, level in before:
                logging.getLogger(name).setLevel(level)


def absolute(name: str) -> str:
    """How a worker finds what is called so here: the same path on every machine, as of a shared folder."""
    from ccxdissect.capture.remote import is_remote

    if name == "-":
        raise CaptureError(name, "standard input cannot be read by other processes")
    return name if is_remote(name) else os.path.abspath(name)
