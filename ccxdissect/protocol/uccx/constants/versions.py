"""The versions of the protocol."""

from __future__ import annotations

from ccxdissect.protocol.codes import Code


class ProtocolVersion(Code):
    """The versions a client may ask for. No page names the releases of 15 to 17. Page:
    the-unified-ccx-cti-protocol.
    """

    V10 = 10, "lowest supported; CRS 4.1 on"
    V11 = 11, "CRS 5.0 on"
    V12 = 12, "CRS 5.0 on"
    V13 = 13, "UCCX 8.0(1) on"
    V14 = 14, "UCCX 8.0(1) on"
    V15 = 15, "release unknown"
    V16 = 16, "release unknown"
    V17 = 17, "release unknown"
    V18 = 18, "UCCX 12.5(1)SU1 on; highest supported"


#: The versions that exist, both ends included; nothing else says it.
VERSIONS = range(min(ProtocolVersion), max(ProtocolVersion) + 1)
