"""The same messages as ordinary Scapy fields: the floor that our Scapy classes are measured against.

Everything is made from the same declarations, in the way a Scapy layer is usually written: one Scapy field
for each fixed field, a PacketListField for the floating ones with a class for each tag; version 14 and the
guide's layouts only. Used by the benchmark only:

    python tests/bench/scapy_floor.py [SECONDS]

prints messages per second for both, dissecting alone and dissecting and reading every field.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from scapy.fields import (
    ByteEnumField,
    ByteField,
    ConditionalField,
    Field,
    FieldLenField,
    FlagsField,
    IntEnumField,
    IntField,
    LongField,
    PacketListField,
    ShortEnumField,
    ShortField,
    SignedIntField,
    StrFixedLenField,
    StrLenField,
)
from scapy.packet import Packet

from ccxdissect.codec.encoder import Encoder
from ccxdissect.codec.values import NamedValue
from ccxdissect.layers import FACE
from ccxdissect.protocol.codes import CodeTable, Flags
from ccxdissect.protocol.model import Fixed, Floating, Message
from ccxdissect.protocol.types import Reading
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

VERSION = 14
_PLAIN = {
    "B": ByteField,
    "b": ByteField,
    "H": ShortField,
    "h": ShortField,
    "I": IntField,
    "i": SignedIntField,
}
_ENUM = {"B": ByteEnumField, "H": ShortEnumField, "I": IntEnumField}


def _number(name: str, code: str, codes: CodeTable | None) -> Any:
    if codes is not None and issubclass(codes, Flags):
        bits = {int(member): label for label, member in codes.__members__.items() if int(member)}
        return FlagsField(name, 0, Field("x", 0, code).sz * 8, bits)
    if codes is not None and code in _ENUM:
        return _ENUM[code](name, 0, {int(member): label for label, member in codes.__members__.items()})
    return LongField(name, 0) if code == "Q" else _PLAIN[code](name, 0)


def _fixed(field: Fixed) -> Any:
    if field.type.reading is not Reading.INTEGER:
        return StrFixedLenField(field.name, b"", length=field.size)
    return _number(field.name, field.struct_code, field.codes)


class _Floating(Packet):
    def extract_padding(self, s: bytes) -> tuple[bytes, bytes]:
        return b"", s


def _floating_class(row: Floating) -> type[Packet]:
    head: list[Any] = [ByteField("tag", row.tag), FieldLenField("length", None, length_of="value", fmt="B")]
    if row.type.reading is Reading.INTEGER and row.type.size and row.type.name != "BOOL":
        value = _number("value", row.type.code, row.codes)
    else:
        value = StrLenField("value", b"", length_from=lambda pkt: pkt.length)
    metaclass: Any = type(_Floating)
    made: type[Packet] = metaclass("_" + row.name, (_Floating,), {"name": row.name, "fields_desc": [*head, value]})
    return made


def floor_class(message: Message) -> type[Packet]:
    """A message as a Scapy layer is usually written."""
    known = {row.tag: _floating_class(row) for row in UCCX_CTI.tags.values()}
    known.update({row.tag: _floating_class(row) for row in message.tags.values()})

    def following(pkt: Packet, found: list[Packet], last: Packet | None, rest: bytes) -> type[Packet] | None:
        return known.get(rest[0]) if rest else None

    fixed = []
    for field in message.fixed:
        made = _fixed(field)
        since = field.since
        fixed.append(ConditionalField(made, lambda pkt, since=since: since <= VERSION) if since else made)
    size = sum(field.size for field in message.fixed if field.since <= VERSION)
    metaclass: Any = type(Packet)
    made_class: type[Packet] = metaclass(
        "_" + message.name,
        (Packet,),
        {
            "name": message.name,
            "fields_desc": [
                IntField("BodyLength", None),
                IntField("MessageTypeID", message.number),
                *fixed,
                PacketListField("floating", [], next_cls_cb=following, length_from=lambda pkt: pkt.BodyLength - size),
            ],
        },
    )
    return made_class


def messages() -> list[tuple[str, bytes]]:
    """One message of every type, with every floating field it lists, each with a value of usual length."""
    encoder = Encoder(UCCX_CTI)
    found = []
    for message in UCCX_CTI:
        floating = [(row.tag, _usual(row)) for row in message.tags.values() if row.since <= VERSION]
        raw = b""
        while not raw or len(raw) > 260:
            # About as long as real ones are.
            raw = encoder.encode(message, {}, floating, version=VERSION)
            floating = floating[:-1]
        found.append((message.name, raw))
    return found


def _usual(row: Floating) -> Any:
    reading = row.type.reading
    if reading is Reading.INTEGER:
        return 1
    if reading is Reading.NAMED_VARIABLE:
        return NamedValue("user.var", "value")
    if reading is Reading.NAMED_ARRAY:
        return NamedValue("user.arr", "value", 0)
    return "1234567890"[: max(0, row.size - 1)] if reading is Reading.TEXT else b"12345678"[: row.size]


def rate(work: Callable[[], int], seconds: float) -> float:
    """How many a second `work` does, the best of several rounds; it returns how many it did."""
    best = 0.0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        begin = time.perf_counter()
        done = work()
        best = max(best, done / (time.perf_counter() - begin))
    return best


def read_all(pkt: Packet) -> None:
    """Look at every value of a message."""
    for field in pkt.fields_desc:
        pkt.getfieldval(field.name)
    for item in pkt.floating:
        item.getfieldval("tag")
        item.getfieldval("value")


def check(theirs: Packet, mine: Packet) -> None:
    """The floor must have done the same work: AssertionError when it read something else."""
    for field in mine.fields_desc[2:-2]:
        assert theirs.getfieldval(field.name) == mine.getfieldval(field.name), field
    assert [item.tag for item in theirs.floating] == [item.tag for item in mine.floating]
    for one, other in zip(theirs.floating, mine.floating, strict=True):
        assert one.value == other.value or bytes(one)[2:] == other.data()


def measure(inputs: list[tuple[str, bytes]], seconds: float = 1.0) -> dict[str, float]:
    """Messages a second: ordinary fields and ours, dissecting alone and with every field read."""
    floor = [(floor_class(UCCX_CTI.message(name)), raw) for name, raw in inputs]
    ours = [(FACE.classes[name], raw) for name, raw in inputs]
    for (theirs, raw), (mine, _) in zip(floor, ours, strict=True):
        check(theirs(raw), mine(raw))

    def dissect(pairs: list[tuple[Any, bytes]], read: bool) -> Callable[[], int]:
        def work() -> int:
            for cls, raw in pairs:
                pkt = cls(raw)
                if read:
                    read_all(pkt)
            return len(pairs)

        return work

    found = {
        "ordinary": rate(dissect(floor, False), seconds),
        "ours": rate(dissect(ours, False), seconds),
        "ordinary_read": rate(dissect(floor, True), seconds),
        "ours_read": rate(dissect(ours, True), seconds),
        "bytes": sum(len(raw) for _, raw in inputs) / len(inputs),
    }
    found["ratio"] = found["ours"] / found["ordinary"]
    found["ratio_read"] = found["ours_read"] / found["ordinary_read"]
    return found


def main(seconds: float) -> None:
    """Measure short, middling and long messages, and all together; print a table."""
    every = messages()
    print(
        "messages/s                    ordinary fields      ours   ratio |  every field read: ordinary    ours   ratio"
    )
    for title, least, most in (
        ("all types", 0, 999),
        ("short", 0, 59),
        ("middling", 60, 119),
        ("long", 120, 999),
    ):
        chosen = [(name, raw) for name, raw in every if least <= len(raw) <= most]
        result = measure(chosen, seconds)
        print(
            f"{title:10} {len(chosen):3} types {result['bytes']:4.0f} bytes"
            f"{result['ordinary']:14.0f} {result['ours']:12.0f} {result['ratio']:6.1f}x |"
            f"{result['ordinary_read']:27.0f} {result['ours_read']:7.0f} {result['ratio_read']:6.1f}x"
        )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
