"""Every table of constants, for those who look a number up."""

from __future__ import annotations

import inspect

from ccxdissect.protocol.codes import Code, CodeTable, Flags
from ccxdissect.protocol.uccx.constants import (
    agents,
    calls,
    configuration,
    failures,
    media,
    session,
    special,
    system,
)


def _tables() -> tuple[CodeTable, ...]:
    found: list[CodeTable] = []
    for module in (session, agents, calls, configuration, failures, system, media, special):
        for item in vars(module).values():
            if inspect.isclass(item) and issubclass(item, (Code, Flags)) and item.__module__ == module.__name__:
                found.append(item)
    return tuple(found)


TABLES = _tables()
