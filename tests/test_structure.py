"""The house as its design says: no import circles, no arrow that points upward, no function of too many parts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import MASK

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "ccxdissect"
#: What anybody may import: how errors are made, how numbers, times and names are said, how files are written, how tuples
#: are told apart.
GROUND = {
    "ccxdissect",
    "ccxdissect.bounded",
    "ccxdissect.errors",
    "ccxdissect.identity",
    "ccxdissect.outputs",
    "ccxdissect.release",
    "ccxdissect.wording",
    "ccxdissect.wording.names",
}
#: Room -> the rooms it may import from. Data flows from left to right, and so may no import.
MAY_IMPORT = {
    "protocol": set[str](),
    "codec": {"protocol"},
    "capture": set(),
    "stream": {"protocol", "codec", "capture"},
    "columns": {"protocol", "codec", "capture", "stream"},
    # How the facts of those are said: problems, deviations, losses, notes.
    "wording": {"protocol", "codec", "stream"},
    "analysis": {"protocol", "codec", "stream", "wording"},
    # tshark, one of the engines, reads with the plugin made of the declarations at hand.
    "sources": {"protocol", "codec", "capture", "stream", "columns", "analysis", "wireshark", "wording"},
    "views": {"protocol", "codec", "stream", "columns", "analysis", "sources", "wording"},
    # Tables can be made of redacted copies.
    "tables": {
        "protocol",
        "codec",
        "capture",
        "stream",
        "columns",
        "analysis",
        "sources",
        "views",
        "redact",
        "wording",
    },
    "report": {"protocol", "codec", "stream", "analysis", "sources", "views", "wording"},
    "watch": {"protocol", "codec", "capture", "stream", "analysis", "sources", "views", "wording"},
    "redact": {"protocol", "codec", "capture", "stream", "columns", "analysis", "sources"},
    "layers": {"protocol", "codec", "capture", "stream", "views", "wording"},
    "wireshark": {"protocol"},
    "lab": {"protocol", "codec", "capture", "stream", "views", "wording"},
}
MOST_PARAMETERS = 8
PREFIXES = {"AGENT_STATE_", "CALLTYPE_", "CEC_", "CTI_SERVICE_", "LCS_"}


class Import(NamedTuple):
    """`when`: "loading" the module, "calling" one of its functions, or "typing" only."""

    importer: str
    imported: str
    when: str


def modules() -> dict[str, Path]:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports_of(module: str, text: str) -> Iterator[Import]:
    """What a module imports of this package, wherever in it that stands."""

    def within(node: ast.AST, when: str) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            inside = when
            if isinstance(child, ast.ImportFrom):
                assert not child.level, f"{module}: relative import"
                for alias in child.names:
                    whole = f"{child.module}.{alias.name}"
                    yield Import(module, whole if whole in MODULES else str(child.module), when)
            elif isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(module, alias.name, when)
            elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                inside = "calling"
            elif isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
                inside = "typing"
            yield from within(child, inside)

    for found in within(ast.parse(text), "loading"):
        if found.imported.split(".")[0] == "ccxdissect":
            yield found


IMPORTS = [found for module, path in MODULES.items() for found in imports_of(module, path.read_text("utf-8"))]


def room(module: str) -> str:
    return (module.split(".") + [""])[1]


def circle(imports: list[Import]) -> list[str]:
    """The modules of one circle, each importing the one before it; empty when there is none."""
    graph: dict[str, set[str]] = {}
    for found in imports:
        if found.importer == "ccxdissect":
            # The front door, which names what is behind it and imports it only when asked.
            continue
        graph.setdefault(found.importer, set()).add(found.imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def upward(imports: list[Import]) -> list[Import]:
    """The imports that the design does not have."""
    found = []
    for one in imports:
        here, there = room(one.importer), room(one.imported)
        if here in ("", "__main__", "cli", "opening"):
            allowed = there != "cli" or here in ("__main__", "cli")
        else:
            allowed = there == here or one.imported in GROUND or there in MAY_IMPORT[here]
        if not allowed:
            found.append(one)
    return found


@pytest.mark.parametrize(
    "when",
    [{"loading"}, {"loading", "calling"}, {"loading", "calling", "typing"}],
    ids=["loading", "calling too", "typing too"],
)
def test_no_modules_import_each_other(when: set[str]) -> None:
    assert circle([one for one in IMPORTS if one.when in when]) == []


@pytest.mark.parametrize("when", ["loading", "calling", "typing"])
def test_no_arrow_points_upward(when: str) -> None:
    assert upward([one for one in IMPORTS if one.when == when]) == []


def test_every_room_has_its_place_in_the_design() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert rooms - {"cli"} <= set(MAY_IMPORT)
    # What may be imported is a matter of order: the table itself has no circle.
    TopologicalSorter(MAY_IMPORT).prepare()


def test_circles_and_arrows_are_found_wherever_the_import_stands() -> None:
    text = "def f():\n    from ccxdissect.cli.main import main\nif TYPE_CHECKING:\n    import ccxdissect.lab.server\n"
    found = list(imports_of("ccxdissect.codec.x", text))
    assert found == [
        Import("ccxdissect.codec.x", "ccxdissect.cli.main", "calling"),
        Import("ccxdissect.codec.x", "ccxdissect.lab.server", "typing"),
    ]
    assert upward(found) == found
    assert set(circle([Import("a", "b", "loading"), Import("b", "c", "calling"), Import("c", "a", "typing")])) == {
        "a",
        "b",
        "c",
    }


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    named += [one for one in (given.vararg, given.kwarg) if one is not None]
    return [one.arg for one in named if one.arg not in ("self", "cls")]


def test_no_function_has_more_parameters_than_one_can_keep_in_mind() -> None:
    found = set[str]()
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and len(parameters(node)) > MOST_PARAMETERS:
                found.add(f"{module}.{node.name}")
    assert not found


def test_a_second_has_one_home() -> None:
    # What is no time: ten digits, and the longest wait that can be asked for.
    others = {"ccxdissect.views.column_lines", "ccxdissect.cli.numbers"}
    homes = {
        module
        for module, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Constant) and node.value == 1_000_000_000)
        or (isinstance(node, ast.BinOp) and ast.unparse(node) == "10 ** 9")
        or (isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"/ 1e9", node.value))
    }
    assert homes - others == {"ccxdissect.wording"}


def test_nobody_but_the_protocols_names_a_dialect() -> None:
    """Neither a dialect's declarations, nor one looked up by its name: they are handed in."""
    named = {
        found.importer
        for found in IMPORTS
        if room(found.importer) != "protocol" and re.match(r"ccxdissect\.protocol\.(uccx|ged188)\b", found.imported)
    }
    assert not named
    for module, path in MODULES.items():
        if room(module) != "protocol":
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                assert not (isinstance(node, ast.Constant) and node.value in DIALECTS), module
                assert not (isinstance(node, ast.Name) and node.id in ("UCCX_CTI", "UCCE_CTI")), module


def test_the_mask_of_secrets_has_one_home() -> None:
    """In Lua it comes from there, too."""
    # What marks a live finding among messages is no mask.
    others = {"ccxdissect.views.live"}
    homes = {
        module
        for module, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value == MASK
    }
    assert homes - others == {"ccxdissect.protocol.model"}
    runtime = PACKAGE / "wireshark" / "runtime"
    assert not [part.name for part in runtime.glob("*.lua") if f'"{MASK}"' in part.read_text("utf-8")]


def test_what_the_names_of_a_table_begin_with_has_one_home() -> None:
    """The names of constants are shortened in one place."""
    # A scenario's author may leave the same word out.
    others = {"ccxdissect.lab.scenario"}
    homes = {
        module
        for module, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in PREFIXES
    }
    assert homes - others == {"ccxdissect.wording.names"}


def test_identity_has_one_home() -> None:
    """What is told apart from all that holds the same: `identity` says how."""
    found = {module for module, path in MODULES.items() if "return self is other" in path.read_text("utf-8")}
    assert found == {"ccxdissect.identity"}


def test_bounded_memory_has_one_home() -> None:
    """What forgets its oldest entry when it is full: `bounded` does."""
    # Calls are given out when they are forgotten, by their time too.
    others = {"ccxdissect.analysis.calls"}
    found = {module for module, path in MODULES.items() if ".popitem(last=False)" in path.read_text("utf-8")}
    assert found - others == {"ccxdissect.bounded"}


def _numbers_named(module: str, node: ast.expr) -> bool:
    """Whether `node` is a member of a class of integers, as Trait.X."""
    if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
        return False
    owner = getattr(import_module(module), node.value.id, None)
    return isinstance(owner, type) and issubclass(owner, int)


def by_identity(module: str, text: str) -> list[str]:
    """Comparisons of integers by identity: an integer that says the same may be another object."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Compare)
        and any(isinstance(how, ast.Is | ast.IsNot) for how in node.ops)
        and any(_numbers_named(module, one) for one in (node.left, *node.comparators))
    ]


def asked_for_truth(text: str) -> list[str]:
    """Loops that ask an object whether it is true, and then for what it has: one with a length is false when it is empty."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.While) and isinstance(node.test, ast.BoolOp):
            bare = {ast.unparse(one) for one in node.test.values if isinstance(one, ast.Name | ast.Attribute)}
            used = {ast.unparse(one.value) for one in ast.walk(node.test) if isinstance(one, ast.Attribute)}
            if bare & used:
                found.append(ast.unparse(node.test))
    return found


def test_integers_are_compared_by_what_they_say_and_objects_asked_whether_they_are_there() -> None:
    """`trait is Trait.X` and `while held and held.start` worked by chance alone, and not when compiled."""
    for module, path in MODULES.items():
        text = path.read_text("utf-8")
        assert not asked_for_truth(text), module
        # The others need no module to be loaded.
        if re.search(r"\bis (not )?[A-Z]\w+\.[A-Z]", text):
            assert not by_identity(module, text), module
    assert by_identity("ccxdissect.analysis.exchanges", "if trait is Trait.OPENS or side is Side.CLIENT: pass")
    assert asked_for_truth("while held and held.start == 3: pass") == ["held and held.start == 3"]
    assert not asked_for_truth("while held is not None and held.start == 3: pass")
