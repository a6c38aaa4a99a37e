"""The words of a declaration: what they make impossible to get wrong."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from ccxdissect.codec import TWO_TWO, Decoder, Encoder
from ccxdissect.protocol.model import Chapter, Declared, Kind, Mark, Message, MessageClass, Side, Trait
from ccxdissect.protocol.uccx.declarations import UCCX_CTI


def test_a_message_is_in_its_chapter_from_the_moment_it_is_made() -> None:
    chapter = Chapter(MessageClass.ERROR)
    made = Message(chapter, 900, "MADE_EVENT", Side.SERVER, Kind.EVENT, "Is made.", page="")
    assert chapter.messages == [made]
    assert made.message_class is MessageClass.ERROR


def test_every_file_of_a_package_is_read_without_being_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "declared_here"
    package.mkdir()
    (package / "__init__.py").write_text("")
    head = "from ccxdissect.protocol.model import *\nfrom ccxdissect.protocol.model import Chapter, Declared, Kind, Message, Side\n"
    head += "CHAPTER = Chapter(MessageClass.SESSION)\n"
    for name, number in (("late", 7), ("early", 3)):
        (package / f"{name}.py").write_text(
            head + f"Message(CHAPTER, {number}, '{name.upper()}', Side.SERVER, Kind.EVENT, 'Comes.', page='')\n"
        )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [message.name for message in Declared("declared_here")] == ["EARLY", "LATE"]
    assert import_module("declared_here.late").CHAPTER.messages[0].number == 7


def test_marks_join_marks_and_nothing_else() -> None:
    both = Mark.AGENT | Mark.PERSONAL
    assert both & Mark.AGENT and both & Mark.PERSONAL and not both & Mark.SECRET
    assert type(both) is Mark
    with pytest.raises(TypeError):
        Mark.AGENT | Trait.OPENS  # type: ignore[operator]
    with pytest.raises(TypeError):
        Mark.AGENT | 4  # type: ignore[operator]


def test_the_bits_of_each_kind_are_single_and_their_own() -> None:
    for kind in (Mark, Trait):
        values = list(kind.by_name().values())
        assert [int(value) for value in values] == [1 << place for place in range(len(values))]
        assert kind.NONE == 0


@pytest.mark.heavy
def test_the_type_checker_keeps_marks_and_traits_apart(tmp_path: Path) -> None:
    source = tmp_path / "mixed.py"
    source.write_text(
        "from ccxdissect.protocol.model import Mark, Message, Trait\n"
        "def first(message: Message) -> bool: return bool(message.traits & Mark.AGENT)\n"
        "def second(message: Message) -> bool: return bool(message.traits & Trait.OPENS)\n"
        "def third(message: Message) -> object: return message.marked(Trait.OPENS)\n"
    )
    command = [sys.executable, "-m", "mypy", "--follow-imports=silent", str(source)]
    told = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2]).stdout
    wrong = [line.split(":")[1] for line in told.splitlines() if ": error:" in line]
    assert wrong == ["2", "4"], told


@pytest.mark.parametrize("newest", [18, 19, 25])
def test_wide_tags_tell_a_version_whichever_is_the_newest(newest: int) -> None:
    """Version 20 was once added, and from then on nothing was known of a session that is joined in the middle."""
    protocol = replace(UCCX_CTI, versions=range(10, newest + 1))
    data = Encoder(protocol).encode("CALL_HELD_EVENT", {}, [("HoldingDeviceID", "2001")], version=18, form=TWO_TWO)
    decoded = Decoder(protocol).decode(int.from_bytes(data[4:8], "big"), data[8:])
    assert (decoded.version, decoded.form, decoded.problems) == (18, TWO_TWO, ())


def test_the_versions_are_those_of_the_table_and_stand_nowhere_else() -> None:
    table = next(row.codes for row in UCCX_CTI.message("OPEN_REQ").fixed if row.mark & Mark.VERSION)
    assert table is not None
    assert list(UCCX_CTI.versions) == [member.value for member in table.__members__.values()]
