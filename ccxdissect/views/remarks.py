"""What is to be said about the reading of a trace itself, so that nothing is passed over in silence."""

from __future__ import annotations

from collections.abc import Sequence

from ccxdissect.analysis.filters import Filter
from ccxdissect.sources.keeping import MOST_TOLD, Keep, Seen
from ccxdissect.sources.trace import Trace
from ccxdissect.stream.events import Loss
from ccxdissect.views.clock import clock_set_back
from ccxdissect.views.gist import gist
from ccxdissect.views.text import date_and_clock, shown, teller, zone_name
from ccxdissect.wording import meant, plural
from ccxdissect.wording.losses import say


def remarks(trace: Trace) -> list[str]:
    """What was not read, not captured or not understood: a line for each."""
    said = [*trace.notices, *(_loss(loss) for loss in trace.first_losses)]
    if trace.set_back is not None:
        said.append(clock_set_back(trace.set_back))
    if trace.more_losses:
        said.append(f"and {trace.more_losses} more losses; `ccxdissect sessions` counts the bytes")
    if trace.first_unclear:
        # It comes with all that is told of sessions.
        from ccxdissect.analysis.sessions import unclear

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
        said.append(nothing_fits(trace.count, trace.kept.seen, trace.keep))
    return said


def nothing_fits(count: int, seen: Seen, keep: Keep | None = None) -> str:
    """That a filter let nothing of so many messages through, what there was, and what may have been meant."""
    said = [f"nothing of {plural(count, 'message')} fits"]
    said.append(f"there was {date_and_clock(seen.first)} to {teller((seen.first, seen.last))(seen.last)} {zone_name()}")
    asked = keep if isinstance(keep, Filter) else Filter()
    silent = {kind for kind, wanted in (("number", asked.numbers), ("problem", asked.problems)) if not wanted}
    for kind, names in seen.names.items():
        if names and kind not in silent:
            said.append(listed(kind, [shown(name) for name in names]))
        elif kind == "problem" and asked.problems:
            said.append("no problems")
    for kind, wanted in (("agent", asked.agents), ("number", asked.numbers)):
        for name in wanted:
            hint = meant(name, seen.names[kind])
            if hint is not None:
                said.append(f"{kind} {shown(name)}: {shown(hint)}")
    return "; ".join(said)


def listed(kind: str, names: Sequence[str]) -> str:
    """What there was of a kind, as far as it is told."""
    more = " ..." if len(names) > MOST_TOLD else ""
    return f"{kind}{'' if len(names) == 1 else 's'} {', '.join(names[:MOST_TOLD])}{more}"


def _loss(loss: Loss) -> str:
    """Where a loss is, how many bytes it is of, and what they say all the same."""
    said = f"frame {loss.frame}, session {loss.session.number}, {loss.sender.value}: {say(loss)}"
    if loss.partial is not None:
        partly = gist(loss.partial, problems=())
        if partly:
            return f"{said}; it says {partly}"
    return said + (f" ({loss.skipped} bytes)" if loss.skipped else "")
