"""The terminal view: panes over a live run, or over captures that are read. Needs Textual, the extra `watch`."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer, Input, Static

from ccxdissect.analysis.filters import Filter
from ccxdissect.analysis.findings import Finding
from ccxdissect.errors import CcxDissectError, UsageError
from ccxdissect.sources.keeping import Seen
from ccxdissect.sources.options import Options
from ccxdissect.views.ladder_rows import LadderMaker
from ccxdissect.views.remarks import nothing_fits
from ccxdissect.views.text import shown
from ccxdissect.watch import drawing
from ccxdissect.watch.choosing import Choice, Saver, choice_of
from ccxdissect.watch.hangup import Hangup
from ccxdissect.watch.panes import Line, Pane
from ccxdissect.watch.screens import Detail, Help, LadderScreen, Question, Step
from ccxdissect.watch.state import Row, WatchState, kept_rows, matcher

#: Seconds between two looks at what has come.
EVERY = 0.2
#: Messages that are taken at a look, so that no look takes long.
MOST_AT_ONCE = 4_000
#: Rows kept beyond what the state keeps before the oldest go, so that they go rarely while messages come.
SPARE = 1_000


class Run(Protocol):
    """What is looked at: live traffic, or captures that are read."""

    #: Whether what comes last is what matters.
    follows: bool
    stopped: bool

    @property
    def name(self) -> str:
        """What it is of."""

    def run(self) -> None:
        """Until its end. Raises CcxDissectError or OSError."""

    def stop(self) -> None:
        """Ask for the end, from anywhere."""

    def state(self, is_open: bool, ended: bool) -> str:
        """How it is, in a word."""

    def now(self) -> int | None:
        """The time where the packets are, in ns."""


class WatchApp(App[None]):
    """Sessions, agents, calls, messages and findings, in place."""

    TITLE = "ccxdissect"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #status { height: 1; }
    Pane { border: round $panel; border-title-color: $text; scrollbar-size-vertical: 1; overflow-x: hidden; height: 1fr; }
    Pane:focus { border: round $accent; }
    #left { width: 5fr; }
    #right { width: 3fr; }
    #messages { height: 3fr; }
    #filter { height: 3; }
    #wrong { display: none; height: auto; color: $error; }
    #nothing { display: none; height: auto; color: $warning; }
    #wrong.told, #nothing.told { display: block; }
    Opened { align: center middle; }
    #window { width: 97%; height: 94%; background: $surface; }
    #above { height: auto; padding: 0 1; }
    Question { align: center middle; }
    #question { width: 70%; height: 7; border: round $accent; background: $surface; padding: 0 1; }
    """
    BINDINGS = [
        Binding("q", "quit", "Quit", priority=True),
        Binding("ctrl+c", "quit", show=False, priority=True),
        Binding("space,p", "pause", "Pause", priority=True),
        Binding("slash", "filter", "Filter", priority=True),
        Binding("escape", "unfilter", "All", show=False, priority=True),
        Binding("enter", "submit", show=False, priority=True),
    ]
    #: What only the panes know, not what opens above them.
    _OF_PANES = frozenset(("quit", "pause", "filter", "unfilter"))

    def __init__(
        self,
        live: Run,
        state: WatchState,
        options: Options,
        captures: Sequence[str] = (),
        asked: Callable[[str], Filter | None] | None = None,
    ) -> None:
        """`captures`: where the packets are that are looked at, if they are kept anywhere; `asked`: reads options of the
        commands as a filter (raises UsageError)."""
        super().__init__()
        self._live = live
        self._state = state
        self._protocols = options.protocols
        self._asked = asked
        self._saver = Saver(captures, options) if captures else None
        self._searched = ""
        self._hangup = Hangup(sys.__stdout__.fileno(), self._leave, self.finish) if sys.__stdout__ else None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.error: CcxDissectError | OSError | None = None
        self._thread = threading.Thread(target=self._capture, name="capture")
        self._ended = False
        self._drawn = False
        self._paused = False
        self._rows: list[Row] = []
        self._seen = 0
        self._fits: Callable[[Row], bool] | None = None
        #: What there was of messages, as long as none fits.
        self._unfit = Seen()
        self._found = 0
        self._status = Static(id="status")
        self._messages = Pane("messages", self._draw_message, follow=live.follows, id="messages")
        self._findings = Pane("findings", self._draw_finding, follow=live.follows, id="findings")
        self._sessions = Pane("sessions", self._draw_session, id="sessions")
        self._agents = Pane("agents", self._draw_agent, id="agents")
        self._calls = Pane("calls", self._draw_call, id="calls")
        self._box = Input(
            placeholder="words (-word: not), session:2, an expression (AgentState == READY), or options (--agent '20*')",
            id="filter",
        )
        self._box.display = False
        self._wrong = Static(id="wrong")
        self._nothing = Static(id="nothing")

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
        yield self._nothing
        yield self._wrong
        yield self._box
        yield Footer()

    def on_mount(self) -> None:
        """Begin."""
        self._messages.focus()
        self.set_interval(EVERY, self._look)
        self._loop = asyncio.get_running_loop()
        self._loop.add_signal_handler(signal.SIGTERM, self.exit)
        if self._hangup is not None:
            self._hangup.begin()
        self._thread.start()

    def _leave(self) -> None:
        """End in good order; from another thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self.exit)

    def finish(self) -> None:
        """End the run, and wait for it. After the screen is gone."""
        self._live.stop()
        if self._thread.ident is not None:
            self._thread.join()
        if self._hangup is not None:
            self._hangup.end()

    # -- the run -----------------------------------------------------------------------------------------------------

    def _capture(self) -> None:
        try:
            self._live.run()
        except (CcxDissectError, OSError) as error:
            self.error = error
        self._state.over()
        self._ended = True

    # -- what is shown -----------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Show what has come since the last time."""
        if self._ended and (self.error is not None or self._live.stopped):
            self.exit()
            return
        # Asked before the view is taken: what is said to be over must be shown with its end.
        ended = self._ended
        view = self._state.view()
        self._status.update(_text(self._status_of(view.tally, view.rate, ended)))
        if self._paused:
            return
        self._take_messages()
        if self._drawn:
            return
        # Of what has ended nothing changes any more.
        self._drawn = ended
        dropped = max(view.found - self._found - (len(view.findings) - len(self._findings.rows)), 0)
        self._found = view.found
        few = f" (the last {len(view.findings):,} of {view.found:,})" if len(view.findings) < view.found else view.found
        self._findings.show_rows(view.findings, dropped, few)
        self._sessions.show_rows(view.sessions, count=view.tally.sessions)
        self._agents.show_rows(view.agents)
        self._calls.show_rows(view.calls, count=view.called)

    def _status_of(self, tally: Any, rate: float, ended: bool) -> Line:
        state = "PAUSED" if self._paused else self._live.state(self._state.is_open, ended)
        return drawing.status(tally, rate if self._live.follows else None, self._live.name, state)

    def _take_messages(self) -> None:
        fresh, self._seen = self._state.messages_after(self._seen, MOST_AT_ONCE)
        if self._fits is not None:
            every, fresh = fresh, []
            for row in every:
                if self._fits(row):
                    fresh.append(row)
                elif not self._rows and not fresh:
                    self._unfit.see(row.record)
            if every and not fresh and not self._rows:
                self._show_messages(0)
        most = self._state.most if self._ended else self._state.most + SPARE
        if not fresh and len(self._rows) <= most:
            return
        dropped = 0
        self._rows += fresh
        if len(self._rows) > most:
            dropped = len(self._rows) - self._state.most
            del self._rows[:dropped]
        self._show_messages(dropped)

    def _show_messages(self, dropped: int) -> None:
        """Show them; the title says of how many they are where that is not all, and what there was where nothing fits."""
        count, gone = len(self._rows), self._state.gone
        last = f" of the last {self._state.most:,}" if count <= self._state.most else ""
        all_of_them = f"{last} of {self._seen:,}" if gone else ""
        self._messages.show_rows(self._rows, dropped, f" ({count:,}{all_of_them})")
        nothing = self._fits is not None and not count and bool(self._seen)
        told = nothing_fits(self._seen - gone, self._unfit) if nothing else ""
        self._nothing.update(Text(told))
        self._nothing.set_class(nothing, "told")

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

    async def on_event(self, event: events.Event) -> None:
        """Whatever a box of text is still to take it takes before a key that is not for it."""
        box = self.focused if isinstance(event, events.Key) and not event.is_forwarded else None
        if isinstance(box, Input) and isinstance(event, events.Key) and not event.is_printable:
            taken = asyncio.Event()
            if box.call_later(taken.set):
                await taken.wait()
        await super().on_event(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key does that now."""
        if action == "submit":
            return self.focused is self._box
        return action not in self._OF_PANES or len(self.screen_stack) == 1

    def action_pause(self) -> None:
        """Hold the screen still; nothing is missed meanwhile."""
        self._paused = not self._paused
        self._look()

    def action_filter(self) -> None:
        """Open the filter's box; at once, for the next key is meant for it."""
        self._box.display = True
        self.screen.set_focus(self._box)

    def action_unfilter(self) -> None:
        """Everything again."""
        with self._box.prevent(Input.Changed):
            self._box.value = ""
        self._box.display = False
        self._filter("")
        self.screen.set_focus(self._messages)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed; what cannot be read yet changes nothing."""
        if event.input is self._box and self.focused is self._box:
            self._filter(event.value)

    def action_submit(self) -> None:
        """Back to the messages; an empty box goes away."""
        self._filter(self._box.value)
        self._box.display = bool(self._box.value.strip())
        self.screen.set_focus(self._messages)

    def _filter(self, text: str) -> None:
        try:
            fits = matcher(text, self._state.showing, self._protocols, self._asked)
        except UsageError as error:
            self._wrong.update(Text(str(error)))
            self._wrong.add_class("told")
            return
        self._wrong.remove_class("told")
        self._messages.follow = self._live.follows
        self._narrow(fits)

    def _narrow(self, fits: Callable[[Row], bool] | None) -> None:
        """Show only messages that fit."""
        self._fits, self._unfit = fits, Seen()
        self._rows, self._seen = [], 0
        self._show_messages(0)
        self._take_messages()

    async def on_pane_chosen(self, event: Pane.Chosen) -> None:
        """The mouse chose a row."""
        await self._open(event.row)

    async def action_choose(self) -> None:
        """Enter: the message in full; of a session or agent or call, its ladder."""
        if self._pane is not None:
            await self._open(self._pane.row)

    async def _open(self, row: Any) -> None:
        if isinstance(row, Step):
            record = None if row.number is None else self._state.record(row.number)
            if record is not None:
                await self.push_screen(Detail(record, None, self._state.showing))
        elif isinstance(row, Row):
            await self.push_screen(Detail(row.record, None, self._state.showing))
        elif isinstance(row, Finding):
            record = self._state.record(row.message) if row.message is not None else None
            await self.push_screen(Detail(record, row, self._state.showing))
        else:
            choice = choice_of(row)
            if choice is not None:
                await self._draw_ladder(choice)

    async def _draw_ladder(self, choice: Choice) -> None:
        rows, _ = self._state.messages_after(0)
        fits = kept_rows(choice.keep, self._protocols, [row.record for row in rows])
        # A session is drawn with its end even if nothing was said in it.
        maker = LadderMaker(every_end=bool(choice.keep.sessions))
        for row in rows:
            maker.take(row.record, fits(row))
        for end in self._state.ends(choice.keep.sessions):
            maker.take(end)
        gone = self._state.gone
        kept = f"of the last {len(rows):,} messages; {gone:,} before them are not kept" if gone else ""
        await self.push_screen(LadderScreen(choice, maker.ladder(subtitle=kept)))

    @property
    def _pane(self) -> Pane | None:
        return self.focused if isinstance(self.focused, Pane) else None

    @property
    def _choice(self) -> Choice | None:
        """What is chosen: of a ladder that is open, what it is of."""
        if isinstance(self.screen, LadderScreen):
            return self.screen.choice
        return None if self._pane is None else choice_of(self._pane.row)

    def action_narrow(self) -> None:
        """Only the messages of what is chosen."""
        choice = self._choice
        if choice is None:
            return
        while len(self.screen_stack) > 1:
            self.pop_screen()
        with self._box.prevent(Input.Changed):
            self._box.value = choice.title
        self._box.display = True
        self._wrong.remove_class("told")
        rows, _ = self._state.messages_after(0)
        self._narrow(kept_rows(choice.keep, self._protocols, [row.record for row in rows]))
        self.screen.set_focus(self._messages)

    async def action_help(self) -> None:
        """The keys."""
        await self.push_screen(Help())

    async def action_search(self) -> None:
        """Ask what to search for in what has the keys."""
        pane = self._pane
        if pane is None:
            return

        def found(text: str | None) -> None:
            if text:
                self._searched = text
                self._find(pane, 1, here=True)

        await self.push_screen(Question("search for", self._searched), found)

    def action_find(self, step: int) -> None:
        """The next place of what was searched for, or the one before."""
        if self._pane is not None and self._searched:
            self._find(self._pane, step)

    def _find(self, pane: Pane, step: int, here: bool = False) -> None:
        if not pane.find(self._searched, step, here):
            self._say(f"nothing here has {shown(self._searched)}", "warning")

    async def action_save(self) -> None:
        """Ask for a file, and write the packets of what is chosen to it."""
        choice, saver = self._choice, self._saver
        if choice is None:
            return
        if saver is None:
            self._say("live traffic is kept nowhere: start with --write FILE.pcapng to save parts of it", "warning")
            return

        def named(path: str | None) -> None:
            if path:
                self.run_worker(lambda: self._save(saver, choice, path), thread=True)

        await self.push_screen(Question(f"save the packets of {choice.title} to", choice.file), named)

    def _save(self, saver: Saver, choice: Choice, path: str) -> None:
        try:
            said, severity = saver.save(choice, path), "information"
        except (CcxDissectError, OSError) as error:
            said, severity = str(error), "error"
        self.call_from_thread(self._say, said, severity)

    def _say(self, text: str, severity: Any) -> None:
        self.notify(text, severity=severity, timeout=15, markup=False)


def _text(line: Line) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    for piece, style in line:
        text.append(piece, style)
    return text
