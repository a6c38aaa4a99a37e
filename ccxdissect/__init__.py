"""ccxdissect: a packet dissector for the Cisco Unified CCX CTI protocol.

Importing this package imports nothing else; see `ccxdissect.protocol`, `ccxdissect.codec`, `ccxdissect.stream`,
`ccxdissect.analysis` and, for Scapy, `ccxdissect.layers`.
"""

__version__ = "0.1.0"
