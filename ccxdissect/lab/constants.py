"""The constants of the protocol that a center speaks: the lab knows them by name, and their numbers are the protocol's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ccxdissect.errors import CcxDissectError
from ccxdissect.protocol.codes import CodeTable
from ccxdissect.protocol.model import Protocol


class Table:
    """One table: `table.AGENT_STATE_LOGIN` is the constant, or what stands for it where the protocol has it by another name
    (then the number 0 may); what the protocol lacks raises CcxDissectError.
    """

    def __init__(self, protocol: Protocol, name: str, table: CodeTable | None, others: Mapping[str, Any]) -> None:
        self._protocol = protocol
        self._name = name
        self._table = table
        self._others = others

    def __getattr__(self, name: str) -> Any:
        found = self.members.get(name, self._others.get(name))
        if found is None:
            raise CcxDissectError(f"{self._protocol.title} has no {name} in {self._name}")
        return found

    def __call__(self, value: int) -> Any:
        """The constant that has a value. Raises ValueError."""
        if self._table is None:
            raise ValueError(value)
        return self._table(value)

    def together(self, names: Iterable[str]) -> int:
        """The sum of the flags that are named."""
        return sum(int(getattr(self, name)) for name in names)

    @property
    def members(self) -> Mapping[str, Any]:
        """All constants, by their names."""
        return {} if self._table is None else self._table.__members__


class Constants:
    """Those of one protocol: `constants.AgentState` is a Table; one that it lacks raises CcxDissectError."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        tables = {table.__name__: table for table in protocol.tables}
        others: dict[str, dict[str, Any]] = {}
        for sister, own in ({} if protocol.sister is None else protocol.sister.constants).items():
            table, _, name = sister.partition(".")
            if isinstance(own, str):
                where, _, called = own.partition(".")
                own = tables[where].__members__[called]
            others.setdefault(table, {})[name] = own
        self._tables = {
            name: Table(protocol, name, tables.get(name), others.get(name, {})) for name in {**tables, **others}
        }

    def __getattr__(self, name: str) -> Table:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self._tables.get(name)
        if found is None:
            raise CcxDissectError(f"{self._protocol.title} has no constants called {name}")
        return found
