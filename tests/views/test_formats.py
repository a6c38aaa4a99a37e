"""Rows of a schema in every format, whole: kinds decide how a value looks, never its size."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from operator import itemgetter
from pathlib import Path

import pytest

from ccxdissect.analysis.schema import Column, ColumnKind, Place, Schema, plain
from ccxdissect.cli.main import main
from ccxdissect.errors import UsageError
from ccxdissect.views import formats
from ccxdissect.views.formats import format_names, jsonl, writer
from ccxdissect.views.layout import Layout


class Colour(Enum):
    RED = "red"


class Figure(IntEnum):
    TWO = 2


@dataclass
class Side:
    sent: int


@dataclass
class Row:
    number: int
    time: int
    took: int | None = None
    colour: Colour = Colour.RED
    over: bool = True
    names: Sequence[str] = field(default_factory=list)
    side: Side | None = None
    steps: list[Side] = field(default_factory=list)


SENT = Schema("side", "one side", (Column("sent", ColumnKind.INTEGER, "how many"),))
SCHEMA = Schema(
    "rows",
    "rows of a test",
    (
        Column("number", ColumnKind.INTEGER, "its number", rank=1),
        Column("time", ColumnKind.TIME, "when", rank=1),
        Column("took", ColumnKind.DURATION, "how long", heading="for", rank=1, optional=True),
        Column("colour", ColumnKind.TEXT, "which", rank=1, codes=("red",)),
        Column("over", ColumnKind.FLAG, "whether", rank=1),
        Column("names", ColumnKind.LIST, "who", rank=1, of=ColumnKind.TEXT),
        Column("side", ColumnKind.OBJECT, "a side", of=SENT, optional=True),
        Column("steps", ColumnKind.LIST, "steps", of=SENT),
        Column("twice", ColumnKind.INTEGER, "twice its number", lambda row: row.number * 2, place=Place.FLAT),
    ),
)
#: A capture from the first second of 1970, and a duration of fifty years.
OLD = Row(1, 500_000_000, 50 * 365 * 86400 * 10**9, names=["a", "=b"], side=Side(3), steps=[Side(4)])
NEW = Row(20, 1_700_000_000_123_456_789, None, over=False)


def written(style: str, rows: list[Row], layout: Layout | None = None) -> str:
    out = io.StringIO()
    writer(style).write(SCHEMA, rows, out, *([] if layout is None else [layout]))
    return out.getvalue()


def test_the_formats_are_the_files_there_are() -> None:
    assert {"table", "csv", "jsonl"} <= set(format_names())
    for name in format_names():
        assert writer(name).MEANING


def test_a_new_format_is_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shout.py").write_text(
        "MEANING = 'loud'\n"
        "def write(schema, rows, out, layout=None):\n"
        "    for row in rows:\n"
        "        out.write(f'{schema.name}! {row.session.number}!\\n')\n"
    )
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path)])
    sample = Path(__file__).parents[2] / "samples" / "trouble.pcapng"
    assert main(["sessions", str(sample), "--format", "shout"]) == 0
    assert capsys.readouterr().out == "".join(f"sessions! {number}!\n" for number in range(1, 7))


def test_a_format_that_a_command_lacks_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["live", "-", "--format", "csv"])
    assert ended.value.code == 2 and "invalid choice: 'csv'" in capsys.readouterr().err


def test_a_table() -> None:
    assert written("table", [OLD, NEW]) == (
        "  number  time (UTC)                  for             colour    over    names\n"
        "--------  --------------------------  --------------  --------  ------  -------\n"
        "       1  1970-01-01 00:00:00.500000  438000 h 0 min  red       yes     a =b\n"
        "      20  2023-11-14 22:13:20.123456                  red       no\n"
    )


def test_csv() -> None:
    assert written("csv", [OLD, NEW]) == (
        "number,time,took,colour,over,names,side_sent,twice\n"
        "1,1970-01-01T00:00:00.500000Z,1576800000.000000,red,yes,a =b,3,2\n"
        "20,2023-11-14T22:13:20.123456789Z,,red,no,,,40\n"
    )


def test_json_lines() -> None:
    assert written("jsonl", [OLD, NEW]) == (
        '{"number":1,"time":0.500000,"took":1576800000.000000,"colour":"red","over":true,"names":["a","=b"],'
        '"side":{"sent":3},"steps":[{"sent":4}]}\n'
        '{"number":20,"time":1700000000.123456789,"took":null,"colour":"red","over":false,"names":[],"side":null,'
        '"steps":[]}\n'
    )


def test_json_lines_of_lists_of_rows() -> None:
    """A list of rows is written column by column: each value as one alone is, whatever the others are."""
    inner = Schema(
        "inner",
        "what a list holds",
        (
            Column("100%s", ColumnKind.INTEGER, "a number", itemgetter(0), optional=True),
            Column("when", ColumnKind.TIME, "a time", itemgetter(1), optional=True),
            Column("word", ColumnKind.TEXT, "a text", itemgetter(2), optional=True),
            Column("whether", ColumnKind.FLAG, "a flag", itemgetter(3), optional=True),
            Column("some", ColumnKind.LIST, "a list", itemgetter(4), of=ColumnKind.INTEGER, optional=True),
        ),
    )
    outer = Schema(
        "outer",
        "rows that hold lists",
        (
            Column("rows", ColumnKind.LIST, "rows", lambda row: row, of=inner, optional=True),
            Column("names", ColumnKind.MAP, "by name", lambda row: dict(enumerate_names(row)), of=inner),
            Column("empty", ColumnKind.LIST, "of nothing", lambda row: row, of=Schema("none", "no columns", ())),
        ),
    )
    rows = (
        (1, 2_000, "é%s\n", True, (1, 2)),
        (None, None, None, None, None),
        (-7, 1_700_000_000_123_456_789, "é%s\n", False, [3]),
        (Figure.TWO, -1, Colour.RED, None, ()),
    )
    first, nothing = (
        '{"100%s":1,"when":0.000002,"word":"\\u00e9%s\\n","whether":true,"some":[1,2]}',
        '{"100%s":null,"when":null,"word":null,"whether":null,"some":null}',
    )
    third, last = (
        '{"100%s":-7,"when":1700000000.123456789,"word":"\\u00e9%s\\n","whether":false,"some":[3]}',
        '{"100%s":2,"when":-0.000000001,"word":"red","whether":null,"some":[]}',
    )
    make = jsonl.line_maker(outer)
    assert make(rows) == (
        f'{{"rows":[{first},{nothing},{third},{last}],"names":{{"0%s":{first},"1%s":{nothing},"2%s":{third},"3%s":{last}}},'
        '"empty":[{},{},{},{}]}'
    )
    assert make(rows[1:2]) == f'{{"rows":[{nothing}],"names":{{"0%s":{nothing}}},"empty":[{{}}]}}'
    assert make(()) == '{"rows":[],"names":{},"empty":[]}'
    assert jsonl.line_maker(Schema("none", "no columns", ()))(rows) == "{}"


def test_json_lines_remember_what_comes_again_and_no_more() -> None:
    """Whatever is remembered of texts, times and lists, thousands of them are written as each is by itself."""
    make, again = jsonl.line_maker(SCHEMA), ',"again"'
    for number in (*range(3_000), *range(3_000)):
        row = Row(1, number, took=number * 10**9, names=(str(number), "again")[: 1 + number % 2])
        assert make(row) == (
            f'{{"number":1,"time":0.{number:09d},"took":{number}.000000,"colour":"red","over":true,'
            f'"names":["{number}"{again * (number % 2)}],"side":null,"steps":[]}}'
        ).replace(f":0.{number:09d}", f":0.{number // 1000:06d}" if number % 1000 == 0 else f":0.{number:09d}")


def enumerate_names(rows: Sequence[object]) -> Iterator[tuple[str, object]]:
    return ((f"{place}%s", row) for place, row in enumerate(rows))


def test_nothing_is_written_as_nothing_under_its_heading() -> None:
    assert written("table", []) == (
        "number    time (UTC)    for    colour    over    names\n--------  ------------  -----  --------  ------  -------\n"
    )
    assert written("csv", []) == "number,time,took,colour,over,names,side_sent,twice\n"
    assert written("jsonl", []) == ""


def test_columns_are_chosen_by_name_in_their_order() -> None:
    layout = Layout(columns=("twice", "side_sent", "took"))
    assert written("csv", [OLD], layout) == "twice,side_sent,took\n2,3,1576800000.000000\n"
    assert written("jsonl", [OLD], layout) == '{"twice":2,"side_sent":3,"took":1576800000.000000}\n'
    assert written("table", [OLD], layout) == (
        "  twice    side_sent  took\n-------  -----------  --------------\n      2            3  438000 h 0 min\n"
    )


def test_a_column_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"rows have no column 'colur'; did you mean colour\?"):
        written("csv", [OLD], Layout(columns=("colur",)))


def test_a_row_as_plain_data() -> None:
    assert plain(SCHEMA, OLD) == {
        "number": 1,
        "time": 500_000_000,
        "took": 1_576_800_000_000_000_000,
        "colour": "red",
        "over": True,
        "names": ["a", "=b"],
        "side": {"sent": 3},
        "steps": [{"sent": 4}],
    }


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 200])
def test_rows_that_are_written_together_are_those_written_one_by_one(count: int) -> None:
    """Also where lists and objects in them are there or lacking."""
    schema = Schema(
        "things",
        "for a test",
        (
            Column("number", ColumnKind.INTEGER, "", itemgetter(0), optional=True),
            Column("text", ColumnKind.TEXT, "", itemgetter(1)),
            Column("numbers", ColumnKind.LIST, "", itemgetter(2), of=ColumnKind.INTEGER),
        ),
    )
    rows = [(None if place % 3 else place, f"text\n {place}", list(range(place % 5))) for place in range(count)]
    out = io.StringIO()
    jsonl.write(schema, iter(rows), out)
    make = jsonl.line_maker(schema)
    assert out.getvalue() == "".join(make(row) + "\n" for row in rows)
    assert [json.loads(line)["number"] for line in out.getvalue().splitlines()] == [row[0] for row in rows]


def test_where_somebody_watches_each_row_is_written_as_it_comes() -> None:
    written: list[str] = []

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()

    def rows() -> Iterator[tuple[int]]:
        for number in range(3):
            written.append(out.getvalue())
            yield (number,)

    schema = Schema("things", "for a test", (Column("number", ColumnKind.INTEGER, "", itemgetter(0)),))
    jsonl.write(schema, rows(), out)
    assert written == ["", '{"number":0}\n', '{"number":0}\n{"number":1}\n']
