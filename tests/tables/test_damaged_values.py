"""What no table can hold is bounded or escaped, and the rest is there: times, names of files, names in logs."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from capture.capture_builders import enhanced, ethernet, interface, ipv4, section, tcp

from ccxdissect.cli.main import main
from conversation import six


def column(path: Path, folder: Path, name: str, kind: pa.DataType) -> list[object]:
    assert main(["export", str(path), "--output", str(folder)]) == 0
    found: list[object] = pq.read_table(folder / "messages" / "name=OPEN_REQ")[name].cast(kind).to_pylist()
    return found


def test_a_time_beyond_64_bits_and_a_file_whose_name_is_no_text(tmp_path: Path) -> None:
    seconds = b"\x09\x00\x01\x00\x00\x00\x00\x00"  # the resolution of the interface: one second
    packet = enhanced(ethernet(ipv4(tcp(six()[0]))), (1 << 64) - 1, 0)
    path = tmp_path / "from\udcffanna.pcapng"
    path.write_bytes(section() + interface(1, 0, seconds) + packet)
    assert column(path, tmp_path / "times", "time", pa.int64()) == [(1 << 63) - 1]
    (name,) = column(path, tmp_path / "names", "capture", pa.string())
    assert str(name).endswith("from\\xffanna.pcapng")


def test_a_thread_of_a_log_whose_name_is_no_text(tmp_path: Path) -> None:
    line = (Path(__file__).parents[2] / "samples" / "server.mivr.log").read_bytes().split(b"\n")[2]
    before, _, after = line.partition(b" on socket:")
    path = tmp_path / "server.log"
    path.write_bytes(before.replace(b"CLIENTPOOL", b"CL\xe6ENTPOOL") + b" " + after[after.index(b"Msg is") :] + b"\n")
    (client,) = column(path, tmp_path / "out", "src", pa.string())
    assert "CL\\xe6ENTPOOL" in str(client)
