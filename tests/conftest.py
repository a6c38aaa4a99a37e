"""What holds for all tests: the order in which they begin."""

from __future__ import annotations

from pathlib import Path

import pytest

#: Files whose tests take longest by themselves: first, so that no core waits for one of them at the end.
FIRST = {"test_readme.py", "test_hostile.py", "test_redaction.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: Path(item.path).name not in FIRST)
