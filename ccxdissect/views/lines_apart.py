"""Messages as lines of JSON, as processes make them that do not know yet what comes before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccxdissect.analysis.filters import Filter
from ccxdissect.sources.options import Options
from ccxdissect.views.messages import MessageWriter, Showing, Unnumbered, numbered

if TYPE_CHECKING:
    from ccxdissect.columns.passing import Received
    from ccxdissect.stream.events import Record


@dataclass(frozen=True)
class JsonLines:
    """Makes them of the messages that `keep` wants (None: of all). Declarations travel with `options`."""

    keep: Filter | None
    options: Options
    showing: Showing

    def prepare(self) -> tuple[Callable[[Record], Unnumbered], Callable[[Record], bool] | None]:
        """What a line is made of, and what says whether a message is wanted."""
        keep = None if self.keep is None else self.keep.test(self.options.protocols)
        return MessageWriter(self.showing).unnumbered, keep

    def line(self, one: Unnumbered) -> str:
        """The line, with the numbers that the message has among all."""
        return numbered(one)

    def in_bulk(self) -> Callable[[Received, Sequence[bool] | None], bytes | memoryview]:
        """The same of whole batches."""
        import numpy as np

        from ccxdissect.views.column_lines import ColumnWriter

        writer = ColumnWriter(self.showing)

        def lines(batch: Received, chosen: Sequence[bool] | None) -> bytes | memoryview:
            return writer.lines(batch, None if chosen is None else np.array(chosen, bool))

        return lines
