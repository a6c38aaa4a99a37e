"""The dialects that are declared, by the names that users give them."""

from __future__ import annotations

from collections.abc import Mapping

from ccxdissect.protocol.model import Protocol
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

#: The declared set of each dialect. "ccx": Unified CCX.
DIALECTS: Mapping[str, Protocol] = {"ccx": UCCX_CTI}
