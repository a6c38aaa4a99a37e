"""Unified CCE in Python and Scapy alike: every declared type, at the versions at which something changes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from each import of_each
from scapy.layers.inet import IP, TCP
from scapy.packet import Raw

from building import value_for
from ccxdissect import layers
from ccxdissect.codec import BY_TITLE, Decoder, Encoder
from ccxdissect.codec.checks import Rule, check
from ccxdissect.codec.problems import ProblemKind
from ccxdissect.layers import ged188
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Message

DECODER, ENCODER = Decoder(UCCE_CTI), Encoder(UCCE_CTI)
WAYS = [(9, "1+1"), (15, "1+1"), (19, "1+1"), (20, "2+2"), (25, "2+2")]


@of_each({f"{message.name}-{version}": (message, version, form) for message in UCCE_CTI for version, form in WAYS})
def test_every_type_is_built_and_read_alike(message: Message, version: int, form: str) -> None:
    largest = BY_TITLE[form].largest_tag
    floating = [(row.tag, value_for(row)) for row in message.floating if row.in_version(version) and row.tag <= largest]
    wire = ENCODER.encode(message, {}, floating, version=version)
    assert bytes(ged188.FACE.classes[message.name](version=version, floating=floating)) == wire

    decoded = DECODER.decode(message.number, wire[8:], version)
    assert not decoded.problems and not decoded.undecoded
    assert [field.tag for field in decoded.floating] == [tag for tag, _ in floating]
    assert decoded.form is None or decoded.form.title == form
    versions = (Rule.FIELD_NOT_LISTED, Rule.FIELD_TOO_NEW, Rule.FIELD_WITHDRAWN)
    assert [found for found in check(decoded) if found.rule in versions] == []

    found = ged188.CCEMessage(wire, version=version)
    assert type(found) is ged188.FACE.classes[message.name]
    assert not found.problems and bytes(found) == wire
    for name, value in decoded.fixed.items():
        assert int(found.getfieldval(name)) == value
    assert [field.value for field in found.floating] == [field.value for field in decoded.floating]


@of_each({message.name: (message,) for message in UCCE_CTI if not message.fields_known})
def test_a_message_whose_fields_nobody_knows_keeps_its_bytes(message: Message) -> None:
    body = bytes(range(40))
    decoded = DECODER.decode(message.number, body, 20)
    assert decoded.undecoded == 40
    assert [problem.kind for problem in decoded.problems] == [ProblemKind.FIELDS_UNKNOWN]
    found = ged188.CCEMessage(len(body).to_bytes(4, "big") + message.number.to_bytes(4, "big") + body, version=20)
    assert found.undecoded == body
    assert found.problems == [f"the fields of {message.name} are not known: 40 bytes undecoded"]
    assert DECODER.decode(message.number, b"", 20).problems == ()


@pytest.mark.parametrize(("version", "size"), [(19, 26), (20, 30), (23, 30), (24, 32), (25, 32)])
def test_open_conf_grows_with_the_version(version: int, size: int) -> None:
    assert len(ENCODER.encode("OPEN_CONF", version=version)) == 8 + size


def test_the_bytes_decide_where_the_version_errs() -> None:
    """The change list gives DepartmentID to version 19; bytes of 19 lack it. Either way nothing is lost."""
    longer = ENCODER.encode("OPEN_CONF", {"DepartmentID": 7}, [("AgentID", "5001")], version=20, form=BY_TITLE["1+1"])
    decoded = DECODER.decode(4, longer[8:], 19)
    assert decoded.fixed["DepartmentID"] == 7 and not decoded.undecoded
    assert [problem.kind for problem in decoded.problems] == [ProblemKind.OTHER_VERSION]


def test_a_port_belongs_to_the_face_that_bound_it_last() -> None:
    wire = IP(src="10.0.0.1", dst="10.0.0.2") / TCP(sport=42027, dport=50000) / Raw(ENCODER.encode("CLOSE_CONF"))
    try:
        ged188.bind_port(42027)
        assert type(IP(bytes(wire))[TCP].payload) is ged188.CLOSE_CONF
        layers.bind_port(42027)
        assert type(IP(bytes(wire))[TCP].payload) is layers.CLOSE_CONF
    finally:
        ged188.bind_port(42027)


def test_a_session_gives_the_messages_of_its_dialect() -> None:
    assert ged188.CTISession is not layers.CTISession
    assert ged188.CTISession().ports == frozenset(UCCE_CTI.ports)
    assert 43027 + 40 * 9 in UCCE_CTI.ports and 12028 not in UCCE_CTI.ports


def test_importing_it_binds_every_port_of_its_own_and_no_other() -> None:
    """In a process of its own: whoever is imported last has what both may listen on."""
    script = """
from ccxdissect.layers import ged188
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from scapy.layers.inet import IP, TCP
from scapy.packet import Raw
data = bytes(ged188.MONITOR_START_CONF(InvokeID=1, MonitorID=9, version=20))
for port in (*UCCE_CTI.ports, 12028):
    for ends in ({"sport": port, "dport": 50000}, {"sport": 50000, "dport": port}):
        found = IP(bytes(IP(src="10.0.0.1", dst="10.0.0.2") / TCP(**ends) / Raw(data)))[TCP].payload
        assert (type(found) is ged188.MONITOR_START_CONF) is (port != 12028), (port, type(found))
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
