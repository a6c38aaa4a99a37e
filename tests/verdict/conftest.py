"""What is told of calls, by columns and message by message."""

from __future__ import annotations

from pathlib import Path

import pytest
from call_events import Calls


@pytest.fixture(params=[True, False], ids=["by columns", "one by one"])
def calls(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What is told of calls, both ways."""
    return Calls(request.param, tmp_path, monkeypatch)
