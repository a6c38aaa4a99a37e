"""The types of messages that tell of calls: what their messages were seen to say, and what that means for all of a type."""

from __future__ import annotations

from typing import Any

from ccxdissect.analysis.call_news import CallNews
from ccxdissect.analysis.subject import SubjectPlan, listed
from ccxdissect.bounded import Memo
from ccxdissect.protocol.codes import Sense
from ccxdissect.sources.subject_columns import Held

#: So many types are known.
_MOST_TYPES = 1000
#: What differs from call to call, and what it is told by, see `analysis.courses`.
_NAMES = (
    "agent", "connection", "calling", "called", "acting", "dialed", "service_number", "redirected", "queues",
)  # fmt: skip
_CONSTANTS = ("call_type", "acting_type", "cause")


class CallType:
    """What is known of the messages of one plan."""

    def __init__(self, plan: SubjectPlan) -> None:
        self.news = CallNews(plan.layout.message)
        self._plan = plan
        #: The slots of either kind that any message was seen to say something in.
        self.names: list[str] = []
        self.constants: list[str] = []
        self._ports: dict[int, bool] = {}

    def see(self, slots: dict[str, list[Any]]) -> None:
        """Messages say something in these."""
        for known, all_slots in ((self.names, _NAMES), (self.constants, _CONSTANTS)):
            known += [slot for slot in all_slots if slot in slots and slot not in known]

    def marks_port(self, acting_type: int | None) -> bool:
        """Whether by such a value nobody sits at the device."""
        if acting_type is None:
            return False
        known = self._ports.get(acting_type)
        if known is None:
            subject = listed(self._plan, ("acting_type",))((acting_type,))
            known = self._ports[acting_type] = Sense.UNATTENDED in subject.senses("acting_type")
        return known


class CallTypes:
    """The types by their plans."""

    def __init__(self) -> None:
        self._types: Memo[SubjectPlan, CallType] = Memo(_MOST_TYPES)

    def of(self, held: Held, number: int) -> CallType:
        """That of the plan of such a number."""
        plan = held.fixed[number].subject_plan
        return self._types.get(plan) or self._types.remember(plan, CallType(plan))
