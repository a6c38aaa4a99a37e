"""A real tshark with the plugin: what it prints, and its trees as plain values."""

from __future__ import annotations

import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ccxdissect.protocol.model import Protocol
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.wireshark import generate

PROJECT = Path(__file__).parents[2]
COMMITTED = PROJECT / "wireshark" / "uccx_cti.lua"
_ROOT = "Running as user"


class Shown(NamedTuple):
    """One field of a message as tshark shows it.

    `value`: its value in text; `line`: its line in the tree; `data`: its bytes in hexadecimal.
    """

    name: str
    value: str
    line: str
    data: str


class Tree(NamedTuple):
    """One message: its fields in the order of the tree, and its expert items (kind, text)."""

    frame: int
    fields: list[Shown]
    experts: list[tuple[str, str]]


class Plugin(NamedTuple):
    """The plugin's file, in a folder that is a home directory besides, and the tshark that is to load it."""

    path: Path
    program: str = "tshark"


def later_tshark() -> str | None:
    """A tshark of a later version than this system's, where `later_tshark.sh` has made one."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return shutil.which("tshark", path=str(cache / "ccxdissect" / "later" / "bin"))


def programs() -> list[Any]:
    """The tsharks there are, as parameters of a fixture. A later one, in a system of its own, takes long to begin."""
    later = later_tshark()
    return ["tshark", *([pytest.param(later, marks=pytest.mark.heavy, id="later tshark")] if later else [])]


def write_plugin(folder: Path, protocol: Protocol = UCCX_CTI) -> Path:
    """The plugin as the generator makes it now; its file is called as the protocol is in filters."""
    path = folder / f"{protocol.name}.lua"
    path.write_text(generate(protocol), encoding="utf-8")
    return path


def settings(home: Path) -> dict[str, str]:
    """The environment in which programs find nobody's settings."""
    return {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "WIRESHARK_CONFIG_DIR": str(home / "c"),
        "WIRESHARK_PLUGIN_DIR": str(home / "none"),
        "CCXDISSECT_PROJECT": str(PROJECT),
    }


def tshark(plugin: Plugin, *options: str) -> str:
    """Run tshark with nobody's settings and this plugin only; its standard output. It must be silent otherwise."""
    # -G has to stand before everything else.
    first = list(options[:2]) if options[0] == "-G" else []
    rest = list(options[len(first) :])
    command = [plugin.program, *first, "-X", f"lua_script:{plugin.path}", *rest]
    done = subprocess.run(command, capture_output=True, env=settings(plugin.path.parent), timeout=120)
    complaints = [line for line in done.stderr.decode().splitlines() if not line.startswith(_ROOT)]
    assert complaints == [], complaints
    assert done.returncode == 0
    output = done.stdout.decode("utf-8", "replace")
    assert first or "Lua Error" not in output
    return output


def trees(plugin: Plugin, capture: Path, *options: str) -> list[Tree]:
    """Every message of a capture as tshark dissects it."""
    found = []
    for packet in ET.fromstring(_printable(tshark(plugin, "-r", str(capture), "-T", "pdml", *options))):
        frame = 0
        for part in packet:
            if part.get("name") == "geninfo":
                frame = next(int(item.get("show", "0")) for item in part if item.get("name") == "num")
            elif part.get("name") == plugin.path.stem:
                found.append(_tree(frame, part, f"{plugin.path.stem}."))
    return found


def _printable(text: str) -> str:
    """XML has no place for control characters."""
    return "".join(c if c >= " " or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def _tree(frame: int, part: ET.Element, prefix: str) -> Tree:
    tree = Tree(frame, [], [])
    expert = prefix + "expert_"
    for item in _walk(part):
        name = item.get("name", "")
        if name == "_ws.expert":
            kind = next(sub.get("name", "") for sub in item if sub.get("name", "").startswith(expert))
            text = next(sub.get("show", "") for sub in item if sub.get("name") == "_ws.expert.message")
            tree.experts.append((kind.removeprefix(expert), text))
        elif name.startswith(prefix):
            said = (item.get(name, "") for name in ("show", "showname", "value"))
            tree.fields.append(Shown(name.removeprefix(prefix), *said))
    return tree


def _walk(part: ET.Element) -> Iterator[ET.Element]:
    for item in part:
        yield item
        if item.get("name") != "_ws.expert":
            yield from _walk(item)
