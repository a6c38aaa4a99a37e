"""What tells several protocols apart, beyond the signs that each declares: types, versions and ports that one alone has.

All that is seen of a session adds up, until one protocol leads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ccxdissect.protocol.model import Protocol

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
    return frozenset(protocol.by_number).difference(*(other.by_number for other in protocols if other is not protocol))


def port_weights(protocol: Protocol, protocols: Sequence[Protocol]) -> Mapping[int, int]:
    """What each port of this protocol's servers counts for it, where it may be one of `protocols`."""
    taken = {port for other in protocols if other is not protocol for port in other.ports}
    return {port: _SHARED_PORT if port in taken else _OWN_PORT for port in sorted(protocol.own_ports)}
