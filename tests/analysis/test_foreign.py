"""What the ports of a capture carry besides this protocol: told by first bytes, after the standards."""

from __future__ import annotations

import struct

import pytest

from ccxdissect.analysis.foreign import MOST_NAMES, Carries, Foreign, tls_hello
from ccxdissect.protocol.model import Side
from ccxdissect.stream.events import Loss, LossKind, LostStep, SessionState
from scene import Scene

OFFERED = 0x0304, 0x0303


def extension(kind: int, body: bytes) -> bytes:
    return struct.pack(">HH", kind, len(body)) + body


def hello(kind: int, middle: bytes, extensions: bytes = b"", version: int = 0x0303, session_id: bytes = b"") -> bytes:
    """RFC 8446, 4.1: a ClientHello (1) or a ServerHello (2) in one record."""
    body = struct.pack(">H", version) + bytes(range(32)) + bytes([len(session_id)]) + session_id + middle
    body += struct.pack(">H", len(extensions)) + extensions
    return b"\x16\x03\x01" + struct.pack(">H", len(body) + 4) + bytes([kind]) + len(body).to_bytes(3, "big") + body


def client(name: str = "", offered: tuple[int, ...] = (), **given: object) -> bytes:
    """Two cipher suites, no compression."""
    extensions = extension(10, b"\0\2\0\x1d")
    if name:
        extensions += extension(0, struct.pack(">HBH", len(name) + 3, 0, len(name)) + name.encode())
    if offered:
        extensions += extension(43, bytes([2 * len(offered)]) + struct.pack(f">{len(offered)}H", *offered))
    return hello(1, b"\0\4\x13\x01\x13\x02\1\0", extensions, **given)  # type: ignore[arg-type]


def server(chosen: int | None = None, **given: object) -> bytes:
    """The suite that was chosen, no compression."""
    extensions = b"" if chosen is None else extension(43, struct.pack(">H", chosen))
    return hello(2, b"\x13\x01\0", extensions, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (client("uccx.example", OFFERED), ("TLS 1.3", "uccx.example")),
        (client("uccx.example"), ("TLS 1.2", "uccx.example")),
        (client(offered=(0x0A0A, 0x0303), session_id=bytes(32)), ("TLS 1.2", "")),
        (server(0x0304), ("TLS 1.3", "")),
        (server(0x0304, session_id=bytes(32)), ("TLS 1.3", "")),
        (server(version=0x0301), ("TLS 1.0", "")),
        (hello(1, b"\0\2\x13\x01\2\0\1", extension(43, b"\2\3\4")), ("TLS 1.3", "")),
        (client("uccx.example", OFFERED)[:60], ("TLS 1.2", "")),
        (client("x")[:40], ("", "")),
        (b"\x17\x03\x03\0\1x", ("", "")),
        (b"", ("", "")),
    ],
)
def test_what_a_tls_hello_says(data: bytes, said: tuple[str, str]) -> None:
    assert tls_hello(data) == said


def test_names_and_versions_of_a_port_are_counted_and_only_so_many_kept() -> None:
    scene, foreign = Scene(), Foreign()
    names = [f"n{number}" for number in range(MOST_NAMES + 2)]
    for name in (*names, "n0", "n0"):
        session = scene.session()
        SessionState.of(session).tally(Side.CLIENT).payload += 1
        flow, data = 2 * session.number, client(name, OFFERED)
        foreign.feed(Loss(session, Side.CLIENT, 0, 1, 0, len(data), LossKind.PASSED_OVER, LostStep(), flow, 0, data))
        scene.end(session)
        foreign.feed(scene.events[-1])
    (on,) = foreign.most(Carries.TLS)
    assert on.carries == {Carries.TLS: MOST_NAMES + 4}
    assert on.names == {"n0": 3, **dict.fromkeys(names[1:MOST_NAMES], 1)}
    assert list(on.versions) == ["TLS 1.3"]
