"""What is to be said about the reading of a trace itself, so that nothing is passed over in silence."""

from __future__ import annotations

from ccxdissect.analysis.sessions import unclear
from ccxdissect.sources.keeping import MOST_TOLD, Kept
from ccxdissect.sources.trace import Trace
from ccxdissect.stream.events import Loss
from ccxdissect.views.gist import gist
from ccxdissect.views.text import date_and_clock, teller, zone_name
from ccxdissect.wording import plural
from ccxdissect.wording.losses import say


def remarks(trace: Trace) -> list[str]:
    """What was not read, not captured or not understood: a line for each."""
    said = [*trace.notices, *(_loss(loss) for loss in trace.first_losses)]
    if trace.more_losses:
        said.append(f"and {trace.more_losses} more losses; `ccxdissect sessions` counts the bytes")
    said += [told for session in trace.first_unclear if (told := unclear(session)) is not None]
    if trace.more_unclear:
        said.append(
            f"and {trace.more_unclear} more sessions whose signs of a dialect disagree; `ccxdissect sessions` tells them"
        )
    if trace.excerpt:
        said.append(
            "an excerpt: packets of its sessions were left out when it was cut out of another capture; what seems to be "
            "lacking, a reply or a heartbeat, may have been in them"
        )
    if trace.nothing_found is not None:
        said.append(trace.nothing_found)
    elif trace.kept is not None and not trace.kept.count:
        said.append(nothing_fits(trace.count, trace.kept))
    return said


def nothing_fits(count: int, kept: Kept) -> str:
    """That the filter let nothing of so many messages through, and what there was."""
    first, last, seen = kept.there_was()
    said = [f"nothing of {plural(count, 'message')} fits"]
    said.append(f"there was {date_and_clock(first)} to {teller((first, last))(last)} {zone_name()}")
    for what, names in seen.items():
        if names:
            more = " ..." if len(names) > MOST_TOLD else ""
            said.append(f"{what}{'' if len(names) == 1 else 's'} {', '.join(names[:MOST_TOLD])}{more}")
    return "; ".join(said)


def _loss(loss: Loss) -> str:
    """Where a loss is, how many bytes it is of, and what they say all the same."""
    said = f"frame {loss.frame}, session {loss.session.number}, {loss.sender.value}: {say(loss)}"
    if loss.partial is not None:
        partly = gist(loss.partial, problems=())
        if partly:
            return f"{said}; it says {partly}"
    return said + (f" ({loss.skipped} bytes)" if loss.skipped else "")
