"""What is known of the dialects' message types before their declarations are loaded is what these declare.

`python tests/protocol/test_known_types.py` writes it anew.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from ccxdissect.protocol import known_types
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Declared
from ccxdissect.protocol.telling import alike, compared, own_types

HEADING = '''"""The message types of each dialect, by the package that declares them, and those that several declare as one: what has
to be known of a dialect that a capture may speak, before its declarations are loaded because it does.

Written by tests/protocol/test_known_types.py, which holds it to the declarations.
"""

from __future__ import annotations
'''


def package(name: str) -> str:
    declared = DIALECTS[name].messages
    assert isinstance(declared, Declared)
    return declared.package


def numbers(found: Iterable[int], before: str) -> str:
    text = ", ".join(map(str, sorted(found)))
    lines = textwrap.wrap(text, 108)
    return f"{before}frozenset((\n" + "".join(f"        {line}\n" for line in lines) + "    )),\n"


def written() -> str:
    text = HEADING + "\n# fmt: off\nTYPES: dict[str, frozenset[int]] = {\n"
    for name, protocol in DIALECTS.items():
        text += numbers(protocol.by_number, f'    "{package(name)}": ')
    text += "}\nALIKE: dict[frozenset[str], frozenset[int]] = {\n"
    for names in combinations(DIALECTS, 2):
        key = ", ".join(f'"{package(name)}"' for name in names)
        text += numbers(compared([DIALECTS[name] for name in names]), f"    frozenset(({key})): ")
    return text + "}\n# fmt: on\n"


def test_it_is_what_is_declared() -> None:
    assert known_types.__file__ is not None
    assert Path(known_types.__file__).read_text("utf-8") == written()
    ccx, cce = DIALECTS.values()
    assert alike((ccx, cce)) == compared((ccx, cce))
    assert 0 < len(alike((ccx, cce))) < len(ccx.messages)
    assert own_types(ccx, (ccx, cce)) == set(ccx.by_number) - set(cce.by_number)


def test_a_capture_of_one_dialect_loads_no_declarations_of_the_other() -> None:
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


if __name__ == "__main__":
    assert known_types.__file__ is not None
    Path(known_types.__file__).write_text(written(), "utf-8")
    sys.exit(0)
