"""The whole set of GED-188's declarations; whatever decodes or explains is given such a set."""

from __future__ import annotations

from ccxdissect.protocol.codes import Source
from ccxdissect.protocol.ged188 import tables, tags
from ccxdissect.protocol.ged188.constants.session import VERSIONS
from ccxdissect.protocol.model import Protocol, declared_in

#: The CTI Server protocol of Cisco Unified CCE. Ports: side A and side B, of the instances 0 to 9.
UCCE_CTI = Protocol(
    name="ged188",
    title="Cisco Unified CCE CTI (GED-188)",
    short="CCE-CTI",
    citation="CTI Server Message Reference Guide, protocol versions 23 to 25, {page}",
    source=Source.GED188,
    messages=declared_in("ccxdissect.protocol.ged188.messages"),
    tags=tags.CATALOGUE,
    tables=tables.TABLES,
    ports=tuple(side + 40 * instance for instance in range(10) for side in (42027, 43027)),
    versions=VERSIONS,
    wide_tags_since=20,
    wide_headers=("2+2",),
    # The largest message has 12,500 bytes; this leaves room.
    largest_body=16384,
)
