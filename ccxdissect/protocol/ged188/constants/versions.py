"""The versions of the protocol."""

from __future__ import annotations

from ccxdissect.protocol.codes import Code


class ProtocolVersion(Code):
    """The versions a client may ask for, by the release that brought each. Versions 9 to 22 were not read whole."""

    V9 = 9, "ICM 5.0"
    V10 = 10, "release unknown"
    V11 = 11, "release unknown"
    V12 = 12, "release unknown"
    V13 = 13, "ICM 7.0"
    V14 = 14, "CCE 8.0"
    V15 = 15, "CCE 8.5"
    V16 = 16, "CCE 9.0"
    V17 = 17, "CCE 9.0 internal"
    V18 = 18, "CCE 10.0 internal"
    V19 = 19, "CCE 11.0"
    V20 = 20, "CCE 11.5"
    V21 = 21, "CCE 11.6"
    V22 = 22, "CCE 12.0"
    V23 = 23, "CCE 12.5"
    V24 = 24, "CCE 12.6"
    V25 = 25, "CCE 15.0"


#: The versions that exist, both ends included; nothing else says it.
VERSIONS = range(min(ProtocolVersion), max(ProtocolVersion) + 1)
