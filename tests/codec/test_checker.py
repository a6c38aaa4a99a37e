"""The quick checks of many messages say what the thorough check of one says."""

from __future__ import annotations

import random

import pytest

from building import ENCODER, VERSIONS, rows_for, value_for
from ccxdissect.codec import Decoder, proposed
from ccxdissect.codec.checks import Checker, Deviation, check
from ccxdissect.codec.decoder import Decoded
from ccxdissect.protocol.model import Floating, Mark, Message, Need
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

DECODER = Decoder(UCCX_CTI)


def _value(row: Floating, chance: random.Random) -> object:
    if row.reserved and row.constant is not None and chance.random() < 0.8:
        return row.constant
    if isinstance(value_for(row), str):
        return "x" * min(chance.choice([0, 1, row.size - 1, row.size - 1, row.size]), 250)
    return value_for(row, chance.randrange(5))


def _message(message: Message, chance: random.Random) -> Decoded:
    """A message that may or may not keep to its declaration, in one way or another."""
    version = chance.choice(VERSIONS)
    form = chance.choice(proposed(UCCX_CTI, version))
    rows = []
    for row in rows_for(message, 99, form):
        if chance.random() < (0.95 if row.need is Need.REQUIRED else 0.3):
            rows += [row] * chance.choice([1, 1, 1, 1, 2])
    if chance.random() < 0.05:
        rows.append(chance.choice([row for row in UCCX_CTI.tags.values() if row.tag <= form.largest_tag]))
    fixed: dict[str, int] = {}
    for field in message.fixed:
        plain = field.type.code != "s" and not field.mark & Mark.VERSION and field.since <= version
        if plain and chance.random() < 0.05:
            fixed[field.name] = chance.randrange(4)
    floating = [(row.tag, _value(row, chance)) for row in rows]
    raw = ENCODER.encode(message, fixed, floating, version=version, form=form)
    body = raw[8:] if chance.random() < 0.98 else raw[8:-1]
    return DECODER.decode(message.number, body, chance.choice([version, version, None, 10]), form)


def test_quick_and_thorough_agree_on_every_type_of_message() -> None:
    chance = random.Random(11)
    checker = Checker()
    kept, deviating = set(), set()
    for message in UCCX_CTI:
        for _ in range(40):
            decoded = _message(message, chance)
            thorough = check(decoded)
            assert list(checker.deviations(decoded)) == thorough, decoded
            # A message of the same shape gets what is remembered of it.
            assert checker.deviations(decoded) is checker.deviations(decoded)
            (deviating if thorough else kept).add(message.name)
    # Neither answer may be the only one that was ever given.
    assert len(kept) > 80
    assert len(deviating) > 60


def test_an_unknown_type_deviates_in_nothing() -> None:
    assert list(Checker().deviations(DECODER.decode(999, b"abc"))) == []


def test_what_keeps_to_its_declaration_is_mostly_told_without_a_closer_look(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(11)
    made = [_message(message, chance) for message in UCCX_CTI for _ in range(20)]
    sound = [decoded for decoded in made if not check(decoded)]
    looked: list[Decoded] = []

    def thorough(decoded: Decoded) -> list[Deviation]:
        looked.append(decoded)
        return []

    monkeypatch.setattr("ccxdissect.codec.checks.check", thorough)
    checker = Checker()
    assert all(not list(checker.deviations(decoded)) for decoded in sound)
    # Repeated groups within others are looked at closely.
    assert len(sound) > 1000 and len(looked) < len(sound) / 20


def test_counts_and_constants_of_one_length_are_told_apart_by_their_values() -> None:
    """What is remembered of a message whose floating field holds one number is not told of one where it holds another."""
    told = 0
    for message in UCCX_CTI:
        counts = {repeat.count for outer in message.repeats for repeat in (outer, *outer.inner)}
        for row in message.floating:
            if row.type.size is None or not (row.name in counts or (row.reserved and row.constant is not None)):
                continue
            checker = Checker()
            for value in (row.constant or 0, 3, 1, row.constant or 0):
                raw = ENCODER.encode(message, {}, [(row.tag, value)], version=18)
                decoded = DECODER.decode(message.number, raw[8:], 18)
                assert list(checker.deviations(decoded)) == check(decoded)
                told += 1
    assert told > 20
