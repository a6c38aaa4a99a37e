"""The whole set of Unified CCX's declarations; whatever decodes or explains is given such a set."""

from __future__ import annotations

from ccxdissect.protocol.codes import Source
from ccxdissect.protocol.model import Kind, Protocol, Sign, declared_in
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
    dialect="ccx",
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
