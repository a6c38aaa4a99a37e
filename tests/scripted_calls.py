"""What is told of calls, by letters: whatever a server may tell."""

from __future__ import annotations

import random
from typing import NamedTuple

from ccxdissect.protocol.codes import Code
from ccxdissect.protocol.model import Kind, Mark, Message
from ccxdissect.protocol.types import Reading
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

MS, S = 1_000_000, 1_000_000_000
#: Whom calls are about, by letters; and what they may be called.
LETTERS = "ABCDE"
NAMES = (
    "2001", "2002", "+49 30 1", '20"05', "50%s of %(x)d", "<1>", "<s0>", "<t65536>", "Zürich", "back\\slash", "\x1b[2J", "tab\t",
    "queue 3", "x" * 99, "<n0>", "\u2028", "10.0.0.1:12028",
)  # fmt: skip
WAITS = (0, 0, 0, 10 * MS, 10 * MS, 999, 3 * S, 5 * S, 5 * S + 1)
EVENTS = [message for message in UCCX_CTI.messages if message.kind is Kind.EVENT and message.marked(Mark.CALL)]
OFTEN = [
    UCCX_CTI.message(f"CALL_{name}_EVENT") for name in ("DELIVERED", "ESTABLISHED", "QUEUED", "CONNECTION_CLEARED")
]
#: Those that tell of one call.
USUAL = [message for message in EVENTS if not message.marked(Mark.OTHER_CALL | Mark.NEW_CALL)]


class News(NamedTuple):
    """A message of a script: texts are letters, `wait` is how long it waits for (ns)."""

    session: int
    message: Message
    fixed: dict[str, int]
    texts: list[tuple[int, str]]
    wait: int


def script(source: random.Random) -> list[News]:
    """What is told of one call; of how long a call of the lab has."""
    told = [_news(source, "BEGIN_CALL_EVENT")] if source.random() < 0.9 else []
    told += [_news(source) for _ in range(source.choice((0, 1, 2, 4, 6, 8)))]
    if source.random() < 0.2:
        told.append(_news(source, "BEGIN_CALL_EVENT"))
    return told + [_news(source, name) for name in ("CALL_CLEARED_EVENT", "END_CALL_EVENT") if source.random() < 0.7]


def _news(source: random.Random, name: str = "") -> News:
    several = source.random() < 0.15
    message = UCCX_CTI.message(name or source.choice((*OFTEN, *(EVENTS if several else USUAL))).name)
    fixed: dict[str, int] = {}
    for field in message.fixed:
        if field.mark & Mark.CALL:
            continue
        if field.codes is not None and issubclass(field.codes, Code) and source.random() < 0.6:
            fixed[field.name] = source.choice(list(field.codes)[:6]).value
        elif field.mark & Mark.QUEUE:
            fixed[field.name] = source.choice((3, 4, 0xFFFFFFFF))
        elif field.mark & (Mark.OTHER_CALL | Mark.NEW_CALL) and several:
            fixed[field.name] = source.choice((0, 1, 2, 99))
    texts = [
        (row.tag, source.choice(LETTERS))
        for row in message.floating
        if row.type.reading is Reading.TEXT and row.mark and row.tag < 256 and source.random() < 0.7
    ]
    return News(
        source.choice((0, 0, 0, 1, 2)),
        message,
        fixed,
        texts,
        -10 * MS if source.random() < 0.03 else source.choice(WAITS),
    )
