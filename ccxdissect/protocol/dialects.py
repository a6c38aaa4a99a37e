"""The dialects that are declared, by the names that users give them. Nobody else names one."""

from __future__ import annotations

from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Protocol
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

#: The declared set of each dialect. "ccx": Unified CCX; "cce": Unified CCE. Where nothing tells, the first is meant.
DIALECTS: dict[str, Protocol] = {"ccx": UCCX_CTI, "cce": UCCE_CTI}


def usual() -> Protocol:
    """The protocol that is meant where nothing tells."""
    return next(iter(DIALECTS.values()))


def shown_by(module: str) -> Protocol:
    """The protocol that a module shows: the one whose name is the last part of the module's, or else the usual one."""
    called = module.rpartition(".")[2]
    return next((protocol for protocol in DIALECTS.values() if protocol.name == called), usual())
