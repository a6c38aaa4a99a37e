"""Packets that are in a capture twice: two ports of a switch are mirrored, or two captures of the same traffic were merged.

Of a packet that was sent again and of one that was captured again the bytes are the same; what tells them apart is when they come,
and how many. Where that leaves a doubt, they count as sent again.
"""

from __future__ import annotations

from ccxdissect.protocol.model import Side
from ccxdissect.stream.events import Direction, Session

#: From so many repeated segments on.
SOME = 5
#: Of which share of the bytes of a side, and of its repeated segments, copies have to come right behind the packets; and which
#: share of the bytes of both sides has to be there twice, however late. No network has so much sent again; copies of the last
#: packets may come when the session has ended.
SOON, LATE = 0.5, 0.75


def captured_twice(session: Session) -> frozenset[Side]:
    """The sides of which the capture has the packets twice, or some of them."""
    sent = session.sent
    if all(_twice(one, LATE) for one in sent.values()):
        return frozenset(sent)
    return frozenset(side for side, one in sent.items() if (_twice(one, SOON) and at_once(one)) or are_twins(one))


def are_twins(one: Direction) -> bool:
    """Whether packets of a side are there twice at the very same time, be they ever so few: two files that overlap hold them, and
    nothing is sent again so soon."""
    return one.twins >= SOME and one.twins >= SOON * one.repeated


def sent_again(session: Session, side: Side) -> int:
    """How many segments a side sent again, as far as that can be known."""
    one = session.sent[side]
    if side not in captured_twice(session):
        return one.repeated - one.twins
    # Of copies that come late none can be told from what was sent again.
    return one.repeated - one.copied if at_once(one) else 0


def at_once(one: Direction) -> bool:
    """Whether the copies of a side's packets come right behind these, as from a switch."""
    return one.copied >= SOON * one.repeated


def _twice(one: Direction, share: float) -> bool:
    return one.repeated >= SOME and one.duplicate >= share * (one.payload - one.duplicate)
