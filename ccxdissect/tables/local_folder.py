"""A folder of this machine, asked as fsspec's file systems are: to load that takes as long as to write a small capture."""

from __future__ import annotations

import os
from typing import IO


def local_root(name: str) -> str | None:
    """The path of a folder whose name can mean nothing but one of this machine; None for any other."""
    if os.name != "posix" or ":" in name:
        return None
    return os.path.join(os.getcwd(), os.path.expanduser(name))


class LocalFolder:
    """What a store asks of a file system, done here; all paths are whole. Errors are Python's own."""

    protocol = "file"

    def isfile(self, path: str) -> bool:
        """Whether a file is there."""
        return os.path.isfile(path)

    def exists(self, path: str) -> bool:
        """Whether anything is there."""
        return os.path.exists(path)

    def makedirs(self, path: str, exist_ok: bool) -> None:
        """Make a folder and those it is in."""
        os.makedirs(path, exist_ok=exist_ok)

    def invalidate_cache(self) -> None:
        """Nothing is remembered."""

    def ls(self, path: str, detail: bool) -> list[str]:
        """The paths of what a folder holds."""
        return [os.path.join(path, name) for name in os.listdir(path)]

    def find(self, path: str) -> list[str]:
        """The paths of all files below, at any depth, and of links; what cannot be looked into is left out."""
        if os.path.isfile(path):
            return [path]
        found: list[str] = []
        for folder, folders, names in os.walk(path):
            found += [os.path.join(folder, name) for name in names]
            found += [linked for linked in (os.path.join(folder, name) for name in folders) if os.path.islink(linked)]
        return found

    def cat_file(self, path: str) -> bytes:
        """What a file holds."""
        with open(path, "rb") as file:
            return file.read()

    def open(self, path: str, mode: str) -> IO[bytes]:
        """A file to read or to write to."""
        handle: IO[bytes] = open(path, mode)  # noqa: SIM115 - whoever asks for it closes it
        return handle

    def rm_file(self, path: str) -> None:
        """Remove a file."""
        os.remove(path)

    def mv(self, path: str, name: str) -> None:
        """Give a file another name, in place of what bears it."""
        os.replace(path, name)
