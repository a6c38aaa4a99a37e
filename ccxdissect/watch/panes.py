"""Lists of lines that scroll, of which only what is on the screen is drawn.

Everything is drawn from plain text and styles, never from markup: what a stranger sent stays text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

#: One line: pieces of text with their styles.
Line = list[tuple[str, str]]
#: How far a line can be followed to the right.
MOST_SHIFT = 4_000
_CURSOR = Style(reverse=True)
_BLURRED = Style(bold=True, underline=True)


class Pane(ScrollView, can_focus=True):
    """Rows, one of them under the cursor. `draw` makes the line of a row when it is needed."""

    #: All have priority: what a key does is done before the next key is looked at, be they typed ever so quickly.
    BINDINGS = [
        Binding("up,k", "move(-1)", show=False, priority=True),
        Binding("down,j", "move(1)", show=False, priority=True),
        Binding("pageup", "move_pages(-1)", show=False, priority=True),
        Binding("pagedown", "move_pages(1)", show=False, priority=True),
        Binding("home,g", "first", show=False, priority=True),
        Binding("end,G", "last", "Newest", priority=True),
        Binding("left,h", "shift(-16)", show=False, priority=True),
        Binding("right,l", "shift(16)", show=False, priority=True),
        Binding("enter", "app.choose", "Open", priority=True),
        Binding("tab", "app.focus_next", "Next pane", priority=True),
        Binding("s", "app.search", "Search", priority=True),
        Binding("n", "app.find(1)", show=False, priority=True),
        Binding("N", "app.find(-1)", show=False, priority=True),
        Binding("m", "app.narrow", "Only its messages", show=False, priority=True),
        Binding("w", "app.save", "Save as pcapng", priority=True),
        Binding("question_mark", "app.help", "Keys", priority=True),
    ]

    class Chosen(Message):
        """Somebody wants to see more of a row."""

        def __init__(self, pane: Pane, row: Any) -> None:
            super().__init__()
            self.pane = pane
            self.row = row

    def __init__(self, title: str, draw: Callable[[Any], Line], follow: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.border_title = title
        self._title = title
        self._draw = draw
        #: Whether the cursor stays on the last row as rows come.
        self.follow = follow
        self._follows = follow
        self._rows: Sequence[Any] = ()
        self.cursor = 0
        #: Columns that are out of sight on the left.
        self._shift = 0

    @property
    def rows(self) -> Sequence[Any]:
        """What it shows."""
        return self._rows

    def show_rows(self, rows: Sequence[Any], dropped: int = 0, count: int | str | None = None) -> None:
        """Show these rows; `dropped` of the old ones are gone from the beginning. `count` stands in the title."""
        self._rows = rows
        told = count if isinstance(count, str) else f" ({len(rows) if count is None else count:,})"
        self.border_title = f"{self._title}{told}"
        last = max(len(rows) - 1, 0)
        self.cursor = last if self.follow else min(max(self.cursor - dropped, 0), last)
        self.virtual_size = Size(self.scrollable_content_region.width, len(rows))
        if dropped and not self.follow:
            self.scroll_to(y=max(self.scroll_offset.y - dropped, 0), animate=False)
        if self.follow:
            self._reveal()
        self.refresh()

    @property
    def row(self) -> Any:
        """The row under the cursor; None where there is none."""
        return self._rows[min(self.cursor, len(self._rows) - 1)] if self._rows else None

    def find(self, words: str, step: int = 1, here: bool = False) -> bool:
        """Bring the cursor to the next row (`step` -1: the one before) that holds all words, in any case; from the end it
        goes on at the beginning. `here`: the row under the cursor will do."""
        wanted, count = words.casefold().split(), len(self._rows)
        for far in range(0 if here else 1, count + (0 if here else 1)):
            index = (self.cursor + step * far) % count
            line = "".join(text for text, _ in self._draw(self._rows[index])).casefold()
            if all(word in line for word in wanted):
                self.action_move(index - self.cursor)
                return True
        return False

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if index >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        segments = [Segment(text, Style.parse(style)) for text, style in self._draw(self._rows[index])]
        strip = Strip(segments)
        if self._shift:
            strip = strip.crop(min(self._shift, strip.cell_length))
        strip = strip.adjust_cell_length(width)
        if index == self.cursor and (self.has_focus or self._follows):
            strip = strip.apply_style(_CURSOR if self.has_focus else _BLURRED)
        return strip.apply_style(self.rich_style)

    def action_move(self, step: int) -> None:
        """Move the cursor; at the end of a list that grows it stays at the end."""
        last = max(len(self._rows) - 1, 0)
        self.cursor = min(max(self.cursor + step, 0), last)
        self.follow = self._follows and self.cursor == last
        self._reveal()
        self.refresh()

    def action_move_pages(self, pages: int) -> None:
        """Move by what fits on the screen."""
        self.action_move(pages * max(self.scrollable_content_region.height - 1, 1))

    def action_shift(self, columns: int) -> None:
        """Show what is to the right, or to the left."""
        self._shift = min(max(self._shift + columns, 0), MOST_SHIFT)
        self.refresh()

    def action_first(self) -> None:
        """To the first row."""
        self.action_move(-len(self._rows))

    def action_last(self) -> None:
        """To the last row, and stay there."""
        self.action_move(len(self._rows))

    def on_click(self, event: events.Click) -> None:
        """The mouse: the first click moves the cursor, one more on the same row opens it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = offset.y + self.scroll_offset.y
        if index < len(self._rows):
            if index == self.cursor and self.has_focus and not self.follow:
                self.post_message(self.Chosen(self, self.row))
            else:
                self.action_move(index - self.cursor)

    def _reveal(self) -> None:
        height = self.scrollable_content_region.height
        if height:
            self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True)
