"""Wireshark's fields are ours: the same captures through the plugin and through the package, field for field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

import pytest
from captures import write_capture
from each import in_part
from everything import conversations, damaged
from plugin import Plugin, Tree, trees, write_plugin

from ccxdissect.capture.files import packets
from ccxdissect.capture.segments import SegmentReader
from ccxdissect.codec import Decoded, FloatingField, NamedValue
from ccxdissect.codec.checks import check
from ccxdissect.codec.records import Group, grouped
from ccxdissect.protocol.codes import Flags, label
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Fixed, Floating, Mark, Protocol, snake_case
from ccxdissect.protocol.types import Reading
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Record
from ccxdissect.wireshark.filter_fields import OWN_NAMES, filter_fields, flag_fields
from ccxdissect.wording import deviations as deviation_words
from ccxdissect.wording.problems import say
from samples import protocol_of

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.pcap*"))
_OWN = {
    "label", "response_in", "response_to", "response_time", "stream", "client", "server", "client_name", "call", "agent",
    "device",
}  # fmt: skip
_NAME_OF = {
    protocol.name: {
        (snake_case(row.name), field.reading): field.name for field in filter_fields(protocol) for row in field.rows
    }
    for protocol in DIALECTS.values()
}
_TIMES = {field.name for field in filter_fields(UCCX_CTI) if field.kind == "time"}


_FLAGS = {
    protocol.name: flag_fields(protocol, frozenset(_NAME_OF[protocol.name].values()) | frozenset(OWN_NAMES))
    for protocol in DIALECTS.values()
}


def records_of(capture: Path, protocol: Protocol) -> list[Record]:
    dissector = Dissector(protocol)
    events = [event for segment in SegmentReader(packets([str(capture)])) for event in dissector.feed(segment)]
    events += dissector.flush()
    return [event for event in events if isinstance(event, Record)]


def text_shown(text: str) -> str:
    """Control characters and bytes that are not UTF-8 as \\xNN, as the plugin shows them."""
    odd = {*map(chr, range(32)), "\x7f", *map(chr, range(0xDC80, 0xDD00))}
    return "".join(f"\\x{ord(c) & 0xFF:02x}" if c in odd else c for c in text)


def expected_value(row: Fixed | Floating, value: object, protocol: Protocol) -> list[tuple[str, str]]:
    name = _NAME_OF[protocol.name][snake_case(row.name), row.type.reading]
    if row.mark & Mark.SECRET:
        return [(name, "***")]
    if isinstance(value, NamedValue):
        index = [] if value.index is None else [(f"{name}_index", str(value.index))]
        shown = f"[{value.index}]" if value.index is not None else ""
        text, content = text_shown(value.name), text_shown(value.value)
        return [(name, f"{text}{shown} = {content}"), *index, (f"{name}_name", text), (f"{name}_value", content)]
    if isinstance(value, str):
        return [(name, text_shown(value))]
    if isinstance(value, bytes) and row.type.reading is Reading.INTEGER or value is None:
        return [("odd_value", value.hex(":") if isinstance(value, bytes) else "")]
    if isinstance(value, bytes):
        return [(name, value.hex(":"))]
    assert isinstance(value, int)
    if row.codes is not None and issubclass(row.codes, Flags):
        names = _FLAGS[protocol.name][row.codes.__name__]
        bits = sorted((m.value, names[n]) for n, m in row.codes.__members__.items() if m.value)
        return [(name, str(value)), *((flag, "1" if value & bit else "0") for bit, flag in bits)]
    return [(name, str(value))]


def flat(items: Iterable[FloatingField | Group]) -> Iterable[FloatingField | int]:
    for item in items:
        if isinstance(item, Group):
            yield item.number
            yield from flat(item.items)
        else:
            yield item


def expected_fields(decoded: Decoded, protocol: Protocol) -> list[tuple[str, str]]:
    found = [("body_length", str(len(decoded.body))), ("message_type", str(decoded.number))]
    if decoded.message is not None:
        if decoded.version is not None:
            found.append(("version", str(decoded.version)))
        if len(decoded.message.forms) > 1 and decoded.layout is not None:
            found.append(("layout", decoded.layout.title))
        if decoded.form is not None:
            found.append(("floating_header", decoded.form.title))
    for row, _, value in decoded.fixed_fields():
        found += expected_value(row, value, protocol)
    for field in flat(grouped(decoded)):
        if isinstance(field, int):
            found.append(("record", str(field)))
        elif field.row is None:
            assert isinstance(field.value, bytes)
            found += [("field", ""), ("tag", str(field.tag)), ("length", str(field.size))]
            found.append(("unknown_field", field.value.hex(":")))
        else:
            found += expected_value(field.row, field.value, protocol)
    if decoded.undecoded:
        found.append(("undecoded", decoded.body[len(decoded.body) - decoded.undecoded :].hex(":")))
    return found


def shown_fields(tree: Tree) -> list[tuple[str, str]]:
    found = []
    for field in tree.fields:
        if field.name in _OWN:
            continue
        value = field.value
        if field.name in _TIMES:
            # Versions of Wireshark differ in how they print a time.
            value = str(int(field.data, 16))
        if re.fullmatch("0x[0-9a-f]+", value):
            value = str(int(value, 16))
        found.append((field.name, {"True": "1", "False": "0"}.get(value, value)))
    return found


def expected_experts(decoded: Decoded) -> list[str]:
    deviations = [deviation_words.say(deviation) for deviation in check(decoded)]
    return [*map(say, decoded.problems), *deviations]


def labels_of(decoded: Decoded) -> list[str]:
    """Names of constants, in the order of the fields, as far as the fields are not reserved slots."""
    rows: list[tuple[Fixed | Floating | None, object]] = [
        (row, value) for row, _, value in decoded.fixed_fields() if not row.reserved
    ]
    rows += [(field.row, field.value) for field in flat(grouped(decoded)) if not isinstance(field, int)]
    found = []
    for row, value in rows:
        if row is not None and row.codes is not None and isinstance(value, int):
            known = label(row.codes, value)
            found.append(known if isinstance(known, str) else " | ".join(known or []))
    return found


def compare(plugin: Plugin, capture: Path, protocol: Protocol = UCCX_CTI) -> int:
    records = records_of(capture, protocol)
    shown = trees(plugin, capture)
    for record, tree in zip_longest(records, shown):
        assert record is not None and tree is not None, (record and record.frame, tree and tree.frame)
        decoded = record.decoded
        where = f"frame {record.frame} {decoded.name} version {decoded.version}"
        assert tree.frame == record.frame
        assert shown_fields(tree) == expected_fields(decoded, protocol), where
        texts = [text for kind, text in tree.experts if kind not in ("failure", "unanswered")]
        assert sorted(texts) == sorted(expected_experts(decoded)), where
        lines = "\n".join(field.line for field in tree.fields)
        for name in labels_of(decoded):
            # Wireshark cuts long lines.
            assert name[:150] in lines, where
    return len(records)


def test_every_type_in_every_version_and_form(plugin: Plugin, tmp_path: Path) -> None:
    count = compare(plugin, write_capture(tmp_path / "all.pcap", conversations(1)))
    assert count == 5 * (len(UCCX_CTI.messages) + 4)


def test_every_type_without_an_opening(plugin: Plugin, tmp_path: Path) -> None:
    compare(plugin, write_capture(tmp_path / "later.pcap", conversations(2, openings=False)))


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(3, 7))
def test_damaged_bodies(plugin: Plugin, tmp_path: Path, seed: int) -> None:
    compare(plugin, write_capture(tmp_path / "damaged.pcap", damaged(seed)))


@pytest.fixture(scope="module")
def cce_plugin(tmp_path_factory: pytest.TempPathFactory) -> Plugin:
    return Plugin(write_plugin(tmp_path_factory.mktemp("cce"), UCCE_CTI))


@pytest.mark.heavy
def test_every_type_of_unified_cce_in_five_versions(cce_plugin: Plugin, tmp_path: Path) -> None:
    count = compare(cce_plugin, write_capture(tmp_path / "cce.pcap", conversations(11, protocol=UCCE_CTI)), UCCE_CTI)
    assert count == 5 * len(UCCE_CTI.messages)


@pytest.mark.heavy
def test_unified_cce_without_an_opening_and_with_damaged_bodies(cce_plugin: Plugin, tmp_path: Path) -> None:
    later = write_capture(tmp_path / "later.pcap", conversations(12, openings=False, protocol=UCCE_CTI))
    compare(cce_plugin, later, UCCE_CTI)
    compare(cce_plugin, write_capture(tmp_path / "damaged.pcap", damaged(13, UCCE_CTI)), UCCE_CTI)


@pytest.mark.parametrize("sample", in_part(SAMPLES, 4), ids=[path.name for path in SAMPLES])
def test_samples(plugin: Plugin, cce_plugin: Plugin, sample: Path) -> None:
    protocol = protocol_of(sample)
    assert compare(plugin if protocol is UCCX_CTI else cce_plugin, sample, protocol) >= 0
