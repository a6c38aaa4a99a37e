"""What the rows of a result are made of: declared once for each kind of result, read by every writer.

A column knows how its value is taken from a result and what kind it is of; it does not know how it looks. Times and
durations are integers of nanoseconds here and are told apart by their kind alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from operator import attrgetter, itemgetter
from typing import Any

from ccxdissect.analysis.marks import Cast


class ColumnKind(Enum):
    """What the values of a column are."""

    TIME = "time"  #: a point in time: int, ns since 1970 in UTC
    DURATION = "duration"  #: a length of time: int, ns
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"  #: bool
    LIST = "list"  #: of what `Column.of` says
    MAP = "map"  #: a mapping of texts to what `Column.of` says
    OBJECT = "object"  #: a result with the schema `Column.of`, or (without one) a mapping of names to JSON values


class Place(Enum):
    """Where a column is told of. Nested columns are taken apart where rows are flat."""

    EVERYWHERE = "everywhere"
    NESTED = "nested"  #: only where rows may be nested (JSON)
    FLAT = "flat"  #: only where they are flat (tables, CSV)


@dataclass(frozen=True)
class Column:
    """One column.

    `get` takes the value from a result (default: the attribute of the column's name); None stands for no value.
    `codes`: all the texts that may stand there. `of`: what a list holds, or what an object is made of. `rank`: how much
    it matters in a table, 1 the most; 0 stands there only when asked for. `told`: how the whole result reads in this
    column of a table, where that is more than its value. `brief`: how a nested value reads in one cell.
    """

    name: str
    kind: ColumnKind
    meaning: str
    get: Callable[[Any], Any] | None = None
    heading: str = ""
    rank: int = 0
    codes: tuple[str, ...] = ()
    of: ColumnKind | Schema | None = None
    optional: bool = False
    place: Place = Place.EVERYWHERE
    told: Callable[[Any], object] | None = None
    brief: Callable[[Any], str] | None = None
    #: Broken into lines in a table rather than cut.
    prose: bool = False
    #: Which word a row is known by in this column, where colours tell words apart (default: its code).
    tone: Callable[[Any], object] | None = None

    @property
    def title(self) -> str:
        """What stands above it in a table."""
        return self.heading or self.name

    def value(self, row: Any) -> Any:
        """The value of a row: of an enumeration its value."""
        found = getattr(row, self.name) if self.get is None else self.get(row)
        return found.value if isinstance(found, Enum) else found


@dataclass(frozen=True)
class Schema:
    """The columns of one kind of result, in their order."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    #: Columns that are too many to list, made when asked for by name (the fields of messages).
    further: Callable[[str], Column | None] | None = field(default=None, compare=False)
    #: The names of those, for suggestions.
    further_names: Callable[[], tuple[str, ...]] | None = field(default=None, compare=False)
    #: A quicker way to write a row as one line of JSON; the same to the letter.
    line: Callable[[Any], str] | None = field(default=None, compare=False)
    #: What a row was cast of, where it was cast in a mould.
    cast: Callable[[Any], Cast | None] | None = field(default=None, compare=False)

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    @property
    def nested(self) -> tuple[Column, ...]:
        """The columns where rows may be nested."""
        return tuple(column for column in self.columns if column.place is not Place.FLAT)

    @property
    def flat(self) -> tuple[Column, ...]:
        """The columns where rows are flat: objects taken apart (`bytes_client_payload`), what cannot be told in a cell
        left out."""
        found: list[Column] = []
        for column in self.columns:
            if column.place is not Place.NESTED:
                found += _taken_apart(column)
        return tuple(found)

    @property
    def usual(self) -> tuple[Column, ...]:
        """The columns of a table when nobody chose any."""
        return tuple(column for column in self.flat if column.rank)

    def column(self, name: str) -> Column | None:
        """The column of that name, flat or nested, whatever its case; None when there is none."""
        for column in (*self.flat, *self.nested):
            if column.name == name:
                return column
        folded = name.casefold()
        for column in self.flat:
            if column.name.casefold() == folded:
                return column
        return None if self.further is None else self.further(name)

    def names(self) -> tuple[str, ...]:
        """All the names that `column` knows."""
        more = () if self.further_names is None else self.further_names()
        return (*dict.fromkeys(column.name for column in (*self.flat, *self.nested)), *more)

    def choose(self, columns: tuple[Column, ...]) -> Schema:
        """The same results with these columns only."""
        chosen = tuple(
            replace(column, rank=column.rank or 1, place=Place.EVERYWHERE, heading="", told=None) for column in columns
        )
        return replace(self, columns=chosen, line=None)


def _taken_apart(column: Column) -> list[Column]:
    if column.kind is ColumnKind.OBJECT and isinstance(column.of, Schema) and column.brief is None:
        return [_inside(column, inner) for inner in column.of.flat]
    whole = column.kind is ColumnKind.LIST and isinstance(column.of, ColumnKind)
    nested = column.kind in (ColumnKind.OBJECT, ColumnKind.LIST, ColumnKind.MAP) and not whole
    return [] if nested and column.brief is None else [column]


def _inside(outer: Column, inner: Column) -> Column:
    def get(row: Any) -> Any:
        held = outer.value(row)
        return None if held is None else inner.value(held)

    return replace(
        inner,
        name=f"{outer.name}_{inner.name}",
        heading="",
        get=get,
        optional=outer.optional or inner.optional,
        told=None,
    )


def positional(name: str, meaning: str, *columns: Column) -> Schema:
    """A schema for rows that are plain sequences, with a value for each column in its order."""
    return Schema(
        name,
        meaning,
        tuple(replace(column, get=itemgetter(place), rank=column.rank or 1) for place, column in enumerate(columns)),
    )


def attribute(path: str) -> Callable[[Any], Any]:
    """Takes an attribute of an attribute: `session.number`."""
    return attrgetter(path)


def plain(schema: Schema, row: Any) -> dict[str, Any]:
    """A row as nested dictionaries and lists, times and durations in ns: for Python and for tests."""
    return {column.name: _plain(column.kind, column.of, column.value(row)) for column in schema.nested}


def _plain(kind: ColumnKind, of: ColumnKind | Schema | None, value: Any) -> Any:
    if value is None:
        return None
    if kind is ColumnKind.OBJECT:
        return plain(of, value) if isinstance(of, Schema) else dict(value) if isinstance(value, Mapping) else value
    if kind is ColumnKind.MAP and of is not None:
        if isinstance(of, Schema):
            return {key: plain(of, item) for key, item in value.items()}
        return {key: _plain(of, None, item) for key, item in value.items()}
    if kind is ColumnKind.LIST:
        if isinstance(of, Schema):
            return [plain(of, item) for item in value]
        return [item.value if isinstance(item, Enum) else item for item in value]
    return value
