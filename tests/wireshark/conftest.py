"""The plugin in this system's tshark, and in a later one where there is one."""

from __future__ import annotations

import pytest
from plugin import Plugin, programs, write_plugin


@pytest.fixture(scope="session", params=programs())
def plugin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Plugin:
    return Plugin(write_plugin(tmp_path_factory.mktemp("plugin")), request.param)
