"""The columns that were asked for by name."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.analysis.schema import Column, ColumnKind, Place, Schema, positional
from ccxdissect.errors import UsageError
from ccxdissect.views.layout import Layout
from ccxdissect.wording import nearest


def chosen(schema: Schema, layout: Layout) -> Schema:
    """The schema with the columns that the layout names; the schema itself when it names none.

    Raises UsageError for a name that there is not, with the nearest ones.
    """
    if not layout.columns:
        return schema
    return schema.choose(tuple(_column(schema, name) for name in layout.columns))


def _column(schema: Schema, name: str) -> Column:
    column = schema.column(name)
    if column is None:
        raise UsageError(f"{schema.name} have no column {name!r}; {nearest(name, schema.names())}")
    return column


COLUMNS = positional(
    "columns",
    "one column of a kind of rows",
    Column("rows", ColumnKind.TEXT, "whose rows have it"),
    Column("column", ColumnKind.TEXT, "its name"),
    Column("kind", ColumnKind.TEXT, "what its values are"),
    Column("formats", ColumnKind.TEXT, "nested: in JSON only; flat: in tables and CSV only"),
    Column("meaning", ColumnKind.TEXT, "what it says"),
)


def column_rows(schema: Schema) -> Iterator[list[str]]:
    """The columns of a schema as rows of `COLUMNS`, those of objects under the names that flat rows have for them."""
    flat = {column.name for column in schema.flat}
    nested = {column.name for column in schema.nested}
    for column in dict.fromkeys((*schema.nested, *schema.flat)):
        place = (
            Place.EVERYWHERE if column.name in flat & nested else Place.FLAT if column.name in flat else Place.NESTED
        )
        kind = column.kind.value + (f": {', '.join(column.codes)}" if column.codes else "")
        yield [schema.name, column.name, kind, place.value, column.meaning]
