"""What holds for all tests: which of them run, and the order in which they begin.

Tests marked `heavy` need what takes long whoever asks for it: a browser, a cluster, a tshark of a later version, an hour
made short. They run by `--heavy`, which is a step of its own in `.ci/run`, and wherever files or folders are named.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

#: Files whose tests take longest by themselves: first, so that no core waits for one of them at the end.
FIRST = {"test_readme.py", "test_hostile.py", "test_redaction.py"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--heavy", action="store_true", help="run what is marked heavy, and nothing else")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "heavy: takes long by its nature; runs by --heavy, or where its file is named")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of xdist's which tests are wanted: it is given each file by its name."""
    node.workerinput["wanted"] = _wanted(node.config)


def _wanted(config: pytest.Config) -> bool | None:
    """Whether heavy tests are wanted, and no others; None: both."""
    if hasattr(config, "workerinput"):
        wanted: bool | None = config.workerinput["wanted"]
        return wanted
    if config.option.heavy:
        return True
    return None if config.args_source is pytest.Config.ArgsSource.ARGS else False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: Path(item.path).name not in FIRST)
    wanted = _wanted(config)
    if wanted is not None:
        left_out = [item for item in items if (item.get_closest_marker("heavy") is not None) is not wanted]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if (item.get_closest_marker("heavy") is not None) is wanted]
