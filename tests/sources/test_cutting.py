"""What is cut out of captures: the packets of the messages asked for, byte for byte, and nothing that seems lost."""

from __future__ import annotations

import io
import re
import struct
import subprocess
import tempfile
from pathlib import Path

import pytest
from capture import capture_builders as build
from hypothesis import given, settings
from hypothesis import strategies as st

import ccxdissect
from building import ENCODER
from ccxdissect.analysis.filters import Filter
from ccxdissect.capture import pcapng
from ccxdissect.capture.described import Described
from ccxdissect.capture.files import packets
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segment import Segment
from ccxdissect.errors import CaptureError
from ccxdissect.sources.cutting import Cut, cut_to_file
from ccxdissect.sources.keeping import Keep
from ccxdissect.sources.options import options
from conversation import CLIENT, SERVER, Conversation, renumbered

SAMPLES = Path(__file__).parents[2] / "samples"
QUEUED = str(SAMPLES / "queued-call.pcapng")
DAY = str(SAMPLES / "agent-day-bridge-and-agent.pcapng")
TROUBLE = str(SAMPLES / "trouble.pcapng")
ASKED = [
    (QUEUED, Filter(calls=(16777507,))),
    (QUEUED, Filter(agents=("agent2006",))),
    (QUEUED, Filter(sessions=(2,))),
    (QUEUED, Filter(start="+10ms", end="+4.03s")),
    (QUEUED, Filter(where="name ~ EVENT")),
    (DAY, Filter(calls=(16777402,), sessions=(2,))),
    (DAY, Filter(agents=("boris",), heartbeats=False)),
    (TROUBLE, Filter(kinds=("request",))),
    (TROUBLE, Filter(start="11:20:05")),
]

#: What a message is, wherever it is read.
Message = tuple[int, str, str, bytes]


def messages(path: str, keep: Keep | None = None) -> list[Message]:
    with ccxdissect.open(path, keep=keep) as trace:
        return [(record.time, record.src, record.dst, record.decoded.raw) for record in trace.messages()]


def cut(path: str, keep: Keep | None, out: Path) -> Cut:
    return cut_to_file([path], options(), keep, str(out), force=True)


def told(packet: Packet) -> tuple[int, int, bytes, int]:
    return packet.time, packet.link, bytes(packet.data), packet.wirelen


@pytest.mark.parametrize(("path", "keep"), ASKED, ids=str)
def test_the_cut_gives_the_messages_asked_for_and_no_false_finding(path: str, keep: Filter, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    done = cut(path, keep, out)
    wanted = messages(path, keep)
    assert sorted(messages(str(out))) == sorted(wanted)
    assert (done.messages, done.beside) == (len(wanted), 0)
    whole = [told(packet) for packet in packets(path)]
    mine = [told(packet) for packet in packets(str(out))]
    assert done.packets == len(mine) and set(mine) <= set(whole)
    assert mine == sorted(mine, key=whole.index)
    with ccxdissect.open(path) as trace:
        before = {(found.rule, found.time) for found in trace.findings()}
    with ccxdissect.open(str(out)) as trace:
        after = {(found.rule, found.time) for found in trace.findings()}
        assert trace.first_losses == []
    assert after <= before


def test_the_handshake_and_the_end_of_each_connection_come_along(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    cut(QUEUED, Filter(calls=(16777507,)), out)
    flags = [packet.data[47] for packet in packets(str(out))]
    assert flags.count(0x02) == flags.count(0x12) == 4
    assert flags.count(0x11) == 8


def test_a_session_alone_is_cut_out_whole_and_is_no_excerpt(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    cut(QUEUED, Filter(sessions=(2,)), out)
    with ccxdissect.open(QUEUED) as trace:
        before = next(story for story in trace.sessions() if story.session.number == 2)
    with ccxdissect.open(str(out)) as trace:
        (after,) = trace.sessions()
        assert not trace.excerpt and not after.session.excerpt and after.session.from_start
    assert after.session.sent == before.session.sent


def test_wireshark_reads_the_cut_and_its_comments(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    done = cut(QUEUED, Filter(calls=(16777507,)), out)
    asked = ["tshark", "-r", str(out), "-T", "fields", "-e", "frame.number", "-e", "frame.comment"]
    seen = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60)
    lines = [line.split("\t") for line in seen.stdout.splitlines()]
    assert len(lines) == done.packets and "appears" not in seen.stderr
    comments = [line[1] for line in lines if line[1]]
    assert comments[0] == "ccxdissect cut: 0 bytes of this direction are left out before this packet"
    assert all(comment.startswith("ccxdissect cut: ") for comment in comments)


def test_what_was_left_out_is_read_as_a_number_and_not_in_the_comment(tmp_path: Path) -> None:
    out, other, none = (tmp_path / name for name in ("out.pcapng", "other.pcapng", "none.pcapng"))
    cut(QUEUED, Filter(calls=(16777507,)), out)
    facts = losses(out)
    assert {kind for kind, _ in facts} == {"left out"} and sum(size for _, size in facts) > 100
    # Whatever people read there, in letters as many.
    content = out.read_bytes()
    other.write_bytes(content.replace(b"are left out", b"fehlen hier!"))
    assert other.read_bytes() != content and losses(other) == facts
    # What only says it in words says nothing: nor does a number beyond all reason.
    none.write_bytes(content.replace(b"ccxd-cut", b"somebody"))
    assert {kind for kind, _ in losses(none)} == {"never captured"}
    form = pcapng.FORMS[content[8:12]]
    beyond = pcapng.excerpt_fact(form, pcapng.MOST_LEFT_OUT + 1)[1]
    begin = form.option.pack(pcapng.CUSTOM, len(beyond))
    pattern = re.compile(re.escape(begin + beyond[:-8]) + rb".{8}", re.DOTALL)
    none.write_bytes(pattern.sub(lambda found: begin + beyond, content))
    assert "left out" not in {kind for kind, _ in losses(none)}


def losses(path: Path) -> list[tuple[str, int]]:
    with ccxdissect.open(path) as trace:
        return [(loss.kind.value, loss.missing) for loss in trace.losses()]


def test_a_copy_made_by_wireshark_tells_the_same(tmp_path: Path) -> None:
    out, copy = tmp_path / "out.pcapng", tmp_path / "copy.pcapng"
    cut(QUEUED, Filter(calls=(16777507,)), out)
    subprocess.run(["editcap", str(out), str(copy)], check=True, timeout=60)
    assert losses(copy) == losses(out)


def test_what_a_pcapng_file_tells_besides_is_kept(tmp_path: Path) -> None:
    """Two interfaces, times in microseconds and with an offset, comments, either byte order."""
    for order in "<>":
        about = build.option(2, b"eth7", order) + build.option(3, b"the span port", order)
        offset = build.option(9, b"\x06", order) + build.option(14, struct.pack(order + "q", 1000), order)
        said = build.option(1, b"here it hangs", order) + build.option(2, struct.pack(order + "I", 2), order)
        header = struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
        header += build.option(1, b"ticket 12", order) + build.option(4, b"Dumpcap 4.2", order)
        file = tmp_path / "in.pcapng"
        whole = frames(Conversation().handshake().send(CLIENT, open_and_close(), 40).close().segments)
        blocks = [build.block(0x0A0D0D0A, header, order), build.interface(1, 9000, about, order)]
        blocks.append(build.interface(1, 0, offset, order))
        for place, (units, data) in enumerate(whole):
            end = said if place == 4 else b""
            blocks.append(build.enhanced(data, units // 1000, place % 2, order, end, len(data) + 7))
        file.write_bytes(b"".join(blocks))
        out = tmp_path / "out.pcapng"
        cut(str(file), Filter(where="name == CLOSE_REQ"), out)
        # The section of the copy is the copy of the section, its application's name behind ours.
        content = out.read_bytes()
        assert b"ticket 12" in content and b"ccxdissect cut, from Dumpcap 4.2" in content
        before = {told(packet): packet.data for packet in packets(str(file), describe=True)}
        after = list(packets(str(out), describe=True))
        assert len(after) < len(before)
        for packet in after:
            was = before[told(packet)]
            assert isinstance(was, Described) and isinstance(packet.data, Described)
            assert (packet.data.stamp, packet.data.interface) == (was.stamp, was.interface)
            assert packet.data.section.order == order
        kept = [packet.data.options for packet in after if isinstance(packet.data, Described)]
        assert any(b"here it hangs" in given for given in kept)


def test_the_fragments_of_a_datagram_come_along(tmp_path: Path) -> None:
    # The third packet's payload has 100 bytes; its datagram comes in two fragments.
    talk = Conversation().handshake().send(CLIENT, open_and_close())
    records: list[tuple[int, bytes]] = []
    for time, data in frames(talk.segments):
        payload = data[34:]
        if len(payload) <= 60:
            records.append((time, data))
            continue
        for place, more, part in ((0, 0x2000, payload[:48]), (6, 0, payload[48:])):
            fragment = build.ipv4(part, ident=99, place=place | more)
            records.append((time, build.ethernet(fragment)))
    file, out = tmp_path / "in.pcap", tmp_path / "out.pcapng"
    file.write_bytes(build.pcap(records))
    assert messages(str(file)) != []
    cut(str(file), Filter(where="name ~ REQ"), out)
    assert messages(str(out)) == messages(str(file))


def test_nothing_is_written_when_nothing_fits(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    done = cut(QUEUED, Filter(calls=(7,)), out)
    assert (done.packets, done.messages, out.exists()) == (0, 0, False)
    assert done.read == 138


def test_a_log_and_a_file_that_is_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="is a log, which holds no packets"):
        cut_to_file([str(SAMPLES / "server.mivr.log")], options(), None, str(tmp_path / "out"))
    there = tmp_path / "there"
    there.write_text("mine")
    with pytest.raises(CaptureError, match="is there already"):
        cut_to_file([QUEUED], options(), None, str(there))
    assert there.read_text() == "mine"


def open_and_close() -> bytes:
    login = [("ClientID", "desk"), ("ClientPassword", "x"), ("AgentID", "anna")]
    first = ENCODER.encode("OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14}, login, version=14)
    return first + ENCODER.encode("CLOSE_REQ", {"InvokeID": 2}, version=14)


def frames(segments: list[Segment]) -> list[tuple[int, bytes]]:
    made = []
    for one in segments:
        header = struct.pack(">HHIIBBHHH", one.sport, one.dport, one.seq, one.ack, 0x50, one.flags, 65535, 0, 0)
        made.append((one.time, build.ethernet(build.ipv4(header + one.payload, src=one.src, dst=one.dst))))
    return made


@st.composite
def captures(draw: st.DrawFn) -> tuple[bytes, str]:
    """A capture of up to three connections, cut into segments anyhow, some of them twice or late; and what is wanted."""
    talks = []
    for number in range(draw(st.integers(1, 3))):
        talk = Conversation(
            draw(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))),
            ((b"\x0a\0\0\x01", 50001 + number), (b"\x0a\0\0\x09", 12028)),
        ).handshake()
        talk.send(CLIENT, open_and_close()[: draw(st.sampled_from((0, 200)))] or b"", 1000)
        for turn in range(draw(st.integers(0, 6))):
            events = b"".join(
                ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 10 * turn + at}, version=14)
                for at in range(draw(st.integers(1, 4)))
            )
            talk.send(draw(st.sampled_from((CLIENT, SERVER))), events, draw(st.sampled_from((5, 12, 13, 30, 1000))))
        talks.append(talk.close().segments)
    order = draw(st.permutations([place for place, segments in enumerate(talks) for _ in segments]))
    queues = [iter(segments) for segments in talks]
    mixed = [next(queues[place]) for place in order]
    again = draw(st.lists(st.integers(0, len(mixed) - 1), max_size=3))
    for place in again:
        mixed.insert(draw(st.integers(place, len(mixed))), mixed[place])
    wanted = draw(
        st.sampled_from(["InvokeID > 20", "InvokeID in (1, 11, 32)", "from == server", "session == 1", "name ~ OPEN"])
    )
    return build.pcap(frames(renumbered(mixed))), wanted


@settings(max_examples=80, deadline=None)
@given(captures())
def test_however_a_capture_is_cut_into_segments(made: tuple[bytes, str]) -> None:
    capture, where = made
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "in.pcap", Path(folder) / "out.pcapng"
        file.write_bytes(capture)
        wanted = messages(str(file), where)
        done = cut(str(file), where, out)
        assert done.messages == len(wanted)
        if not wanted:
            assert not out.exists()
            return
        whole, found = messages(str(file)), messages(str(out))
        # Messages that share a packet with one that is wanted cannot be left out, and are counted.
        assert len(found) == len(wanted) + done.beside
        rest = list(found)
        for message in wanted:
            rest.remove(message)
        assert all(whole.count(message) >= found.count(message) for message in rest)
        with ccxdissect.open(str(out)) as trace:
            assert not [finding for finding in trace.findings() if finding.rule in ("missing-bytes", "skipped-bytes")]
            assert trace.first_losses == []
        # What is cut out of the cut is the same again.
        again = Path(folder) / "again.pcapng"
        cut(str(out), where, again)
        assert again.read_bytes() == out.read_bytes()


def test_pipes_are_read_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Bytes(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            return super().read1(size)

    class Stream:
        def __init__(self, buffer: io.BytesIO) -> None:
            self.buffer = buffer

    out = io.BytesIO()
    monkeypatch.setattr("sys.stdin", Stream(Bytes(Path(QUEUED).read_bytes())))
    with monkeypatch.context() as patched:
        patched.setattr("sys.stdout", type("Out", (), {"buffer": out}))
        cut_to_file(["-"], options(), Filter(calls=(16777507,)), "-")
    direct = tmp_path / "direct.pcapng"
    cut(QUEUED, Filter(calls=(16777507,)), direct)
    assert out.getvalue() == direct.read_bytes()


def test_a_handshake_sent_again_hides_nothing_that_was_left_out(tmp_path: Path) -> None:
    """Between the messages that are left out and those that are wanted."""
    talk = Conversation().handshake()
    for number in range(3):
        talk.send(CLIENT, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": number}, version=14))
    again = talk.segments[0]
    talk.segments.append(again._replace(time=talk.segments[-1].time + 1))
    talk.send(CLIENT, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 30}, version=14))
    file, out = tmp_path / "in.pcap", tmp_path / "out.pcapng"
    file.write_bytes(build.pcap(frames(renumbered(talk.segments))))
    assert cut(str(file), "InvokeID == 30", out).messages == 1
    with ccxdissect.open(str(out)) as trace:
        assert [record.decoded.fixed["InvokeID"] for record in trace.messages()] == [30]
        assert trace.first_losses == [] and trace.excerpt


def test_a_capture_that_is_replaced_between_two_readings_is_not_cut(tmp_path: Path) -> None:
    given, other, out = tmp_path / "given.pcapng", tmp_path / "other", tmp_path / "out.pcapng"
    given.write_bytes(Path(QUEUED).read_bytes())
    other.write_bytes(Path(TROUBLE).read_bytes())

    def after_reading(_: int) -> None:
        if other.exists():
            other.replace(given)

    with pytest.raises(CaptureError, match="was replaced or cut short while it was read"):
        cut_to_file([str(given)], options(), Filter(kinds=("request",)), str(out), progress=after_reading)
    assert [path.name for path in tmp_path.iterdir()] == ["given.pcapng"]


def test_a_capture_that_grows_meanwhile_is_cut_as_far_as_it_was_read(tmp_path: Path) -> None:
    given, out = tmp_path / "given.pcapng", tmp_path / "out.pcapng"
    given.write_bytes(Path(QUEUED).read_bytes())
    grown: list[int] = []

    def after_reading(_: int) -> None:
        if not grown:
            grown.append(1)
            with given.open("ab") as file:
                file.write(Path(TROUBLE).read_bytes())

    done = cut_to_file([str(given)], options(), Filter(kinds=("request",)), str(out), progress=after_reading)
    alone = cut_to_file([QUEUED], options(), Filter(kinds=("request",)), str(tmp_path / "alone.pcapng"))
    assert (done.messages, done.packets) == (alone.messages, alone.packets)
