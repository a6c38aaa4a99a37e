"""Why a request failed, or a session is closed: what a message's code means, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from ccxdissect.analysis.schema import Column, ColumnKind, Schema
from ccxdissect.analysis.subject import Subject
from ccxdissect.protocol.codes import Sense
from ccxdissect.protocol.model import Message, Trait
from ccxdissect.wording.names import in_words

_SAYS_FAILURE = Trait.FAILS | Trait.REPORTS_FAILURE


@dataclass(slots=True, frozen=True)
class Failure:
    """Why a request failed: the code, its constant's name (None when the tables lack it), and what it means."""

    code: int
    name: str | None
    meaning: str
    standby: bool = False
    version_refused: bool = False
    replaced: bool = False
    #: What it comes of and what to do, in our words; and what the server itself said. Empty where there is none.
    remedy: str = ""
    text: str = ""

    @property
    def line(self) -> str:
        """Code, name and meaning in one line."""
        return " ".join(str(part) for part in (self.code, self.name, self.meaning) if part)


FAILURE = Schema(
    "failure",
    "why a request failed",
    (
        Column("code", ColumnKind.INTEGER, "the code in the message"),
        Column("name", ColumnKind.TEXT, "its constant's name, when the tables have it", optional=True),
        Column("meaning", ColumnKind.TEXT, "what it means"),
    ),
)


def failure_of(message: Message, subject: Subject) -> Failure | None:
    """Why a message says that something failed; None when it says no such thing."""
    if message.traits & _SAYS_FAILURE:
        slot, code = "failure", subject.failure or 0
    elif subject.status and Sense.HARMLESS not in subject.senses("status"):
        slot, code = "status", subject.status
    else:
        return None
    return _failure(slot, code, subject)


def closed_for(subject: Subject) -> Failure | None:
    """Why a session is closed, by the status that the request to close it carries; None when nothing is wrong."""
    return _failure("reason", subject.reason, subject) if subject.reason else None


def _failure(slot: str, code: int, subject: Subject) -> Failure:
    name = subject.name_of(slot)
    meaning = subject.meaning_of(slot) or (in_words(name) if name else "no table has this code")
    remedy = subject.remedy_of(slot)
    if subject.failure_detail:
        detail = subject.name_of("failure_detail")
        meaning += f"; in particular {subject.failure_detail}"
        if detail:
            meaning += f" {detail}: {subject.meaning_of('failure_detail') or in_words(detail)}"
        remedy = subject.remedy_of("failure_detail") or remedy
    senses = subject.senses(slot)
    return Failure(
        code,
        name,
        meaning,
        Sense.STANDBY in senses,
        Sense.VERSION_REFUSED in senses,
        Sense.REPLACED in senses,
        remedy,
        subject.failure_text or "",
    )
