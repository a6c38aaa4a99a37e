"""What holds for all tests: which of them run, and the order in which they begin.

Tests marked `heavy` need what takes long whoever asks for it: a browser, a cluster, a tshark of a later version, an hour
made short. They run by `--heavy`, which is a step of its own in `.ci/run`, and wherever files or folders are named. Of
properties the suite tries fewer examples than they ask for; they too are tried in full where the heavy tests run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import is_hypothesis_test, settings

#: Files whose tests take longest by themselves: first, so that no core waits for one of them at the end.
FIRST = {"test_readme.py", "test_hostile.py", "test_redaction.py"}
#: Examples of a property that the suite tries, at most.
EXAMPLES = 30


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
        heavy = {item: item.get_closest_marker("heavy") is not None for item in items}
        more = {item for item in items if not heavy[item] and _examples(item) > EXAMPLES}
        kept = [item for item in items if heavy[item] is wanted or (wanted and item in more)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept
        for item in more if not wanted else ():
            _limit(item)


def _examples(item: pytest.Item) -> int:
    """How many examples a property asks for; 0 for another test."""
    test = getattr(item, "obj", None)
    if test is None or not is_hypothesis_test(test):
        return 0
    return int(test._hypothesis_internal_use_settings.max_examples)


def _limit(item: pytest.Item) -> None:
    test = item.obj  # type: ignore[attr-defined]
    function = getattr(test, "__func__", test)
    function._hypothesis_internal_use_settings = settings(
        function._hypothesis_internal_use_settings, max_examples=EXAMPLES
    )
