"""What tells several protocols apart, beyond the signs that each declares: types, versions and ports that one alone has.

All that is seen of a session adds up, until one protocol leads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ccxdissect.protocol.model import Declared, Protocol

#: How far one protocol has to lead to be believed.
LEAD = 2
#: Messages of a session that are looked at for signs after it was settled: what disagrees is told.
LOOKED_AT = 32
#: What a version and a message type count that no other protocol has.
OWN_VERSION, OWN_TYPE = 4, 3
#: What a port counts that servers of this protocol alone have; and what one does that is watched for another as well.
_OWN_PORT, _SHARED_PORT = 2, 1


def owner(number: int, protocols: Sequence[Protocol]) -> Protocol | None:
    """The one of `protocols` that alone has messages of this type; None where several have it, or none.

    What one of them says of the one that it is taken from is believed, so that the declarations of that one need not
    be loaded.
    """
    having: Protocol | None = None
    told = ""
    for protocol in protocols:
        if told and protocol.dialect == told:
            continue
        message = protocol.by_number.get(number)
        if message is None:
            continue
        if having is not None:
            return None
        having, told = protocol, protocol.taken_from
        if told and not message.added and any(other.dialect == told for other in protocols):
            return None
    return having


def own_types(protocol: Protocol, protocols: Sequence[Protocol]) -> frozenset[int]:
    """The message types that of all `protocols` only this one has."""
    return frozenset(number for number in protocol.by_number if owner(number, protocols) is protocol)


def alike(protocols: Sequence[Protocol]) -> frozenset[int]:
    """The message types that all of `protocols` declare as one: a message of one of them needs no verdict.

    Of declared sets these are the messages of the packages that they have in common: no others are loaded.
    """
    packages = [one.messages.packages for one in protocols if isinstance(one.messages, Declared)]
    if len(packages) == len(protocols) > 1:
        in_common = (package for package in packages[0] if all(package in others for others in packages))
        return frozenset(message.number for message in Declared(*in_common))
    return frozenset(
        number
        for number, message in protocols[0].by_number.items()
        if all(protocol.by_number.get(number) is message for protocol in protocols)
    )


def port_weights(protocol: Protocol, protocols: Sequence[Protocol]) -> Mapping[int, int]:
    """What each port of this protocol's servers counts for it, where it may be one of `protocols`."""
    taken = {port for other in protocols if other is not protocol for port in other.ports}
    return {port: _SHARED_PORT if port in taken else _OWN_PORT for port in sorted(protocol.own_ports)}
