"""A part of the loopback that nobody else uses, so that two runs of the tests never meet on a port."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ccxdissect.lab.specs import Scenario

#: The port that says who has a network 127.N.0.0/16, at its address 127.N.0.1, for as long as it is bound.
CLAIM = 12027


@contextmanager
def own_network() -> Iterator[str]:
    """The beginning `127.N.` of a network that this process alone uses until the end of the block."""
    for number in random.SystemRandom().sample(range(2, 255), 253):
        claim = socket.socket()
        try:
            claim.bind((f"127.{number}.0.1", CLAIM))
        except OSError:
            claim.close()
            continue
        with claim:
            yield f"127.{number}."
        return
    raise AssertionError("every network of the loopback is taken")


def moved(scenario: Scenario, network: str) -> Scenario:
    """The scenario with all its servers and clients in another network: the same hosts, the same ports."""

    def there(address: str) -> str:
        return network + address.split(".", 2)[2]

    return replace(
        scenario,
        servers=tuple(replace(server, address=there(server.address)) for server in scenario.servers),
        clients=tuple(
            replace(client, address=there(client.address)) if client.address else client for client in scenario.clients
        ),
    )
