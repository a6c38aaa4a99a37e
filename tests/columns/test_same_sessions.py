"""The sessions that the columns tell are those that their events tell, whatever was lost and whenever they ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from both_paths import PORTS, ByColumns, by_segments, table
from fuzz import streams
from test_either_dialect import BOTH

from ccxdissect.analysis.sessions import SCHEMA, Sessions, SessionStory
from ccxdissect.capture.segment import Segment
from ccxdissect.columns import opened
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.headers import Addresses
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.sources.in_bulk import of_kind
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.reassembly import Limits
from ccxdissect.views.formats.jsonl import line_maker
from conversation import CLIENT, ENDS, Conversation, six


def by_events(segments: Sequence[Segment]) -> list[SessionStory]:
    events, sessions = Dissector(UCCX_CTI, PORTS), Sessions()
    found: list[SessionStory] = []
    for segment in segments:
        for event in events.feed(segment):
            found += sessions.feed(event)
    for event in events.flush():
        found += sessions.feed(event)
    return sorted([*found, *sessions.flush()], key=lambda story: story.session.number)


def batches(segments: Sequence[Segment], size: int) -> Iterator[Batch]:
    columns, addresses = ByColumns().columns, Addresses()
    for start in range(0, len(segments), size):
        yield from columns.tell(table(segments[start : start + size], addresses))
    yield from columns.flush()


@pytest.mark.parametrize("seed", [0, 3, 5, 8, 22, 40])
def test_fuzzed_streams(seed: int) -> None:
    segments = streams.made(seed)[0][:1000]
    line = line_maker(SCHEMA)
    wanted = [line(story) for story in by_events(segments)]
    for size in (1 << 20, 50):
        assert [line(story) for story in of_kind("sessions", batches(segments, size))] == wanted


def crowd(sessions: int) -> list[Segment]:
    """So many sessions that are open at once, a few messages each: first all connect, then all speak, then all end."""
    talks = []
    for n in range(sessions):
        ends = (bytes([10, 0, 1, n]), 40000 + n), ENDS[1]
        talk = Conversation((1000 * n, 5000 * n), ends).handshake()
        for data in six()[:3]:
            talk.send(CLIENT, data)
        talks.append(talk.close().segments)
    return streams.in_time([one for turn in zip(*talks, strict=True) for one in turn])


@pytest.mark.parametrize("most", [3, 40, 149, 150, 152])
@pytest.mark.parametrize("size", [1 << 20, 100])
def test_a_table_that_is_nearly_full_or_too_small(most: int, size: int) -> None:
    segments, limits = crowd(150), Limits(connections=most)
    columns = ByColumns(BOTH, limits)
    assert columns.segments(segments, size) == by_segments(segments, BOTH, limits)
    if most > 151:
        # As long as none has to go for another one, all is told by columns, what shows the version included.
        assert columns.columns.by_dissector == 0 and columns.columns.by_columns == 450


def test_many_sessions_in_a_chunk_are_not_each_looked_for_among_all_its_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[int] = []
    cut_of_rows = opened.Opened.cut_of_rows

    def counted(conversations: opened.Opened) -> object:
        looked.append(len(conversations._arranged.rows.flow))
        return cut_of_rows(conversations)

    monkeypatch.setattr(opened.Opened, "cut_of_rows", counted)
    segments = crowd(150)
    assert ByColumns().segments(segments, 1 << 20) == by_segments(segments)
    assert sum(looked) < 20 * len(segments)
