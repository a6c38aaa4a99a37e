"""What tells several protocols apart, beyond the signs that each declares: types, versions and ports that one alone has.

All that is seen of a session adds up, until one protocol leads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ccxdissect.protocol.known_types import ALIKE
from ccxdissect.protocol.model import Declared, Protocol

#: How far one protocol has to lead to be believed.
LEAD = 2
#: Messages of a session that are looked at for signs after it was settled: what disagrees is told.
LOOKED_AT = 32
#: What a version and a message type count that no other protocol has.
OWN_VERSION, OWN_TYPE = 4, 3
#: What a port counts that servers of this protocol alone have; and what one does that is watched for another as well.
_OWN_PORT, _SHARED_PORT = 2, 1


def own_types(protocol: Protocol, protocols: Sequence[Protocol]) -> frozenset[int]:
    """The message types that of all `protocols` only this one has."""
    return protocol.numbers.difference(*(other.numbers for other in protocols if other is not protocol))


def alike(protocols: Sequence[Protocol]) -> frozenset[int]:
    """The message types that all of `protocols` declare as one: a message of one of them needs no verdict."""
    if len(protocols) == 1:
        return protocols[0].numbers
    packages = frozenset(one.messages.package for one in protocols if isinstance(one.messages, Declared))
    known = ALIKE.get(packages) if len(packages) == len(protocols) else None
    return compared(protocols) if known is None else known


def compared(protocols: Sequence[Protocol]) -> frozenset[int]:
    """The same by looking at all their declarations."""
    return frozenset(
        number
        for number, message in protocols[0].by_number.items()
        if all(protocol.by_number.get(number) is message for protocol in protocols)
    )


def port_weights(protocol: Protocol, protocols: Sequence[Protocol]) -> Mapping[int, int]:
    """What each port of this protocol's servers counts for it, where it may be one of `protocols`."""
    taken = {port for other in protocols if other is not protocol for port in other.ports}
    return {port: _SHARED_PORT if port in taken else _OWN_PORT for port in sorted(protocol.own_ports)}
