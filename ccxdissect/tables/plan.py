"""Which captures have to be read together, and in which order; what was named but is no capture."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from ccxdissect.capture.log_lines import is_log_input
from ccxdissect.sources.options import Options
from ccxdissect.sources.parallel import runs, scan
from ccxdissect.wording import plural

#: How captures begin: pcap of either order and resolution, pcapng, gzip.
_BEGINNINGS = (
    b"\xa1\xb2\xc3\xd4", b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x4d\x3c\xb2\xa1", b"\x0a\x0d\x0d\x0a", b"\x1f\x8b",
)  # fmt: skip


@dataclass
class Plan:
    """`groups`: captures that continue each other, each group in the order of reading. `notes`: what was left out."""

    groups: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def plan(paths: Iterable[str], options: Options) -> Plan:
    """Look at every capture once. Folders stand for the captures in them, at any depth; one given twice counts once.

    Logs, standard input and what only tshark opens are read in one, as they are given.
    """
    planned = Plan()
    found = _once(list(_expanded(paths, planned)), planned)
    whole = options.engine != "own" or "-" in found or len(found) < 2
    if whole or any(os.path.isfile(path) and is_log_input(path) for path in found):
        planned.groups = [found] if found else []
        return planned
    scans = [scan(path, place, options.ports) for place, path in enumerate(found)]
    planned.groups = [[one.path for one in group] for group in runs([one for one in scans if one is not None])]
    # What could not be looked at is a group of its own: reading it says why.
    planned.groups += [[path] for path, one in zip(found, scans, strict=True) if one is None]
    return planned


def _expanded(paths: Iterable[str], planned: Plan) -> Iterable[str]:
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        others = 0
        for folder, folders, files in os.walk(path):
            folders.sort()
            for name in sorted(files):
                whole = os.path.join(folder, name)
                if _looks_like_a_capture(whole):
                    yield whole
                else:
                    others += 1
        if others:
            planned.notes.append(f"{path}: {plural(others, 'file')} in it {'is' if others == 1 else 'are'} no capture")


def _looks_like_a_capture(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(4).startswith(_BEGINNINGS)
    except OSError:
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
