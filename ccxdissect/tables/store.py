"""Where the files of a dataset lie: a folder of this machine, or of an object storage (`s3://bucket/tables`), by fsspec.

Every file is written aside and given its name when it is whole; an object of an object storage is not there before it is
whole anyway. Whatever a storage does not do is a CcxDissectError
with the name and its reason.
"""

from __future__ import annotations

import io
import os
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from ccxdissect.capture.remote import file_system, reason_of
from ccxdissect.errors import CcxDissectError, one_line
from ccxdissect.tables.local_folder import LocalFolder, local_root

#: What the name of a file ends with that is not whole.
ASIDE = ".writing"
#: Bytes that are written at once: Parquet comes in pieces of some hundreds.
_BUFFER = 64 << 10
#: Storages, as fsspec calls them, that have neither folders nor half-written files: S3, Google's and Microsoft's.
_OBJECTS = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"})


class Store:
    """A folder; all paths are relative to it, with `/` between their parts."""

    def __init__(self, folder: str) -> None:
        self.name = folder
        self._system: Any
        with self._told():
            local = local_root(folder)
            #: Whether it is a folder of this machine.
            self.is_here = local is not None
            self._system, root = file_system(folder) if local is None else (LocalFolder(), local)
        self._root = root.rstrip("/") or "/"
        kinds = self._system.protocol
        self._has_folders = _OBJECTS.isdisjoint((kinds,) if isinstance(kinds, str) else kinds)

    def names(self) -> list[str]:
        """What the folder holds, at its top; it is made when it is missing."""
        with self._told():
            if self._has_folders:
                if self._system.isfile(self._root):
                    raise CcxDissectError(one_line(f"{self.name}: is a file, and a folder is to be written"))
                self._system.makedirs(self._root, exist_ok=True)
            self._system.invalidate_cache()
            try:
                found = self._system.ls(self._root, detail=False)
            except FileNotFoundError:
                return []
            held = sorted(posixpath.basename(path.rstrip("/")) for path in found)
            return [name for name in held if name and posixpath.join(self._root, name) != self._root]

    def below(self, folder: str = "") -> list[str]:
        """The paths of all files, at any depth."""
        with self._told():
            self._system.invalidate_cache()
            found = self._system.find(self._path(folder))
            return sorted(posixpath.relpath(path, self._root) for path in found)

    def read(self, path: str) -> str:
        """A text."""
        with self._told():
            return str(self._system.cat_file(self._path(path)).decode())

    def write(self, path: str, text: str) -> None:
        """A text, there at once or not at all."""
        file = self.open(path)
        try:
            with self._told():
                file.handle.write(text.encode() + b"\n")
        except CcxDissectError:
            file.give_up()
            raise
        file.done()

    def open(self, path: str) -> Aside:
        """A file to write to, aside until it is done."""
        with self._told():
            if not self._has_folders:
                return Aside(self, path, path, self._system.open(self._path(path), "wb"))
            self._system.makedirs(posixpath.dirname(self._path(path)), exist_ok=True)
            # Nobody else writes to the same: another worker may do the same work when this one is thought to be dead.
            aside = f"{path}.{os.urandom(4).hex()}{ASIDE}"
            return Aside(self, path, aside, self._system.open(self._path(aside), "wb"))

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        with self._told():
            if self._system.exists(self._path(path)):
                self._system.rm_file(self._path(path))

    def rename(self, path: str, name: str) -> None:
        """Give a file another name, in place of what bears it.

        A storage that replaces nothing (Hadoop's) keeps what bears it: whoever did the same work wrote the same.
        """
        with self._told():
            try:
                self._system.mv(self._path(path), self._path(name))
            except FileExistsError:
                self._system.rm_file(self._path(path))

    def fetch(self, folder: str) -> None:
        """Copy all files into a folder of this machine."""
        with self._told():
            self._system.get(self._root + "/", folder + "/", recursive=True)

    def _path(self, path: str) -> str:
        return posixpath.join(self._root, path) if path else self._root

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except CcxDissectError:
            raise
        except Exception as error:
            # Each storage has errors of its own, with no common ancestor.
            raise self.trouble(error) from error

    def trouble(self, error: Exception) -> CcxDissectError:
        """What a storage's error is called here."""
        return CcxDissectError(one_line(f"{self.name}: {reason_of(error)}"))


class _Sink(io.RawIOBase):
    """What is written to; once it is `lost`, all is taken and nothing kept, so that whoever has something left to write
    when it goes (as Arrow's writers have) need not fail a second time."""

    def __init__(self, file: IO[bytes]) -> None:
        self.lost = False
        self._file = file
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if not self.lost:
            try:
                self._file.write(data)
            except OSError:
                raise
            except Exception as error:
                # As in the store; Arrow's writers pass on this kind.
                raise OSError(reason_of(error)) from error
        self._written += len(data)
        return len(data)

    def tell(self) -> int:
        # Not every storage's files can tell.
        return self._written


class Aside:
    """A file that has not its name yet: write to `handle`, then `done()` or `give_up()`."""

    def __init__(self, store: Store, path: str, aside: str, handle: IO[bytes]) -> None:
        self._store = store
        self._path = path
        self._aside = aside
        self._file: Any = handle
        self._sink = _Sink(handle)
        self.handle = io.BufferedWriter(self._sink, _BUFFER)

    def done(self) -> None:
        """Close it, and give it its name. Raises CcxDissectError."""
        try:
            self.handle.flush()
            self._file.close()
        except Exception as error:
            # As in the store: what was to be written last is not there.
            raise self._store.trouble(error) from error
        if self._aside != self._path:
            self._store.rename(self._aside, self._path)

    def give_up(self) -> None:
        """Leave nothing behind, as far as the storage lets us."""
        self._sink.lost = True
        try:
            if self._aside == self._path:
                self._file.discard()
                return
            self._file.close()
        except Exception:
            # Each storage has errors of its own; what could not be written is removed.
            pass
        try:
            self._store.remove(self._aside)
        except CcxDissectError:
            pass  # the next run removes what was never given its name
