"""Arrow's memory comes from where little of it stays behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from ccxdissect.tables.dataset import Unit
from ccxdissect.tables.store import Store
from ccxdissect.views.column_lines import ColumnWriter
from ccxdissect.views.messages import Showing


@pytest.mark.parametrize("made", [lambda _: ColumnWriter(Showing()), lambda path: Unit(Store(str(path)), 1)])
def test_who_takes_chunk_after_chunk_takes_them_from_a_lean_pool(
    made: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pa.set_memory_pool(pa.mimalloc_memory_pool())
    made(tmp_path)
    assert pa.default_memory_pool().backend_name == "jemalloc"
    # Where it is not built in:
    monkeypatch.setattr(pa, "supported_memory_backends", lambda: ["system"])
    made(tmp_path)
    assert pa.default_memory_pool().backend_name == "system"
