"""The whole set of Unified CCX's declarations; whatever decodes or explains is given such a set."""

from __future__ import annotations

from collections.abc import Mapping

from ccxdissect.protocol.codes import CodeTable, Source
from ccxdissect.protocol.loading import LoadedRow, LoadedTable
from ccxdissect.protocol.model import Declared, Floating, Kind, Protocol, Sign
from ccxdissect.protocol.uccx.constants.versions import VERSIONS


def _tags() -> Mapping[int, Floating]:
    from ccxdissect.protocol.uccx import tags

    return tags.CATALOGUE


def _tables() -> tuple[CodeTable, ...]:
    from ccxdissect.protocol.uccx import tables

    return tables.TABLES


#: Cisco Unified CCX CTI. Ports: the engine's own (12028), and those of the guide and its sister (42027, 43027).
UCCX_CTI = Protocol(
    name="uccx_cti",
    title="Cisco Unified CCX CTI",
    short="CCX-CTI",
    citation="page {page} of the guide",
    source=Source.UCCX,
    messages=Declared("ccxdissect.protocol.common.messages", "ccxdissect.protocol.uccx.messages"),
    tags=LoadedTable(_tags),
    tables=LoadedRow(_tables),
    ports=(12028, 42027, 43027),
    versions=VERSIONS,
    wide_tags_since=18,
    # The guide's, and the sister protocol's: no capture has settled it.
    wide_headers=("2+1", "2+2"),
    # The sister protocol's largest message has 12,500 bytes; this leaves room.
    largest_body=16384,
    dialect="ccx",
    taken_from="cce",
    own_ports=frozenset((12028,)),
    signs=(
        Sign("PeripheralID 0 in OPEN_REQ", 2, frozenset((3,)), field="PeripheralID", values=(0,)),
        Sign(
            "CTI_SERVICE_CONFIG_EVENTS (0x40000) asked for",
            3,
            frozenset((3,)),
            field="ServicesRequested",
            bits=0x40000,
        ),
        Sign(
            "no central controller time in OPEN_CONF",
            2,
            frozenset((4,)),
            field="ICMCentralControllerTime",
            values=(0,),
        ),
        Sign(
            "PeripheralID 1 with PeripheralType 21",
            3,
            kind=Kind.EVENT,
            field="PeripheralID",
            beside="PeripheralType",
            values=(1, 21),
        ),
        Sign("an agent's login in tag 194", 2, tag=194),
    ),
)
