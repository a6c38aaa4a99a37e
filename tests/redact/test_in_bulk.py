"""A capture collected by columns gives the same copy, byte for byte, as one collected message by message."""

from __future__ import annotations

import io
import random
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from capture.capture_builders import enhanced, interface, nanoseconds, option, section
from fuzz import redaction, streams
from hypothesis import given, settings
from hypothesis import strategies as st
from redact.test_redacted_cce import every_message
from stream.test_encapsulations import KINDS, ROWS

from building import ENCODER
from ccxdissect import columns
from ccxdissect.capture import excerpt
from ccxdissect.capture.files import packets
from ccxdissect.capture.segment import Segment
from ccxdissect.codec import NamedValue
from ccxdissect.columns.chunks import ChunkReader
from ccxdissect.errors import CcxDissectError
from ccxdissect.redact import in_bulk, pseudonyms
from ccxdissect.redact.captures import CaptureRedactor
from ccxdissect.redact.fields import Keep, MessageRedactor
from ccxdissect.redact.permutations import Permutations
from ccxdissect.redact.pseudonyms import Pseudonyms
from ccxdissect.redact.rewriting import Room, Spool
from ccxdissect.redact.streams import Joints
from conversation import CLIENT, SERVER, Conversation, renumbered, six
from samples import FOLDER

sys.path.insert(0, str(Path(__file__).parents[1] / "columns"))

from both_paths import as_pcap

SAMPLES = sorted(FOLDER.glob("*.pcapng"))
KEY = b"k" * 16
NEVER = 1 << 60
#: Bytes of a capture in a chunk: all of a sample, and a few packets.
SIZES = (1 << 20, 3000)


def copy(path: Path, keep: Sequence[str] = (), room: Room | None = None) -> tuple[object, ...]:
    """The copy, the report, what was noted of the file, and the words and addresses noted in it; or why there is none."""
    redactor = CaptureRedactor(
        redaction.PROTOCOLS, str(path), redaction.PORTS, KEY, Keep(redaction.PROTOCOLS, keep), room=room
    )
    out = io.BytesIO()
    try:
        report = redactor.write(out)
    except CcxDissectError as error:
        return (str(error),)
    noted = redactor._pseudonyms
    return out.getvalue(), list(report.lines()), redactor.notices, sorted(noted._noted), sorted(noted._noted_addresses)


def both(path: Path, sizes: Sequence[int] = SIZES, keep: Sequence[str] = ()) -> tuple[object, ...]:
    """The same either way, whatever the size of chunks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "WORTH_LOADING", NEVER)
        patch.setattr(in_bulk, "collect", None)
        wanted = copy(path, keep)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "WORTH_LOADING", 0)
        patch.delattr(CaptureRedactor, "_events")
        for size in sizes:
            patch.setattr(in_bulk, "ChunkReader", partial(ChunkReader, size=size))
            assert copy(path, keep) == wanted
    return wanted


@pytest.mark.parametrize("keep", [(), ("agent", "CallVariable*"), ("addresses", "named-data")], ids=" ".join)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_samples(sample: Path, keep: tuple[str, ...]) -> None:
    assert len(both(sample, keep=keep)) == 5


@pytest.mark.parametrize("seed", [18, 45, 76, 16, 455, 475, 100382, 103307, *range(7000, 7006)])
def test_damaged_captures(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(redaction.damaged(seed))
    both(path)


@pytest.mark.parametrize(
    "kind",
    [kind if kind in ("Ethernet", "fragments") else pytest.param(kind, marks=pytest.mark.heavy) for kind in KINDS],
)
def test_every_fault_in_every_kind_of_packet(kind: str, tmp_path: Path) -> None:
    link, packets_of = KINDS[kind]
    for segments, _ in ROWS.values():
        path = tmp_path / "capture"
        found = [(one.time, packet) for one in renumbered(segments) for packet in packets_of(one)]
        path.write_bytes(as_pcap(found, link))
        both(path, (500,))


def written(segments: Sequence[Segment], path: Path, others: Sequence[str] = ()) -> None:
    """A capture of segments in plain packets; every fifth is one of `others`, by turns."""
    found = []
    for number, one in enumerate(segments):
        kind = others[number // 5 % len(others)] if others and number % 5 == 0 else "Ethernet"
        found += [(one.time, packet) for packet in KINDS[kind][1](one)]
    path.write_bytes(as_pcap(found))


@pytest.mark.parametrize("seed", [0, 2, 18, 22, 129])
def test_fuzzed_streams(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    written(streams.made(seed)[0][:800], path)
    both(path, (1 << 20, 2000))


def busy(turns: int, names: Sequence[str] = ("anna", "bernd"), teams: bool = True) -> list[Segment]:
    """Two clients whose agents are seen over and over, and `teams` now and then, with something in their fixed part."""
    ends = [((bytes([10, 0, 0, number]), 50001), (b"\x0a\0\0\x09", 12028)) for number in (1, 2)]
    conversations = [Conversation(ends=one).handshake() for one in ends]
    opening = [("ClientID", "desk"), ("ClientPassword", "very secret")]
    for conversation in conversations:
        conversation.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, opening, version=14))
        for turn in range(turns):
            name = names[turn % len(names)]
            if turn % 30 == 20:
                data = [
                    ("NamedArray", NamedValue("user.list", f"array{turn}", 1)),
                    ("NamedVariable", NamedValue("user.x", "y")),
                ]
                conversation.send(SERVER, ENCODER.encode("CALL_DATA_UPDATE_EVENT", {}, data, version=14))
            if teams and turn % 50 == 40:
                team = {"TeamID": 1, "Reserved1": b"somebody"}
                conversation.send(SERVER, ENCODER.encode("TEAM_CONFIG_EVENT", team, [("TeamName", name)], version=14))
            said = [("AgentID", name), ("AgentExtension", str(2000 + turn)), ("AgentInstrument", f"{name} at 10.0.0.1")]
            conversation.send(SERVER, ENCODER.encode("AGENT_STATE_EVENT", {"AgentState": turn % 9}, said, version=14))
    pairs = zip(*(conversation.segments for conversation in conversations), strict=True)
    return renumbered(segment for pair in pairs for segment in pair)


def test_plain_traffic_is_collected_by_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "capture"
    written(busy(500, teams=False), path)
    both(path, (1 << 20, 20_000))
    singly, at_once = [], []
    note, add = MessageRedactor.note, Spool.add
    monkeypatch.setattr(MessageRedactor, "note", lambda *given: singly.append(1) or note(*given))
    monkeypatch.setattr(Spool, "add", lambda *given: at_once.append(given[2]) or add(*given))
    monkeypatch.setattr(columns, "WORTH_LOADING", 0)
    monkeypatch.setattr(in_bulk, "ChunkReader", partial(ChunkReader, size=20_000))
    copy(path)
    # One by one goes what comes before it is settled what is spoken, at most the first chunk.
    assert len(singly) + sum(at_once) == 1034
    assert len(singly) < 70


@pytest.mark.parametrize(("version", "form"), [(15, "1+1"), (24, "2+2")])
def test_every_message_with_something_in_every_field(version: int, form: str, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    every_message(version, form, path, times=2)
    both(path, (1 << 20, 3000))
    both(path, keep=("agent", "named-data"))


@pytest.mark.parametrize("keep", [(), pytest.param(("AgentID",), marks=pytest.mark.heavy)], ids=["nothing", "some"])
def test_the_same_messages_are_told_one_by_one(
    keep: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Joints.write

    def blanked(joints: Joints, flow: int, offset: int, before: bytes, after: bytes, *given: Any) -> None:
        # What is told one by one, and so can be in doubt, goes this way.
        write(joints, flow, offset, before, bytes(len(after)), *given)

    monkeypatch.setattr(Joints, "write", blanked)
    path = tmp_path / "capture"
    for seed in (18, 45, 475, 103307, 7000, 7003):
        path.write_bytes(redaction.damaged(seed))
        both(path, (300,), keep)
    heartbeats = Conversation(ends=((b"\x0a\0\0\7", 50001), (b"\x0a\0\0\x09", 12028))).handshake()
    for number in range(40):
        heartbeats.send(CLIENT, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": number}, version=14))
        if number == 20:
            heartbeats.send(CLIENT, six()[1])
    written(renumbered([*busy(100), *busy(60)[40:], *heartbeats.segments]), path)
    both(path, (4000,), keep)
    written(disordered(200), path)
    both(path, (700,), keep)


def test_without_the_extra_nothing_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "WORTH_LOADING", 0)
    monkeypatch.setattr(columns, "installed", lambda: False)
    monkeypatch.setattr(in_bulk, "collect", None)
    assert len(copy(SAMPLES[0])) == 5


def disordered(turns: int) -> list[Segment]:
    """The same with segments lost, repeated, out of order and damaged."""
    source = random.Random(5)
    segments: list[Segment] = []
    for segment in busy(turns):
        chance = source.random()
        if chance < 0.02 and segment.payload:
            continue
        segments.append(segment)
        if chance < 0.06:
            segments.append(segment)
        elif chance < 0.1 and len(segments) > 30:
            segments.insert(len(segments) - source.randrange(1, 4), segments.pop())
        elif chance < 0.12:
            # An agent's name that is none of the protocol's bytes any more.
            segments[-1] = segment._replace(payload=segment.payload.replace(b"anna", b"\0\0\xff\xff"))
        elif chance < 0.14:
            segments[-1] = segment._replace(payload=b"\xff" * len(segment.payload))
    return renumbered(segments)


def test_disorder_loss_and_other_packets_among_plain_ones(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    written(disordered(300), path, ("VLAN", "QinQ", "fragments"))
    both(path, (1 << 20, 4000, 700))


def test_fragments_that_never_all_came(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    segments = busy(20)
    found = [(one.time, packet) for one in segments[:-1] for packet in KINDS["Ethernet"][1](one)]
    found += [(segments[-1].time, KINDS["fragments"][1](segments[-1]._replace(payload=b"anna" * 20))[1])]
    path.write_bytes(as_pcap(found))
    both(path, (1 << 20, 1500))


def test_a_packet_that_only_looks_like_one_of_the_same_hosts_hides_none(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    one, *others = busy(5)
    (plain,) = KINDS["Ethernet"][1](one)
    # The hosts' addresses stand in the same place of a packet of another kind.
    strange = plain[:12] + b"\x12\x34" + bytes(12) + plain[26:34] + bytes(30)
    found = [(one.time, strange), *((each.time, packet) for each in others for packet in KINDS["Ethernet"][1](each))]
    path.write_bytes(as_pcap(found))
    both(path)


def test_words_that_are_too_many_are_noted_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "capture"
    written(busy(300, [f"agent{number}" for number in range(150)]), path)
    for most in (10, 200, 350):
        monkeypatch.setattr(pseudonyms, "MOST_WORDS", most)
        both(path, (1 << 20, 5000))


@pytest.mark.parametrize("bound", ["bytes", "files"])
def test_what_takes_too_much_is_dissected_once_more(
    bound: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "capture"
    written(busy(300), path)
    wanted = both(path)
    room = Room()
    setattr(room, bound, 10_000 if bound == "bytes" else 0)
    monkeypatch.setattr(columns, "WORTH_LOADING", 0)
    monkeypatch.setattr(in_bulk, "ChunkReader", partial(ChunkReader, size=5000))
    assert copy(path, room=room) == wanted
    assert getattr(room, bound) < 0


@pytest.mark.parametrize("times", ["nanoseconds", "long ago", "far away", "before"])
def test_times_of_all_kinds(times: str, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    offset = option(14, (-1).to_bytes(8, "little", signed=True)) if times == "before" else b""
    head = section() + interface(options=nanoseconds() + offset)
    made = [packet for one in busy(20) for packet in KINDS["Ethernet"][1](one)]
    first = {"nanoseconds": 10**18, "long ago": 10, "far away": (1 << 62) - 5_000, "before": 2 * 10**9}[times]
    step = {"nanoseconds": 1001, "long ago": 1_000_000, "far away": 1_000, "before": -(2 * 10**9)}[times]
    path.write_bytes(
        head
        + b"".join(
            enhanced(data, first + (number % 20 == 19 if times == "before" else number) * step)
            for number, data in enumerate(made)
        )
    )
    both(path, (1 << 20, 700))


def test_what_was_cut_out_of_another_capture_in_a_later_section(tmp_path: Path) -> None:
    path, whole = tmp_path / "capture", tmp_path / "whole"
    written(busy(30), whole)
    cut = io.BytesIO()
    part = excerpt.Excerpt(cut)
    for packet in packets(str(whole), describe=True):
        if packet.frame % 9:
            part.add(packet, 60 if packet.frame % 9 == 1 else None)
    head = section() + interface(options=nanoseconds())
    plain = b"".join(enhanced(packet.data, packet.time) for packet in packets(str(whole)))
    path.write_bytes(head + plain + cut.getvalue())
    data = both(path, (1 << 20, 700))[0]
    assert isinstance(data, bytes) and excerpt.NAME.encode() in data


WORDS = st.lists(
    st.sampled_from(
        ["anna", "Bernd", "2005", "10.1.2.3", "1.2.3.4.5", "Müller", "\udcff", "\udce4", ".", " ", "\0", "-"]
    ),
    max_size=6,
).map(lambda parts: "".join(parts).encode("utf-8", "surrogateescape"))


@settings(deadline=None)
@given(st.lists(st.one_of(WORDS, st.binary(max_size=12)), max_size=12))
def test_texts_at_once_are_noted_and_replaced_as_one_by_one(texts: list[bytes]) -> None:
    singly, at_once = Pseudonyms(KEY), Pseudonyms(KEY)
    for text in texts:
        singly.note(text)
    assert at_once.note_all(texts, 0)
    assert at_once._noted == singly._noted
    assert at_once._noted_addresses == singly._noted_addresses
    singly.settle()
    at_once.settle()
    assert list(at_once.texts(texts)) == [singly.text(text) for text in texts]


@pytest.mark.parametrize("size", [1025, 5000, 10**6, 10**9, 10**11, 36**12, 1 << 70])
def test_places_at_once_go_where_each_of_them_goes(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    source = random.Random(size)
    places = [0, size - 1, *(source.randrange(size) for _ in range(1100))]
    one_by_one = Permutations(KEY).of(size, b"t")
    wanted = [one_by_one(place) for place in places]
    if size < 1 << 60:
        monkeypatch.delattr(Permutations, "of")
    assert Permutations(KEY).all_of(size, b"t", places) == wanted
