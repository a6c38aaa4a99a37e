"""Connections that follow each other on the same two ports: after a SYN every segment is the new connection's.

The new initial sequence number lies anywhere beside the old range, the old connection ended in any way or in none, and
segments come in order or not; nothing is missing from the capture, so nothing may be missing from the messages.
"""

from __future__ import annotations

import itertools
import random

import pytest

from building import ENCODER
from ccxdissect.capture.segment import Segment
from ccxdissect.protocol.model import Side
from conversation import ACK, CLIENT, FIN, MILLISECOND, RST, SERVER, Conversation, dissect, records

SECOND = 1000 * MILLISECOND
#: Where the new connection's numbers begin, from the first and the last number of the old one.
PLACES = {
    "inside": lambda first, last, source: source.randrange(first, last),
    "just below": lambda first, last, source: first - source.randrange(1, 300),
    "just above": lambda first, last, source: last + source.randrange(2, 300),
    "at the end": lambda first, last, source: last,
    "far": lambda first, last, source: last + source.randrange(1 << 24, 1 << 29),
}


def message(number: int) -> bytes:
    return ENCODER.encode(
        "ANSWER_CALL_REQ", {"InvokeID": number, "CallID": number}, [("ConnectionDeviceID", "20051")], version=14
    )


def reply(number: int) -> bytes:
    return ENCODER.encode("ANSWER_CALL_CONF", {"InvokeID": number}, version=14)


def talk(isn: tuple[int, int], first: int, ending: str, source: random.Random, order: str) -> Conversation:
    """Ten requests and ten replies, numbered from `first`, and the end."""
    made = Conversation(isn).handshake()
    for number in range(first, first + 10):
        made.send(CLIENT, message(number), source.choice([None, 17]))
        made.send(SERVER, reply(number))
    head, tail = made.segments[:3], made.segments[3:]
    if order == "swapped":
        for _ in range(4):
            at = source.randrange(len(tail) - 1)
            tail[at : at + 2] = tail[at : at + 2][::-1]
    elif order == "shaken":
        tail = [tail[i] for i in sorted(range(len(tail)), key=lambda i: i + source.uniform(0, 4))]
    made.segments[:] = head + tail
    if ending == "fin":
        made.close()
    elif ending == "reset":
        made.add(source.choice([CLIENT, SERVER]), RST | ACK)
    elif ending == "half":
        made.add(source.choice([CLIENT, SERVER]), FIN | ACK)
    return made


def capture(place: str, ending: str, wait: int, order: str, reuses: int, seed: int) -> list[Segment]:
    source = random.Random(seed)
    isn = (source.randrange(1 << 32), source.randrange(1 << 32))
    found: list[Segment] = []
    time = 0
    for turn in range(reuses + 1):
        made = talk(isn, 100 * turn, ending, source, order)
        for segment in made.segments:
            time += MILLISECOND
            found.append(segment._replace(frame=len(found) + 1, time=time))
        time += wait
        isn = (PLACES[place](isn[0], made.at[0], source) % 2**32, PLACES[place](isn[1], made.at[1], source) % 2**32)
    return found


def heard(segments: list[Segment]) -> list[tuple[int, Side, list[int]]]:
    """By session and sender the InvokeIDs, in order."""
    found: dict[tuple[int, Side], list[int]] = {}
    for record in records(dissect(segments)):
        number = record.decoded.fixed["InvokeID"]
        assert isinstance(number, int)
        found.setdefault((record.session.number, record.sender), []).append(number)
    return [
        (number, side, ids)
        for (number, side), ids in sorted(found.items(), key=lambda item: (item[0][0], str(item[0][1])))
    ]


CASES = list(itertools.product(PLACES, ["fin", "reset", "half", "nothing"], [5, 61], ["in order", "swapped", "shaken"]))


@pytest.mark.parametrize(("place", "ending", "wait", "order"), CASES)
def test_every_message_belongs_to_its_own_connection(place: str, ending: str, wait: int, order: str) -> None:
    for seed in range(3):
        reuses = 1 + 2 * (seed == 2)
        assert heard(capture(place, ending, wait * SECOND, order, reuses, seed)) == [
            (turn + 1, side, list(range(100 * turn, 100 * turn + 10)))
            for turn in range(reuses + 1)
            for side in (Side.CLIENT, Side.SERVER)
        ]
