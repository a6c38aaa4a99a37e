"""Captures in object storage: names such as `s3://bucket/day.pcapng`, opened by fsspec and its file systems.

Needs the extra `cluster`, and the file system's own library (`s3fs`, `gcsfs`, `hdfs-native` ...). Whatever goes wrong there is said as
CaptureError, with the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, BinaryIO

from ccxdissect.errors import CaptureError

#: Characters of a storage's own words that are passed on.
_MOST_SAID = 300
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
#: How often Hadoop's one server that a name gives with its port is asked (seconds in all, where minutes are the default):
#: there is no other that could take over from it.
_ATTEMPTS = {"dfs.client.failover.max.attempts": "3"}
#: Hadoop's file systems have threads. A process that is forked lets go of all that fsspec holds; of one of these, which nobody
#: else holds, it would wait for threads that it has not, for ever.
_threaded: list[Any] = []


def is_remote(name: object) -> bool:
    """Whether a name says by itself where it lies: `s3://...`, `gs://...`, `hdfs://...`."""
    return isinstance(name, str) and _URL.match(name) is not None


def open_remote(name: str) -> BinaryIO:
    """Its bytes, read piece by piece as they are wanted. Raises CaptureError."""
    with _told(name):
        system, path = file_system(name)
        handle: BinaryIO = system.open(path, "rb")
        return handle


def size_of(name: str) -> int | None:
    """Its size in bytes; None when it is no file there. Raises CaptureError when nobody can be asked."""
    with _told(name):
        system, path = file_system(name)
        held = _file(system, path)
        size = None if held is None else held.get("size")
        return None if size is None else int(size)


def files_below(name: str) -> list[str] | None:
    """The names of the files in a folder, at any depth, or of those that fit a pattern (`*`, `?`, `[...]`), in order;
    None when the name is that of one file. Raises CaptureError.
    """
    with _told(name):
        system, path = file_system(name)
        if _file(system, path) is not None:
            return None
        patterned = any(sign in path for sign in "*?[")
        found = system.glob(path) if patterned else system.find(path)
        if not found:
            raise CaptureError(name, "nothing is there")
        return sorted(system.unstrip_protocol(one) for one in found if not patterned or system.isfile(one))


def file_system(name: str) -> tuple[Any, str]:
    """The file system that a name belongs to, and its path there. Raises what fsspec raises, and CaptureError."""
    from urllib.parse import urlsplit

    from fsspec.core import url_to_fs  # type: ignore[import-untyped]

    hadoop = name.lower().startswith("hdfs:")
    native = hadoop and find_spec("hdfs_native") is not None
    try:
        system, path = url_to_fs(name, **(_ATTEMPTS if native and urlsplit(name).port else {}))
    except (ImportError, OSError) as error:
        if hadoop and not native:
            # fsspec turns to Hadoop's own library, which wants Java and looks for it at length.
            raise CaptureError(
                name, f"this needs one more library: pip install hdfs-native ({reason_of(error)})"
            ) from None
        raise
    if native and not any(system is known for known in _threaded):
        _threaded.append(system)
    for sign in "?#":
        if sign in name and sign not in path:
            # It takes what follows for no part of the name, and would read another file.
            raise CaptureError(name, f"the library for it reads no name with a {sign}")
    return system, path


def _file(system: Any, path: str) -> dict[str, Any] | None:
    """What is known of a file; None when no file is there. Other than `isfile` it lets errors through."""
    try:
        held: dict[str, Any] = system.info(path)
    except FileNotFoundError:
        return None
    return held if held["type"] == "file" else None


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except CaptureError:
        raise
    except ModuleNotFoundError as error:
        if error.name == "fsspec":
            raise CaptureError(name, "this needs one more library: pip install 'ccxdissect[cluster]'") from None
        raise CaptureError(name, str(error)) from error
    except ImportError as error:
        # fsspec says which library the file system needs.
        raise CaptureError(name, str(error)) from error
    except Exception as error:
        # Each storage has errors of its own, with no common ancestor.
        raise CaptureError(name, reason_of(error)) from error


def reason_of(error: Exception) -> str:
    """Why a storage did not do it, in its own words; the first line of them, for some go on with pages of what they tried."""
    if isinstance(error, FileNotFoundError) and not error.strerror:
        return "nothing is there"
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    first = str(said).strip().partition("\n")[0]
    return first if len(first) <= _MOST_SAID else f"{first[:_MOST_SAID]} ..."
