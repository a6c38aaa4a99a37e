"""Which captures are decoded by columns."""

from __future__ import annotations

from collections.abc import Sequence

from ccxdissect import columns
from ccxdissect.capture.excerpt import is_excerpt
from ccxdissect.capture.source import can_be_reopened, total_size


def in_bulk(paths: Sequence[str], least: int) -> bool:
    """Whether captures are decoded by columns: there are at least so many bytes, and what that takes is installed."""
    if not all(can_be_reopened(path) for path in paths) or any(map(is_excerpt, paths)):
        return False
    size = total_size(list(paths))
    return size is not None and size >= least and columns.installed()
