"""What is chosen on the screen: which messages concern it, and its packets as a capture of their own."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ccxdissect.analysis.agents import Spell
from ccxdissect.analysis.call_stories import CallStory
from ccxdissect.analysis.filters import Filter
from ccxdissect.analysis.findings import Finding
from ccxdissect.analysis.sessions import SessionStory
from ccxdissect.errors import CcxDissectError
from ccxdissect.sources.cutting import cut_to_file
from ccxdissect.sources.options import Options
from ccxdissect.views.text import shown
from ccxdissect.watch.state import Row
from ccxdissect.wording import plural


@dataclass(frozen=True)
class Choice:
    """A session, a call or an agent: its title, safe for a terminal, and the filter of its messages."""

    title: str
    keep: Filter

    @property
    def file(self) -> str:
        """A name for a file of it."""
        return re.sub(r"[^\w.-]+", "-", self.title).strip("-") + ".pcapng"


def choice_of(row: Any) -> Choice | None:
    """What a row of a pane stands for: of a message or a finding, its session."""
    if isinstance(row, CallStory):
        return Choice(f"call {row.call}", Filter(calls=(row.call,)))
    if isinstance(row, Spell):
        return Choice(f"agent {shown(row.agent)}", Filter(agents=(row.agent,)))
    if isinstance(row, SessionStory):
        number = row.session.number
    elif isinstance(row, Row):
        number = row.record.session.number
    elif isinstance(row, Finding):
        number = row.session
    else:
        return None
    return Choice(f"session {number}", Filter(sessions=(number,)))


class Saver:
    """Saves what is chosen of these captures."""

    def __init__(self, captures: Sequence[str], options: Options) -> None:
        self._captures = captures
        self._options = options

    def save(self, choice: Choice, path: str) -> str:
        """Write its packets to a file; gives what was written, in words. Raises CcxDissectError."""
        path = os.path.expanduser(path)
        if os.path.lexists(path):
            raise CcxDissectError(f"choose another name: there already is {path}")
        done = cut_to_file(self._captures, self._options, choice.keep, path)
        if not done.packets:
            raise CcxDissectError(f"{choice.title} has no packets here: nothing was written")
        return f"{plural(done.packets, 'packet')}, {plural(done.messages, 'message')} of {choice.title}: {path}"
