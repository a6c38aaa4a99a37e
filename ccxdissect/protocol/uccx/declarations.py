"""The whole set of Unified CCX's declarations; whatever decodes or explains is given such a set."""

from __future__ import annotations

from ccxdissect.protocol.codes import Source
from ccxdissect.protocol.model import Protocol, declared_in
from ccxdissect.protocol.uccx import tables, tags
from ccxdissect.protocol.uccx.constants.session import VERSIONS

#: Cisco Unified CCX CTI. Ports: the engine's own (12028), and those of the guide and its sister (42027, 43027).
UCCX_CTI = Protocol(
    name="uccx_cti",
    title="Cisco Unified CCX CTI",
    short="CCX-CTI",
    citation="page {page} of the guide",
    source=Source.UCCX,
    messages=declared_in("ccxdissect.protocol.uccx.messages"),
    tags=tags.CATALOGUE,
    tables=tables.TABLES,
    ports=(12028, 42027, 43027),
    versions=VERSIONS,
    wide_tags_since=18,
    # The guide's, and the sister protocol's: no capture has settled it.
    wide_headers=("2+1", "2+2"),
    # The sister protocol's largest message has 12,500 bytes; this leaves room.
    largest_body=16384,
)
