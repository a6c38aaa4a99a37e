"""From packets to segments: every link layer, IP as it comes, TCP headers, and what cannot be read."""

from __future__ import annotations

import copy
import pickle
import random
import struct
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from capture_builders import (
    CLIENT,
    CLIENT6,
    PORT,
    SERVER,
    SERVER6,
    T0,
    ethernet,
    ipv4,
    ipv6,
    pcap,
    tcp,
    vlan,
)
from ccxdissect.capture.fragments import AGE, MOST_DATAGRAMS, MOST_PIECES
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segment import Endpoint, Segment, format_endpoint
from ccxdissect.capture.segments import MOST_OTHER_PORTS, SegmentReader, read_segments

HELLO = b"hello, world"
V4 = ipv4(tcp(HELLO))
V6 = ipv6(tcp(HELLO))
PADDED = V4 + b"\xee" * 9
EXPECTED = Segment(1, T0, CLIENT, 40000, SERVER, PORT, 1000, 77, 0x18, HELLO, 0)
EXPECTED6 = EXPECTED._replace(src=CLIENT6, dst=SERVER6)


def reader_of(
    *data: bytes,
    link: int = 1,
    wirelen: int | None = None,
    ports: frozenset[int] | None = None,
    verify: bool = False,
    times: list[int] | None = None,
) -> SegmentReader:
    return SegmentReader(
        [
            Packet(n + 1, times[n] if times else T0 + n, link, one, len(one) if wirelen is None else wirelen, "f")
            for n, one in enumerate(data)
        ],
        ports,
        verify,
    )


def segments(*data: bytes, link: int = 1, wirelen: int | None = None) -> tuple[list[Segment], list[str]]:
    reader = reader_of(*data, link=link, wirelen=wirelen)
    return list(reader), [str(notice) for notice in reader.notices]


def test_format_endpoint() -> None:
    assert format_endpoint(CLIENT, 12028) == "10.0.0.1:12028"
    assert format_endpoint(CLIENT6, 12028) == "[2001:db8::1]:12028"
    with pytest.raises(ValueError):
        format_endpoint(b"abc", 1)


@pytest.mark.parametrize("packed", [CLIENT, CLIENT6, bytes(4), b"\xff" * 16])
def test_the_parts_of_an_endpoint_are_those_that_it_was_made_of(packed: bytes) -> None:
    made = format_endpoint(packed, 7)
    address = str(ip_address(packed))
    wanted = Endpoint(address, 7)
    for one in (made, pickle.loads(pickle.dumps(made)), copy.copy(made)):
        assert (one, one.address, one.host, one.port) == (wanted, address, wanted.host, 7)
        assert type(one.address) is str


def test_plain_packets_take_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = reader_of(ethernet(V4), ethernet(PADDED), ethernet(ipv4(tcp(b"x", options=b"\1" * 12))))
    monkeypatch.setattr(reader, "dissect", lambda packet: pytest.fail("the long way"))
    assert [s.payload for s in reader] == [HELLO, HELLO, b"x"]


@pytest.mark.parametrize("verify", [False, True])
def test_the_short_and_the_long_way_agree(verify: bool) -> None:
    reader = reader_of(ethernet(PADDED), verify=verify)
    assert list(reader) == [EXPECTED]


LINKS = {
    "Ethernet": (1, ethernet(PADDED)),
    "VLAN": (1, ethernet(vlan(PADDED), 0x8100)),
    "QinQ": (1, ethernet(vlan(vlan(PADDED), 0x8100), 0x88A8)),
    "seven tags": (
        1,
        ethernet(
            vlan(vlan(vlan(vlan(vlan(vlan(vlan(PADDED), 0x8100), 0x9100), 0x9200), 0x8100), 0x8100), 0x88A8),
            0x8100,
        ),
    ),
    "PPPoE": (1, ethernet(bytes.fromhex("1100000100360021") + V4, 0x8864)),
    "PPPoE in a VLAN": (1, ethernet(vlan(bytes.fromhex("1100000100360021") + V4, 0x8864), 0x8100)),
    "SNAP": (1, ethernet(bytes.fromhex("aaaa030000000800") + PADDED, 60)),
    "raw 101": (101, V4),
    "raw 12": (12, V4),
    "raw 14": (14, V4),
    "raw IPv4": (228, V4),
    "null, little-endian": (0, b"\2\0\0\0" + V4),
    "null, big-endian": (0, b"\0\0\0\2" + V4),
    "loop": (108, b"\0\0\0\2" + V4),
    "cooked v1": (113, bytes.fromhex("00040001000602000000000100000800") + PADDED),
    "cooked v1, VLAN": (113, bytes.fromhex("00040001000602000000000100008100") + vlan(PADDED)),
    "cooked v2": (276, bytes.fromhex("0800000000000002000104060200000000010000") + PADDED),
    "cooked v2, VLAN": (276, bytes.fromhex("8100000000000002000104060200000000010000") + vlan(PADDED)),
    "PPP": (9, b"\xff\x03\x00\x21" + V4),
    "PPP without its address field": (9, b"\x00\x21" + V4),
    "PPP compressed": (9, b"\x21" + V4),
    "PPP in HDLC framing": (50, b"\xff\x03\x00\x21" + V4),
}


@pytest.mark.parametrize("name", LINKS)
def test_link_layers(name: str) -> None:
    link, data = LINKS[name]
    assert segments(data, link=link) == ([EXPECTED], [])


@pytest.mark.parametrize("name", LINKS)
def test_link_layers_cut_anywhere(name: str) -> None:
    """However little was captured: a segment with the rest counted, or a notice, or it was no IP; never
    more."""
    link, data = LINKS[name]
    whole = data.index(HELLO) + len(HELLO)
    for length in range(whole):
        found, notices = segments(data[:length], link=link, wirelen=len(data))
        assert notices, length
        for segment in found:
            assert segment == EXPECTED._replace(payload=segment.payload, cut=len(HELLO) - len(segment.payload))
            assert HELLO.startswith(segment.payload)
        assert len(found) == (length >= whole - len(HELLO) - 6)


@pytest.mark.parametrize(
    ("link", "data"),
    [
        (1, ethernet(V6, 0x86DD)),
        (1, ethernet(vlan(V6, 0x86DD), 0x8100)),
        (101, V6),
        (229, V6),
        (0, struct.pack("<I", 24) + V6),
        (0, struct.pack("<I", 28) + V6),
        (0, struct.pack("<I", 30) + V6),
        (108, struct.pack(">I", 30) + V6),
        (0, struct.pack("<I", 10) + V6),
        (9, b"\xff\x03\x00\x57" + V6),
        (113, bytes.fromhex("000400010006020000000001000086dd") + V6),
    ],
)
def test_ipv6_on_link_layers(link: int, data: bytes) -> None:
    assert segments(data, link=link) == ([EXPECTED6], [])


@pytest.mark.parametrize("tag", [0x8100, 0x88A8, 0x9100, 0x9200, 0x9300])
def test_every_vlan_tag(tag: int) -> None:
    assert segments(ethernet(vlan(PADDED), tag)) == ([EXPECTED], [])


def test_unknown_link_type_is_one_notice() -> None:
    assert segments(b"x" * 60, b"y" * 60, link=105) == (
        [],
        ["f: frame 1: link type 105 is not supported, 2 times"],
    )


@pytest.mark.parametrize(
    "data",
    [
        ethernet(b"\0\1" * 20, 0x0806),
        ethernet(b"\x42\x42\x03" + b"\0" * 40, 38),
        ethernet(b"z" * 50, 0x88CC),
        ethernet(ipv4(b"\0" * 20, 17)),
        ethernet(ipv4(b"\0" * 20, 1)),
        ethernet(ipv6(b"\0" * 20, 58), 0x86DD),
        ethernet(ipv6(b"", 59), 0x86DD),
    ],
)
def test_what_is_not_tcp_is_passed_over_silently(data: bytes) -> None:
    assert segments(data) == ([], [])


def test_ipv4_options_and_padding() -> None:
    assert segments(ethernet(ipv4(tcp(HELLO), options=b"\1" * 40) + b"pad")) == ([EXPECTED], [])
    assert segments(ethernet(ipv4(tcp(b"")) + b"\0" * 6)) == ([EXPECTED._replace(payload=b"")], [])


def test_ip_length_of_zero_means_what_was_captured() -> None:
    zero = ethernet(ipv4(tcp(HELLO), total=0))
    assert segments(zero) == ([EXPECTED], [])
    assert segments(ethernet(ipv6(tcp(HELLO), length=0), 0x86DD)) == ([EXPECTED6], [])
    assert segments(zero, wirelen=len(zero) + 5) == (
        [EXPECTED._replace(cut=5)],
        ["f: frame 1: TCP payload cut by the snap length"],
    )


@pytest.mark.parametrize(
    ("data", "notice"),
    [
        (ethernet(b"\x65" + V4[1:]), "an IPv4 header that is none"),
        (ethernet(b"\x44" + V4[1:]), "an IPv4 header that is none"),
        (ethernet(ipv4(tcp(HELLO), total=19)), "an IPv4 length shorter than its header"),
        (ethernet(ipv4(tcp(HELLO), total=39)), "an IP packet too short for its TCP header"),
        (ethernet(V4, 0x86DD) + b"\0" * 20, "an IPv6 header that is none"),
        (ethernet(V4[:32] + b"\x40" + V4[33:]), "a TCP header length below 20 bytes"),
        (ethernet(V4[:32] + b"\xf0" + V4[33:]), "a TCP header longer than its packet"),
        (
            ethernet(ipv6(b"\6\xff" + b"\0" * 50, 0), 0x86DD),
            "IPv6 extension headers longer than their packet",
        ),
        (ethernet(ipv6(bytes(8) * 40, 0), 0x86DD), "too many IPv6 extension headers"),
        (ethernet(V4[:10]), "cut within the IPv4 header"),
        (ethernet(V6[:30], 0x86DD), "cut within the IPv6 header"),
        (ethernet(V4)[:40], "cut within the TCP header"),
        (ethernet(V4)[:13], "cut within the link layer's header"),
    ],
)
def test_malformed_packets_are_notices_and_the_next_packet_is_read(data: bytes, notice: str) -> None:
    assert segments(data, ethernet(V4)) == (
        [EXPECTED._replace(frame=2, time=T0 + 1)],
        [f"f: frame 1: {notice}"],
    )


def test_payload_cut_by_the_snap_length() -> None:
    data = ethernet(V4)
    assert segments(data[:-7], wirelen=len(data)) == (
        [EXPECTED._replace(payload=HELLO[:5], cut=7)],
        ["f: frame 1: TCP payload cut by the snap length"],
    )
    # Some tools cut packets and their stated length with them: the IP length still knows.
    assert segments(data[:-7])[0] == [EXPECTED._replace(payload=HELLO[:5], cut=7)]


def test_options_cut_by_the_snap_length_leave_a_segment_without_payload() -> None:
    data = ethernet(ipv4(tcp(HELLO, options=b"\1" * 12)))
    assert segments(data[: 54 + 4], wirelen=len(data))[0] == [EXPECTED._replace(payload=b"", cut=len(HELLO))]


def test_ipv6_extension_headers() -> None:
    chain = (
        b"\x3c\x01"
        + b"\1\4"
        + b"\0" * 12  # hop by hop, 16 bytes
        + b"\x2b\x00"
        + b"\1\4\0\0\0\0"  # destination options
        + b"\x2c\x00"
        + b"\0\0\0\0\0\0"  # routing
        + b"\x33\x00"
        + b"\0\0"
        + b"\0\0\0\x09"  # a fragment header of a packet that is whole
        + b"\x06\x04"
        + b"\0" * 22
    )  # authentication, 24 bytes
    assert segments(ethernet(ipv6(chain + tcp(HELLO), 0), 0x86DD)) == ([EXPECTED6], [])


# Fragments


def fragments4(payload: bytes, size: int, ident: int = 7) -> list[bytes]:
    return [
        ethernet(
            ipv4(
                payload[at : at + size],
                ident=ident,
                place=at // 8 | (0x2000 if at + size < len(payload) else 0),
            )
        )
        for at in range(0, len(payload), size)
    ]


def fragments6(payload: bytes, size: int, following: int = 6, ident: int = 7) -> list[bytes]:
    return [
        ethernet(
            ipv6(
                struct.pack(">BBHI", following, 0, at | (at + size < len(payload)), ident) + payload[at : at + size],
                44,
            ),
            0x86DD,
        )
        for at in range(0, len(payload), size)
    ]


LONG = bytes(range(256)) * 4
TCP_LONG = tcp(LONG)


@pytest.mark.parametrize("make", [fragments4, fragments6])
@pytest.mark.parametrize("size", [8, 24, 512])
def test_fragments_in_any_order_and_doubled(make: object, size: int) -> None:
    pieces: list[bytes] = make(TCP_LONG, size)  # type: ignore[operator]
    expected = (EXPECTED if make is fragments4 else EXPECTED6)._replace(payload=LONG)
    chance = random.Random(size)
    for _ in range(5):
        found, notices = segments(*pieces)
        assert (found, notices) == ([expected._replace(frame=len(pieces), time=T0 + len(pieces) - 1)], [])
        chance.shuffle(pieces)
    doubled = [piece for piece in pieces[:-1] for _ in range(2)] + pieces[-1:]
    assert [s.payload for s in segments(*doubled)[0]] == [LONG]


def test_extension_headers_behind_the_fragment_header() -> None:
    payload = b"\x06\x00" + b"\1\4\0\0\0\0" + TCP_LONG
    assert [s.payload for s in segments(*fragments6(payload, 64, 60))[0]] == [LONG]


def test_fragments_of_two_datagrams_at_once() -> None:
    one, two = fragments4(TCP_LONG, 256, 1), fragments4(tcp(LONG[::-1]), 256, 2)
    mixed = [piece for pair in zip(one, two, strict=True) for piece in pair]
    assert [s.payload for s in segments(*mixed)[0]] == [LONG, LONG[::-1]]


def test_of_overlapping_fragments_all_is_covered_once() -> None:
    whole = TCP_LONG
    pieces = [
        ethernet(ipv4(whole[a:b], place=a // 8 | (0x2000 if b < len(whole) else 0)))
        for a, b in ((0, 400), (200, 640), (320, 600), (600, len(whole)))
    ]
    assert [s.payload for s in segments(*pieces)[0]] == [LONG]


def test_overlaps_do_not_make_up_for_a_hole() -> None:
    whole = TCP_LONG
    pieces = [
        ethernet(ipv4(whole[a:b], place=a // 8 | (0x2000 if b < len(whole) else 0)))
        for a, b in ((0, 400), (8, 400), (16, 400), (640, len(whole)), (400, 640))
    ]
    assert [(s.frame, s.payload) for s in segments(*pieces)[0]] == [(5, LONG)]


def test_the_first_ipv6_fragment_says_what_is_in_it() -> None:
    first, second = fragments6(TCP_LONG, 800)[0], fragments6(TCP_LONG, 800, following=99)[1]
    for pieces in ((first, second), (second, first)):
        assert [s.payload for s in segments(*pieces)[0]] == [LONG]


def test_missing_fragment_gives_the_start_and_what_is_cut() -> None:
    pieces = fragments4(TCP_LONG, 256)
    found, notices = segments(*pieces[:2], *pieces[3:])
    assert found == [EXPECTED._replace(frame=4, time=T0 + 3, payload=LONG[:492], cut=len(LONG) - 492)]
    assert notices == [
        "f: frame 4: IP fragments of a datagram missing",
        "f: frame 4: TCP payload cut by the snap length",
    ]
    assert segments(*pieces[1:]) == ([], ["f: frame 4: IP fragments of a datagram missing"])


def test_fragments_wait_no_longer_than_their_age() -> None:
    pieces = fragments4(TCP_LONG, 256)
    reader = reader_of(*pieces, times=[T0, T0 + 1, T0 + AGE, T0 + AGE + 1, T0 + AGE + 2])
    assert len(pieces) == 5
    assert [(s.frame, s.payload, s.cut) for s in reader] == [(4, LONG[:748], 0)]
    assert [notice.reason for notice in reader.notices] == ["IP fragments of a datagram missing"]
    assert [notice.count for notice in reader.notices] == [2]


def test_snap_length_cuts_fragments_too() -> None:
    pieces = fragments4(TCP_LONG, 256)
    found, _ = segments(pieces[0], pieces[1][:100], *pieces[2:])
    kept = 256 - 20 + 100 - 34
    assert [(s.payload, s.cut) for s in found] == [(LONG[:kept], len(LONG) - kept)]


def test_fragments_that_fit_no_datagram() -> None:
    assert segments(ethernet(ipv4(b"x" * 64, place=0x1FFF)))[1] == ["f: frame 1: an IP fragment that fits no datagram"]


def test_fragments_within_fragments_and_cut_extension_headers() -> None:
    nested = struct.pack(">BBHI", 6, 0, 8, 1) + TCP_LONG
    assert segments(*fragments6(nested, 512, 44))[1] == ["f: frame 3: an IP fragment within a fragment"]
    lone = fragments6(b"\x06\xff" + bytes(600), 512, 60)[:1]
    assert segments(*lone) == (
        [],
        [
            "f: frame 1: IP fragments of a datagram missing",
            "f: frame 1: IPv6 extension headers longer than their packet",
        ],
    )


def test_fragments_are_bounded_in_number() -> None:
    def flood() -> Iterator[Packet]:
        for number in range(5000):
            data = ethernet(ipv4(b"x" * 1400, ident=number & 0xFFFF, place=0x2000, src=number.to_bytes(4, "big")))
            yield Packet(number + 1, T0, 1, data, len(data), "f")

    reader = SegmentReader(flood())
    seen = 0
    for _ in reader:
        seen += 1
        assert len(reader._fragments._waiting) <= MOST_DATAGRAMS
    assert seen == 5000
    assert sum(n.count for n in reader.notices if "missing" in n.reason) == 5000
    tiny = [ethernet(ipv4(b"x" * 8, place=0x2000 | n)) for n in range(1, MOST_PIECES + 1)]
    reader = reader_of(*tiny, ethernet(V4))
    assert [s.frame for s in reader] == [MOST_PIECES + 1]
    assert [str(n) for n in reader.notices] == [f"f: frame {MOST_PIECES}: IP fragments of a datagram missing"]


# Tunnels


def gre(payload: bytes, protocol: int, flags: int = 0, extra: bytes = b"") -> bytes:
    return struct.pack(">HH", flags, protocol) + extra + payload


TUNNELS = {
    "IP in IP": ipv4(V4, 4),
    "GRE": ipv4(gre(V4, 0x0800), 47),
    "GRE with checksum, key and sequence": ipv4(gre(V4, 0x0800, 0xB000, b"\0" * 12), 47),
    "Ethernet in GRE": ipv4(gre(ethernet(PADDED), 0x6558), 47),
    "ERSPAN I": ipv4(gre(ethernet(PADDED), 0x88BE), 47),
    "ERSPAN II": ipv4(gre(bytes.fromhex("1001000100000000") + ethernet(PADDED), 0x88BE, 0x1000, b"\0\0\0\1"), 47),
    "ERSPAN III": ipv4(
        gre(bytes.fromhex("200100010000000000000000") + ethernet(PADDED), 0x22EB, 0x1000, b"\0\0\0\1"), 47
    ),
    "ERSPAN III with a subheader": ipv4(
        gre(
            bytes.fromhex("200100010000000000000001") + b"\0" * 8 + ethernet(PADDED),
            0x22EB,
            0x1000,
            b"\0\0\0\1",
        ),
        47,
    ),
    "VXLAN": ipv4(struct.pack(">HHHHII", 50000, 4789, 0, 0, 0x08000000, 0x100) + ethernet(vlan(PADDED), 0x8100), 17),
}


@pytest.mark.parametrize("name", TUNNELS)
def test_tunnels(name: str) -> None:
    assert segments(ethernet(TUNNELS[name])) == ([EXPECTED], [])


def test_ipv4_in_ipv6_and_ipv6_in_ipv4() -> None:
    assert segments(ethernet(ipv6(V4, 4), 0x86DD)) == ([EXPECTED], [])
    assert segments(ethernet(ipv4(V6, 41))) == ([EXPECTED6], [])


def test_tunnels_within_tunnels_end() -> None:
    packet = V4
    for _ in range(7):
        packet = ipv4(packet, 4)
    assert segments(ethernet(packet)) == ([EXPECTED], [])
    assert segments(ethernet(ipv4(packet, 4))) == ([], ["f: frame 1: more than 8 tunnels within each other"])


# What the reader tells


def test_ports_let_either_end_through_and_the_others_are_counted() -> None:
    packets_ = [
        ethernet(ipv4(tcp(HELLO, sport=s, dport=d)))
        for s, d in ((40000, 12028), (12028, 40000), (50000, 443), (443, 50001), (50000, 8080), (50000, 443))
    ]
    tagged = ethernet(vlan(ipv4(tcp(HELLO, sport=50000, dport=443))), 0x8100)
    reader = reader_of(*packets_, tagged, ports=frozenset({12028, 42027}))
    assert [(s.frame, s.sport) for s in reader] == [(1, 40000), (2, 12028)]
    assert reader.other_ports.most_common() == [(443, 4), (8080, 1)]
    assert (reader.packets, reader.segments, reader.bytes) == (7, 2, sum(map(len, packets_)) + len(tagged))
    assert (reader.first_time, reader.last_time) == (T0, T0 + 6)


def test_other_ports_are_bounded() -> None:
    reader = reader_of(
        *[ethernet(ipv4(tcp(b"", sport=n, dport=n))) for n in range(1, MOST_OTHER_PORTS + 500)],
        ports=frozenset(),
    )
    assert list(reader) == [] and len(reader.other_ports) == MOST_OTHER_PORTS


def test_nothing_read_yet() -> None:
    reader = reader_of()
    assert list(reader) == []
    assert (reader.packets, reader.first_time, reader.last_time, len(reader.notices)) == (0, None, None, 0)


def test_numbers_are_right_in_the_middle_of_reading() -> None:
    reader = reader_of(ethernet(V4), ethernet(b"x" * 50, 0x0806), ethernet(V4))
    walk = iter(reader)
    next(walk)
    assert (reader.packets, reader.segments, reader.last_time) == (1, 1, T0)
    next(walk)
    assert (reader.packets, reader.segments, reader.last_time) == (3, 2, T0 + 2)


def test_checksums_are_noted_on_request_only() -> None:
    from scapy.layers import inet as scapy
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import Ether

    good4 = bytes(Ether() / scapy.IP(src="10.0.0.1", dst="10.0.0.2") / scapy.TCP(sport=1, dport=2) / b"odd")
    good6 = bytes(Ether() / IPv6(src="2001:db8::1", dst="2001:db8::2") / scapy.TCP(sport=1, dport=2) / b"even")
    bad_tcp = good4[:-1] + b"X"
    bad_ip = good4[:22] + b"\x01" + good4[23:]
    bad6 = good6[:-1] + b"X"
    data = [good4, good6, bad_tcp, bad_ip, bad6]
    quiet = reader_of(*data)
    checked = reader_of(*data, verify=True)
    assert list(quiet) == list(checked) and len(list(quiet)) == 5
    assert len(quiet.notices) == 0
    assert [str(n) for n in checked.notices] == [
        "f: frame 3: wrong TCP checksum (usual for packets captured where they were sent), 2 times",
        "f: frame 4: wrong IPv4 header checksum",
    ]


def test_read_segments_keeps_the_notices_of_file_and_packets_together(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap([(T0, ethernet(V4)), (T0 + 1, ethernet(V4[:10])), (T0 + 2, ethernet(V4))])[:-4])
    reader = read_segments(path)
    assert [(s.frame, s.payload, s.cut) for s in reader] == [(1, HELLO, 0), (3, HELLO[:-4], 4)]
    assert [str(n) for n in reader.notices] == [
        f"{path}: frame 2: cut within the IPv4 header",
        f"{path}: frame 2: the file ends within a packet (62 of 66 bytes)",
        f"{path}: frame 3: TCP payload cut by the snap length",
    ]


# Proof from outside, and anything at all


@pytest.mark.heavy
def test_packets_built_by_scapy() -> None:
    from scapy.contrib.erspan import ERSPAN_II, ERSPAN_III
    from scapy.layers.inet import IP, TCP, UDP, IPOption_Router_Alert, fragment
    from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, fragment6
    from scapy.layers.l2 import GRE, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether, Loopback
    from scapy.layers.ppp import PPP, PPPoE
    from scapy.layers.vxlan import VXLAN

    t = (
        TCP(
            sport=40000,
            dport=PORT,
            seq=1000,
            ack=77,
            flags="PA",
            options=[("Timestamp", (1, 2)), ("NOP", None)],
        )
        / HELLO
    )
    four = IP(src="10.0.0.1", dst="10.0.0.2") / t
    six = IPv6(src="2001:db8::1", dst="2001:db8::2")
    outer = Ether() / IP(src="1.1.1.1", dst="2.2.2.2")
    cases = [
        (1, Ether() / four),
        (1, Ether() / Dot1Q(vlan=3) / four),
        (1, Ether() / Dot1AD(vlan=9) / Dot1Q(vlan=3) / four),
        (1, Ether() / PPPoE(sessionid=4) / PPP() / four),
        (113, CookedLinux() / four),
        (276, CookedLinuxV2(proto=0x800) / four),
        (0, Loopback(type=2) / four),
        (1, outer / four),
        (1, outer / GRE() / four),
        (1, outer / UDP(sport=7, dport=4789) / VXLAN(vni=5) / Ether() / four),
        (1, outer / GRE(seqnum_present=1) / ERSPAN_II() / Ether() / four),
        (1, outer / GRE(seqnum_present=1) / ERSPAN_III() / Ether() / Dot1Q(vlan=3) / four),
        (1, Ether() / IP(src="10.0.0.1", dst="10.0.0.2", options=[IPOption_Router_Alert()]) / t),
        (1, Ether() / six / t),
        (1, Ether() / Dot1Q() / six / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / t),
    ]
    for link, packet in cases:
        found, notices = segments(bytes(packet), link=link)
        assert [s[2:] for s in found] in ([EXPECTED[2:]], [EXPECTED6[2:]]), packet.summary()
        assert notices == []
    big = TCP(sport=40000, dport=PORT) / (b"ab" * 1500)
    pieces = [bytes(Ether() / p) for p in fragment(IP(src="10.0.0.1", dst="10.0.0.2") / big, 600)]
    assert [s.payload for s in segments(*pieces)[0]] == [b"ab" * 1500]
    pieces = [bytes(Ether() / p) for p in fragment6(six / IPv6ExtHdrFragment(id=9) / big, 1280)]
    assert len(pieces) > 2 and [s.payload for s in segments(*pieces)[0]] == [b"ab" * 1500]


STARTS = (
    [data for link, data in LINKS.values() if link == 1]
    + [ethernet(t) for t in TUNNELS.values()]
    + fragments4(TCP_LONG, 512)
    + fragments6(TCP_LONG, 512)
)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(STARTS),
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), max_size=4),
    st.integers(0, 200),
    st.booleans(),
)
@example(ethernet(ipv6(b"\x2c\0" + b"\0" * 6, 0), 0x86DD), [], 200, True)
def test_damaged_packets_never_raise_and_never_invent_bytes(
    data: bytes, damage: list[tuple[int, int]], length: int, verify: bool
) -> None:
    changed = bytearray(data)
    for place, value in damage:
        changed[place % len(changed)] = value
    packet = bytes(changed[:length])
    for segment in reader_of(packet, packet, verify=verify):
        assert segment.cut >= 0
        assert segment.payload in packet + packet


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([0, 1, 9, 12, 14, 50, 101, 108, 113, 228, 229, 276, 4000]),
    st.binary(max_size=120),
    st.integers(0, 200),
)
def test_any_bytes_on_any_link(link: int, data: bytes, wirelen: int) -> None:
    list(reader_of(data, link=link, wirelen=wirelen, verify=True))


def test_an_endpoint_is_its_text_and_has_its_parts() -> None:
    four, six, thread = format_endpoint(CLIENT, 12028), format_endpoint(CLIENT6, 7), Endpoint("thread MIVR: 5")
    assert [(one, one.host, one.address, one.port) for one in (four, six, thread)] == [
        ("10.0.0.1:12028", "10.0.0.1", "10.0.0.1", 12028),
        ("[2001:db8::1]:7", "[2001:db8::1]", "2001:db8::1", 7),
        ("thread MIVR: 5", "thread MIVR: 5", "thread MIVR: 5", None),
    ]
    again = pickle.loads(pickle.dumps(six))
    assert (again, again.host, again.port) == (six, six.host, six.port)
