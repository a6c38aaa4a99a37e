"""How tables lie in Parquet files: column by column what is small, soon written, and read by whatever reads Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import pyarrow as pa

try:
    from pyarrow._parquet import ParquetWriter
except ImportError:
    # Its home in Arrow's own house may move. The public one stays, and loads Arrow's file systems: all of TLS, for nothing.
    from pyarrow.parquet import ParquetWriter

__all__ = ["ParquetWriter", "parquet_writer"]

#: Values of a column that are encoded at once: the fewer steps, the better.
_AT_ONCE = 1 << 16


def parquet_writer(into: IO[bytes], schema: pa.Schema) -> ParquetWriter:
    """Writes tables of this schema into a file."""
    # To look for values that come again costs more than it saves where there are many: zstd finds them, too. The least and
    # the largest of texts would keep hardly any reader from a row group: all have people and phones from all over.
    coded = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    counted = [field.name for field in schema if pa.types.is_integer(field.type) or pa.types.is_temporal(field.type)]
    # Numbers, times, sessions and calls rise slowly: what each is more than the one before takes a few bits, so that zstd has
    # hardly anything left to do. With places in short lists, and without any, it would be begun for nothing, page by page.
    rising = [field.name for field in schema if _may_rise(field.type)]
    squeezed = [path for field in schema if field.name not in coded for path in _paths(field.name, field.type)]
    return ParquetWriter(
        into,
        schema,
        version="2.6",
        writer_engine_version="V2",
        compression=dict.fromkeys(squeezed, "zstd"),
        use_dictionary=coded or False,
        column_encoding=dict.fromkeys(rising, "DELTA_BINARY_PACKED") or None,
        write_statistics=counted or False,
        write_batch_size=_AT_ONCE,
    )


def _may_rise(kind: pa.DataType) -> bool:
    """Whether values of this type are numbers of what came one after the other, or times. Those of fewer bits are mostly kinds of
    something, which zstd makes smaller."""
    return bool(pa.types.is_temporal(kind) or (pa.types.is_integer(kind) and kind.bit_width == 64))


def _paths(path: str, kind: pa.DataType) -> Iterator[str]:
    """The columns of a file that one of a table becomes: several where values have parts."""
    inner: list[tuple[str, Any]] = []
    if pa.types.is_map(kind):
        inner = [("key_value.key", kind.key_type), ("key_value.value", kind.item_type)]
    elif pa.types.is_list(kind):
        inner = [("list.element", kind.value_type)]
    elif pa.types.is_struct(kind):
        inner = [(part.name, part.type) for part in kind]
    else:
        yield path
    for name, part in inner:
        yield from _paths(f"{path}.{name}", part)
