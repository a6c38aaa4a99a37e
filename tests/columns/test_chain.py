"""The chain of packets in a chunk, seen all at once: never anything but links of the chain, and usually all of them."""

from __future__ import annotations

import random
import struct

import pytest

from ccxdissect.columns import chain

LIMIT = 262_144
KIND = 6
#: For 18 hours from here on the upper half of the seconds is the same.
START = 1_700_003_840


def links(buffer: bytes, at: int, size_at: int, header: int, order: str) -> list[int]:
    """What following the chain link by link gives."""
    found = []
    while at + header <= len(buffer):
        end = at + struct.unpack_from(order + "I", buffer, at + size_at)[0] + (header if header in (16, 24) else 0)
        if end > len(buffer):
            break
        found.append(at)
        at = end
    return found


def record(chance: random.Random, order: str, extra: int, data: bytes, spread: int = 65_536) -> bytes:
    seconds = START + chance.randrange(spread)
    return struct.pack(order + "IIII", seconds, chance.randrange(10**6), len(data), len(data)) + bytes(extra) + data


def payload(chance: random.Random, order: str, deep: int = 0) -> bytes:
    """Bytes of any kind, also such as look like headers, and captures within packets."""
    kind = chance.randrange(5)
    if kind == 0 and deep < 3:
        return b"".join(record(chance, order, 0, payload(chance, order, deep + 1)) for _ in range(chance.randrange(4)))
    if kind == 1:
        return struct.pack(order + "4I", START, 5, chance.randrange(200), 9) * chance.randrange(4)
    if kind == 2:
        return struct.pack(order + "3I", KIND, 32 + 4 * chance.randrange(9), 0) * chance.randrange(9)
    return chance.randbytes(chance.randrange(300))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("extra", [0, 8])
@pytest.mark.parametrize("seed", range(8))
def test_records_are_links_of_the_chain_whatever_packets_hold(seed: int, extra: int, order: str) -> None:
    chance = random.Random(seed)
    whole = b"".join(record(chance, order, extra, payload(chance, order), 66_000) for _ in range(60))
    buffer = whole[: len(whole) - chance.randrange(40)]
    found = chain.records(buffer, order, 16 + extra, LIMIT).tolist()
    assert found == links(buffer, 0, 8, 16 + extra, order)[: len(found)]


@pytest.mark.parametrize("order", "<>")
def test_of_usual_packets_all_records_are_found(order: str) -> None:
    chance = random.Random(1)
    # Times of the same hour in what is sent: a false guess each, which nothing leads to.
    told = struct.pack(order + "4I", START, 5, 60, 60)
    buffer = b"".join(record(chance, order, 0, bytes(50) + told * chance.randrange(2)) for _ in range(500)) + bytes(9)
    assert chain.records(buffer, order, 16, LIMIT).tolist() == links(buffer, 0, 8, 16, order)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("extra", [0, 8])
def test_of_many_packets_all_records_are_found_from_wherever_some_are_seen(extra: int, order: str) -> None:
    chance = random.Random(2)
    # Headers in packets that lead to none, packets of a few bytes, and some longer than what is looked at at once.
    told = struct.pack(order + "4I", START, 5, 90, 90)
    sizes = [0, 1, 40, 230, 230, 600, 1400, 9000]
    packets = [(told * chance.randrange(3) + bytes(chance.choice(sizes))) for _ in range(900)]
    buffer = b"".join(record(chance, order, extra, packet) for packet in packets) + bytes(7)
    found = chain.records(buffer, order, 16 + extra, LIMIT).tolist()
    assert found == links(buffer, 0, 8, 16 + extra, order)
    assert len(found) == 900


@pytest.mark.parametrize("seed", range(4))
def test_of_many_packets_that_hold_captures_none_but_links_are_found(seed: int) -> None:
    chance = random.Random(seed)
    whole = b"".join(record(chance, "<", 0, payload(chance, "<"), 66_000) for _ in range(1500))
    buffer = whole[: len(whole) - chance.randrange(40)]
    found = chain.records(buffer, "<", 16, LIMIT).tolist()
    assert found == links(buffer, 0, 8, 16, "<")[: len(found)]
    assert len(found) > 1


def test_a_record_longer_than_any_packet_is_no_link() -> None:
    chance = random.Random(1)
    buffer = (
        record(chance, "<", 0, bytes(90)) * 3 + record(chance, "<", 0, bytes(101)) + record(chance, "<", 0, b"x") * 3
    )
    assert chain.records(buffer, "<", 16, 100).tolist() == [0, 106, 212]


@pytest.mark.parametrize("data", [b"", bytes(3), bytes(16)])
def test_next_to_nothing(data: bytes) -> None:
    assert chain.records(data, "<", 16, LIMIT).tolist() == ([0] if len(data) == 16 else [])
    assert chain.packet_blocks(data, 0, "<", KIND, 32, LIMIT).tolist() == []
    assert chain.packet_blocks(data, len(data), "<", KIND, 32, LIMIT).tolist() == []


def block(order: str, kind: int, data: bytes) -> bytes:
    data += bytes(-len(data) % 4)
    length = struct.pack(order + "I", len(data) + 32)
    return struct.pack(order + "I", kind) + length + bytes(20) + data + length


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("seed", range(8))
def test_blocks_are_links_of_the_chain_up_to_one_of_another_kind(seed: int, order: str) -> None:
    chance = random.Random(seed)
    blocks = [block(order, KIND, payload(chance, order)) for _ in range(60)]
    first, rest = b"".join(blocks[:40]), b"".join(blocks[40:])
    buffer = bytes(8) + first + block(order, 5, b"") + rest
    found = chain.packet_blocks(buffer, 8, order, KIND, 32, LIMIT).tolist()
    assert found == links(buffer, 8, 4, 12, order)[: min(len(found), 40)]


@pytest.mark.parametrize("order", "<>")
def test_of_usual_packets_all_blocks_are_found(order: str) -> None:
    buffer = bytes(4) + b"".join(block(order, KIND, struct.pack(order + "I", KIND) * size) for size in range(300))
    assert chain.packet_blocks(buffer, 4, order, KIND, 32, LIMIT).tolist() == links(buffer, 4, 4, 12, order)
