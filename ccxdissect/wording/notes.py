"""The one place that puts what TCP showed besides its bytes into words."""

from __future__ import annotations

from ccxdissect.stream.events import Noted, NoteKind
from ccxdissect.wording import plural

#: {} stands for the bytes concerned, in words.
_SENTENCES = {
    NoteKind.URGENT: "urgent data: kept in line",
    NoteKind.STRAY: "{} with a stray sequence number: ignored",
    NoteKind.BEFORE_START: "{} before the first byte of the stream: not delivered",
    NoteKind.AFTER_END: "{} after the end of the stream: not delivered",
    NoteKind.BEHIND_FIN: "{} after the FIN: not delivered",
    NoteKind.LATE: "{} arrived after their hole had been given up: not delivered",
    NoteKind.CONFLICT: "{} sent again with other content: what was captured first is used",
    NoteKind.SECOND_FIN: "a second FIN at another place: ignored",
    NoteKind.FIN_MISPLACED: "a FIN at an impossible place: ignored",
    NoteKind.RESET_BYTES: "{} in a reset: not delivered",
    NoteKind.RESET_STRAY: "a reset with a stray sequence number: ignored",
    NoteKind.RESET_AFTER_FIN: "a reset after the FIN",
    NoteKind.RESET_WITHDRAWN: "a reset that had no effect: its sender goes on",
    NoteKind.REPLACED: "replaced by a new connection between the same endpoints",
    NoteKind.HELD_TOO_MUCH: "too much waits behind a hole ({}): not waited for any longer",
    NoteKind.PUT_AWAY: "put away as idle: too many connections at once",
}


def say(noted: Noted) -> str:
    """What was noted, in words, without a full stop."""
    return _SENTENCES[noted.kind].format(plural(noted.size, "byte"))
