"""Very many cases: a check of each as one test, since pytest takes longer to begin a test than such a check to run; or some of
them in the suite and the rest where the heavy tests run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from typing import Any

import pytest


def of_each(cases: Mapping[str, tuple[Any, ...]]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Makes of a check a test that runs it with the arguments of each case (as many as it takes), and says which fail, and
    how the first of them does."""

    def tested(check: Callable[..., None]) -> Callable[[], None]:
        taken = len(signature(check).parameters)

        def test() -> None:
            failed: dict[str, Exception] = {}
            for name, arguments in cases.items():
                try:
                    check(*arguments[:taken])
                except Exception as error:
                    failed[name] = error
            if failed:
                raise AssertionError(f"fails for {', '.join(failed)}") from next(iter(failed.values()))

        test.__name__, test.__doc__, test.__module__ = check.__name__, check.__doc__, check.__module__
        return test

    return tested


def in_part(cases: Iterable[Any], quick: int) -> list[Any]:
    """Cases as parameters of a test: the first so many for the suite, the others for the heavy tests."""
    return [case if place < quick else pytest.param(case, marks=pytest.mark.heavy) for place, case in enumerate(cases)]
