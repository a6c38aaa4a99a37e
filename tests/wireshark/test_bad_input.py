"""Captures that begin anywhere, lose bytes, or are made to hurt."""

from __future__ import annotations

import random
import resource
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from captures import ACK, SYN, Sent, write_capture
from each import in_part
from everything import conversations
from plugin import Plugin, settings, trees, tshark, write_plugin

from ccxdissect.codec import Encoder
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Protocol, Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI


def beat(invoke_id: int, reply: bool = False) -> bytes:
    return Encoder(UCCX_CTI).encode("HEARTBEAT_CONF" if reply else "HEARTBEAT_REQ", {"InvokeID": invoke_id})


def ids(plugin: Plugin, path: Path, *options: str) -> list[int]:
    """The InvokeIDs that are shown, in order."""
    found = trees(plugin, path, *options)
    return [int(field.value) for tree in found for field in tree.fields if field.name == "invoke_id"]


@pytest.mark.parametrize("options", in_part([(), ("-2",)], 1), ids=["one pass", "two passes"])
def test_a_capture_that_begins_inside_a_message_loses_only_that_one(
    plugin: Plugin, tmp_path: Path, options: tuple[str, ...]
) -> None:
    fields = [("ClientID", "someone"), ("ClientPassword", "something")]
    stream = Encoder(UCCX_CTI).encode("OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14}, fields)
    stream += b"".join(beat(number) for number in range(2, 12))
    # A client for each way to begin and to cut: tshark takes longer to begin than to read them all.
    ways = dict(enumerate(product((1, 5, 7, 11, 13, 40, 64), (3, 9, 20, 41)), 50_000))
    sent, client_of = [], {}
    for client, (size, start) in ways.items():
        cut = stream[start:]
        for at in range(0, len(cut), size):
            sent.append(Sent(cut[at : at + size], client=client))
            client_of[len(sent)] = client
    found = defaultdict(list)
    for tree in trees(plugin, write_capture(tmp_path / "later.pcap", sent), *options):
        found[ways[client_of[tree.frame]]] += [int(field.value) for field in tree.fields if field.name == "invoke_id"]
    assert found == {way: list(range(2, 12)) for way in ways.values()}


def test_a_gap_in_the_middle_loses_only_what_it_hit(plugin: Plugin, tmp_path: Path) -> None:
    stream = b"".join(Encoder(UCCX_CTI).encode("SET_AGENT_STATE_REQ", {"InvokeID": number},
                                               [("AgentInstrument", "2006")]) for number in range(9))  # fmt: skip
    pieces = [stream[at : at + 50] for at in range(0, len(stream), 50)]
    segments = [Sent(piece) for piece in pieces]
    path = tmp_path / "whole.pcap"
    write_capture(path, segments)
    holed = tmp_path / "holed.pcap"
    subprocess.run(["editcap", str(path), str(holed), "4"], check=True, capture_output=True)
    found = ids(plugin, holed)
    size = len(stream) // 9
    hit = {150 // size, 199 // size}
    assert [number for number in range(9) if number not in hit and number not in found] == []


def without(path: Path, *frames: int) -> Path:
    """The capture less some of its frames."""
    holed = path.with_name("holed.pcap")
    subprocess.run(["editcap", str(path), str(holed), *map(str, frames)], check=True, capture_output=True)
    return holed


@pytest.mark.parametrize("middle", [
    # After the gap stands what reads as a message without a body, and as one of an unknown type that claims the next ones.
    bytes(7) + b"\1" + bytes(7) + b"\1" + b"\xff" * 60,
    b"\0\0\1\0" + bytes(4) + b"\xff" * 60,
    # The same of a known type.
    b"\0\0\0\x60" + b"\0\0\0\1" + b"\xff" * 60,
], ids=["no body", "unknown type", "known type"])  # fmt: skip
@pytest.mark.parametrize("options", [(), ("-2",)], ids=["one pass", "two passes"])
def test_what_stands_after_a_gap_is_not_read_as_a_message_for_looking_like_one(
    plugin: Plugin, tmp_path: Path, middle: bytes, options: tuple[str, ...]
) -> None:
    text = Encoder(UCCX_CTI).encode("FAILURE_EVENT", {"Status": 92}, [("Text", b"\xff" * 100 + middle)])
    start = text.index(middle)
    path = write_capture(tmp_path / "whole.pcap", [
        Sent(beat(2)), Sent(text[:60]), Sent(text[60:start]), Sent(text[start:] + beat(3)), *map(Sent, map(beat, range(4, 30))),
    ])  # fmt: skip
    for hole in (without(path, 3), without(path, 2, 3)):
        shown = trees(plugin, hole, *options)
        types = [field.value for tree in shown for field in tree.fields if field.name == "message_type"]
        assert set(types) == {"5"}
        assert ids(plugin, hole, *options) == [2, *range(3, 30)]


def test_what_follows_a_segment_that_is_cut_is_not_read_as_a_message_for_looking_like_one(
    plugin: Plugin, tmp_path: Path
) -> None:
    middle = bytes(7) + b"\1" + bytes(7) + b"\1"
    text = Encoder(UCCX_CTI).encode("FAILURE_EVENT", {"Status": 92}, [("Text", b"\xff" * 100 + middle)])
    start = text.index(middle)
    # Sixteen bytes of each segment are captured: a whole message and half a header, and what looks like two messages.
    segments = [Sent(beat(2) + text[:start]), Sent(text[start:] + bytes(9)), Sent(beat(3)), Sent(beat(4))]
    path = write_capture(tmp_path / "cut.pcap", segments, snap=54 + 16)
    for options in ((), ("-2",)):
        assert ids(plugin, path, *options) == [2, 3, 4]
        types = [
            field.value
            for tree in trees(plugin, path, *options)
            for field in tree.fields
            if field.name == "message_type"
        ]
        assert set(types) == {"5"}


@pytest.mark.parametrize("seed", in_part(range(4), 1))
def test_two_passes_show_what_one_shows_wherever_bytes_are_missing(plugin: Plugin, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    segments = []
    for client in range(50_000, 50_040):
        messages = chance.choices([sent.payload for sent in conversations(seed) if sent.payload], k=30)
        stream, size = b"".join(messages), chance.choice((15, 50, 200, 1460))
        segments += [Sent(stream[at : at + size], client=client) for at in range(0, len(stream), size)]
    lost = chance.sample(range(1, len(segments) + 1), min(400, len(segments) // 12))
    holed = without(write_capture(tmp_path / "whole.pcap", segments), *lost)
    asked = (
        "-r",
        str(holed),
        "-T",
        "fields",
        "-e",
        "frame.number",
        "-e",
        "uccx_cti.message_type",
        "-e",
        "uccx_cti.undecoded",
    )
    assert tshark(plugin, *asked, "-2") == tshark(plugin, *asked)


def hostile(kind: str, times: int) -> list[Sent]:
    """`times` about 70 kB that make a careless reader do a lot for each byte."""
    refusal = Encoder(UCCX_CTI).encode("CLOSE_CONF", {"InvokeID": 1})
    if kind == "requests that nobody answers, and answers to none of them":
        one = b"".join(beat(1) for _ in range(90)), b"".join(refusal for _ in range(90))
        return [Sent(one[n % 2], n % 2 == 0) for n in range(50 * times)]
    if kind == "many messages in a frame":
        return [Sent(b"".join(beat(n * 4000 + k) for k in range(4000))) for n in range(times)]
    if kind == "types that nobody knows":
        return [Sent(bytes(1460)) for _ in range(48 * times)]
    block = (15_974).to_bytes(4, "big") + (5).to_bytes(4, "big") + bytes(4) + b"\x09\x0c"
    stream = b"\x7f\xff\xff\xff" * 2 + block * ((times << 16) // len(block))
    return [Sent(stream[at : at + 1460]) for at in range(0, len(stream), 1460)]


@pytest.mark.heavy
@pytest.mark.parametrize(
    "kind",
    [
        "requests that nobody answers, and answers to none of them",
        "many messages in a frame",
        "types that nobody knows",
        "headers within headers",
    ],
)
def test_hostile_bytes_take_time_in_proportion_to_them(plugin: Plugin, tmp_path: Path, kind: str) -> None:
    def seconds(segments: list[Sent]) -> float:
        """Of the processor, whatever else this machine does."""
        path = write_capture(tmp_path / "hostile.pcap", segments)
        command = [plugin.program, "-X", f"lua_script:{plugin.path}", "-r", str(path), "-2", "-V"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=settings(tmp_path))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 0 and b"Lua" not in done.stderr
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # What has no bound grows by sixteen and more whenever it is measured; other work on the machine adds to one run or another.
    grown = []
    while len(grown) < 4 and not any(times < 8 for times in grown):
        beginning = seconds([])
        one, four = (seconds(hostile(kind, times)) - beginning for times in (1, 4))
        grown.append(four / max(one, 0.1))
    assert min(grown) < 8, grown


def test_one_connection_s_end_is_not_the_next_one_s_beginning(plugin: Plugin, tmp_path: Path) -> None:
    opening = Encoder(UCCX_CTI).encode("OPEN_REQ", {"InvokeID": 1}, [("ClientID", "a"), ("ClientPassword", "")])
    granted = Encoder(UCCX_CTI).encode("OPEN_CONF", {"InvokeID": 1}, version=14)
    path = write_capture(tmp_path / "again.pcap", [
        Sent(opening), Sent(granted, False), Sent(beat(2)), Sent(opening), Sent(beat(2, True), False),
    ])  # fmt: skip
    shown = tshark(plugin, "-r", str(path), "-2", "-T", "fields", "-e", "uccx_cti.stream", "-e", "uccx_cti.response_to")
    assert shown.splitlines() == ["1\t", "1\t1", "1\t", "2\t", "2\t"]


def one_by_one(protocol: Protocol, data: bytes) -> Iterator[Sent]:
    """Each floating field of each message with these bytes, in a message of its own."""
    encoder, port = Encoder(protocol), protocol.ports[0]
    for client, message in enumerate(protocol, 50_000):
        yield Sent(b"", flags=SYN, client=client, port=port)
        yield Sent(b"", False, flags=SYN | ACK, client=client, port=port)
        opening = encoder.encode("OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14}, version=14)
        yield Sent(opening, client=client, port=port)
        for row in message.tags.values():
            if row.tag <= 255:
                body = encoder.encode(message, version=14)[8:] + bytes([row.tag, len(data)]) + data
                header = len(body).to_bytes(4, "big") + message.number.to_bytes(4, "big")
                yield Sent(header + body, message.sender is Side.CLIENT, client=client, port=port)


@pytest.mark.parametrize("protocol", [UCCX_CTI, UCCE_CTI], ids=["ccx", "cce"])
def test_numbers_that_no_lua_can_write_raise_no_error(plugin: Plugin, tmp_path: Path, protocol: Protocol) -> None:
    sent = list(one_by_one(protocol, b"\xff" * 8))
    mine = Plugin(write_plugin(tmp_path, protocol), plugin.program)
    shown = trees(mine, write_capture(tmp_path / "numbers.pcap", sent))
    assert len(shown) == sum(bool(segment.payload) for segment in sent)
    assert all(field.name not in ("call", "label") or "-" not in field.value for tree in shown for field in tree.fields)


def test_a_number_too_large_for_a_call_is_not_taken_for_another_call(plugin: Plugin, tmp_path: Path) -> None:
    body = Encoder(UCCX_CTI).encode("CALL_CONFERENCED_EVENT", {"PrimaryCallID": 5}, version=14)[8:]
    body += b"\x27\x08" + bytes([0, 0, 0, 1, 0, 0, 0, 7])
    path = write_capture(tmp_path / "call.pcap", [Sent(len(body).to_bytes(4, "big") + b"\0\0\0\x11" + body, False)])
    shown = [field for tree in trees(plugin, path) for field in tree.fields]
    assert [field.value for field in shown if field.name == "connected_party_call_id"] == [str((1 << 32) + 7)]
    assert [field.value for field in shown if field.name == "call"] == ["5"]
