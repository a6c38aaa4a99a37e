"""Which captures have to be read together, and in which order; what was named but is no capture."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Union

from ccxdissect.capture.log_lines import is_log_input
from ccxdissect.capture.remote import files_below, is_remote, open_remote
from ccxdissect.capture.source import BLOCK, ByteSource, total_size
from ccxdissect.errors import CaptureError
from ccxdissect.sources.options import Options
from ccxdissect.sources.planning import Planner, Scan, scan
from ccxdissect.wording import plural

#: How captures begin: pcap of either order and resolution, pcapng, gzip.
_BEGINNINGS = (
    b"\xa1\xb2\xc3\xd4", b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x4d\x3c\xb2\xa1", b"\x0a\x0d\x0d\x0a", b"\x1f\x8b",
)  # fmt: skip


#: Looks at many captures, in their order: `planning.scan`, done by this process or by many.
Look = Callable[[Sequence[str], Options], Iterable[Union[Scan, None]]]


@dataclass
class Plan:
    """`groups`: captures that continue each other, each group in the order of reading. `notes`: what was left out."""

    groups: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def look_here(paths: Sequence[str], options: Options) -> Iterator[Scan | None]:
    """A first look at each capture, by this process."""
    for place, path in enumerate(paths):
        yield scan(path, place, options.ports)


def plan(paths: Iterable[str], options: Options, look: Look = look_here, together: bool = False) -> Plan:
    """Look at every capture once. Folders stand for the captures in them, at any depth, and patterns (`*`, `?`) for what
    fits them; one given twice, or under two names, counts once. `together`: what is asked for is told of all of them, so
    that all that can be read are one group.

    Logs, standard input and what only tshark opens are read in one, as they are given. Raises CaptureError for an
    object storage that cannot be asked.
    """
    planned = Plan()
    found = _once(list(_expanded(paths, planned)), planned)
    whole = options.engine != "own" or "-" in found or len(found) < 2
    if whole or any(_is_log(path) for path in found):
        planned.groups = [found] if found else []
        return planned
    with Planner() as planner:
        unseen = []
        seen: dict[Scan, str] = {}
        for path, one in zip(found, look(found, options), strict=True):
            if one is None:
                unseen.append(path)
                continue
            alike = seen.setdefault(_sign(one), path)
            if alike is not path and _same_bytes(alike, path):
                planned.notes.append(f"{path}: holds the same bytes as {alike}, and counts once")
            else:
                planner.add(one)
        del seen
        groups = planner.runs()
    why = "connections go on or the times overlap"
    if together and len(groups) > 1:
        groups = [[one for group in groups for one in group]]
        why = "which messages fit depends on all of them"
    planned.groups = [[one.path for one in group] for group in groups]
    planned.notes += [
        f"{group[0].path}: {plural(len(group) - 1, 'further capture')} {'is' if len(group) == 2 else 'are'} read with "
        f"it, since {why}"
        for group in groups
        if len(group) > 1
    ][:_MOST_TOLD]
    # What could not be looked at is a group of its own: reading it says why.
    planned.groups += [[path] for path in unseen]
    return planned


#: Groups that are told of one by one.
_MOST_TOLD = 20


def _sign(one: Scan) -> Scan:
    """What two copies of a capture have in common."""
    pairs = blake2b(one.pairs, digest_size=8).digest()
    return one._replace(path="", given=0, pairs=pairs)


def _same_bytes(one: str, other: str) -> bool:
    if total_size([one]) != total_size([other]):
        return False
    first, second = ByteSource(one), ByteSource(other)
    try:
        while True:
            left, right = first.refill(b"", BLOCK), second.refill(b"", BLOCK)
            if left != right:
                return False
            if not left:
                return True
    finally:
        first.close()
        second.close()


def _is_log(path: str) -> bool:
    if not (is_remote(path) or os.path.isfile(path)):
        return False
    try:
        return is_log_input(path)
    except CaptureError:
        # Reading it says why it cannot be read.
        return False


def _expanded(paths: Iterable[str], planned: Plan) -> Iterator[str]:
    for path in paths:
        if is_remote(path):
            found = files_below(path)
            if found is None:
                yield path
            else:
                yield from _captures_of(path, found, planned)
        elif os.path.isdir(path):
            closed: list[str] = []
            yield from _captures_of(path, _files_of(path, closed), planned)
            # Reading them says why they cannot be read.
            yield from closed
        elif any(sign in path for sign in "*?[") and not os.path.exists(path):
            matching = sorted(glob.glob(path, recursive=True))
            if not matching:
                planned.notes.append(f"{path}: no file fits it")
            yield from _captures_of(path, [name for name in matching if os.path.isfile(name)], planned)
        else:
            yield path


def _files_of(path: str, closed: list[str]) -> Iterator[str]:
    """The files in a folder, at any depth; folders that cannot be looked into go to `closed`."""
    for folder, folders, files in os.walk(path, onerror=lambda error: closed.append(error.filename)):
        folders.sort()
        for name in sorted(files):
            yield os.path.join(folder, name)


def _captures_of(path: str, files: Iterable[str], planned: Plan) -> Iterator[str]:
    others = 0
    for name in files:
        if _looks_like_a_capture(name):
            yield name
        else:
            others += 1
    if others:
        planned.notes.append(f"{path}: {plural(others, 'file')} in it {'is' if others == 1 else 'are'} no capture")


def _looks_like_a_capture(path: str) -> bool:
    if os.path.exists(path) and not os.path.isfile(path):
        return False  # a pipe would wait for ever
    try:
        with open_remote(path) if is_remote(path) else open(path, "rb") as file:
            return file.read(4).startswith(_BEGINNINGS)
    except (OSError, CaptureError):
        # Reading it says why it cannot be read.
        return True


def _once(paths: list[str], planned: Plan) -> list[str]:
    seen: dict[object, str] = {}
    for path in paths:
        try:
            held = os.stat(path)
            key: object = (held.st_dev, held.st_ino)
        except OSError:
            key = path
        if key in seen:
            planned.notes.append(f"{path}: is the same capture as {seen[key]}, and counted once")
        else:
            seen[key] = path
    return list(seen.values())
