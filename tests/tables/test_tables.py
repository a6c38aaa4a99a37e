"""Tables hold what was decoded, field for field; a folder of them never looks whole before it is; SQL reads and no more."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables.comparing import GIVEN, exported

import ccxdissect
from building import build, every_combination
from ccxdissect import columns
from ccxdissect.capture.segment import Endpoint
from ccxdissect.codec import Decoder, NamedValue
from ccxdissect.errors import CcxDissectError, UsageError
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Record, SessionState
from ccxdissect.tables import dataset
from ccxdissect.tables.dataset import SUCCESS, Dataset, Unit
from ccxdissect.tables.export import in_this_process
from ccxdissect.tables.message_columns import MessageColumns
from ccxdissect.tables.message_table import MessageTables
from ccxdissect.tables.plan import plan
from ccxdissect.tables.results import RESULT_TABLES
from ccxdissect.tables.rows import Tables
from ccxdissect.tables.sql import Database
from ccxdissect.tables.store import Store
from ccxdissect.tables.work import Done, Work
from commands import run

ROOT = Path(__file__).parents[2]
SAMPLES = sorted(map(str, (ROOT / "samples").glob("*.pcapng")))
TROUBLE, QUEUED = str(ROOT / "samples/trouble.pcapng"), str(ROOT / "samples/queued-call.pcapng")
SESSION = SessionState(3, Endpoint("10.0.0.1", 50001), Endpoint("10.0.0.9", 12028), 0, 0).session
DECODER = Decoder(UCCX_CTI)
TABLES = MessageTables(UCCX_CTI)


def record_of(number: int, body: bytes, version: int | None) -> Record:
    return Record(7, 21, 1_700_000_000_123_456_789, SESSION, Side.SERVER, DECODER.decode(number, body, version))


def row_of(record: Record) -> dict[str, object]:
    """The row as Arrow keeps it; raises when a value does not fit its column."""
    table = TABLES.of(record.decoded.message)
    made = pa.Table.from_pylist([table.row(record)], table.schema)
    made.validate(full=True)
    plain = [
        field.with_type(pa.int64()) if pa.types.is_timestamp(field.type) or pa.types.is_duration(field.type) else field
        for field in made.schema
    ]
    return made.cast(pa.schema(plain)).to_pylist()[0]


def floating_fields(row: dict[str, object], table: pa.Schema) -> int:
    """How many floating fields a row tells of, wherever they stand."""

    def within(records: list[dict[str, object]] | None) -> int:
        count = 0
        for record in records or []:
            for name, value in record.items():
                if name.endswith("_records"):
                    count += within(value)  # type: ignore[arg-type]
                elif value is not None and not name.endswith("_name"):
                    count += 1
        return count

    message = UCCX_CTI.by_name.get((table.metadata or {})[b"table"].decode())
    fixed = {field.name for form in (message.forms if message else ()) for field in form.fixed}
    names = [field.name for field in table if field.metadata and field.name not in fixed]
    known = {
        "message",
        "frame",
        "time",
        "session",
        "from",
        "src",
        "dst",
        "version",
        "length",
        "call",
        "undecoded",
        "problems",
    }
    count = 0
    for name in names:
        value = row[name]
        if name in known or value is None or (name.endswith("_name") and name[:-5] in row):
            continue
        if name == "other" or pa.types.is_map(table.field(name).type):
            count += len(value)  # type: ignore[arg-type]
        elif name.endswith("_records"):
            count += within(value)  # type: ignore[arg-type]
        else:
            count += 1
    return count


def test_every_field_of_every_type_has_its_column_and_its_value() -> None:
    for message, version, form, layout in every_combination():
        if form.title == "2+1" or version not in (10, 14, 18):
            continue
        record = record_of(message.number, build(message, version, form, layout, 3)[8:], version)
        row, schema = row_of(record), TABLES.of(message).schema
        for fixed, _, value in record.decoded.fixed_fields():
            if not fixed.reserved:
                unit = 10**9 if fixed.type.name == "TIME" else {"s": 10**9, "ms": 10**6}.get(fixed.unit, 1)
                assert row[fixed.name] == (value * unit if fixed.codes is None or unit == 1 else value), fixed.name
        for field in record.decoded.floating:
            if isinstance(field.value, NamedValue):
                assert field.value.value in dict(row[field.name]).values()  # type: ignore[call-overload]
        assert row["undecoded"] is None and row["length"] == len(record.decoded.body)
        reserved = sum(1 for field in record.decoded.floating if field.row is not None and field.row.reserved)
        assert floating_fields(row, schema) == len(record.decoded.floating) >= reserved, message.name


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([message.number for message in UCCX_CTI] + [999]),
    st.sampled_from([None, 10, 14, 18]),
    st.binary(max_size=120),
)
def test_whatever_the_bytes_they_make_a_row_and_no_field_is_lost(number: int, version: int | None, body: bytes) -> None:
    record = record_of(number, body, version)
    row = row_of(record)
    empty = sum(1 for field in record.decoded.floating if field.value is None)
    told = floating_fields(row, TABLES.of(record.decoded.message).schema)
    assert len(record.decoded.floating) - empty <= told <= len(record.decoded.floating)
    left = record.decoded.undecoded
    assert row["undecoded"] == (body[len(body) - left :] if left else None)


def test_a_folder_holds_every_message_and_every_result(tmp_path: Path) -> None:
    rows = exported([[QUEUED], [TROUBLE]], tmp_path / "out")
    for kind, table in zip(
        ("sessions", "exchanges", "calls", "agents", "findings", "losses"), RESULT_TABLES, strict=False
    ):
        count = sum(len(list(getattr(ccxdissect.open(path), kind)())) for path in (QUEUED, TROUBLE))
        assert rows[table] == count == pq.read_table(tmp_path / "out" / table).num_rows, table
    messages = [record for path in (QUEUED, TROUBLE) for record in ccxdissect.open(path).messages()]
    found = pq.read_table(tmp_path / "out" / "messages", columns=["message", "name", "src"])
    assert sorted(zip(*found.to_pydict().values(), strict=True)) == sorted(
        (record.number, record.name, record.src) for record in messages
    )
    told = json.loads((tmp_path / "out" / SUCCESS).read_text())
    assert (told["rows"], told["inputs"], told["unread"]) == (rows, [QUEUED, TROUBLE], {})
    # Every table is there with all its columns, whatever the captures hold; and says what it is.
    for table, schema in Tables(GIVEN.protocols).schemas().items():
        held = pq.read_schema(next((tmp_path / "out" / table).glob("*.parquet")))
        assert held.equals(schema), table
        assert held.metadata[b"form"] == b"1" and all(b"meaning" in field.metadata for field in held), table
    times = pq.read_table(tmp_path / "out" / "messages" / "name=OPEN_REQ")["time"].cast(pa.int64()).to_pylist()
    assert sorted(times) == sorted(record.time for record in messages if record.name == "OPEN_REQ")


def test_secrets_are_masked_unless_asked_for() -> None:
    record = record_of(3, next(r for r in ccxdissect.open(QUEUED).messages() if r.name == "OPEN_REQ").decoded.body, 14)
    assert row_of(record)["ClientPassword"] == "***"
    shown = MessageTables(UCCX_CTI, secrets=True).of(record.decoded.message).row(record)
    assert shown["ClientPassword"] != "***"


@pytest.mark.heavy
def test_what_died_half_way_does_not_look_whole_and_is_gone_on_with(tmp_path: Path) -> None:
    groups = [[QUEUED], [TROUBLE]]
    whole = exported(groups, tmp_path / "whole")

    class Killed(Exception):
        pass

    def dying(works: Iterable[Work]) -> Iterator[Done]:
        for work in works:
            if work.names == (TROUBLE,):
                raise Killed
            yield from in_this_process([work])

    with pytest.raises(Killed):
        exported(groups, tmp_path / "out", workforce=dying)
    assert not (tmp_path / "out" / SUCCESS).exists()
    with pytest.raises(CcxDissectError, match="was not|is no folder|finished"):
        Database(tmp_path / "out")
    # What a process that was killed leaves behind: a whole-looking file of a unit that was never done.
    (tmp_path / "out" / "calls" / "part-00002.parquet").write_bytes(b"torn")
    (tmp_path / "out" / "calls" / "part-00002_0002.parquet").write_bytes(b"torn")
    (tmp_path / "out" / "calls" / "part-00002.parquet.writing").write_bytes(b"torn")
    with pytest.raises(CcxDissectError, match=r"is not empty \(it holds .*--resume goes on in it"):
        Dataset(tmp_path / "out")
    assert exported(groups, tmp_path / "out", resume=True) == whole
    for table in Tables(GIVEN.protocols).schemas():
        one, other = (pq.read_table(tmp_path / folder / table) for folder in ("whole", "out"))
        assert one.equals(other), table
    assert exported(groups, tmp_path / "out", resume=True) == whole
    held = (tmp_path / "out" / SUCCESS).read_text()
    # Others, and fewer: who is refused leaves what is finished as it is.
    for other in ([[TROUBLE], [QUEUED]], groups[:1]):
        with pytest.raises(CcxDissectError, match="was begun with other captures"):
            exported(other, tmp_path / "out", resume=True)
        assert (tmp_path / "out" / SUCCESS).read_text() == held
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "holiday.jpg").touch()
    with pytest.raises(CcxDissectError, match="was not begun by an export"):
        Dataset(tmp_path / "other", resume=True)


def test_many_columns_are_a_row_group_at_once_and_few_wait_for_more(tmp_path: Path) -> None:
    """Held until the next come, they would be there twice when they become one."""
    unit = Unit(Store(str(tmp_path)), 1)
    for count in (100, 100, dataset.LARGE // 8, 100):
        numbers = pa.Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(bytes(8 * count))])
        unit.add_columns("t", pa.table({"a": numbers}))
    unit.close()
    found = pq.ParquetFile(tmp_path / "t" / "part-00001.parquet").metadata
    assert [found.row_group(place).num_rows for place in range(found.num_row_groups)] == [200 + dataset.LARGE // 8, 100]


@pytest.mark.heavy
def test_a_table_has_another_file_before_too_many_row_groups_are_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Parquet says of a row group is held until its file is closed: of all files together so many."""
    groups = [[QUEUED], [TROUBLE]]
    whole = exported(groups, tmp_path / "whole")
    held = []
    write_out = Unit._write_out

    def watched(unit: Unit, table: str) -> None:
        write_out(unit, table)
        held.append(unit._groups.total())

    monkeypatch.setattr(Unit, "_write_out", watched)
    monkeypatch.setattr(dataset, "UNCLOSED", 12)
    monkeypatch.setattr(dataset, "TOGETHER", 2)
    monkeypatch.setattr(dataset, "ROW_GROUP", 1)
    assert exported(groups, tmp_path / "out") == whole
    assert max(held) == 12
    calls = sorted(path.name for path in (tmp_path / "out" / "call_phases").iterdir())
    assert calls[:2] == ["part-00001.parquet", "part-00001_0002.parquet"]
    for table in Tables(GIVEN.protocols).schemas():
        one, other = (pq.read_table(tmp_path / folder / table) for folder in ("whole", "out"))
        assert one.to_pylist() == other.to_pylist(), table
    assert exported(groups, tmp_path / "out", resume=True) == whole
    with Database(tmp_path / "out") as database, Database(tmp_path / "whole") as before:
        query = "SELECT message, name FROM messages ORDER BY capture, message"
        assert list(database.query(query)) == list(before.query(query))


def test_folders_doubles_and_other_files_are_said(tmp_path: Path) -> None:
    place = tmp_path / "many files ü"
    place.mkdir()
    (place / "one.pcapng").write_bytes(Path(TROUBLE).read_bytes())
    (place / "notes.txt").write_text("x")
    (place / "torn.pcapng").write_bytes(b"\x0a\x0d\x0d\x0a torn")
    planned = plan([str(place), str(place / "one.pcapng"), QUEUED], GIVEN)
    assert sorted(planned.groups) == sorted([[QUEUED], [str(place / "one.pcapng")], [str(place / "torn.pcapng")]])
    assert planned.notes == [
        f"{place}: 1 file in it is no capture",
        f"{place / 'one.pcapng'}: is the same capture as {place / 'one.pcapng'}, and counted once",
    ]


@pytest.mark.heavy
def test_the_commands(tmp_path: Path) -> None:
    out, torn = str(tmp_path / "out"), tmp_path / "torn.pcapng"
    torn.write_bytes(b"\x0a\x0d\x0d\x0a torn")
    status, said, noted = run("export", QUEUED, TROUBLE, str(torn), "-o", out)
    assert status == 1
    assert said.startswith(f"{out}: 219 messages; 10 sessions, ")
    assert f"note: not read: {torn}: " in noted and "Traceback" not in noted
    assert json.loads((tmp_path / "out" / SUCCESS).read_text())["unread"].keys() == {str(torn)}
    assert run("export", QUEUED, "-o", out)[::2] == (
        1, f"ccxdissect: {out}: is not empty (it holds _SUCCESS); --resume goes on in it with the same captures, else name a new folder, or an empty one\n",
    )  # fmt: skip
    query = (
        "SELECT request_name, count(*) AS times FROM exchanges WHERE outcome = 'failed' GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    status, said, noted = run("sql", out, query, "--format", "csv")
    assert (status, noted) == (0, "")
    assert said.splitlines()[0] == "request_name,times" and len(said.splitlines()) > 2
    status, said, noted = run("sql", TROUBLE, query, "--format", "jsonl")
    assert (status, noted) == (0, "") and len(json.loads(said.splitlines()[0])) == 2
    assert run("sql", out, "SELEC 1")[::2] == (
        2, "ccxdissect: Parser Error: syntax error at or near \"SELEC\" (line 1, at 'SELEC 1')\n",
    )  # fmt: skip
    assert run("sql", out, "SELECT *\nFROM nix")[2].endswith("(line 2, at 'nix')\n")
    assert run("sql", out, "--format", "csv", "SELECT count(*) AS n FROM sessions") == (0, "n\n10\n", "")
    assert "AGENT_STATE_EVENT" in run("sql", out, "--tables")[1]
    assert run("sql", out, "SELECT * FROM calls", "--parquet", str(tmp_path / "calls.parquet"))[0] == 0
    assert pq.read_table(tmp_path / "calls.parquet").num_rows > 0
    assert run("sql", TROUBLE)[::2] == (
        2, "ccxdissect: a capture and a query are wanted: ccxdissect sql CAPTURE... 'SELECT ...'\n",
    )  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder = tmp_path_factory.mktemp("tables") / "out"
    exported([[path] for path in SAMPLES], folder)
    return Database(folder)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('/tmp/*.parquet')",
        "COPY calls TO '/tmp/calls.csv'",
        "ATTACH '/tmp/other.db'",
        "INSTALL httpfs",
        "CREATE TABLE mine AS SELECT 1",
        "DROP VIEW calls",
        "SET enable_external_access = true",
        "SELECT 1; SELECT 2",
        "",
    ],
)
def test_a_query_reads_the_tables_and_nothing_else(database: Database, query: str) -> None:
    with pytest.raises(UsageError) as raised:
        list(database.query(query))
    assert "\n" not in str(raised.value)


def questions() -> list[tuple[str, str, list[str]]]:
    """The worked questions: title, query, and the lines of the answer."""
    found = []
    for block in (ROOT / "samples/questions.sql").read_text().split("\n\n")[1:]:
        title, *lines = block.strip().splitlines()
        answer = [line.removeprefix("--   ") for line in lines if line.startswith("--   ")]
        query = "\n".join(line for line in lines if not line.startswith("--"))
        found.append((title.removeprefix("-- "), query.rstrip(";"), answer))
    return found


@pytest.mark.heavy
def test_the_worked_questions(tmp_path: Path) -> None:
    names = (ROOT / "samples/questions.sql").read_text().splitlines()[1].removeprefix("-- ").split()
    exported(plan([str(ROOT / f"samples/{name}.pcapng") for name in names], GIVEN).groups, tmp_path / "out")
    assert len(questions()) == 10
    with Database(tmp_path / "out") as database:
        for title, query, answer in questions():
            found = database.query(query)
            lines = [", ".join(column.name for column in found.schema.columns)]
            lines += [", ".join("" if value is None else str(value) for value in row) for row in found]
            assert lines == answer, title


def test_arrow_in_python() -> None:
    with ccxdissect.open(TROUBLE) as trace:
        exchanges = trace.to_arrow("exchanges")
        assert exchanges.num_rows == len(list(trace.exchanges()))
        assert exchanges.schema.field("latency").type == pa.duration("ns")
        assert trace.to_arrow("messages")["name"].to_pylist() == [record.name for record in trace.messages()]
        assert trace.to_arrow("OPEN_REQ").num_rows == 6
        assert trace.to_arrow("call_phases").num_rows > 0
        frame = trace.to_pandas("exchanges")
        assert list(frame["request_name"]) == [exchange.request_name for exchange in trace.exchanges()]
        assert str(frame["latency"].dtype) == "timedelta64[ns]"
        with pytest.raises(UsageError, match=r"^no table is called 'nix': there are messages, sessions, "):
            trace.to_arrow("nix")


def test_another_dialect_has_tables_too() -> None:
    for protocol in DIALECTS.values():
        schemas = Tables(protocol).schemas()
        assert len(schemas) == len(protocol.messages) + len(RESULT_TABLES)
        for table, schema in schemas.items():
            names = [name.casefold() for name in schema.names]
            assert len(names) == len(set(names)), table


@pytest.mark.parametrize("table", ["messages", "CALL_DELIVERED_EVENT", "exchanges", "sessions"])
def test_a_large_capture_is_made_a_table_by_columns(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with ccxdissect.open(QUEUED) as trace:
        one_by_one = trace.to_arrow(table)
    made: list[int] = []
    real = MessageColumns.of
    monkeypatch.setattr(
        MessageColumns, "of", lambda self, batch, mine=None: (made.append(len(batch)), real(self, batch, mine))[1]
    )
    monkeypatch.setattr(columns, "WORTH_LOADING", 1)
    with ccxdissect.open(QUEUED) as trace:
        by_columns = trace.to_arrow(table)
    assert by_columns.schema.equals(one_by_one.schema, check_metadata=True)
    assert by_columns.to_pylist() == one_by_one.to_pylist() != []
    assert bool(made) is (table in ("messages", "CALL_DELIVERED_EVENT"))


def test_an_export_takes_the_columns_of_captures_that_are_no_longer_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrow, which it needs anyway, has loaded what they take."""
    made: list[int] = []
    real = MessageColumns.of
    monkeypatch.setattr(
        MessageColumns, "of", lambda self, batch, mine=None: (made.append(len(batch)), real(self, batch, mine))[1]
    )
    monkeypatch.setattr(columns, "WORTH_USING", Path(TROUBLE).stat().st_size)
    exported([[TROUBLE]], tmp_path / "columns")
    assert sum(made) == 81
    monkeypatch.setattr(columns, "WORTH_USING", Path(TROUBLE).stat().st_size + 1)
    made.clear()
    exported([[TROUBLE]], tmp_path / "rows")
    assert made == []


def test_what_was_noted_while_a_redacted_copy_was_written_is_told(tmp_path: Path) -> None:
    torn = tmp_path / "smith.pcapng"
    torn.write_bytes(Path(TROUBLE).read_bytes()[:-7])
    plain = run("export", str(torn), "-o", str(tmp_path / "plain"))
    redacted = run("export", str(torn), "-o", str(tmp_path / "redacted"), "--redact")
    assert plain.returncode == redacted.returncode == 0
    assert plain.stderr.count("\n") == 1 and str(torn) in plain.stderr
    assert re.sub(r"redacted-[0-9a-f]{8}", str(torn), redacted.stderr) == plain.stderr
    report = run("report", str(torn), "--redact", "-o", str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text()
    told = plain.stderr.removeprefix("note: ").strip().replace(str(torn), "redacted capture")
    assert report.returncode == 0 and told in html.unescape(page) and "smith" not in told


def test_pandas_is_loaded_for_frames_alone(tmp_path: Path) -> None:
    """It takes a quarter of a short export's time, and Arrow would load it wherever it is. It is there when it is asked for."""
    program = (
        "import sys\n"
        "from ccxdissect import columns\n"
        "from ccxdissect.cli.main import main\n"
        "for columns.WORTH_USING in (1, 1 << 30):\n"
        f"    assert not main(['export', {QUEUED!r}, '-o', {str(tmp_path / 'out')!r} + str(columns.WORTH_USING)])\n"
        "print('pandas' in sys.modules)\n"
        "import ccxdissect\n"
        f"with ccxdissect.open({QUEUED!r}) as trace:\n"
        "    print('pandas' in sys.modules, type(trace.to_pandas('calls')).__name__)\n"
        "    print(type(trace.to_arrow('sessions')['start'].to_pylist()[0]).__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout.splitlines()[-3:], done.stderr) == (["False", "False DataFrame", "Timestamp"], "")
