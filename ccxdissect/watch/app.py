"""The terminal view: panes over a live run. Needs Textual, the extra `watch` of the package."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import Any

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Static

from ccxdissect.analysis.findings import Finding
from ccxdissect.errors import CcxDissectError
from ccxdissect.stream.events import Record
from ccxdissect.views.live import finding_line
from ccxdissect.views.messages import Showing
from ccxdissect.views.text import shown
from ccxdissect.views.tree import record_heading, tree_lines
from ccxdissect.watch import drawing
from ccxdissect.watch.panes import Line, Pane
from ccxdissect.watch.run import LiveRun
from ccxdissect.watch.state import MOST_MESSAGES, Row, WatchState, matcher
from ccxdissect.wording.problems import say

#: Seconds between two looks at what has come.
EVERY = 0.2
#: Rows kept beyond MOST_MESSAGES before the oldest go, so that they go rarely.
SPARE = 1_000


class Detail(ModalScreen[None]):
    """One message in full, or one finding with the message that it is about."""

    BINDINGS = [Binding("escape,q,enter", "dismiss", "Back")]

    def __init__(self, record: Record | None, finding: Finding | None, showing: Showing) -> None:
        super().__init__()
        self._finding = None if finding is None else Text(f"{finding_line(finding).strip()}\n")
        lines = []
        if record is not None:
            lines = [record_heading(record), *tree_lines(record.decoded, showing)]
            lines += [f"problem: {shown(say(problem))}" for problem in record.source_problems]
        self._text = Text("\n".join(lines), no_wrap=True)

    def compose(self) -> ComposeResult:
        """The tree, to scroll in."""
        with VerticalScroll(id="detail"):
            if self._finding is not None:
                yield Static(self._finding, id="finding")
            yield Static(self._text, id="tree")
        yield Footer()


class WatchApp(App[None]):
    """Sessions, agents, calls, messages and findings, in place."""

    TITLE = "ccxdissect"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #status { height: 1; }
    Pane { border: round $panel; scrollbar-size-vertical: 1; overflow-x: hidden; height: 1fr; }
    Pane:focus { border: round $accent; }
    #left { width: 5fr; }
    #right { width: 3fr; }
    #messages { height: 3fr; }
    #filter { display: none; height: 3; }
    #filter.open { display: block; }
    Detail { align: center middle; }
    #detail { width: 95%; height: 90%; border: round $accent; background: $surface; overflow-x: auto; }
    #tree { width: auto; }
    """
    BINDINGS = [
        Binding("q,ctrl+c", "quit", "Quit"),
        Binding("space,p", "pause", "Pause"),
        Binding("slash", "filter", "Filter"),
        Binding("escape", "unfilter", "All", show=False),
    ]

    def __init__(self, live: LiveRun, state: WatchState) -> None:
        super().__init__()
        self._live = live
        self._state = state
        self.error: CcxDissectError | OSError | None = None
        self._thread = threading.Thread(target=self._capture, name="capture")
        self._ended = False
        self._paused = False
        self._rows: list[Row] = []
        self._seen = 0
        self._fits: Callable[[Row], bool] | None = None
        self._found = 0
        self._status = Static(id="status")
        self._messages = Pane("messages", self._draw_message, follow=True, id="messages")
        self._findings = Pane("findings", self._draw_finding, follow=True, id="findings")
        self._sessions = Pane("sessions", self._draw_session, id="sessions")
        self._agents = Pane("agents", self._draw_agent, id="agents")
        self._calls = Pane("open calls", self._draw_call, id="calls")
        self._box = Input(
            placeholder="words that the line must hold; -word must not; session:2; from:client", id="filter"
        )

    def compose(self) -> ComposeResult:
        """The panes."""
        yield self._status
        with Horizontal():
            with Vertical(id="left"):
                yield self._messages
                yield self._findings
            with Vertical(id="right"):
                yield self._sessions
                yield self._agents
                yield self._calls
        yield self._box
        yield Footer()

    def on_mount(self) -> None:
        """Begin."""
        self._messages.focus()
        self.set_interval(EVERY, self._look)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit)
        self._thread.start()

    def finish(self) -> None:
        """End the run, and wait for it. After the screen is gone."""
        self._live.stop()
        if self._thread.ident is not None:
            self._thread.join()

    # -- the run -----------------------------------------------------------------------------------------------------

    def _capture(self) -> None:
        try:
            self._live.run()
        except (CcxDissectError, OSError) as error:
            self.error = error
        self._ended = True

    # -- what is shown -----------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Show what has come since the last time."""
        if self._ended and (self.error is not None or self._live.stopped):
            self.exit()
            return
        view = self._state.view()
        self._status.update(_text(self._status_of(view.tally, view.rate)))
        if self._paused:
            return
        self._take_messages()
        dropped = max(view.found - self._found - (len(view.findings) - len(self._findings.rows)), 0)
        self._found = view.found
        self._findings.show_rows(view.findings, dropped, view.found)
        self._sessions.show_rows(view.sessions, count=view.tally.sessions)
        self._agents.show_rows(view.agents)
        self._calls.show_rows(view.calls)

    def _status_of(self, tally: Any, rate: float) -> Line:
        if self._paused:
            state = "PAUSED"
        elif self._ended:
            state = "ended"
        else:
            state = "live" if self._state.is_open else "opening"
        return drawing.status(tally, rate, self._live.source.name, state)

    def _take_messages(self) -> None:
        fresh, self._seen = self._state.messages_after(self._seen)
        if self._fits is not None:
            fresh = [row for row in fresh if self._fits(row)]
        if not fresh:
            return
        dropped = 0
        self._rows += fresh
        if len(self._rows) > MOST_MESSAGES + SPARE:
            dropped = len(self._rows) - MOST_MESSAGES
            del self._rows[:dropped]
        self._messages.show_rows(self._rows, dropped)

    def _draw_message(self, row: Row) -> Line:
        return drawing.message(row, self._state.showing, self._state.several_days)

    def _draw_finding(self, item: Finding) -> Line:
        return drawing.finding(item, self._state.several_days)

    def _draw_session(self, story: Any) -> Line:
        return drawing.session(story, self._live.now())

    def _draw_agent(self, spell: Any) -> Line:
        return drawing.agent(spell, self._live.now())

    def _draw_call(self, story: Any) -> Line:
        return drawing.call(story, self._live.now())

    # -- what the keys do --------------------------------------------------------------------------------------------

    def action_pause(self) -> None:
        """Hold the screen still; nothing is missed meanwhile."""
        self._paused = not self._paused
        self._look()

    def action_filter(self) -> None:
        """Open the filter's box."""
        self._box.add_class("open")
        self._box.focus()

    def action_unfilter(self) -> None:
        """Everything again."""
        self._box.value = ""
        self._box.remove_class("open")
        self._filter("")
        self._messages.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        self._filter(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Back to the messages; an empty box goes away."""
        if not event.value.strip():
            event.input.remove_class("open")
        self._messages.focus()

    def _filter(self, text: str) -> None:
        self._fits = matcher(text, self._state.showing)
        rows, self._seen = self._state.messages_after(0)
        self._rows = [row for row in rows if self._fits is None or self._fits(row)]
        self._messages.follow = True
        self._messages.show_rows(self._rows)

    def on_pane_chosen(self, event: Pane.Chosen) -> None:
        """Enter: the message in full; of a session or agent or call, its messages."""
        row, pane = event.row, event.pane.id
        if isinstance(row, Row):
            self.push_screen(Detail(row.record, None, self._state.showing))
        elif isinstance(row, Finding):
            record = self._state.record(row.message) if row.message is not None else None
            self.push_screen(Detail(record, row, self._state.showing))
        elif pane == "sessions":
            self._narrow(f"session:{row.session.number}")
        elif pane == "agents":
            self._narrow(row.agent)
        elif pane == "calls":
            self._narrow(str(row.call))

    def _narrow(self, text: str) -> None:
        self._box.add_class("open")
        self._box.value = text
        self._messages.focus()


def _text(line: Line) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    for piece, style in line:
        text.append(piece, style)
    return text
