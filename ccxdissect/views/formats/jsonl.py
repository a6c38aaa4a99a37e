"""JSON lines: one object a row. Times and durations are numbers of seconds with every digit the capture gave: a double
cannot hold nanoseconds since 1970, so the digits are written out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import islice
from json.encoder import encode_basestring_ascii
from operator import attrgetter, itemgetter
from typing import Any, TextIO

from ccxdissect.analysis.schema import Column, ColumnKind, Schema
from ccxdissect.views.casts import Casts, marked_number, marked_time
from ccxdissect.views.columns import chosen
from ccxdissect.views.layout import USUAL, Layout
from ccxdissect.views.lines import write_lines
from ccxdissect.wording import readable, seconds

#: So many texts (and times) are remembered as they are written, if they are no longer than that.
_MOST_TEXTS = 4096
_LONG = 100
#: Lists of fewer values are remembered so, too.
_SHORT = 8
#: So many rows are written at a time where nobody waits for each.
_TOGETHER = 64
_NULL = "null"

MEANING = "one JSON object a line, for programs"


def write(schema: Schema, rows: Iterable[Any], out: TextIO, layout: Layout = USUAL) -> None:
    """Write the rows, one object a line; nothing when there are none."""
    make = line_maker(chosen(schema, layout))
    objects = getattr(make, "__self__", None)
    if isinstance(objects, (_Objects, Casts)) and not out.isatty():
        # Nobody waits for each.
        write_lines(objects.lines(rows), out)
    else:
        write_lines(map(make, rows), out)


def line_maker(schema: Schema) -> Callable[[Any], str]:
    """What writes a row of the schema as one line of JSON, without the line's end."""
    if schema.line is not None:
        return schema.line
    whole = _Objects(schema).one
    if schema.cast is None:
        return whole
    return Casts(whole, _Objects(schema, _MARKED).one, _TEXTS.__getitem__, schema.cast).one


def json_text(text: str) -> str:
    """Text as a JSON string in ASCII; a byte that is not UTF-8 as a backslash escape in it."""
    line = encode_basestring_ascii(text if text.isascii() else readable(text))
    return line.replace("\x7f", "\\u007f") if "\x7f" in line else line


def json_value(value: object) -> str:
    """Plain data as JSON in ASCII: what no schema describes."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return json_text(value)
    if isinstance(value, Mapping):
        return "{" + ",".join([f"{json_text(str(key))}:{json_value(item)}" for key, item in value.items()]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([json_value(item) for item in value]) + "]"
    return json.dumps(value)


class _Texts(dict[Any, str]):
    """Texts as JSON strings. Of those that come again and again, each is made once."""

    def __missing__(self, text: Any) -> str:
        if text is None:
            return _NULL
        if text.__class__ is str:
            found = json_text(text)
        else:
            found = json_text(str(_bare(text)))
            if isinstance(text, int) or not isinstance(text, (str, Enum)):
                # Numbers that are equal need not read the same.
                return found
        if len(found) < _LONG:
            if len(self) >= _MOST_TEXTS:
                self.clear()
            self[text] = found
        return found


class _Seconds(dict[Any, str]):
    """Times and durations as numbers of seconds: one and the same stands in several places of a row."""

    def __missing__(self, time: Any) -> str:
        if time is None:
            return _NULL
        if len(self) >= _MOST_TEXTS:
            self.clear()
        found = self[time] = seconds(time)
        return found


#: The same texts and times stand in several columns of a row, too.
_TEXTS, _SECONDS = _Texts(), _Seconds()


#: What writes the values of a kind.
_Makers = Mapping[ColumnKind, Callable[[Any], str]]


class _Objects:
    """Writes rows of a schema as JSON objects, one or several."""

    def __init__(self, schema: Schema, makers: _Makers | None = None) -> None:
        """`makers`: what writes the values of some kinds otherwise than usual."""
        makers = _USUAL if makers is None else {**_USUAL, **makers}
        columns = schema.nested
        heads = [f"{',' if place else '{'}{json_text(column.name)}:" for place, column in enumerate(columns)]
        #: A row in pieces: every second one is the place of a value.
        self._pieces = [piece for head in heads for piece in (head, "")] + ["}" if heads else "{}"]
        self._makers = [_maker(column.kind, column.of, makers) for column in columns]
        self._values = _getter(columns)

    def one(self, row: Any) -> str:
        """A row."""
        pieces = self._pieces.copy()
        pieces[1::2] = [make(value) for make, value in zip(self._makers, self._values(row))]  # noqa: B905 - of one length
        return "".join(pieces)

    def some(self, rows: Any) -> str:
        """A list of rows, written column by column."""
        if not rows:
            return _NULL if rows is None else "[]"
        return "[" + self._joined(rows, ",") + "]"

    def lines(self, rows: Iterable[Any]) -> Iterator[str]:
        """Rows as lines, some at a time, those too written column by column."""
        rest = iter(rows)
        while some := list(islice(rest, _TOGETHER)):
            yield self._joined(some, "\n")

    def _joined(self, rows: Sequence[Any], between: str) -> str:
        size = len(self._pieces) + 1
        pieces = [*self._pieces, between] * len(rows)
        if self._makers:
            columns = zip(*map(self._values, rows))  # noqa: B905 - of one length
            for place, (make, column) in enumerate(zip(self._makers, columns)):  # noqa: B905 - of one length
                pieces[2 * place + 1 :: size] = map(make, column)
        del pieces[-1]
        return "".join(pieces)


def _getter(columns: Sequence[Column]) -> Callable[[Any], Sequence[Any]]:
    """What gives the values of a row, enumerations as they are."""
    getters = [attrgetter(column.name) if column.get is None else column.get for column in columns]
    for kind in (attrgetter, itemgetter):
        if len(getters) > 1 and all(isinstance(get, kind) for get in getters):
            # What is looked for is in how such a one is copied.
            found: Callable[[Any], Sequence[Any]] = kind(*(get.__reduce__()[1][0] for get in getters))
            return found
    return lambda row: [get(row) for get in getters]


def _maker(kind: ColumnKind, of: ColumnKind | Schema | None, makers: _Makers) -> Callable[[Any], str]:
    """What writes a value of a column; None as null."""
    if kind in makers:
        return makers[kind]
    if kind is ColumnKind.OBJECT and isinstance(of, Schema):
        whole = _Objects(of, makers).one
        return lambda value: _NULL if value is None else whole(value)
    if kind is ColumnKind.LIST and of is not None:
        return _Objects(of, makers).some if isinstance(of, Schema) else _list_maker(_maker(of, None, makers))
    if kind is ColumnKind.MAP and of is not None:
        return _map_maker(_Objects(of, makers).one if isinstance(of, Schema) else _maker(of, None, makers))
    return json_value


def _list_maker(item: Callable[[Any], str]) -> Callable[[Any], str]:
    """What writes lists of plain values. Short ones that come again and again are made once."""
    known: dict[Any, str] = {}

    def make(values: Any) -> str:
        if not values:
            return _NULL if values is None else "[]"
        short = values.__class__ is tuple and len(values) < _SHORT
        if short and values in known:
            return known[values]
        found = "[" + ",".join([item(value) for value in values]) + "]"
        if short and len(found) < _LONG:
            if len(known) >= _MOST_TEXTS:
                known.clear()
            known[values] = found
        return found

    return make


def _map_maker(item: Callable[[Any], str]) -> Callable[[Any], str]:
    name = _TEXTS.__getitem__

    def make(held: Any) -> str:
        if held is None:
            return _NULL
        return "{" + ",".join([f"{name(key)}:{item(value)}" for key, value in held.items()]) + "}"

    return make


def _integer(value: Any) -> str:
    if value.__class__ is int:
        return repr(value)
    return _NULL if value is None else int.__repr__(_bare(value))


def _flag(value: Any) -> str:
    if value is True:
        return "true"
    return "false" if value is False else json_value(value)


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


_USUAL: _Makers = {
    ColumnKind.TIME: _SECONDS.__getitem__,
    ColumnKind.DURATION: _SECONDS.__getitem__,
    ColumnKind.INTEGER: _integer,
    ColumnKind.TEXT: _TEXTS.__getitem__,
    ColumnKind.FLAG: _flag,
}
_MARKED: _Makers = {
    ColumnKind.TIME: marked_time,
    ColumnKind.DURATION: marked_time,
    ColumnKind.INTEGER: marked_number,
}
