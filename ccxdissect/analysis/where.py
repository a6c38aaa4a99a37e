"""The expression language of filters: what a row has to be, over its columns and, for messages, over declared fields.

    name != HEARTBEAT_REQ and AgentState == READY
    latency > 500ms or outcome in (failed, unanswered)
    AgentID ~ 20* and not problems

A comparison is a name, an operator (`==` or `=`, `!=`, `<`, `<=`, `>`, `>=`, `~` for a pattern with * and ?, `!~`, `in`)
and a value: a number (decimal or 0x), a word, a text in quotes, a length of time (500ms, 2s, 3min, 1h; bare numbers are
seconds) or a point in time (10:44:05.5, 2025-03-10, 2025-03-10T10:44). A name alone asks whether there is anything.
`and`, `or`, `not` and parentheses combine them. A constant is meant by its name, whole or its end (READY), in any case, or
by its number; a word that no constant has is refused, a text in quotes is compared as it is. Of several values one has to
fit; `!=` and `!~` hold when none is equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timezone, tzinfo
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from ccxdissect.analysis.schema import ColumnKind
from ccxdissect.errors import UsageError, one_line
from ccxdissect.wording import SECOND, nearest

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


class UnknownName(ExpressionError):
    """A name in an expression stands for nothing."""


class Operand(NamedTuple):
    """What a name stands for. `values` gives what a row has there, each value with the names that it also has; `words` the
    words that may stand there, where they are known (`UNKNOWN_*`: and what begins so)."""

    kind: ColumnKind
    values: Callable[[Any], Iterable[tuple[Any, tuple[str, ...]]]]
    words: Collection[str] = ()
    #: Whether nothing but these words can stand there.
    closed: bool = True


#: Finds what a name stands for. Raises UsageError with a hint when it stands for nothing.
Resolve = Callable[[str], Operand]
Predicate = Callable[[Any], bool]


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


#: Patterns, which `re` compiles when they are first asked for and then remembers: most commands are given no expression.
_TOKEN = (
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<op>==|!=|<=|>=|!~|&&|\|\||[=<>~!(),])"""
    r"""|(?P<word>[^\s"'=<>~!(),&|]+))"""
)
_UNITS = {"us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": SECOND, "min": 60 * SECOND, "h": 3600 * SECOND}
_LENGTH = r"(\d+(?:\.\d+)?)(us|µs|ms|s|min|h)?$"
_CLOCK = r"(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$"
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
DAY = 86400 * SECOND


def compile_expression(expression: str, resolve: Resolve, zone: tzinfo | None = timezone.utc) -> Predicate:
    """The test of a row that an expression means; its times are of `zone` (None: this machine's) where they name none.

    Raises ExpressionError.
    """
    return _Parser(expression, resolve, zone).whole()


class Vocabulary(NamedTuple):
    """What can be asked of one kind of thing: what it is called, what names stand for, and which names there are."""

    name: str
    resolve: Resolve
    names: Callable[[], Iterable[str]]


def divided(expression: str, rows: Vocabulary, messages: Vocabulary) -> tuple[str | None, str | None]:
    """What of an expression is about rows, and what is about the messages that belong to them: each an expression of its own, or None. What `and` joins is told apart; a name that is known to both is the
    rows'. Raises ExpressionError for what is neither.
    """
    halves: tuple[list[_Part], list[_Part]] = ([], [])
    for part in _parts(expression):
        halves[_half(expression, part, rows, messages)].append(part)
    of_rows, of_messages = (_blanked(expression, parts) for parts in halves)
    return of_rows, of_messages


class _Part(NamedTuple):
    """One condition of those that `and` joins: where that stands (None for the first), and where it begins and ends."""

    joint: tuple[int, int] | None
    start: int
    stop: int


def _parts(expression: str) -> list[_Part]:
    tokens, depth = _tokens(expression), 0
    found: list[_Part] = []
    joint, start = None, 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "op" else 0
        word = token.text.lower() if token.kind in ("op", "word") else ""
        if depth == 0 and word in ("or", "||"):
            return [_Part(None, 0, len(expression))]
        if depth == 0 and word in ("and", "&&"):
            found.append(_Part(joint, start, token.at))
            joint = (token.at, start := token.at + len(token.text))
    return [*found, _Part(joint, start, len(expression))]


def _blanked(expression: str, parts: list[_Part]) -> str | None:
    """The expression with nothing but these parts, each where it stood."""
    if not parts:
        return None
    text = [" "] * len(expression)
    for place, part in enumerate(parts):
        if place and part.joint is not None:
            text[slice(*part.joint)] = expression[slice(*part.joint)]
        text[part.start : part.stop] = expression[part.start : part.stop]
    return "".join(text)


def _half(expression: str, part: _Part, rows: Vocabulary, messages: Vocabulary) -> int:
    """0: it is about the rows; 1: about messages."""
    text = _blanked(expression, [part]) or ""
    lacking: list[UnknownName] = []
    for half, resolve in enumerate((rows.resolve, messages.resolve)):
        try:
            compile_expression(text, resolve)
            return half
        except UnknownName as error:
            lacking.append(error)
        except ExpressionError as error:
            raise type(error)(expression, error.position, error.reason) from None
    there, other = lacking
    if there.position == other.position:
        word = next(token.text for token in _tokens(expression) if token.at == there.position)
        known = dict.fromkeys([*rows.names(), *messages.names()])
        both = " and ".join(dict.fromkeys((rows.name, messages.name)))
        reason = f"{both} have no column or field {word!r}; {nearest(word, known, 12)}"
        raise UnknownName(expression, there.position, reason)
    reason = f"what is asked of {rows.name} and what is asked of messages can be joined by `and` alone"
    raise UnknownName(expression, max(there.position, other.position), reason)


def moment(text: str, zone: tzinfo | None = timezone.utc) -> int | None:
    """A point in time with its date as ns since 1970: by ISO 8601 (in `zone` where it says none), or seconds since 1970."""
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
        read = read.replace(tzinfo=zone)
    try:
        return int(read.timestamp()) * SECOND + fraction
    except (OverflowError, ValueError, OSError):
        return None


def ahead(time: int, zone: tzinfo | None) -> int:
    """By how many ns a zone (None: this machine's) is ahead of UTC at a time; 0 where no calendar reaches."""
    if zone is timezone.utc:
        return 0
    try:
        offset = datetime.fromtimestamp(time // SECOND, timezone.utc).astimezone(zone).utcoffset()
    except (OverflowError, ValueError, OSError):
        return 0
    return 0 if offset is None else int(offset.total_seconds()) * SECOND


def time_of_day(text: str) -> int | None:
    """A clock time as ns since midnight; None for any other text."""
    found = re.match(_CLOCK, text, re.ASCII)
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return ((hour * 60 + minute) * 60 + second) * SECOND + int(((found[4] or "") + "0" * 9)[:9])


def length_of_time(text: str) -> int | None:
    """A length of time as ns: 500ms, 2s, 1.5min; a bare number is seconds. None for any other text."""
    found = re.match(_LENGTH, text, re.ASCII)
    return None if found is None else round(float(found[1]) * _UNITS[found[2] or "s"])


def words_of(expression: str) -> frozenset[str]:
    """The words in an expression that stand in no quotes, folded: the names in it, and others. Raises ExpressionError."""
    return frozenset(token.text.casefold() for token in _tokens(expression) if token.kind == "word")


def _tokens(expression: str) -> list[_Token]:
    if len(expression) > _LONGEST:
        raise ExpressionError(expression[:40] + "...", 0, f"longer than {_LONGEST} characters")
    tokens, at = [], 0
    while expression[at:].strip():
        found = re.compile(_TOKEN).match(expression, at)
        if found is None or found.lastgroup is None:
            at = len(expression) - len(expression[at:].lstrip())
            raise ExpressionError(expression, at, f"nothing begins with {expression[at]!r}")
        tokens.append(_Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)))
        at = found.end()
    return [*tokens, _Token("end", "", len(expression))]


class _Parser:
    def __init__(self, expression: str, resolve: Resolve, zone: tzinfo | None) -> None:
        self._expression = expression
        self._resolve = resolve
        self._zone = zone
        self._tokens = _tokens(expression)
        self._next = 0
        self._depth = 0
        #: The name that is compared.
        self._asked = ""

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
        self._asked = name.text
        try:
            operand = self._resolve(name.text)
        except ExpressionError:
            raise
        except UsageError as error:
            raise UnknownName(self._expression, name.at, str(error)) from None
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
            wanted, at = self._time(operand, token)
            return lambda value, _: value is not None and at(value) == wanted
        text = token.text
        number = _number(text)
        folded = text.casefold()
        if operand.kind is ColumnKind.FLAG:
            truth = folded in ("yes", "true", "1")
            if not truth and folded not in ("no", "false", "0"):
                raise self._wrong(token, f"{text!r} is neither yes nor no")
            return lambda value, _: value is not None and bool(value) is truth
        meant = _meant(folded, operand.words)
        if token.kind == "word" and number is None and operand.words and operand.closed and not meant:
            raise self._wrong(
                token, f"{self._asked} is never {text!r}; {nearest(text, _short(text, operand.words), 8)}"
            )

        def fits(value: Any, names: tuple[str, ...]) -> bool:
            if number is not None and isinstance(value, (int, float)) and value == number:
                return True
            if str(value).casefold() == folded:
                return True
            for name in map(str.casefold, names):
                if name == folded or name in meant or (not operand.words and name.endswith(f"_{folded}")):
                    return True
            return False

        return fits

    def _time(self, operand: Operand, token: _Token) -> tuple[int, Callable[[int], int]]:
        """A time or duration in ns, and what of a value is to be compared with it: the time of its day, or all of it."""
        if operand.kind is ColumnKind.DURATION:
            length = length_of_time(token.text)
            if length is None:
                raise self._wrong(token, f"{token.text!r} is no length of time such as 500ms, 2s or 3min")
            return length, int
        dated, clock, zone = moment(token.text, self._zone), time_of_day(token.text), self._zone
        if dated is not None:
            return dated, int
        if clock is not None:
            return clock, lambda value: (value + ahead(value, zone)) % DAY
        raise self._wrong(token, f"{token.text!r} is no time such as 10:44:05 or 2025-03-10T10:44")

    def _ordered(self, operand: Operand, operator: str, token: _Token) -> Predicate:
        compare, values = _COMPARE[operator], operand.values
        if operand.kind in (ColumnKind.TIME, ColumnKind.DURATION):
            wanted, at = self._time(operand, token)
            return lambda row: any(compare(at(value), wanted) for value, _ in values(row) if value is not None)
        number = _number(token.text)
        if number is None:
            raise self._wrong(token, f"{token.text!r} is no number")
        return lambda row: any(compare(value, number) for value, _ in values(row) if isinstance(value, (int, float)))


def _meant(text: str, words: Collection[str]) -> frozenset[str]:
    """What a folded word means of those that there are, folded as well: the one that is called so, or else those that end
    so, but READY means no AGENT_STATE_NOT_READY where there is an AGENT_STATE_READY; and what a word with a star covers."""
    known = {word.casefold() for word in words}
    if text in known or any(word[-1:] == "*" and text.startswith(word[:-1]) for word in known):
        return frozenset((text,))
    stems = {word: word.removesuffix(f"_{text}") for word in known if word.endswith(f"_{text}")}
    return frozenset(
        word
        for word, stem in stems.items()
        if not any(other != stem and stem.startswith(f"{other}_") for other in stems.values())
    )


def _short(text: str, words: Collection[str]) -> list[str]:
    """What to suggest for a word: constants by the ends of their names where it is such an end itself."""
    length = text.count("_") + 1
    ends = {"_".join(word.split("_")[-length:]): word for word in words}
    return [*words, *(end for end, word in ends.items() if end != word)]


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
