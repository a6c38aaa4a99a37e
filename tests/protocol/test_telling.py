"""What tells the dialects apart is told without loading the declarations of one that is not spoken."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.telling import alike, own_types

CCX, CCE = DIALECTS.values()


@pytest.mark.parametrize("protocols", [(CCX, CCE), (CCE, CCX)], ids=["ccx first", "cce first"])
def test_what_a_dialect_has_alone_is_what_the_other_does_not_declare(protocols: tuple) -> None:  # type: ignore[type-arg]
    assert own_types(CCX, protocols) == set(CCX.by_number) - set(CCE.by_number)
    assert own_types(CCE, protocols) == set(CCE.by_number) - set(CCX.by_number)


def test_a_dialect_says_what_it_added_to_the_one_it_is_taken_from() -> None:
    for protocol in DIALECTS.values():
        added = {message.number for message in protocol if message.added}
        taken_from = DIALECTS.get(protocol.taken_from)
        assert added == (set() if taken_from is None else set(protocol.by_number) - set(taken_from.by_number))


def test_what_is_declared_as_one_reads_alike() -> None:
    assert alike((CCX, CCE)) == {
        number for number, message in CCX.by_number.items() if CCE.by_number.get(number) is message
    }
    assert 0 < len(alike((CCX, CCE))) < len(CCX.messages)
    assert alike((CCX,)) == set(CCX.by_number)


def test_a_capture_of_the_usual_dialect_loads_no_declarations_of_another() -> None:
    program = (
        "import sys, ccxdissect\n"
        "with ccxdissect.open('samples/trouble.pcapng') as trace:\n"
        "    assert trace.summary().messages == 81\n"
        "    assert len(list(trace.findings())) > 5\n"
        "print([name for name in sys.modules if name.startswith('ccxdissect.protocol.ged188.messages')])\n"
        "with ccxdissect.open('samples/cce-queued-call.pcapng') as trace:\n"
        "    assert {story.session.verdict.protocol.dialect for story in trace.sessions()} == {'cce'}\n"
        "print(len([name for name in sys.modules if name.startswith('ccxdissect.protocol.ged188.messages.')]) > 5)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "True"]
