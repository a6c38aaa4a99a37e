"""The expression language of filters: what a row has to be, over its columns and, for messages, over declared fields.

    name != HEARTBEAT_REQ and AgentState == READY
    latency > 500ms or outcome in (failed, unanswered)
    AgentID ~ 20* and not problems

A comparison is a name, an operator (`==` or `=`, `!=`, `<`, `<=`, `>`, `>=`, `~` for a pattern with * and ?, `!~`, `in`)
and a value: a number (decimal or 0x), a word, a text in quotes, a length of time (500ms, 2s, 3min, 1h; bare numbers are
seconds) or a point in time (10:44:05.5, 2025-03-10, 2025-03-10T10:44; UTC). A name alone asks whether there is anything.
`and`, `or`, `not` and parentheses combine them. A constant is meant by its name, whole or its end (READY), in any case, or
by its number. Of several values one has to fit; `!=` and `!~` hold when none is equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from ccxdissect.analysis.schema import ColumnKind
from ccxdissect.errors import UsageError, one_line
from ccxdissect.wording import SECOND

#: Longer expressions are refused.
_LONGEST = 4000
#: Deeper nesting is refused.
_DEEPEST = 50


class ExpressionError(UsageError):
    """An expression cannot be read: `position` (from 0) is the character at which."""

    def __init__(self, expression: str, position: int, reason: str) -> None:
        super().__init__(expression, position, reason)
        self.expression = expression
        self.position = position
        self.reason = reason

    def __str__(self) -> str:
        return one_line(f"character {self.position + 1} of {self.expression!r}: {self.reason}")


class Operand(NamedTuple):
    """What a name stands for. `values` gives what a row has there, each value with the names that it also has."""

    kind: ColumnKind
    values: Callable[[Any], Iterable[tuple[Any, tuple[str, ...]]]]


#: Finds what a name stands for. Raises UsageError with a hint when it stands for nothing.
Resolve = Callable[[str], Operand]
Predicate = Callable[[Any], bool]


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<op>==|!=|<=|>=|!~|&&|\|\||[=<>~!(),])"""
    r"""|(?P<word>[^\s"'=<>~!(),&|]+))"""
)
_UNITS = {"us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": SECOND, "min": 60 * SECOND, "h": 3600 * SECOND}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(us|µs|ms|s|min|h)?$", re.ASCII)
_CLOCK = re.compile(r"(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$", re.ASCII)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
DAY = 86400 * SECOND


def compile_expression(expression: str, resolve: Resolve) -> Predicate:
    """The test of a row that an expression means. Raises ExpressionError."""
    return _Parser(expression, resolve).whole()


def moment(text: str) -> int | None:
    """A point in time with its date as ns since 1970: by ISO 8601 (UTC where it says no zone), or seconds since 1970."""
    if re.fullmatch(r"\d{9,11}(\.\d{1,9})?", text, re.ASCII):
        whole, _, rest = text.partition(".")
        return int(whole) * SECOND + int((rest + "0" * 9)[:9])
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    head, dot, rest = text.partition(".")
    digits = re.match(r"\d{1,9}", rest)
    fraction = 0
    if dot:
        if digits is None:
            return None
        fraction = int((digits[0] + "0" * 9)[:9])
        head += rest[digits.end() :]
    try:
        read = datetime.fromisoformat(head.replace("Z", "+00:00"))
    except ValueError:
        return None
    if read.tzinfo is None:
        read = read.replace(tzinfo=timezone.utc)
    return int(read.timestamp()) * SECOND + fraction


def time_of_day(text: str) -> int | None:
    """A clock time as ns since midnight; None for any other text."""
    found = _CLOCK.match(text)
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return ((hour * 60 + minute) * 60 + second) * SECOND + int(((found[4] or "") + "0" * 9)[:9])


def length_of_time(text: str) -> int | None:
    """A length of time as ns: 500ms, 2s, 1.5min; a bare number is seconds. None for any other text."""
    found = _LENGTH.match(text)
    return None if found is None else round(float(found[1]) * _UNITS[found[2] or "s"])


class _Parser:
    def __init__(self, expression: str, resolve: Resolve) -> None:
        self._expression = expression
        self._resolve = resolve
        self._tokens: list[_Token] = []
        self._next = 0
        self._depth = 0
        if len(expression) > _LONGEST:
            raise ExpressionError(expression[:40] + "...", 0, f"longer than {_LONGEST} characters")
        at = 0
        while expression[at:].strip():
            found = _TOKEN.match(expression, at)
            if found is None or found.lastgroup is None:
                at = len(expression) - len(expression[at:].lstrip())
                raise ExpressionError(expression, at, f"nothing begins with {expression[at]!r}")
            self._tokens.append(_Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)))
            at = found.end()
        self._tokens.append(_Token("end", "", len(expression)))

    def whole(self) -> Predicate:
        """The test that the whole expression means."""
        test = self._either()
        token = self._tokens[self._next]
        if token.kind != "end":
            raise self._wrong(token, "`and` or `or` is expected")
        return test

    def _wrong(self, token: _Token, reason: str) -> ExpressionError:
        return ExpressionError(self._expression, token.at, reason)

    def _take(self, *texts: str) -> bool:
        token = self._tokens[self._next]
        if token.kind in ("word", "op") and token.text.lower() in texts:
            self._next += 1
            return True
        return False

    def _either(self) -> Predicate:
        tests = [self._both()]
        while self._take("or", "||"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)

    def _both(self) -> Predicate:
        tests = [self._one()]
        while self._take("and", "&&"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)

    def _one(self) -> Predicate:
        token = self._tokens[self._next]
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._wrong(token, "nested too deeply")
        try:
            if self._take("not", "!"):
                inner = self._one()
                return lambda row: not inner(row)
            if self._take("("):
                inner = self._either()
                if not self._take(")"):
                    raise self._wrong(self._tokens[self._next], "`)` is expected")
                return inner
        finally:
            self._depth -= 1
        return self._comparison()

    def _comparison(self) -> Predicate:
        name = self._tokens[self._next]
        if name.kind != "word":
            raise self._wrong(name, "a name is expected")
        self._next += 1
        try:
            operand = self._resolve(name.text)
        except ExpressionError:
            raise
        except UsageError as error:
            raise self._wrong(name, str(error)) from None
        values = operand.values
        if self._take("in"):
            return self._among(operand)
        negated = self._tokens[self._next].text.lower() == "not" and self._tokens[self._next + 1].text.lower() == "in"
        if negated:
            self._next += 2
            among = self._among(operand)
            return lambda row: not among(row)
        for operator in ("==", "=", "!=", "~", "!~", *_COMPARE):
            if self._take(operator):
                break
        else:
            return lambda row: any(value not in (None, "", False, 0) for value, _ in values(row))
        token = self._value()
        if operator in _COMPARE:
            return self._ordered(operand, operator, token)
        fits = _pattern(token.text) if operator in ("~", "!~") else self._equal(operand, token)
        if operator in ("!=", "!~"):
            return lambda row: not any(fits(value, names) for value, names in values(row))
        return lambda row: any(fits(value, names) for value, names in values(row))

    def _value(self) -> _Token:
        token = self._tokens[self._next]
        if token.kind not in ("word", "text"):
            raise self._wrong(token, "a value is expected")
        self._next += 1
        if token.kind == "text":
            return token._replace(text=re.sub(r"\\(.)", r"\1", token.text[1:-1]))
        return token

    def _among(self, operand: Operand) -> Predicate:
        if not self._take("("):
            raise self._wrong(self._tokens[self._next], "`(` is expected")
        fits = [self._equal(operand, self._value())]
        while self._take(","):
            fits.append(self._equal(operand, self._value()))
        if not self._take(")"):
            raise self._wrong(self._tokens[self._next], "`,` or `)` is expected")
        values = operand.values
        return lambda row: any(fit(value, names) for value, names in values(row) for fit in fits)

    def _equal(self, operand: Operand, token: _Token) -> Callable[[Any, tuple[str, ...]], bool]:
        if operand.kind in (ColumnKind.TIME, ColumnKind.DURATION):
            wanted, of_day = self._time(operand, token)
            return lambda value, _: value is not None and (value % DAY if of_day else value) == wanted
        text = token.text
        number = _number(text)
        folded = text.casefold()
        if operand.kind is ColumnKind.FLAG:
            truth = folded in ("yes", "true", "1")
            if not truth and folded not in ("no", "false", "0"):
                raise self._wrong(token, f"{text!r} is neither yes nor no")
            return lambda value, _: value is not None and bool(value) is truth

        def fits(value: Any, names: tuple[str, ...]) -> bool:
            if number is not None and isinstance(value, (int, float)) and value == number:
                return True
            return str(value).casefold() == folded or any(
                name.casefold() == folded or name.casefold().endswith("_" + folded) for name in names
            )

        return fits

    def _time(self, operand: Operand, token: _Token) -> tuple[int, bool]:
        """A time or duration in ns, and whether it is one of the day."""
        if operand.kind is ColumnKind.DURATION:
            length = length_of_time(token.text)
            if length is None:
                raise self._wrong(token, f"{token.text!r} is no length of time such as 500ms, 2s or 3min")
            return length, False
        dated, clock = moment(token.text), time_of_day(token.text)
        if dated is not None:
            return dated, False
        if clock is not None:
            return clock, True
        raise self._wrong(token, f"{token.text!r} is no time such as 10:44:05 or 2025-03-10T10:44")

    def _ordered(self, operand: Operand, operator: str, token: _Token) -> Predicate:
        compare, values = _COMPARE[operator], operand.values
        if operand.kind in (ColumnKind.TIME, ColumnKind.DURATION):
            wanted, of_day = self._time(operand, token)
            return lambda row: any(
                compare(value % DAY if of_day else value, wanted) for value, _ in values(row) if value is not None
            )
        number = _number(token.text)
        if number is None:
            raise self._wrong(token, f"{token.text!r} is no number")
        return lambda row: any(compare(value, number) for value, _ in values(row) if isinstance(value, (int, float)))


def _number(text: str) -> int | float | None:
    try:
        return int(text, 16) if text[:2].lower() == "0x" else int(text)
    except ValueError:
        pass
    try:
        return float(text) if re.fullmatch(r"-?\d+\.\d+", text, re.ASCII) else None
    except ValueError:
        return None


def _pattern(pattern: str) -> Callable[[Any, tuple[str, ...]], bool]:
    folded = pattern.casefold()
    # A pattern without a star is looked for anywhere.
    whole = folded if any(letter in folded for letter in "*?[") else f"*{folded}*"
    return lambda value, names: any(
        fnmatchcase(text.casefold(), whole) for text in (*names, *(() if value is None else (str(value),)))
    )
