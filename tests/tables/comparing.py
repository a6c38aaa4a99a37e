"""Two exports hold the same rows, however they were cut into files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ccxdissect.sources.options import options
from ccxdissect.tables.export import Order, export, units

GIVEN = options()


def exported(groups: list[list[str]], folder: Path, **more: Any) -> dict[str, int]:
    order = Order(str(folder), GIVEN)
    return export(units(groups, order, lambda group: 0), order, **more).rows


def rows(folder: Path) -> dict[str, list[str]]:
    """The rows of each table, in an order of their own."""
    return {
        str(table.relative_to(folder)): sorted(
            map(repr, _plain(pq.ParquetFile(path) for path in table.glob("*.parquet")))
        )
        for table in sorted({path.parent for path in folder.rglob("*.parquet")})
    }


def _plain(files: Iterable[pq.ParquetFile]) -> Iterator[Any]:
    for file in files:
        yield from file.read().to_pylist()
