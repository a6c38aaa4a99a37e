"""What is kept of live traffic."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxdissect.capture.files import packets
from ccxdissect.capture.live_filter import capture_filter
from ccxdissect.capture.live_recording import Recording
from ccxdissect.capture.notices import Notices
from ccxdissect.capture.packet import Packet

some_packets = st.lists(
    st.builds(
        lambda time, link, data, more, source: (time, link, data, len(data) + more, source),
        st.integers(0, 2**63), st.sampled_from([1, 101, 113, 276]), st.binary(max_size=70), st.integers(0, 9),
        st.sampled_from(["eth0", "é" * 200]),
    ),
    max_size=12,
)  # fmt: skip


@given(some_packets)
def test_what_was_captured_is_what_is_read(given: list[tuple[int, int, bytes, int, str]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = str(Path(place) / "kept.pcapng")
        recording = Recording(path)
        for frame, (time, link, data, wirelen, source) in enumerate(given, 1):
            recording.add(Packet(frame, time, link, data, wirelen, source))
            recording.flush()
            notices = Notices()
            read = list(packets(path, notices))
            assert [one[1:5] for one in read] == [one[:4] for one in given[:frame]]
            assert not len(notices), list(map(str, notices))
        recording.close(dropped=5)
        notices = Notices()
        assert len(list(packets(path, notices))) == len(given)
        said = [str(notice) for notice in notices]
    if given:
        assert said == [f"{path}: frame {len(given)}: packets dropped while capturing, says the file (5 packets)"]


def test_a_write_that_fails_takes_nothing_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept.pcapng"
    recording = Recording(str(path))
    recording.add(Packet(1, 10**18, 1, b"whole", 5, "lo"))
    recording.flush()
    before = path.read_bytes()
    from ccxdissect.capture import live_recording

    real = live_recording.os.write

    def half(descriptor: int, data: bytes) -> int:
        if len(data) < 20:
            raise OSError(28, "No space left on device")
        return real(descriptor, data[: len(data) - 10])

    monkeypatch.setattr(live_recording.os, "write", half)
    recording.add(Packet(2, 10**18, 1, b"lost", 4, "lo"))
    with pytest.raises(OSError, match="No space left"):
        recording.flush()
    recording.close()
    assert path.read_bytes() == before


def test_the_capture_filter() -> None:
    assert capture_filter([12028, 99], vlan=False) == (
        "tcp port 99 or tcp port 12028 or (ip proto 6 and ip[6:2] & 0x1fff != 0) or ip6 proto 44"
    )
    plain = capture_filter([7], vlan=False)
    assert capture_filter([7]) == f"{plain} or (vlan and ({plain})) or (vlan and ({plain}))"
