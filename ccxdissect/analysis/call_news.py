"""What the messages of one type tell of calls: worked out once, from what its declaration says of the type."""

from __future__ import annotations

from ccxdissect.analysis.subject import Subject
from ccxdissect.protocol.model import Kind, Message, Trait
from ccxdissect.wording.names import in_words, quoted

_SAID: tuple[tuple[Trait, str], ...] = (
    (Trait.CALL_BEGINS, "begins"),
    (Trait.CALL_DIALS, "dials"),
    (Trait.CALL_RINGS, "rings"),
    (Trait.CALL_CONNECTS, "answered"),
    (Trait.CALL_HOLDS, "put on hold"),
    (Trait.CALL_RETRIEVED, "taken back from hold"),
    (Trait.CALL_QUEUED, "queued"),
    (Trait.CALL_DEQUEUED, "taken out of the queue"),
    (Trait.CALL_JOINS, "conferenced"),
    (Trait.CALL_TRANSFERS, "transferred"),
    (Trait.CALL_DIVERTS, "sent on"),
    (Trait.CALL_FAILS, "failed"),
    (Trait.PARTY_LEAVES, "left"),
    (Trait.CALL_CHANGES, "data changed"),
    (Trait.CALL_CLEARED, "cleared"),
    (Trait.CALL_ENDS, "ends"),
)
#: By what something becomes of a device; of several traits the first counts.
_AT_DEVICE: tuple[Trait, ...] = (
    Trait.CALL_DIALS,
    Trait.CALL_RINGS,
    Trait.CALL_CONNECTS,
    Trait.CALL_HOLDS,
    Trait.CALL_RETRIEVED,
    Trait.CALL_FAILS,
    Trait.CALL_DIVERTS,
    Trait.PARTY_LEAVES,
)
_NAMES_CALLER = Trait.CALL_RINGS | Trait.CALL_CONNECTS | Trait.CALL_DIALS


class CallNews:
    """What is asked of a type for each of its messages: flags, and by which trait something becomes of a device (None: nothing does)."""

    __slots__ = (
        "_said", "answers", "asks", "at_device", "begins", "changes", "clears", "dequeues", "ends", "event", "joins", "merges",
        "name", "names_caller", "number", "opens", "queues", "transfers",
    )  # fmt: skip

    def __init__(self, message: Message) -> None:
        traits, kind = message.traits, message.kind
        self.name, self.number = message.name, message.number
        self.opens = bool(traits & Trait.OPENS)
        self.asks = kind is Kind.REQUEST and bool(traits & Trait.MAKES_CALL)
        self.answers = kind is not Kind.REQUEST
        #: Requests and replies are about a call; only events tell what happens to it.
        self.event = kind is Kind.EVENT
        self.begins = bool(traits & Trait.CALL_BEGINS)
        self.ends = bool(traits & Trait.CALL_ENDS)
        self.clears = bool(traits & Trait.CALL_CLEARED)
        self.queues = bool(traits & Trait.CALL_QUEUED)
        self.dequeues = bool(traits & Trait.CALL_DEQUEUED)
        self.joins = bool(traits & Trait.CALL_JOINS)
        self.transfers = bool(traits & Trait.CALL_TRANSFERS)
        self.merges = self.joins or self.transfers
        self.changes = bool(traits & Trait.CALL_CHANGES)
        self.names_caller = bool(traits & _NAMES_CALLER)
        self.at_device = next((trait for trait in _AT_DEVICE if traits & trait), None)
        said = next((text for trait, text in _SAID if traits & trait), None)
        self._said = said or in_words(message.name.removesuffix("_EVENT"))

    def text(self, subject: Subject) -> str:
        """A message's news in words."""
        acting, calling, called = subject.acting, subject.calling, subject.called
        words = self._said
        if acting:
            words += f" at {quoted(acting)}"
        if calling and calling != acting:
            words += f" from {quoted(calling)}"
        if called and called != acting:
            words += f" to {quoted(called)}"
        if self.queues and subject.queues:
            words += f" in {', '.join(map(str, subject.queues))}"
        if subject.other_call is not None and subject.other_call != subject.call:
            words += f" with call {subject.other_call}"
        if subject.new_call is not None and subject.new_call != subject.call:
            words += f" new call {subject.new_call}"
        if subject.cause:
            cause = subject.name_of("cause")
            if cause:
                words += f" ({in_words(cause)})"
        return words
