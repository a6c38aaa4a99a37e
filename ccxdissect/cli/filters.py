"""Which messages and rows the command line asks for."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from ccxdissect.analysis.filters import Filter
from ccxdissect.analysis.message_fields import column_operand, message_names, message_operand
from ccxdissect.analysis.schema import Column, ColumnKind, Schema
from ccxdissect.analysis.where import Operand, Vocabulary, compile_expression, divided
from ccxdissect.cli.options import add_filters, names_of
from ccxdissect.cli.reading import shown_zone
from ccxdissect.errors import UsageError
from ccxdissect.sources.keeping import MOST_TOLD
from ccxdissect.sources.options import protocols_of
from ccxdissect.views.cells import joined
from ccxdissect.views.text import date_and_clock, shown, zone
from ccxdissect.wording import duration, meant, nearest, plural

if TYPE_CHECKING:
    from ccxdissect.sources.trace import Trace


def filter_of(args: argparse.Namespace, but: tuple[str, ...] = (), rows: Schema | None = None) -> Filter | None:
    """The filter of messages that the options make; None when they make none. `but`: leaves these options to the
    command. `rows`: what the command lists, of whose columns `--where` and `-c` may speak as well (see `row_test`);
    without, both are about messages."""

    def given(name: str) -> Any:
        return None if name in but else getattr(args, name, None)

    def names(name: str) -> tuple[str, ...]:
        return () if name in but else names_of(args, name)

    where = given("where")
    if where is not None and rows is not None:
        where = _halves(args, rows)[1]
    found = Filter(
        sessions=tuple(given("session") or ()),
        agents=names("agent"),
        calls=tuple(given("call") or ()),
        numbers=names("number"),
        types=names("type"),
        classes=names("classes"),
        kinds=names("kind"),
        start=given("start"),
        end=given("end"),
        problems=names("problem"),
        heartbeats=not given("no_heartbeats"),
        where=where,
        most=given("most_rows") if rows is None else None,
        zone=shown_zone(args),
    )
    return found or None


def filter_from(text: str) -> Filter | None:
    """The filter that the options mean which are typed in a line. Raises UsageError."""
    from shlex import split

    try:
        words = split(text)
    except ValueError as error:
        raise UsageError(f"{error}: {text!r}") from None
    parser = _LineParser(add_help=False, usage="")
    add_filters(parser)
    found = filter_of(parser.parse_args(words))
    return None if found is None else replace(found, zone=zone())


class _LineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        from ccxdissect.cli.main import hint_for

        options = [name for action in self._actions for name in action.option_strings]
        raise UsageError(message + hint_for(message, options))


def _halves(args: argparse.Namespace, schema: Schema) -> tuple[str | None, str | None]:
    """What of `--where` is about the rows, and what is about messages. Raises UsageError."""
    protocols = protocols_of(args.dialect)

    def of_rows(name: str) -> Operand:
        return column_operand(_known_column(schema, name))

    rows = Vocabulary(schema.name, of_rows, schema.names)
    messages = Vocabulary("messages", lambda name: message_operand(name, protocols), lambda: message_names(protocols))
    return divided(args.where, rows, messages)


def _known_column(schema: Schema, name: str) -> Column:
    column = schema.column(name)
    if column is None:
        raise UsageError(f"{schema.name} have no column {name!r}; {nearest(name, schema.names())}")
    return column


class Own(NamedTuple):
    """An option of a command's own: whether a row fits it, and the names that it asks for."""

    fits: Callable[[Any], bool]
    asked: tuple[str, ...] = ()


class RowFilter:
    """Which rows of a result are wanted: by what `--where` says of their columns, and by options that the command has
    itself. `own`: each of those, by the column that it is about. Once the rows are through, it can say why there were
    none.
    """

    def __init__(self, args: argparse.Namespace, schema: Schema, own: Mapping[str, Own] | None = None) -> None:
        self._schema = schema
        self._own = own or {}
        self._tests = [option.fits for option in self._own.values()]
        self._columns = {name: _There(_known_column(schema, name)) for name in self._own}
        of_rows = None if args.where is None else _halves(args, schema)[0]
        if of_rows is not None:
            self._tests.append(compile_expression(of_rows, self._resolve, shown_zone(args)))
        self._count = self._fitting = 0

    def _resolve(self, name: str) -> Operand:
        column = _known_column(self._schema, name)
        self._columns.setdefault(column.name, _There(column))
        return column_operand(column)

    def of(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Those that are wanted."""
        for row in rows:
            self._count += 1
            for test in self._tests:
                if not test(row):
                    break
            else:
                self._fitting += 1
                yield row
                continue
            if not self._fitting:
                for there in self._columns.values():
                    there.see(row)

    def __bool__(self) -> bool:
        return bool(self._tests)

    def why_none(self, trace: Trace) -> str | None:
        """Why nothing came through, and what there was; None when something did, or when the trace says so itself."""
        name = self._schema.name
        if self._fitting or (trace.kept is not None and not trace.kept.count):
            return None
        count = self._count or trace.passed_over[name]
        if not count:
            return None
        said = f"nothing of {plural(count, 'row')} fits"
        if not self._count:
            assert trace.kept is not None
            return f"{said}: {plural(trace.kept.count, 'message')} would, but no row is about one of them"
        parts = [f"there was {text}" for there in self._columns.values() if (text := there.said()) is not None]
        for column, option in self._own.items():
            hints = [(one, meant(one, self._columns[column].texts)) for one in option.asked]
            parts += [f"{shown(one)}: {hint}" for one, hint in hints if hint is not None]
        return "; ".join([said, *parts])


class _There:
    """What there was in a column of the rows that were not wanted. Bounded."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self.texts: dict[str, None] = {}
        self._least: Any = None
        self._most: Any = None

    def see(self, row: Any) -> None:
        value = self._column.value(row)
        if value is None:
            return
        if self._column.kind in _MEASURED:
            self._least = value if self._least is None else min(self._least, value)
            self._most = value if self._most is None else max(self._most, value)
            return
        items = value if isinstance(value, (list, tuple)) else (joined(self._column, value),)
        for item in items:
            if len(self.texts) < _MOST_REMEMBERED:
                self.texts[shown(str(getattr(item, "value", item)))] = None

    def said(self) -> str | None:
        name = self._column.name
        if self._column.kind not in _MEASURED:
            more = " ..." if len(self.texts) > MOST_TOLD else ""
            return f"{name} {', '.join(list(self.texts)[:MOST_TOLD])}{more}" if self.texts else None
        if self._least is None:
            return None
        tell = {ColumnKind.TIME: date_and_clock, ColumnKind.DURATION: duration}.get(self._column.kind, str)
        least, most = tell(self._least), tell(self._most)
        return f"{name} {least}" if least == most else f"{name} {least} to {most}"


#: Texts of a column that are remembered, to say what may have been meant.
_MOST_REMEMBERED = 1000
#: The kinds of columns of which it is told from what to what they reach.
_MEASURED = frozenset((ColumnKind.TIME, ColumnKind.DURATION, ColumnKind.INTEGER, ColumnKind.NUMBER))
