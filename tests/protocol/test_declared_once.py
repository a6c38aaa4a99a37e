"""What both dialects have alike is declared once: no message, field or table stands in both folders."""

from __future__ import annotations

import json
import subprocess
import sys

from ccxdissect.protocol.codes import CodeTable
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Message

CCX, CCE = DIALECTS.values()

#: Imports the declarations, and tells of every field in which module's text it was made; one derived from another was
#: made where that was.
TRACED = """
import json, sys
from ccxdissect.protocol.model import Fixed, Floating

made, kept = {}, []

def trace(kind):
    plain = kind.__init__
    def traced(self, *given, **named):
        plain(self, *given, **named)
        kept.append(self)
        frame = sys._getframe(1)
        while frame.f_code.co_name != "<module>":
            if frame.f_code.co_name == "replace":
                made[id(self)] = made[id(frame.f_locals["obj"])]
                return
            frame = frame.f_back
        made[id(self)] = frame.f_globals["__name__"]
    kind.__init__ = traced

trace(Fixed)
trace(Floating)
from ccxdissect.protocol.dialects import DIALECTS

def said(row):
    codes = row.codes and (row.codes.__module__, row.codes.__name__)
    return repr((row.name, row.type, row.size, codes, row.since, row.reserved, row.constant, row.mark, row.unit,
                 getattr(row, "tag", None), getattr(row, "until", None)))

print(json.dumps({
    dialect: sorted({
        (said(row), made[id(row)])
        for message in protocol for part in (*(form.fixed for form in message.forms), message.floating) for row in part
    } | {(said(row), made[id(row)]) for row in protocol.tags.values()})
    for dialect, protocol in DIALECTS.items()
}))
"""


def test_a_field_that_both_dialects_have_alike_is_declared_in_common() -> None:
    done = subprocess.run([sys.executable, "-c", TRACED], capture_output=True, text=True, timeout=120, check=True)
    rows = {dialect: [(said, made) for said, made in found] for dialect, found in json.loads(done.stdout).items()}
    alike = {said for said, _ in rows["ccx"]} & {said for said, _ in rows["cce"]}
    assert len(alike) > 150
    apart = [
        (dialect, made, said)
        for dialect, found in rows.items()
        for said, made in found
        if said in alike and not made.startswith("ccxdissect.protocol.common.")
    ]
    assert apart == []


def _said(message: Message) -> object:
    """All that a message's declaration says, but for the page on which it was read and for where its name is from."""
    return (
        message.number, message.name, message.sender, message.kind, message.message_class, message.traits, message.replies,
        message.since, message.complete, message.fields_known, message.one_of, message.repeats,
        tuple(form.fixed for form in message.forms),
        frozenset((row.tag, row.name, row.type, row.size, row.need, row.since, row.codes, row.mark) for row in message.floating),
    )  # fmt: skip


def test_a_message_that_both_dialects_have_alike_is_one_declaration() -> None:
    alike = [
        message
        for message in CCX
        if message.number in CCE.by_number and _said(message) == _said(CCE.message(message.number))
    ]
    assert [message.name for message in alike if CCE.message(message.number) is not message] == []
    assert len(alike) == 12


def test_a_table_that_both_dialects_have_alike_is_one_table() -> None:
    def members(table: CodeTable) -> list[tuple[str, int]]:
        return sorted((name, int(member)) for name, member in table.__members__.items())

    twice = [
        (one.__module__, other.__module__, one.__name__)
        for one in CCX.tables
        for other in CCE.tables
        if one is not other and members(one) == members(other)
    ]
    assert twice == []
