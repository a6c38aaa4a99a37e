"""Text from strangers, made safe; times and durations in words; cells that are no formulas."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from ccxdissect.analysis.schema import Column, ColumnKind, positional
from ccxdissect.views.formats.csv import csv_lines, safe
from ccxdissect.views.table import Heading, table
from ccxdissect.views.text import clock, date_and_clock, shown
from ccxdissect.wording import duration, readable, seconds

TWO_TEXTS = positional("rows", "", Column("a", ColumnKind.TEXT, ""), Column("b", ColumnKind.TEXT, ""))


def test_what_a_terminal_would_obey_is_escaped() -> None:
    assert shown("Anna\x1b[2J\r\n\t\x07\x9b1m") == "Anna\\x1b[2J\\r\\n\\t\\x07\\x9b1m"
    assert shown("left\u202eright\u200b\u2066x\ufeff") == "left\\u202eright\\u200b\\u2066x\\ufeff"
    assert shown("M\udcfcller") == "M\\xfcller"
    assert shown("Müller 山田") == "Müller 山田"


@given(st.text())
def test_shown_text_is_one_printable_line(text: str) -> None:
    line = shown(text)
    assert "\n" not in line and "\x1b" not in line
    line.encode("utf-8")


@given(st.text(alphabet=st.characters(), max_size=20))
def test_readable_text_can_be_encoded(text: str) -> None:
    readable(text).encode("utf-8")


def test_times_keep_every_digit() -> None:
    assert seconds(1_700_000_000_123_456_789) == "1700000000.123456789"
    assert seconds(1_700_000_000_123_456_000) == "1700000000.123456"
    assert seconds(5) == "0.000000005"
    assert seconds(-1_500_000_000) == "-1.500000"
    assert clock(1_700_000_000_123_456_789) == "22:13:20.123456"
    assert date_and_clock(1_700_000_000_123_456_789) == "2023-11-14 22:13:20.123456"
    assert date_and_clock(10**30) == seconds(10**30)


def test_durations_are_said_as_people_do() -> None:
    said = [duration(ns) for ns in (850_000, 12_300_000, 4_200_000_000, 200 * 10**9, 7500 * 10**9)]
    assert said == ["850 µs", "12.3 ms", "4.2 s", "3 min 20 s", "2 h 5 min"]


def test_no_cell_is_a_formula() -> None:
    assert safe("=1+1") == "'=1+1"
    assert [safe(text) for text in ("+1", "-1", "@x", "a=1", "")] == ["'+1", "'-1", "'@x", "a=1", ""]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_csv_is_read_back_as_rows_whatever_the_text(rows: list[list[str]]) -> None:
    lines = list(csv_lines(TWO_TEXTS, rows))
    assert len(list(csv.reader(io.StringIO("\n".join(lines))))) == len(rows) + 1
    for row in csv.reader(io.StringIO("\n".join(lines))):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


def test_a_long_table_comes_in_pages() -> None:
    lines = list(table([Heading("n", number=True)], ([n] for n in range(5)), page=2))
    assert lines == ["  n", "---", "  0", "  1", "  n", "---", "  2", "  3", "  n", "---", "  4"]


def test_durations_are_rounded_and_not_cut() -> None:
    said = {
        99_960_000_000: "1 min 40 s", 59_960_000_000: "1 min 0 s", 59_940_000_000: "59.9 s", 999_960_000: "1.0 s",
        999_940_000: "999.9 ms", 999_600: "1.0 ms", 999_400: "999 µs", 3_599_600_000_000: "1 h 0 min",
        3_599_400_000_000: "59 min 59 s", 7_199_000_000_000: "2 h 0 min", 7_169_000_000_000: "1 h 59 min",
        -99_960_000_000: "-1 min 40 s",
    }  # fmt: skip
    assert {ns: duration(ns) for ns in said} == said
