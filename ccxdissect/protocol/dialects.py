"""The dialects that are declared, by the names that users give them."""

from __future__ import annotations

from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Protocol
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

#: The declared set of each dialect. "ccx": Unified CCX; "cce": Unified CCE. Where nothing tells, the first is meant.
DIALECTS: dict[str, Protocol] = {"ccx": UCCX_CTI, "cce": UCCE_CTI}
