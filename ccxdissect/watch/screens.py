"""What opens above the panes: a message in full, a ladder, the keys, a question."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Static

from ccxdissect.analysis.findings import Finding
from ccxdissect.stream.events import Record
from ccxdissect.views.ladder import Ladder
from ccxdissect.views.ladder_text import step_lines
from ccxdissect.views.live import finding_line
from ccxdissect.views.messages import Showing
from ccxdissect.views.text import shown
from ccxdissect.views.tree import record_heading, tree_lines
from ccxdissect.watch.choosing import Choice
from ccxdissect.watch.panes import Line, Pane
from ccxdissect.watch.state import MOST_MESSAGES, MOST_READ
from ccxdissect.wording.problems import say

KEYS = f"""\
Tab, Shift-Tab          the next pane, the one before
Up Down, k j            rows; PageUp PageDown; Home End, g G for the first and the last
Left Right, h l         sideways, what is too long for the screen
Enter                   a message as a tree; of a session, call or agent the ladder; in a ladder the message
m                       only the messages of the chosen session, call or agent
/                       filter the messages: words that the line must hold, -word must not, session:2, from:client;
                        or an expression as for --where: name != HEARTBEAT_REQ and AgentState == READY;
                        or options of the commands: --agent '20*' --call 0x1000123 --no-heartbeats --from +5m
Escape                  all messages again; back from what is open
s, then n N             search in the pane or in what is open; the next, the one before
w                       save the packets of the chosen session, call or agent as pcapng
Space, p                hold the screen still
?                       this
q, Ctrl-C               quit

Kept are the last {MOST_READ:,} messages of files, the last {MOST_MESSAGES:,} of live traffic; titles say where that is not
all. Sessions, calls, agents and findings are of everything.
"""


class Opened(ModalScreen[None]):
    """Something in a window of its own: lines to walk through, search and follow to the right."""

    BINDINGS = [Binding("escape,q", "dismiss", "Back", priority=True)]

    def __init__(self, title: str, lines: Sequence[object], above: Text | None = None) -> None:
        super().__init__()
        self._above = above
        self._pane = Pane(title, _line, id="lines")
        self._lines = lines

    def compose(self) -> ComposeResult:
        """The window."""
        with Vertical(id="window"):
            if self._above is not None:
                yield Static(self._above, id="above")
            yield self._pane
        yield Footer()

    def on_mount(self) -> None:
        """Fill it."""
        self._pane.show_rows(self._lines, count="")
        self.set_focus(self._pane)


def _line(row: object) -> Line:
    return [(str(row), "")]


class Detail(Opened):
    """One message in full, or one finding with the message that it is about."""

    BINDINGS = [Binding("enter", "dismiss", show=False, priority=True)]

    def __init__(self, record: Record | None, finding: Finding | None, showing: Showing) -> None:
        lines: list[str] = []
        if record is not None:
            lines = [record_heading(record), *tree_lines(record.decoded, showing)]
            lines += [f"problem: {shown(say(problem))}" for problem in record.source_problems]
        title = "finding" if record is None else f"message {record.number}"
        super().__init__(title, lines, None if finding is None else Text(f"{finding_line(finding).strip()}\n"))


class Step:
    """A line of a ladder, and the number of the message that it draws."""

    def __init__(self, text: str, number: int | None) -> None:
        self.text = text
        self.number = number

    def __str__(self) -> str:
        return self.text


class LadderScreen(Opened):
    """The ladder of what was chosen."""

    def __init__(self, choice: Choice, ladder: Ladder) -> None:
        self.choice = choice
        super().__init__(choice.title, [Step(text, number) for text, number in step_lines(ladder)])


class Help(Opened):
    """The keys."""

    BINDINGS = [Binding("enter", "dismiss", show=False, priority=True)]

    def __init__(self) -> None:
        super().__init__("keys", KEYS.splitlines())


class Question(ModalScreen["str | None"]):
    """Asks for a line of text; Escape gives None."""

    BINDINGS = [
        Binding("escape", "dismiss(None)", "Back", priority=True),
        Binding("enter", "answer", "Done", priority=True),
    ]

    def __init__(self, asked: str, given: str = "") -> None:
        super().__init__()
        self._box = Input(given, id="answer")
        self._asked = Static(Text(asked), id="asked")

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical(id="question"):
            yield self._asked
            yield self._box
        yield Footer()

    def on_mount(self) -> None:
        """Ready to type."""
        self.set_focus(self._box)

    def action_answer(self) -> None:
        """That is it."""
        self.dismiss(self._box.value.strip() or None)
