"""Tables lie in files as is best for each column, whatever its type, and readers get what was written."""

from __future__ import annotations

import io
import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ccxdissect.tables.parquet_writing import parquet_writer

#: Types of columns of tables, and a few that none has yet.
KINDS = {
    "number": pa.int64(),
    "large": pa.uint64(),
    "time": pa.timestamp("ns", tz="UTC"),
    "span": pa.duration("ns"),
    "small": pa.uint16(),
    "middle": pa.int32(),
    "flag": pa.bool_(),
    "share": pa.float64(),
    "text": pa.string(),
    "octets": pa.binary(),
    "coded": pa.dictionary(pa.int32(), pa.string()),
    "list": pa.list_(pa.string()),
    "map": pa.map_(pa.string(), pa.string()),
    "parts": pa.list_(pa.struct([("tag", pa.int32()), ("name", pa.string()), ("inner", pa.list_(pa.int64()))])),
}
TEXTS = ("name", "text", "octets", "element", "key", "value")


def value(kind: pa.DataType, chance: random.Random) -> object:
    if chance.random() < 0.2:
        return None
    if pa.types.is_map(kind):
        return [("key" * 9, "value" * 9)] * chance.randrange(3)
    if pa.types.is_list(kind):
        return [value(kind.value_type, chance) for _ in range(chance.randrange(3))]
    if pa.types.is_struct(kind):
        return {part.name: value(part.type, chance) for part in kind}
    if pa.types.is_boolean(kind):
        return chance.random() < 0.5
    if pa.types.is_binary(kind):
        return chance.randbytes(chance.randrange(9)) * 9
    if pa.types.is_string(kind) or pa.types.is_dictionary(kind):
        return chance.choice(("rosa", "heinrich")) * 9
    if pa.types.is_floating(kind):
        return chance.random()
    signed = not pa.types.is_unsigned_integer(kind)
    bits = kind.bit_width - signed
    return chance.choice((0, 1, chance.getrandbits(bits), (1 << bits) - 1, -(1 << bits) if signed else 2))


def written(table: pa.Table) -> io.BytesIO:
    file = io.BytesIO()
    writer = parquet_writer(file, table.schema)
    if len(table):
        writer.write_table(table, row_group_size=len(table))
    writer.close()
    return io.BytesIO(file.getvalue())


def row_group(table: pa.Table) -> pq.RowGroupMetaData:
    return pq.ParquetFile(written(table)).metadata.row_group(0)


def made(seed: int, names: list[str], rows: int) -> pa.Table:
    chance = random.Random(seed)
    columns = [pa.array([value(KINDS[name], chance) for _ in range(rows)], KINDS[name]) for name in names]
    return pa.table(columns, names=names)


@pytest.mark.parametrize("rows", [0, 1, 300])
@pytest.mark.parametrize("seed", range(8))
def test_what_is_read_is_what_was_written(seed: int, rows: int) -> None:
    names = random.Random(seed).sample(list(KINDS), seed + 1)
    table = made(seed, names, rows)
    read = pq.ParquetFile(written(table)).read()
    assert read.schema.equals(table.schema) and read.equals(table)


def test_another_reader_reads_the_same(tmp_path: Path) -> None:
    table = made(1, list(KINDS), 200)
    (tmp_path / "t.parquet").write_bytes(written(table).getvalue())
    with duckdb.connect() as database:
        arrow = database.read_parquet(str(tmp_path / "t.parquet")).to_arrow_table()
    for name in (
        "number",
        "large",
        "small",
        "middle",
        "flag",
        "share",
        "text",
        "octets",
        "coded",
        "list",
        "map",
        "parts",
    ):
        assert arrow[name].to_pylist() == table[name].to_pylist(), name
    assert arrow["time"].cast(pa.int64()).equals(table["time"].cast(pa.int64()))
    assert arrow["span"].cast(pa.int64()).equals(table["span"].cast(pa.int64()))


def test_texts_are_made_smaller_however_deep_they_lie() -> None:
    """What is not told how to lie, lies there as it is."""
    group = row_group(made(1, list(KINDS), 2_000))
    columns = {column.path_in_schema: column for column in map(group.column, range(group.num_columns))}
    assert {path for path, column in columns.items() if column.compression == "UNCOMPRESSED"} == {"coded"}
    for path, column in columns.items():
        if path.rpartition(".")[2] in TEXTS and column.physical_type == "BYTE_ARRAY":
            assert column.total_compressed_size < column.total_uncompressed_size / 4, path
    assert {path for path, column in columns.items() if column.has_dictionary_page} == {"coded"}
    assert columns["coded"].total_compressed_size < 2_000
    rising = {path for path, column in columns.items() if "DELTA_BINARY_PACKED" in column.encodings}
    assert rising == {"number", "large", "time", "span"}


def test_numbers_that_rise_take_few_bits() -> None:
    numbers = pa.table({"number": pa.array(range(10_000, 30_000, 2)), "time": pa.array(range(0, 10_000_000, 1_000))})
    group = row_group(numbers)
    assert sum(group.column(place).total_uncompressed_size for place in range(2)) < len(numbers)


def test_readers_learn_between_what_numbers_lie_and_not_between_what_texts() -> None:
    group = row_group(made(1, ["number", "small", "text", "coded"], 50))
    told = {column.path_in_schema: column.is_stats_set for column in map(group.column, range(group.num_columns))}
    assert told == {"number": True, "small": True, "text": False, "coded": False}
