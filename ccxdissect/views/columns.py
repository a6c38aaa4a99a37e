"""The columns that were asked for by name."""

from __future__ import annotations

from ccxdissect.analysis.schema import Column, Schema
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
