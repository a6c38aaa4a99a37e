"""The whole set of GED-188's declarations; whatever decodes or explains is given such a set."""

from __future__ import annotations

from collections.abc import Mapping

from ccxdissect.protocol.codes import CodeTable, Source
from ccxdissect.protocol.ged188.constants.versions import VERSIONS
from ccxdissect.protocol.ged188.sister import SISTER_WORDS
from ccxdissect.protocol.loading import LoadedRow, LoadedTable
from ccxdissect.protocol.model import Declared, Floating, Kind, Protocol, Sign


def _tags() -> Mapping[int, Floating]:
    from ccxdissect.protocol.ged188 import tags

    return tags.CATALOGUE


def _tables() -> tuple[CodeTable, ...]:
    from ccxdissect.protocol.ged188 import tables

    return tables.TABLES


#: The CTI Server protocol of Cisco Unified CCE. Ports: side A and side B, of the instances 0 to 9.
UCCE_CTI = Protocol(
    name="ged188",
    title="Cisco Unified CCE CTI (GED-188)",
    short="CCE-CTI",
    citation="CTI Server Message Reference Guide, protocol versions 23 to 25, {page}",
    source=Source.GED188,
    messages=Declared("ccxdissect.protocol.common.messages", "ccxdissect.protocol.ged188.messages"),
    tags=LoadedTable(_tags),
    tables=LoadedRow(_tables),
    ports=tuple(side + 40 * instance for instance in range(10) for side in (42027, 43027)),
    versions=VERSIONS,
    wide_tags_since=20,
    wide_headers=("2+2",),
    # The largest message has 12,500 bytes; this leaves room.
    largest_body=16384,
    dialect="cce",
    own_ports=frozenset(side + 40 * instance for instance in range(10) for side in (42027, 43027)),
    tls_ports=tuple(side + 40 * instance for instance in range(10) for side in (42030, 43030)),
    seen_in_bytes=(15, 19, 20),
    sister=SISTER_WORDS,
    signs=(
        Sign("a PeripheralID in OPEN_REQ", 2, frozenset((3,)), field="PeripheralID", values=(0,), other=True),
        Sign(
            "CTI_SERVICE_ACTIVE_STANDBY (0x2000000) asked for",
            3,
            frozenset((3,)),
            field="ServicesRequested",
            bits=0x2000000,
        ),
        Sign(
            "a central controller time in OPEN_CONF",
            2,
            frozenset((4,)),
            field="ICMCentralControllerTime",
            values=(0,),
            other=True,
        ),
        Sign("PeripheralType 17 in OPEN_CONF", 2, frozenset((4,)), field="PeripheralType", values=(17,)),
        Sign(
            "PeripheralID and PeripheralType other than 1 and 21",
            3,
            kind=Kind.EVENT,
            field="PeripheralID",
            beside="PeripheralType",
            values=(1, 21),
            other=True,
        ),
        Sign("an agent's login in tag 5", 2, tag=5, without=194),
    ),
)
