"""Messages by columns are the rows that are made of them one by one, field for field."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from both_paths import PORTS, ByColumns, table
from each import in_part
from fuzz import streams
from stream.test_encapsulations import ROWS
from test_either_dialect import mixed

from building import ENCODER, build, every_combination
from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import read_segments
from ccxdissect.columns.headers import Addresses
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Protocol
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Record
from ccxdissect.tables import message_columns
from ccxdissect.tables.arrow import CAPTURE
from ccxdissect.tables.layout_rows import LayoutRows
from ccxdissect.tables.message_columns import MessageColumns
from ccxdissect.tables.message_table import MessageTables, folder
from conversation import CLIENT, SERVER, Conversation, renumbered

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.pcapng"))
BOTH = tuple(DIALECTS.values())
ALONE = BOTH[:1]
Rows = dict[str, list[dict[str, Any]]]


def one_by_one(segments: Iterable[Segment], protocols: Sequence[Protocol], secrets: bool) -> Rows:
    tables = MessageTables(protocols, (CAPTURE,), secrets)
    dissector = Dissector(protocols, PORTS)
    found: dict[str, tuple[pa.Schema, list[dict[str, Any]]]] = {}

    def take(events: Iterable[object]) -> None:
        for event in events:
            if isinstance(event, Record):
                of = tables.of(event.decoded.message)
                rows = found.setdefault(folder(event.name), (of.schema, []))[1]
                rows.append({"capture": "x", **of.row(event)})

    for segment in segments:
        take(dissector.feed(segment))
    take(dissector.flush())
    return {name: pa.Table.from_pylist(rows, schema).to_pylist() for name, (schema, rows) in found.items()}


def by_columns(segments: Sequence[Segment], protocols: Sequence[Protocol], secrets: bool, size: int) -> Rows:
    columns, addresses = ByColumns(protocols).columns, Addresses()
    made = MessageColumns(MessageTables(protocols, (CAPTURE,), secrets), "x")
    found: Rows = {}

    def put(tables: Iterable[tuple[str, pa.Table]]) -> None:
        for name, rows in tables:
            rows.validate(full=True)
            found.setdefault(name, []).extend(rows.to_pylist())

    batches = [table(segments[start : start + size], addresses) for start in range(0, len(segments), size)]
    for batch in chain.from_iterable([*map(columns.tell, batches), columns.flush()]):
        for known in batch.before:
            known.tell()
        put(made.of(batch))
        for _ in batch.all_events():
            pass
    put(made.rest())
    return found


def assert_same(
    segments: Sequence[Segment], protocols: Sequence[Protocol] = BOTH, secrets: bool = False, size: int = 1 << 20
) -> None:
    wanted = one_by_one(segments, protocols, secrets)
    found = by_columns(segments, protocols, secrets, size)
    assert found.keys() == wanted.keys()
    for name, rows in wanted.items():
        assert found[name] == rows, name


@pytest.fixture(autouse=True, params=in_part(["few together", "many together"], 1))
def together(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "few together":
        for name, few in (
            ("TOGETHER", 1_000),
            ("HELD", 3_000),
            ("_WAITING", 5),
            ("_WAITING_BYTES", 500),
            ("_MOST_ENDS", 4),
        ):
            monkeypatch.setattr(message_columns, name, few)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples(path: Path) -> None:
    segments = list(read_segments(str(path), PORTS))
    assert_same(segments)
    assert_same(segments, size=40)


def test_what_has_become_columns_is_let_go_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large table all of it would lie there twice otherwise, until the last column is made."""
    held: list[weakref.ref[np.ndarray]] = []
    left: list[int] = []
    take, take_fields, forget = LayoutRows.take, LayoutRows.take_fields, LayoutRows._forget

    def taking(rows: LayoutRows, *given: Any) -> None:
        take(rows, *given)
        held.extend(map(weakref.ref, [*rows._envelopes[-1:], *rows._bodies[-1:]]))

    def taking_fields(rows: LayoutRows, tags: Sequence[tuple[int, slice]], *given: Any) -> None:
        take_fields(rows, tags, *given)
        for tag, _ in tags:
            which, _ = rows._values[tag][-1]
            assert which.base is None, "what others have beside it would be held for its sake"
            held.append(weakref.ref(which))

    def forgetting(rows: LayoutRows) -> None:
        # Only those of tables that are not made yet are still there.
        left.append(sum(one() is not None for one in held))
        forget(rows)

    for name, replaced in (("take", taking), ("take_fields", taking_fields), ("_forget", forgetting)):
        monkeypatch.setattr(LayoutRows, name, replaced)
    monkeypatch.setattr(message_columns, "TOGETHER", 1 << 30)
    monkeypatch.setattr(message_columns, "HELD", 1 << 30)
    by_columns(list(read_segments(str(SAMPLES[0]), PORTS)), ALONE, False, 1 << 20)
    assert len(held) > 100 and left[-1] == 0


@pytest.mark.parametrize("secrets", [False, True])
def test_every_version_form_and_layout(secrets: bool) -> None:
    conversations: list[Segment] = []
    for port, version in enumerate((10, 12, 14, 18)):
        opening = ENCODER.encode("OPEN_REQ", {"VersionNumber": version}, [("ClientPassword", "x")], version=version)
        talk = Conversation(ends=((b"\x0a\0\0\x01", 50001 + port), (b"\x0a\0\0\x09", 12028))).handshake()
        talk.send(CLIENT, opening)
        for declared, of_version, form, layout in every_combination():
            if of_version == version:
                for seed in (port, port + 90):
                    talk.send(SERVER, build(declared, version, form, layout, seed=seed))
        conversations += talk.close().segments
    assert_same(renumbered(conversations), ALONE, secrets)


@pytest.mark.parametrize("seed", in_part(range(6), 1))
def test_both_dialects(seed: int) -> None:
    assert_same(mixed(seed))


@pytest.mark.parametrize("seed", in_part([0, 18, 2, 22], 2))
def test_fuzzed_streams(seed: int) -> None:
    assert_same(streams.made(seed)[0][:1200])


def test_every_fault() -> None:
    for segments, _ in ROWS.values():
        assert_same(segments)


def test_texts_of_any_bytes_and_fields_that_come_again() -> None:
    talk = Conversation().handshake()
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14, "ServicesRequested": 0x40000}, version=14))
    texts = [b"", b"\0", b"plain\0", b"no end", b"\xff\xfe\0", "é".encode(), b"a\0b\0", b"\xed\xa0\x80", b"'\"\\\n"]
    for said in texts:
        for again in (1, 2):
            floating = [("AgentID", said), ("AgentExtension", b"1\0")] * again
            talk.send(CLIENT, ENCODER.encode("QUERY_AGENT_STATE_REQ", {"InvokeID": 1}, floating, version=14))
    assert_same(talk.segments)


def test_some_of_the_messages() -> None:
    segments = list(read_segments(str(SAMPLES[0]), PORTS))
    columns = ByColumns(BOTH).columns
    made = MessageColumns(MessageTables(BOTH, (CAPTURE,)), "x")
    (batch,) = columns.tell(table(segments, Addresses()))
    chosen = np.arange(0, len(batch), 3)
    tables = [*made.of(batch, chosen), *made.rest()]
    found = sorted(number for _, rows in tables for number in rows["message"].to_pylist())
    assert found == [batch.first + place for place in chosen.tolist()]
