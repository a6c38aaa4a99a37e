"""Which messages and rows the command line asks for."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from ccxdissect.analysis.filters import Filter
from ccxdissect.analysis.message_fields import column_operand
from ccxdissect.analysis.schema import Schema
from ccxdissect.analysis.where import Operand, compile_expression
from ccxdissect.errors import UsageError
from ccxdissect.wording import nearest


def filter_of(args: argparse.Namespace, but: tuple[str, ...] = ()) -> Filter | None:
    """The filter of messages that the options make; None when they make none. `but`: leaves these options to the
    command."""

    def given(name: str) -> Any:
        return None if name in but else getattr(args, name, None)

    def names(name: str) -> tuple[str, ...]:
        return tuple(part.strip() for group in given(name) or () for part in group.split(",") if part.strip())

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
        problem=bool(given("problem")),
        heartbeats=not given("no_heartbeats"),
        where=given("where"),
    )
    return found or None


def in_words(wanted: Filter) -> str:
    """What a filter asks for: each of its conditions with its values."""
    said = []
    for condition in fields(wanted):
        value = getattr(wanted, condition.name)
        if value != condition.default:
            texts = value if isinstance(value, tuple) else (value,)
            told = ", ".join({True: "yes", False: "no"}.get(text, str(text)) for text in texts)
            said.append(f"{condition.name}: {told}")
    return "; ".join(said)


def row_test(expression: str, schema: Schema) -> Callable[[Any], bool]:
    """The test of a row that an expression over its columns means. Raises UsageError."""

    def resolve(name: str) -> Operand:
        column = schema.column(name)
        if column is None:
            raise UsageError(f"{schema.name} have no column {name!r}; {nearest(name, schema.names())}")
        return column_operand(column)

    return compile_expression(expression, resolve)
