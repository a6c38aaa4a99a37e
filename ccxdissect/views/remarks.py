"""What is to be said about the reading of a trace itself, so that nothing is passed over in silence."""

from __future__ import annotations

from ccxdissect.sources.trace import Trace
from ccxdissect.stream.events import Loss
from ccxdissect.views.gist import gist
from ccxdissect.views.losses import say


def remarks(trace: Trace) -> list[str]:
    """What was not read, not captured or not understood: a line for each."""
    said = [*trace.notices, *(_loss(loss) for loss in trace.first_losses)]
    if trace.more_losses:
        said.append(f"and {trace.more_losses} more losses; `ccxdissect sessions` counts the bytes")
    why = trace.nothing_found
    return said if why is None else [*said, why]


def _loss(loss: Loss) -> str:
    """Where a loss is, how many bytes it is of, and what they say all the same."""
    said = f"frame {loss.frame}, session {loss.session.number}, {loss.sender.value}: {say(loss)}"
    if loss.partial is not None:
        partly = gist(loss.partial, problems=())
        if partly:
            return f"{said}; it says {partly}"
    return said + (f" ({loss.skipped} bytes)" if loss.skipped else "")
