"""What redaction does quickly where things are usual gives what the thorough way gives."""

from __future__ import annotations

import random

import pytest
from capture.capture_builders import ethernet, ipv4, tcp
from hypothesis import given, settings
from hypothesis import strategies as st

from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segment import Segment
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Protocol
from ccxdissect.redact import packets, streams
from ccxdissect.redact.fields import Keep, MessageRedactor
from ccxdissect.redact.packets import PacketRedactor
from ccxdissect.redact.pseudonyms import Pseudonyms
from ccxdissect.redact.report import Report

OPTIONS = st.one_of(
    st.sampled_from(
        [b"", b"\1\1\x08\x0aABCDEFGH", b"\2\4\5\xb4\1\1\4\2", b"\1\1\x08\x0bABCDEFGH", b"\1\1\x08\x0aABCDEFGH" * 2]
    ),
    st.binary(max_size=40).map(lambda data: data[: len(data) // 4 * 4]),
)


class Fragmentless:
    """A source of datagrams that must not be asked."""

    def __call__(self, *_: object) -> bytes | None:
        raise AssertionError("no packet here is a fragment")


@settings(max_examples=300, deadline=None)
@given(
    OPTIONS,
    st.binary(max_size=33),
    st.binary(max_size=5),
    st.booleans(),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, 255)), max_size=2),
)
def test_a_plain_packet_is_rewritten_as_any_other(
    options: bytes, payload: bytes, padding: bytes, known: bool, keep: bool, damage: list[tuple[int, int]]
) -> None:
    data = bytearray(ethernet(ipv4(tcp(payload, options=options))) + padding)
    for at, byte in damage:
        data[min(at, len(data) - 1)] = byte
    packet = Packet(1, 0, 1, bytes(data), len(data), "a")

    def payload_of(segment: Segment) -> bytes | None:
        return bytes(byte ^ 0xA5 for byte in segment.payload) if known else None

    def made() -> tuple[bytes, int, bool]:
        redactor = PacketRedactor(Pseudonyms(b"key"), keep)
        fragment = None if data[20] & 0x3F or data[21] else Fragmentless()
        return redactor.rewrite(packet, payload_of, fragment or (lambda *_: None)), redactor.blanked, redactor.unread

    quickly = made()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packets, "plain_segment", lambda _: None)
        assert quickly == made()


def test_a_plain_packet_is_rewritten_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(PacketRedactor, "_packet")
    data = ethernet(ipv4(tcp(b"anna")))
    made = PacketRedactor(Pseudonyms(b"key"), True).rewrite(
        Packet(1, 0, 1, data, len(data), "a"), lambda _: b"hugo", Fragmentless()
    )
    assert made[26:50] == data[26:50] and made[54:] == b"hugo"


@pytest.mark.parametrize("seed", range(20))
def test_what_stands_in_one_piece_is_read_as_what_does_not(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PIECE", 16)
    source = random.Random(seed)
    before = source.randbytes(600)
    with streams.RewrittenStreams() as written:
        at = 0
        while at < 500:
            size = source.randrange(1, 30)
            written.write(1, at, before[at : at + size], source.randbytes(size))
            at += size - source.choice((0, 0, 0, 0, 3) if seed % 2 else (0, 0, 0, -4))
        written.finish()
        places = [(start, start + source.randrange(40)) for start in range(0, 540, 3)]
        asked = [(start, bytes(before[start:stop])) for start, stop in places]
        asked += [(start, bytes(len(data))) for start, data in asked]
        quickly = [written.read(1, start, data, 0xFF) for start, data in asked]
        written._crossed.add(1)
        assert quickly == [written.read(1, start, data, 0xFF) for start, data in asked]


@given(st.lists(st.sampled_from(b"Aaz09"), min_size=1, max_size=20).map(bytes), st.integers(0, 3))
def test_a_word_alone_is_noted_and_replaced_as_in_a_text(word: bytes, end: int) -> None:
    alone, within = Pseudonyms(b"key"), Pseudonyms(b"key")
    alone.note(word + bytes(end))
    within.note(b"- " + word + bytes(end))
    assert alone._noted == within._noted == {word.decode()}
    alone.settle()
    within.settle()
    assert b"- " + alone.text(word + bytes(end)) == within.text(b"- " + word + bytes(end))
    assert alone.text(word + bytes(end))[: len(word)] != word or len(word) == 1


@pytest.mark.parametrize("protocol", DIALECTS.values(), ids=DIALECTS)
def test_the_numbers_that_are_not_looked_at_would_stay(protocol: Protocol) -> None:
    redactor = MessageRedactor(protocol, Pseudonyms(b"key"), Keep(protocol), Report())
    source, looked_over = random.Random(1), 0
    for message in protocol:
        tags = redactor._decoders[protocol].tag_table(message.number)
        for tag in {*protocol.tags, *tags.own}:
            field = redactor._field(tags, tag)
            assert field is not None
            if field.number >= 0:
                looked_over += 1
                for data in (bytes(field.number), b"\xff" * field.number, source.randbytes(field.number)):
                    assert redactor._of_floating(field.row, data) is None
    assert looked_over
