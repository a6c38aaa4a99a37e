"""How what is read is to be understood; and the one place that knows which declarations that means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ccxdissect.errors import UsageError
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Protocol
from ccxdissect.wording import plural

#: Who can open captures: ourselves; tshark with our plugin; the same by way of pyshark.
ENGINES = ("own", "tshark", "pyshark")
#: Every dialect is possible, and each session is read by the one that it turns out to speak.
AUTO = "auto"


def protocols_of(dialect: str | Protocol = AUTO) -> tuple[Protocol, ...]:
    """The declarations that a dialect's name means, the usual ones first; a set of declarations is taken as it is.

    Raises UsageError.
    """
    if isinstance(dialect, Protocol):
        return (dialect,)
    if dialect == AUTO:
        return tuple(DIALECTS.values())
    try:
        return (DIALECTS[dialect],)
    except KeyError:
        raise UsageError(f"no dialect is called {dialect!r}: there are {', '.join((AUTO, *DIALECTS))}") from None


def protocol_of(dialect: str | Protocol = AUTO) -> Protocol:
    """The first of them, where only one can be meant. Raises UsageError."""
    return protocols_of(dialect)[0]


@dataclass(frozen=True)
class Options:
    """`protocols`: those that a session may speak. `ports`: where servers listen (empty: the protocols'). `engine`: one of ENGINES. `tshark_options`: preferences as
    NAME:VALUE. `checksums`: note wrong ones. `zone`: of a log, an offset or a name; `year`: of its first line.
    """

    protocols: tuple[Protocol, ...]
    ports: frozenset[int]
    engine: str = "own"
    tshark_options: tuple[str, ...] = ()
    checksums: bool = False
    zone: str | None = None
    year: int | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Another process has the same declarations: they travel by name, unless they are somebody's own."""
        names = {id(protocol): name for name, protocol in DIALECTS.items()}
        protocols = tuple(names.get(id(protocol), protocol) for protocol in self.protocols)
        rest = (self.ports, self.engine, self.tshark_options, self.checksums, self.zone, self.year)
        return _again, (protocols, *rest)

    @property
    def protocol(self) -> Protocol:
        """The protocol that is meant where only one can be: of a log, and of what tshark cuts into messages."""
        return self.protocols[0]

    def ports_said(self) -> str:
        """The ports as people read them: those of the many instances of a server in short."""
        each = sorted(self.ports)
        if len(each) <= _MOST_SAID:
            return ", ".join(map(str, each))
        return f"{', '.join(map(str, each[: _MOST_SAID - 1]))} ... {each[-1]} ({len(each)} ports)"

    def others_said(self, others: Sequence[tuple[int, int]]) -> str:
        """Ports that were not looked at, each with how many segments it has; what one carries, if its number tells."""
        secured = {port: protocol.title for protocol in self.protocols for port in protocol.tls_ports}
        return ", ".join(
            f"{port} ({plural(count, 'segment')}{f', {secured[port]} inside TLS by its number' if port in secured else ''})"
            for port, count in others
        )


#: Ports that are named one by one.
_MOST_SAID = 6


def _again(protocols: tuple[str | Protocol, ...], *rest: Any) -> Options:
    return Options(tuple(DIALECTS[one] if isinstance(one, str) else one for one in protocols), *rest)


def options(
    *,
    dialect: str | Protocol = AUTO,
    ports: Iterable[int] = (),
    engine: str = "own",
    tshark_options: Iterable[str] = (),
    checksums: bool = False,
    zone: str | None = None,
    year: int | None = None,
) -> Options:
    """Options checked and filled up. Raises UsageError for a dialect or an engine that there is not."""
    protocols = protocols_of(dialect)
    if engine not in ENGINES:
        raise UsageError(f"no engine is called {engine!r}: there are {', '.join(ENGINES)}")
    # What is inside TLS only an engine that decrypts can read.
    secured = [port for protocol in protocols for port in protocol.tls_ports] if engine != "own" else []
    listening = frozenset(ports) or frozenset([*(port for protocol in protocols for port in protocol.ports), *secured])
    return Options(protocols, listening, engine, tuple(tshark_options), checksums, zone, year)
