"""The plugin in this system's tshark, and in a later one where there is one."""

from __future__ import annotations

import pytest
from plugin import Plugin, later_tshark, write_plugin


@pytest.fixture(scope="session", params=["tshark", "later tshark"] if later_tshark() else ["tshark"])
def plugin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Plugin:
    program = later_tshark() if request.param == "later tshark" else None
    return Plugin(write_plugin(tmp_path_factory.mktemp("plugin")), program or "tshark")
