"""Which calls are asked for: by agent, number, queue or outcome."""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass

from ccxdissect.analysis.call_stories import CallOutcome, CallStory


@dataclass(frozen=True)
class WantedCalls:
    """Calls that match every kind of condition given, by any of its values; without conditions all calls."""

    calls: Collection[int] = ()
    #: May be anything that can tell whether a name is one of them, and is false when none is asked for.
    agents: Container[str] = ()
    numbers: Container[str] = ()
    queues: Collection[int] = ()
    outcomes: Collection[CallOutcome] = ()

    def __bool__(self) -> bool:
        return bool(self.calls or self.agents or self.numbers or self.queues or self.outcomes)

    def __contains__(self, story: object) -> bool:
        if not isinstance(story, CallStory):
            return False
        agents = {*story.agents, story.calling_agent, *story.agent_at.values()}
        numbers = {story.caller, story.called, *story.parties}
        return (
            (not self.calls or story.call in self.calls)
            and (not self.agents or any(agent in self.agents for agent in agents))
            and (not self.numbers or any(number in self.numbers for number in numbers))
            and (not self.queues or not set(self.queues).isdisjoint(story.queues))
            and (not self.outcomes or story.outcome in self.outcomes)
        )


def outcomes(text: str) -> tuple[CallOutcome, ...]:
    """The outcomes that a text means: `abandoned` means both ways of it, `not-answered` is `not answered`.

    Raises ValueError for a text that means none.
    """
    wanted = text.strip().lower().replace("-", " ").replace("_", " ")
    found = tuple(outcome for outcome in CallOutcome if wanted and outcome.value.startswith(wanted))
    if not found:
        raise ValueError(f"{text!r} is no outcome of a call: {', '.join(outcome.value for outcome in CallOutcome)}")
    return found
