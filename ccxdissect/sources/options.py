"""How what is read is to be understood; and the one place that knows which declarations that means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ccxdissect.errors import UsageError
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Protocol

#: Who can open captures: ourselves; tshark with our plugin; the same by way of pyshark.
ENGINES = ("own", "tshark", "pyshark")
#: The dialect that is meant when none is named.
USUAL_DIALECT = "ccx"


def protocol_of(dialect: str | Protocol = USUAL_DIALECT) -> Protocol:
    """The declarations of a dialect by its name; a set of declarations is taken as it is. Raises UsageError."""
    if isinstance(dialect, Protocol):
        return dialect
    try:
        return DIALECTS[dialect]
    except KeyError:
        raise UsageError(f"no dialect is called {dialect!r}: there are {', '.join(DIALECTS)}") from None


@dataclass(frozen=True)
class Options:
    """`ports`: where servers listen (empty: the protocol's). `engine`: one of ENGINES. `tshark_options`: preferences as
    NAME:VALUE. `checksums`: note wrong ones. `zone`: of a log, an offset or a name; `year`: of its first line.
    """

    protocol: Protocol
    ports: frozenset[int]
    engine: str = "own"
    tshark_options: tuple[str, ...] = ()
    checksums: bool = False
    zone: str | None = None
    year: int | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Sent to another process, a declared dialect goes by its name: it holds functions, which cannot be sent."""
        names = [name for name, protocol in DIALECTS.items() if protocol is self.protocol]
        given = (self.ports, self.engine, self.tshark_options, self.checksums, self.zone, self.year)
        return _again, (names[0] if names else self.protocol, *given)


def _again(dialect: str | Protocol, ports: frozenset[int], *rest: Any) -> Options:
    return Options(protocol_of(dialect), ports, *rest)


def options(
    *,
    dialect: str | Protocol = USUAL_DIALECT,
    ports: Iterable[int] = (),
    engine: str = "own",
    tshark_options: Iterable[str] = (),
    checksums: bool = False,
    zone: str | None = None,
    year: int | None = None,
) -> Options:
    """Options checked and filled up. Raises UsageError for a dialect or an engine that there is not."""
    protocol = protocol_of(dialect)
    if engine not in ENGINES:
        raise UsageError(f"no engine is called {engine!r}: there are {', '.join(ENGINES)}")
    listening = frozenset(ports) or frozenset(protocol.ports)
    return Options(protocol, listening, engine, tuple(tshark_options), checksums, zone, year)
