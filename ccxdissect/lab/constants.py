"""The constants of the protocol that a center speaks: the lab knows them by name, and their numbers are the protocol's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ccxdissect.errors import CcxDissectError
from ccxdissect.protocol.codes import CodeTable
from ccxdissect.protocol.model import Protocol


class Table:
    """One table: `table.AGENT_STATE_LOGIN` is the constant; what the protocol lacks raises CcxDissectError."""

    def __init__(self, protocol: Protocol, table: CodeTable) -> None:
        self._protocol = protocol
        self._table = table

    def __getattr__(self, name: str) -> Any:
        found = self._table.__members__.get(name)
        if found is None:
            raise CcxDissectError(f"{self._protocol.title} has no {name} in {self._table.__name__}")
        return found

    def __call__(self, value: int) -> Any:
        """The constant that has a value. Raises ValueError."""
        return self._table(value)

    def together(self, names: Iterable[str]) -> int:
        """The sum of the flags that are named."""
        return sum(int(getattr(self, name)) for name in names)

    @property
    def members(self) -> Mapping[str, Any]:
        """All constants, by their names."""
        return self._table.__members__


class Constants:
    """Those of one protocol: `constants.AgentState` is a Table; one that it lacks raises CcxDissectError."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._tables = {table.__name__: Table(protocol, table) for table in protocol.tables}

    def __getattr__(self, name: str) -> Table:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self._tables.get(name)
        if found is None:
            raise CcxDissectError(f"{self._protocol.title} has no constants called {name}")
        return found
