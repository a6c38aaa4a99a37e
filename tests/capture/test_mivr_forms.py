"""The forms in which the engine's log tells of messages, with everything that may come between them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from ccxdissect.capture.hexdump import parse_hex
from ccxdissect.capture.log_lines import (
    LONGEST_LINE,
    LineReader,
    LogLine,
    is_log,
    is_log_input,
)
from ccxdissect.capture.log_time import LogClock, Stamp, zone_of
from ccxdissect.capture.mivr import (
    DumpEntry,
    Entry,
    MivrParser,
    Pair,
    TextEntry,
    entries_of,
)
from ccxdissect.errors import CaptureError, CcxDissectError

HEAD = "7091948: Nov 20 10:43:59.435 EDT %MIVR-ICD_CTI-7-UNK:"
OTHER = "81: Nov 20 10:43:59.436 EDT %MIVR-SS_TEL-7-UNK:call 0010: 00 11 22"
DUMP = f"""{HEAD}writing...
MHDR:
0000: 00 00 00 36 00 00 00 17                           ...6....
MDATA:
0000: 00 00 00 00 00 00 00 01 00 15 00 00 00 00 00 00   ................
0010: 00 01 00 00 01 00 01 10 00 00 08 05 32 30 30 36   ............2006
0020: 00 0B 05 37 30 30 30 00 19 05 39 30 32 36 00 0A   ...7000...9026..
0030: 05 37 30 30 30 00                                 .7000.
"""
BODY = bytes.fromhex(
    "000000000000000100150000000000000001000001000110000008053230303600"
    "0b0537303030001905393032360" + "00a05373030300" + "0"
)
REQUEST = (
    "Nov 29 17:53:37.183 IST %MIVR-ICD_CTI-7-UNK:[client_thread_5218] ClientConn: ClientConnMgr: Processing msg on "
    "socket:Socket[addr=/172.16.XX.XX,port=54238,localport=12028] Msg is {length=69 type=OPEN_REQ,invokeId=1719183458,"
    "clientID=,clientPass=[B@a4a433,appPathID=0, clientSignature=null,agentExt=52293 }"
)


def lines(text: str) -> list[LogLine]:
    return [LogLine(number, line.encode(), "a.log", number) for number, line in enumerate(text.split("\n"), start=1)]


def dumps(text: str) -> list[tuple[bool, int, bytes]]:
    return [
        (entry.whole, entry.number_said, bytes(entry.body))
        for entry in entries_of(lines(text))
        if isinstance(entry, DumpEntry)
    ]


def test_rows_on_lines_of_their_own() -> None:
    (entry,) = entries_of(lines(DUMP))
    assert isinstance(entry, DumpEntry)
    assert (bytes(entry.header).hex(), bytes(entry.body)) == ("0000003600000017", BODY)
    assert (entry.number, entry.outgoing, entry.thread) == (1, True, "")
    assert entry.stamp == Stamp(0, 11, 20, ((10 * 60 + 43) * 60 + 59) * 10**9 + 435 * 10**6, "EDT")


@pytest.mark.parametrize(
    "text",
    [
        " ".join(DUMP.split()),
        DUMP.replace("0000: ", "\t0000:\t").replace("   ", "\t"),
        "\n".join(line[:53].rstrip() if line[:1] == "0" else line for line in DUMP.split("\n")),
        DUMP.replace("\n", f"\n{OTHER}\nat java.lang.Thread.run\n"),
        DUMP.lower().replace("mhdr", "MHDR").replace("mdata", "MDATA").replace(HEAD.lower(), HEAD),
        f"{OTHER} {HEAD} something {DUMP}",
    ],
)
def test_spacing_and_what_comes_between_do_not_matter(text: str) -> None:
    assert dumps(text) == [(True, 23, BODY)]


def test_narrow_rows_whose_text_looks_like_bytes() -> None:
    data = b"ab cd ef 0123 abcdef 99"
    rows = [
        f"{at:04x}: {data[at : at + 8].hex(' '):<23}  {data[at : at + 8].decode()}" for at in range(0, len(data), 8)
    ]
    text = f"{HEAD}writing...\nMHDR:\n0000: 00 00 00 {len(data):02x} 00 00 00 17\nMDATA:\n" + "\n".join(rows)
    assert dumps(text) == [(True, 23, data)]


def test_a_row_whose_text_looks_like_the_next_row() -> None:
    data = b"0010: 11 22 33 4" + b"xy"
    header = f"{HEAD}writing... MHDR: 0000: 00 00 00 12 00 00 00 17 ........ MDATA: "
    rows = f"0000: {data[:16].hex(' ')} {data[:16].decode()} 0010: 78 79 xy"
    assert dumps(header + rows) == [(True, 23, data)]


def test_two_dumps_at_once_and_one_that_is_cut() -> None:
    first = DUMP.rstrip("\n").split("\n")
    mixed = "\n".join(first[:4]) + "\n" + DUMP + "\n".join(first[4:])
    assert dumps(mixed) == [(True, 23, BODY), (True, 23, BODY)]
    assert dumps("\n".join(first[:6])) == [(False, 23, BODY[:32])]
    assert dumps(f"{HEAD}writing...\nMHDR:\n0000: 7f ff ff ff 00 00 00 17\nMDATA:\n{first[4]}") == [(False, 23, b"")]


def test_a_cut_dump_is_given_up_while_the_log_goes_on() -> None:
    parser = MivrParser()
    found: list[Entry] = []
    for number in range(1, 5000):
        text = DUMP.split("\n")[number - 1] if number < 6 else OTHER
        found += parser.feed(LogLine(number, text.encode(), "a.log", number))
        if found:
            break
    assert len(found) == 1 and 2000 < number < 2100 and parser.pending_since is None


def test_a_message_in_words() -> None:
    (entry,) = entries_of(lines(REQUEST))
    assert isinstance(entry, TextEntry)
    assert (entry.type, entry.length, entry.thread, entry.outgoing) == ("OPEN_REQ", 69, "client_thread_5218", False)
    assert entry.peer == ("172.16.XX.XX", 54238, 12028)
    assert entry.pairs == (
        Pair("invokeId", "1719183458"),
        Pair("clientID", ""),
        Pair("clientPass", "[B@a4a433"),
        Pair("appPathID", "0"),
        Pair("clientSignature", None),
        Pair("agentExt", "52293"),
    )


def test_words_over_several_lines_and_cut_words() -> None:
    text = HEAD + " { length=-1 type=X, name: one,\ntwo = 2, b: 3 }\n" + HEAD + " { length=-1 type=Y, name: o\n" + OTHER
    first, second = entries_of(lines(text))
    assert isinstance(first, TextEntry) and isinstance(second, TextEntry)
    assert (first.pairs, first.cut) == ((Pair("name", "one,\ntwo = 2"), Pair("b", "3")), False)
    assert (second.pairs, second.cut) == ((Pair("name", "o"),), True)


def test_unrelated_lines_are_counted() -> None:
    parser = MivrParser()
    for line in lines("\n".join([OTHER] * 5 + ["Caused by: x"] + [HEAD + "HeartbeatMonitor"])):
        parser.feed(line)
    assert (parser.lines, parser.unrelated) == (7, 7)


def test_logs_are_told_from_captures(tmp_path: Path) -> None:
    assert is_log(DUMP.encode()) and is_log(b"x\n" + OTHER.encode())
    assert not is_log(b"\xd4\xc3\xb2\xa1\2\0" + DUMP.encode()) and not is_log(b"hello") and not is_log(b"")
    packed = tmp_path / "a.log.gz"
    packed.write_bytes(gzip.compress(DUMP.encode()))
    assert is_log_input(str(packed))
    assert [line.data for line in LineReader([str(packed)])][1] == b"MHDR:"


def test_lines_are_numbered_through_files_and_bounded(tmp_path: Path) -> None:
    one, two = tmp_path / "1.log", tmp_path / "2.log"
    one.write_bytes(b"a\r\nb")
    two.write_bytes(b"x" * (3 * LONGEST_LINE) + b"\nc\n")
    reader = LineReader([str(one), str(two)])
    found = [(line.number, len(line.data), line.source == str(two), line.line) for line in reader]
    assert found == [(1, 1, False, 1), (2, 1, False, 2), (3, LONGEST_LINE, True, 1), (4, 1, True, 2)]
    assert [notice.count for notice in reader.notices] == [1]
    with pytest.raises(CaptureError, match=r"none\.log: no such file"):
        list(LineReader([str(tmp_path / "none.log")]))


def test_zones_and_years() -> None:
    def at(stamp: Stamp, **options: object) -> tuple[int, list[str]]:
        clock = LogClock(**options)  # type: ignore[arg-type]
        return clock.time(stamp) // 10**9, clock.guesses

    noon = 12 * 3600 * 10**9
    assert at(Stamp(0, 11, 20, noon, "EDT"), year=2025) == (1763654400, [])
    assert at(Stamp(2025, 11, 20, noon, "UTC")) == (1763640000, [])
    assert at(Stamp(0, 11, 20, noon, "XYZ"), year=2025, zone="Asia/Kolkata") == (1763620200, [])
    assert at(Stamp(0, 11, 20, noon, "IST"), year=2025)[1] == [
        "the zone IST is ambiguous: taken for UTC+05:30, India (--zone tells)"
    ]
    latest = 1763640000 * 10**9
    assert at(Stamp(0, 11, 20, noon, "UTC"), latest=latest)[0] == 1763640000
    assert at(Stamp(0, 12, 1, noon, "UTC"), latest=latest)[1] == [
        "the log names no year: 2024 is a guess (--year tells)"
    ]
    assert at(Stamp(0, 2, 29, noon, "UTC"), latest=latest)[0] == 1709208000
    clock = LogClock(year=2025)
    newyear = [clock.time(Stamp(0, *day, noon, "UTC")) // 10**9 for day in ((12, 31), (1, 1), (12, 31), (1, 1))]
    assert newyear == [1767182400, 1767268800, 1767182400, 1767268800]
    assert zone_of("-0430").utcoffset(None).total_seconds() == -16200  # type: ignore[union-attr]
    with pytest.raises(CcxDissectError, match="no time zone is called 'Mars/Dome'"):
        zone_of("Mars/Dome")


WHOLE = bytes.fromhex("0000003600000017") + BODY


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.hex(),
        WHOLE.hex(" ").upper(),
        WHOLE.hex(":"),
        ", ".join(f"0x{byte:02x}" for byte in WHOLE),
        "".join(f"\\x{byte:02x}" for byte in WHOLE),
        repr(WHOLE),
        "char packet[] = { /* 0000 */\n" + ",\n".join(f"0x{byte:02x}" for byte in WHOLE) + "};",
        "\n".join(f"{at:04x}  {WHOLE[at : at + 16].hex(' ')}" for at in range(0, len(WHOLE), 16)),
        "\n".join(f"{at:07o} {WHOLE[at : at + 16].hex(' ')}" for at in range(0, len(WHOLE), 16)) + "\n0000076",
        "\n".join(f"\t0x{at:04x}:  {WHOLE[at : at + 16].hex(' ', 2)}" for at in range(0, len(WHOLE), 16)),
        "\n".join(
            f"{at:08x}: {WHOLE[at : at + 16].hex(' ', 2):<39}  "
            + "".join(chr(byte) if 32 <= byte < 127 else "." for byte in WHOLE[at : at + 16])
            for at in range(0, len(WHOLE), 16)
        ),
        " ".join(f"{at:04x}: {WHOLE[at : at + 16].hex(' ')}" for at in range(0, len(WHOLE), 16)),
        DUMP,
        " ".join(DUMP.split()),
    ],
)
def test_pasted_bytes(text: str) -> None:
    assert parse_hex(text) == WHOLE


def test_the_ascii_column_may_look_like_bytes() -> None:
    data = b"abcdef01 2345678" + b"be"
    text = "\n".join(f"{at:04x}  {data[at : at + 16].hex(' '):<47}  {data[at : at + 16].decode()}" for at in (0, 16))
    assert parse_hex(text) == data


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there are no hexadecimal digits"),
        ("00 0", r"line 1: an odd number of digits \(3\)"),
        ("00\nzz", "line 2: 'z' is no hexadecimal digit"),
        ("\n".join(DUMP.split("\n")[:6]), "the rows of line 1 end after 32 of 54 body bytes"),
    ],
)
def test_what_is_no_hexadecimal_is_said(text: str, reason: str) -> None:
    with pytest.raises(CaptureError, match=reason):
        parse_hex(text)
