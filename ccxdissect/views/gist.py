"""What a message says, in one line: who, which call, what state, what went wrong; by the marks of its fields."""

from __future__ import annotations

from functools import lru_cache

from ccxdissect.codec.decoder import Decoded
from ccxdissect.codec.problems import Problem
from ccxdissect.codec.values import is_secret
from ccxdissect.protocol.model import Fixed, Floating, Mark
from ccxdissect.views.text import shown
from ccxdissect.views.values import label_text, plain
from ccxdissect.wording.problems import say

#: (marks, how to say it). The first that a field's marks match; in this order in the line.
_ORDER: tuple[tuple[int, str], ...] = (
    (Mark.INVOKE_ID, "#{}"),
    (Mark.VERSION, "version {}"),
    (Mark.SERVICES, "services {}"),
    (Mark.FAILURE, "{}"),
    (Mark.FAILURE_DETAIL, "{}"),
    (Mark.STATUS, "{}"),
    (Mark.CLIENT_NAME, "client {}"),
    (Mark.AGENT, "agent {}"),
    (Mark.EXTENSION, "ext {}"),
    (Mark.INSTRUMENT, "phone {}"),
    (Mark.AGENT_STATE, "-> {}"),
    (Mark.REASON, "reason {}"),
    (Mark.CALL, "call {}"),
    (Mark.OTHER_CALL, "other call {}"),
    (Mark.NEW_CALL, "new call {}"),
    (Mark.WATCHED, "watches {}"),
    (Mark.MONITOR, "monitor {}"),
    (Mark.CALL_TYPE, "{}"),
    (Mark.CALLING, "from {}"),
    (Mark.CALLED, "to {}"),
    (Mark.ACTING, "at {}"),
    (Mark.CALL_STATE, "{}"),
    (Mark.CAUSE, "cause {}"),
    (Mark.FAILURE_TEXT, '"{}"'),
)
#: Codes that say "nothing".
_SAYS_NOTHING = (0xFFFF, 0xFFFFFFFF)
#: Where 0 means that nothing is to be said.
_ZERO_SAYS_NOTHING = Mark.REASON | Mark.FAILURE_DETAIL | Mark.CALL_TYPE


def gist(decoded: Decoded, secrets: bool = False, problems: tuple[Problem, ...] | None = None) -> str:
    """The message in one line, safe for a terminal; problems last."""
    said: dict[int, str] = {}
    for row, value in _fields(decoded):
        position = _place(row.mark) if row.mark else None
        if position is not None and position not in said and not _empty(row, value):
            said[position] = _ORDER[position][1].format(_short(row, value, secrets))
    text = " ".join(said[position] for position in sorted(said))
    if not text:
        text = _anything(decoded, secrets)
    wrong = decoded.problems if problems is None else problems
    return f"{text}  ! {'; '.join(shown(say(problem)) for problem in wrong)}".strip() if wrong else text


@lru_cache(maxsize=256)
def _place(marks: int) -> int | None:
    """Where in the line a field with these marks is said; None where it is not. As many marks as declarations have."""
    return next((position for position, (mark, _) in enumerate(_ORDER) if marks & mark), None)


def _fields(decoded: Decoded) -> list[tuple[Fixed | Floating, object]]:
    found: list[tuple[Fixed | Floating, object]] = [
        (row, value) for row, _, value in decoded.fixed_fields() if not row.reserved
    ]
    found += [
        (field.row, field.value) for field in decoded.floating if field.row is not None and not field.row.reserved
    ]
    return found


def _empty(row: Fixed | Floating, value: object) -> bool:
    if value is None or value == "" or value == b"" or is_secret(row):
        return True
    if isinstance(value, int):
        return value in _SAYS_NOTHING or (value == 0 and bool(row.mark & _ZERO_SAYS_NOTHING))
    return False


def _short(row: Fixed | Floating, value: object, secrets: bool) -> str:
    if row.mark & Mark.VERSION:
        return str(value)
    return label_text(row, value, brief=True) or plain(row, value, secrets)  # type: ignore[arg-type]


def _anything(decoded: Decoded, secrets: bool) -> str:
    """Where no field is marked: the first few fields by name."""
    parts = [f"{row.name} {plain(row, value, secrets)}" for row, value in _fields(decoded)[:4]]  # type: ignore[arg-type]
    return ", ".join(parts)
