"""What a message says, in one line: who, which call, what state, what went wrong; by the marks of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from ccxdissect.bounded import Memo
from ccxdissect.codec.decoder import Decoded, FixedValue
from ccxdissect.codec.layout import CompiledLayout, TagTable
from ccxdissect.codec.problems import Problem
from ccxdissect.codec.values import is_secret, read
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
#: Of one field of one type of message so many values are remembered.
_MEMORY = 256
#: Codes that say "nothing".
_SAYS_NOTHING = (0xFFFF, 0xFFFFFFFF)
#: Where 0 means that nothing is to be said.
_ZERO_SAYS_NOTHING = Mark.REASON | Mark.FAILURE_DETAIL | Mark.CALL_TYPE


def gist(decoded: Decoded, secrets: bool = False, problems: tuple[Problem, ...] | None = None) -> str:
    """The message in one line, safe for a terminal; problems last."""
    said: dict[int, str] = {}
    for row, value in _fields(decoded):
        if row.mark:
            _say(said, row, value, secrets)
    text = " ".join(said[position] for position in sorted(said))
    if not text:
        text = _anything(decoded, secrets)
    wrong = decoded.problems if problems is None else problems
    return f"{text}  ! {'; '.join(shown(say(problem)) for problem in wrong)}".strip() if wrong else text


def _say(said: dict[int, str], row: Fixed | Floating, value: object, secrets: bool) -> None:
    position = _place(row.mark)
    if position is not None and position not in said and not _empty(row, value):
        said[position] = _in_words(position, row, value, secrets)


def _in_words(position: int, row: Fixed | Floating, value: object, secrets: bool) -> str:
    return _ORDER[position][1].format(_short(row, value, secrets))


class Gists:
    """What many messages without problems say: what a field says is remembered, by its type of message and its value."""

    def __init__(self, secrets: bool = False) -> None:
        self._secrets = secrets
        self._fixed: dict[CompiledLayout, list[_Saying]] = {}
        self._floating: dict[CompiledLayout, dict[int, _Saying | None]] = {}

    def of(
        self, layout: CompiledLayout, tags: TagTable, values: Sequence[FixedValue], fields: Iterable[tuple[int, bytes]]
    ) -> str:
        """What `gist` says of a message with the whole fixed part of a layout, and with floating fields (tag and data);
        empty where none of them is marked: then ask that one."""
        known = self._fixed.get(layout)
        if known is None:
            known = self._fixed[layout] = [
                _Saying(position, row, place)
                for place, row in enumerate(layout.fields)
                if not row.reserved and row.mark and (position := _place(row.mark)) is not None
            ]
            self._floating[layout] = {}
        said: dict[int, str] = {}
        for one in known:
            if one.position not in said:
                value = values[one.place]
                text = one.get(value)
                if text is None:
                    text = one.remember(value, self._text(one, value))
                if text:
                    said[one.position] = text
        floating = self._floating[layout]
        for tag, data in fields:
            try:
                field = floating[tag]
            except KeyError:
                field = floating[tag] = self._field(tags, tag)
            if field is not None and field.position not in said:
                text = field.get(data)
                if text is None:
                    text = field.remember(data, self._text(field, read(field.row, data)))  # type: ignore[arg-type]
                if text:
                    said[field.position] = text
        return " ".join([said[position] for position in sorted(said)])

    def _text(self, saying: _Saying, value: object) -> str:
        row = saying.row
        return "" if _empty(row, value) else _in_words(saying.position, row, value, self._secrets)

    def _field(self, tags: TagTable, tag: int) -> _Saying | None:
        row = tags.row(tag)
        position = None if row is None or row.reserved or not row.mark else _place(row.mark)
        return None if row is None or position is None else _Saying(position, row)


class _Saying(Memo[object, str]):
    """What one field says, by its value or its data: in which place of the line; empty: nothing."""

    def __init__(self, position: int, row: Fixed | Floating, place: int = 0) -> None:
        super().__init__(_MEMORY)
        self.position, self.row, self.place = position, row, place


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
