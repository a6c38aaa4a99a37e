"""What can be wrong with the bytes of one message, as facts: which kind, where, how much. `wording.problems` says them."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class ProblemKind(Enum):
    """The kinds of problems. After each, what `Problem.detail` holds; N stands for a field's name, L for the log's."""

    # Of the bytes, found while decoding.
    UNKNOWN_TYPE = "unknown-type"  # the type's number
    FIELDS_UNKNOWN = "fields-unknown"  # the message's name
    OTHER_VERSION = (
        "other-version"  # first and last version (or None) that have such a fixed part, the session's version
    )
    OTHER_FORM = "other-form"  # the form's title, the session's version, the titles of the forms which that has
    UNKNOWN_TAG = "unknown-tag"
    INTEGER_WIDTH = "integer-width"  # N, type, its bytes
    BOOL_WIDTH = "bool-width"  # N
    NO_INDEX = "no-index"  # N
    NO_NUL_BETWEEN = "no-nul-between"  # N
    NO_NUL_AT_END = "no-nul-at-end"  # N
    FIXED_CUT = "fixed-cut"  # bytes of the body, of the fixed part, N of the first field that is not whole
    BEHIND_FIXED = "behind-fixed"
    BEHIND_FLOATING = "behind-floating"
    ZERO_TAG = "zero-tag"
    FIELD_TOO_FAR = "field-too-far"  # bytes that the field claims, bytes that are left for its data
    # Of a message handed over alone, which may not be all of what its header says.
    HEADER_CUT = "header-cut"
    BODY_CUT = "body-cut"  # bytes that the header says
    READ_AS = "read-as"  # the type's number, the name of the message it was read as
    # Of a log's words, which tell less than the message held.
    LOG_UNKNOWN_NAME = "log-unknown-name"  # L
    LOG_MISFIT = "log-misfit"  # L, N
    LOG_TWICE = "log-twice"  # N
    LOG_NOT_OF_VERSION = "log-not-of-version"  # L, version
    LOG_SILENT = "log-silent"  # the names of the fields
    LOG_LENGTH = "log-length"  # bytes that the log says, bytes that its words make
    LOG_TAKEN_FROM = "log-taken-from"  # N, the name and the tag of the field that it was taken from
    LOG_TOO_LONG = "log-too-long"  # N
    LOG_LINE_ENDS = "log-line-ends"


#: The kinds that say why the last bytes of a body are undecoded; a message has one of them at most.
UNDECODED = frozenset(
    {
        ProblemKind.UNKNOWN_TYPE,
        ProblemKind.FIELDS_UNKNOWN,
        ProblemKind.FIXED_CUT,
        ProblemKind.BEHIND_FIXED,
        ProblemKind.BEHIND_FLOATING,
        ProblemKind.ZERO_TAG,
        ProblemKind.FIELD_TOO_FAR,
    }
)


class Problem(NamedTuple):
    """One problem of one message.

    `tag`: that of the floating field concerned, None for none. `offset`, `size`: the bytes of the body it is about (of a
    floating field its data); both 0 where it is about no bytes. `detail`: what else its kind needs to be said.
    """

    kind: ProblemKind
    tag: int | None = None
    offset: int = 0
    size: int = 0
    detail: tuple[str | int | None, ...] = ()

    @property
    def alike(self) -> tuple[object, ...]:
        """What two problems share that say the same: all but where they lie, and how long, unless that is what is wrong."""
        return self.kind, self.tag, self.size if self.kind in _OF_A_SIZE else 0, self.detail


#: The kinds that are about how many bytes there are.
_OF_A_SIZE = UNDECODED | {
    ProblemKind.INTEGER_WIDTH,
    ProblemKind.BOOL_WIDTH,
    ProblemKind.HEADER_CUT,
    ProblemKind.BODY_CUT,
}
