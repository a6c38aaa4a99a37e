"""Small mistakes, one at a time, put into a module: what a test suite has to notice.

A mutant is known by its file, its function, and what became of what, so that it keeps its name when lines move.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Container, Iterator
from types import CodeType
from typing import NamedTuple

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}


#: The first line and the last one, from 1.
Lines = tuple[int, int]


class Mutant(NamedTuple):
    """`name`: file, function, change. `line`, `last`: where it is (from 1), `within` which function. `right`, `code`: the whole module without and with it."""

    name: str
    path: str
    function: str
    line: int
    last: int
    within: Lines
    right: CodeType
    code: CodeType


def names(path: str, text: str) -> list[str]:
    """The names of every mutant of a module; `path` is what they begin with."""
    return [name for name, *_ in _named(path, ast.parse(text))]


def mutants(path: str, text: str, wanted: Container[str]) -> Iterator[Mutant]:
    """The mutants of a module whose names are wanted."""
    tree = ast.parse(text)
    right = compile(text, path, "exec", dont_inherit=True)
    for name, change, place, function, within in _named(path, tree):
        if name in wanted:
            # Compiled with the places of the right one: only so can its functions be told.
            with change:
                ast.fix_missing_locations(tree)
                code = compile(tree, path, "exec", dont_inherit=True)
            yield Mutant(name, path, function, place.lineno, _last(place), within, right, code)


def _named(path: str, tree: ast.Module) -> Iterator[tuple[str, _Change, ast.stmt | ast.expr, str, Lines]]:
    times: Counter[str] = Counter()
    for place, function, within in _places(tree):
        for change in _changes(place, function.endswith("__init__")):
            before = _first_line(place)
            with change:
                after = _first_line(place)
            name = f"{path}: {function}: {before}  ->  {after}"
            times[name] += 1
            if times[name] > 1:
                name += f"  (#{times[name]})"
            yield name, change, place, function, within


def _first_line(place: ast.stmt | ast.expr) -> str:
    if isinstance(place, (ast.If, ast.While)):
        return f"{type(place).__name__.lower()} {ast.unparse(place.test)}:"
    return ast.unparse(place).split("\n")[0]


def _last(place: ast.stmt | ast.expr) -> int:
    """The last line of what is changed; of what holds statements of its own, its condition's."""
    test = getattr(place, "test", None)
    return getattr(place if test is None else test, "end_lineno", None) or place.lineno


def _places(tree: ast.Module) -> Iterator[tuple[ast.stmt | ast.expr, str, Lines]]:
    """The statements and expressions inside functions that run, with the function's name and its lines."""

    def within(
        node: ast.AST, function: str, running: bool, lines: Lines
    ) -> Iterator[tuple[ast.stmt | ast.expr, str, Lines]]:
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params") or isinstance(value, ast.arguments):
                continue
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(child, ast.AST) or isinstance(child, (ast.Raise, ast.JoinedStr, ast.Assert)):
                    continue
                inside, runs, there = function, running, lines
                if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    inside, runs = f"{function}.{child.name}".lstrip("."), not isinstance(child, ast.ClassDef)
                    there = child.lineno, child.end_lineno or child.lineno
                    if child.name == "__repr__":
                        continue
                elif isinstance(child, (ast.stmt, ast.expr)) and running:
                    yield child, function, lines
                yield from within(child, inside, runs, there)

    yield from within(tree, "", False, (0, 0))


class _Change:
    """Something put in place of something else, for as long as a `with` block lasts."""

    def __init__(self, node: ast.AST, field: str, new: object, at: int | None = None) -> None:
        self._node, self._field, self._new, self._at = node, field, new, at
        self._old: object = None

    def __enter__(self) -> None:
        if isinstance(self._new, ast.AST):
            ast.copy_location(self._new, self._node)
        held = getattr(self._node, self._field)
        if self._at is None:
            self._old = held
            setattr(self._node, self._field, self._new)
        else:
            self._old = held[self._at]
            held[self._at] = self._new

    def __exit__(self, *_: object) -> None:
        if self._at is None:
            setattr(self._node, self._field, self._old)
        else:
            getattr(self._node, self._field)[self._at] = self._old


def _changes(node: ast.stmt | ast.expr, first: bool) -> Iterator[_Change]:
    """What can be put in place of a node; `first`: no attribute can have a value from before."""
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            yield _Change(node, "ops", _COMPARE[type(operator)](), at)
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in _ARITHMETIC and not _text(node):
        yield _Change(node, "op", _ARITHMETIC[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        yield _Change(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        for at in range(len(node.values)):
            left = [value for place, value in enumerate(node.values) if place != at]
            # One alone is no such operation.
            yield _Change(node, "values", left if len(left) > 1 else left * 2)
    elif isinstance(node, (ast.If, ast.While, ast.IfExp)):
        test = copy.deepcopy(node.test)
        if not isinstance(test, (ast.Compare, ast.BoolOp)):
            negated = test.operand if _is_not(test) else ast.UnaryOp(ast.Not(), test)  # type: ignore[attr-defined]
            yield _Change(node, "test", negated)
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield _Change(node, "value", node.value + 1)
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield _Change(node, "value", not node.value)
    elif (
        isinstance(node, ast.Return)
        and node.value is not None
        and not isinstance(node.value, ast.Constant)
        or isinstance(node, ast.Expr)
        and isinstance(node.value, (ast.Call, ast.Yield, ast.YieldFrom))
    ):
        yield _Change(node, "value", ast.Constant(None))
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute) and not first:
        # The attribute keeps what it had.
        yield _Change(node, "value", copy.deepcopy(_loaded(node.targets[0])))


def _text(node: ast.BinOp | ast.AugAssign) -> bool:
    """Whether text is put together, which the tests of `views` look at."""
    sides = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.value]
    return any(
        isinstance(side, ast.JoinedStr) or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in sides
    )


def _is_not(test: ast.expr) -> bool:
    return isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)


def _loaded(target: ast.Attribute) -> ast.Attribute:
    return ast.Attribute(target.value, target.attr, ast.Load())
