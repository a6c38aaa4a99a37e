"""Repeated groups: which floating fields of a message belong to one record.

A record begins where its opener stands, or, in a group without one, where a tag comes that the record already
has. Inside a record the order does not matter, since real wires keep none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ccxdissect.codec.decoder import Decoded, FloatingField
from ccxdissect.protocol.model import Repeat


@dataclass
class Group:
    """One record of a repeated group. `items`: its fields and the records inside it, in the order of the wire."""

    repeat: Repeat
    number: int
    items: list[FloatingField | Group] = field(default_factory=list)


def open_records(repeat: Repeat, fields: Iterable[FloatingField]) -> list[list[FloatingField]]:
    """The fields of each record of `repeat`, those of inner groups included."""
    tags = set(repeat.tags)
    for inner in repeat.inner:
        tags.update(inner.tags)
    single = set(repeat.tags)
    records: list[list[FloatingField]] = []
    seen: set[int] = set()
    for item in fields:
        if item.tag not in tags:
            continue
        begins = item.tag == repeat.opener if repeat.opener is not None else item.tag in single and item.tag in seen
        if begins or not records:
            records.append([])
            seen = set()
        records[-1].append(item)
        seen.add(item.tag)
    return records


def grouped(decoded: Decoded) -> list[FloatingField | Group]:
    """The floating fields of a message with those of repeated groups gathered into records."""
    if decoded.message is None:
        return list(decoded.floating)
    return _gather(decoded.message.repeats, decoded.floating)


def _gather(repeats: tuple[Repeat, ...], fields: Iterable[FloatingField]) -> list[FloatingField | Group]:
    owner: dict[int, Repeat] = {}
    for repeat in repeats:
        for tag in (*repeat.tags, *(tag for inner in repeat.inner for tag in inner.tags)):
            owner.setdefault(tag, repeat)
    fields = list(fields)
    record_of: dict[int, Group] = {}
    for repeat in repeats:
        mine = [item for item in fields if owner.get(item.tag) is repeat]
        for number, record in enumerate(open_records(repeat, mine), start=1):
            group = Group(repeat, number)
            group.items = _gather(repeat.inner, record) if repeat.inner else list(record)
            for item in record:
                record_of[id(item)] = group
    found: list[FloatingField | Group] = []
    placed: set[int] = set()
    for item in fields:
        owned = record_of.get(id(item))
        if owned is None:
            found.append(item)
        elif id(owned) not in placed:
            placed.add(id(owned))
            found.append(owned)
    return found
