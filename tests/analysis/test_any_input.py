"""Whatever comes, the analyses give results that can be shown: every type, any values, any bytes, any order."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccxdissect.analysis.agents import Agents
from ccxdissect.analysis.calls import Calls
from ccxdissect.analysis.exchanges import Exchanges
from ccxdissect.analysis.findings import Findings
from ccxdissect.analysis.sessions import Sessions
from ccxdissect.analysis.statistics import Statistics
from ccxdissect.codec.layout import compile_layouts
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Record
from ccxdissect.views.ladder_mermaid import mermaid_lines
from ccxdissect.views.ladder_rows import build
from ccxdissect.views.ladder_svg import svg
from ccxdissect.views.ladder_text import text_lines
from ccxdissect.views.text import shown
from scene import Scene, feed, json_of

_SIZES = {message.number: compile_layouts(message)[0].size for message in UCCX_CTI}
_TAGS = sorted(tag for tag in UCCX_CTI.tags if tag < 256)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[int, bytes]:
    """A message type and a body: small numbers in the fixed part, so that ids and calls meet; then any fields."""
    number = draw(st.sampled_from(sorted(_SIZES)))
    fixed = draw(st.lists(st.sampled_from((0, 0, 0, 1, 3, 0xFF)), min_size=_SIZES[number], max_size=_SIZES[number]))
    body = bytes(fixed)
    for _ in range(draw(st.integers(0, 4))):
        data = draw(st.one_of(st.sampled_from((b"2006\0", b"smith\0", b"\0\0\0\x01")), st.binary(max_size=6)))
        body += bytes((draw(st.sampled_from(_TAGS)), len(data))) + data
    return number, body


messages = st.one_of(bodies(), st.tuples(st.integers(0, 400), st.binary(max_size=80)))
steps = st.tuples(st.integers(0, 2), messages, st.sampled_from(list(Side)), st.integers(-(10**9), 10**11))


@pytest.mark.filterwarnings("error")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, max_size=25), st.booleans())
def test_results_can_always_be_shown(played: list, ended: bool) -> None:  # type: ignore[type-arg]
    scene = Scene()
    sessions = [scene.session(f"10.0.0.{client}:1") for client in range(3)]
    for client, (number, body), sender, after in played:
        scene.raw(sessions[client], number, body, sender, after)
    if ended:
        for session in sessions:
            scene.end(session, "reset", Side.SERVER)
    figures = Statistics()
    for analysis in (Exchanges(), Sessions(), Calls(), Agents(), Findings(), figures):
        for result in feed(analysis, scene.events):
            _shown(result)
    for figure in (*figures.types(), *figures.exchanges()):
        _shown(figure)
    drawn = build(event for event in scene.events if isinstance(event, Record))
    assert all(line == shown(line) for line in (*text_lines(drawn), *mermaid_lines(drawn)))
    svg(drawn).encode()


def _shown(result: object) -> None:
    line = json_of(result)
    assert "\n" not in line and isinstance(json.loads(line), dict)
    line.encode()


@given(st.lists(st.tuples(st.integers(0, 2), bodies(), st.integers(0, 10**10)), max_size=40))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_request_is_told_once_and_every_reply_at_most_once(played: list) -> None:  # type: ignore[type-arg]
    scene = Scene()
    sessions = [scene.session(f"10.0.0.{client}:1") for client in range(3)]
    for client, (number, body), after in played:
        scene.raw(sessions[client], number, body, UCCX_CTI.message(number).sender, after)
    found = feed(Exchanges(), scene.events)
    requests = [exchange.request for exchange in found if exchange.request is not None]  # type: ignore[attr-defined]
    replies = [exchange.reply for exchange in found if exchange.reply is not None]  # type: ignore[attr-defined]
    asked = [
        event.number
        for event in scene.events
        if isinstance(event, Record)
        and event.decoded.message is not None
        and event.decoded.message.kind.value == "request"
    ]
    assert sorted(requests) == asked
    assert len(set(replies)) == len(replies)
