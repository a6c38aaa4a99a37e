"""Events about one call alone may be foretold to the pairing of requests, and need not be fed: it tells the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import count, groupby
from typing import Any

import pytest
from each import in_part
from stirred_day import day

from ccxdissect.analysis import causes
from ccxdissect.analysis.exchanges import Exchanges
from ccxdissect.analysis.subject import Subject, SubjectReader
from ccxdissect.protocol.model import Trait
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Event, Record
from scene import MS, S

Told = list[tuple[Any, ...]]


def _fed(events: Sequence[Event], window: int) -> Told:
    exchanges = Exchanges(window)
    return [tuple(one) for event in events for one in exchanges.feed(event)] + list(map(tuple, exchanges.flush()))


def _alone(exchanges: Exchanges, event: Event, subject: Subject, dialed: bool) -> bool:
    """Whether an event is about one call and about nothing else."""
    if (
        not isinstance(event, Record)
        or event.decoded.message is None
        or not exchanges.only_traced(event.decoded.message, UCCX_CTI)
    ):
        return False
    named = (subject.agent, subject.extension, subject.instrument, subject.other_call, subject.new_call)
    begins = event.decoded.message.traits & Trait.CALL_BEGINS
    return subject.call is not None and set(named) == {None} and not (begins and dialed)


def _foretold(events: Sequence[Event], window: int, source: random.Random) -> tuple[Told, int]:
    """The same, of events in runs of any length; and how many of them were foretold."""
    exchanges, reader = Exchanges(window), SubjectReader()
    found: Told = []
    foretold = 0
    at = 0
    while at < len(events):
        run = events[at : at + source.randrange(1, 60)]
        at += len(run)
        records = [event for event in run if isinstance(event, Record)]
        dialed = exchanges.awaits or any(
            one.decoded.message is not None and exchanges.asks(one.decoded.message) for one in records
        )
        about = {one.number: reader.of(one.decoded) for one in records}
        # Some are fed all the same.
        alone = [one for one in records if _alone(exchanges, one, about[one.number], dialed) and source.random() < 0.9]
        alone.sort(key=lambda one: (one.session.server, about[one.number].call or 0))
        numbers = {one.number for one in alone}
        place = count()
        groups = [
            (key, [next(place) for _ in group])
            for key, group in groupby(alone, key=lambda one: (str(one.session.server), about[one.number].call))
        ]
        exchanges.foreseen.foretell(
            [one.number for one in alone],
            [one.time for one in alone],
            [((server, call), [places[0], places[-1] + 1]) for (server, call), places in groups],
        )
        for event in run:
            if isinstance(event, Record):
                exchanges.foreseen.at = event.number
            if isinstance(event, Record) and event.number in numbers:
                foretold += 1
                found += map(tuple, exchanges.advance(event.time) if event.time > exchanges.due else ())
            else:
                found += map(tuple, exchanges.feed(event))
            if isinstance(event, Record):
                exchanges.foreseen.at += 1
        exchanges.all_came()
    return found + list(map(tuple, exchanges.flush())), foretold


def _stirred(events: Sequence[Event], source: random.Random) -> list[Event]:
    """The events at leaping times, so that what came before a reply may seem to have come long after it."""
    leap = 0
    made: list[Event] = []
    for event in events:
        if source.random() < 0.1:
            leap += source.choice([-7 * S, -S, S, 3 * S, 6 * S])
        made.append(event._replace(time=event.time + leap) if isinstance(event, Record) else event)
    return made


@pytest.mark.parametrize("number", in_part(range(60), 12))
@pytest.mark.parametrize(("window", "most"), [(5 * S, 1000), (200 * MS, 1000), (300 * S, 2)])
def test_what_is_foretold_need_not_be_fed(number: int, window: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(causes, "MOST_TRIGGERED", most)
    source = random.Random(number)
    events = [event for part in range(3) for event in day(3 * number + part).events]
    # The days follow upon each other: their messages are numbered through, their sessions' numbers meet.
    numbered = count(1)
    events = [event._replace(number=next(numbered)) if isinstance(event, Record) else event for event in events]
    for stirred in (events, _stirred(events, source)):
        found, foretold = _foretold(stirred, window, source)
        assert found == _fed(stirred, window)
        assert foretold
