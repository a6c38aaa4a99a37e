"""The samples, told: call stories and findings as text; what differs from one recording to the next is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccxdissect.analysis.call_stories import CallStory
from ccxdissect.analysis.calls import Calls
from ccxdissect.analysis.findings import Finding, Findings
from ccxdissect.analysis.selection import Selection
from ccxdissect.capture.segments import read_segments
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Record
from ccxdissect.views.ladder_rows import build
from ccxdissect.views.ladder_text import text_lines
from scene import feed

SAMPLES = Path(__file__).parents[2] / "samples"


def events(name: str) -> Iterator[Event]:
    path = SAMPLES / f"{name}.pcapng"
    if not path.exists():
        pytest.skip(f"no sample {name}")
    dissector = Dissector(UCCX_CTI)
    for segment in read_segments([str(path)], frozenset(UCCX_CTI.ports)):
        yield from dissector.feed(segment)
    yield from dissector.flush()


QUEUED = """\
begins from "2005"
dials at "2005"
dials at "2005" to "7000"
rings at "7000" from "2005" (new call)
answered at "9026" from "2005" to "7000"
queued from "2005" to "7000" in 1
rings at "2006" from "2005" to "7000" (new call)
answered at "2006" from "2005" to "7000"
put on hold at "2006"
transferred at "2006" with call 16777535 (transfer)
over for session 3
left at "2005"
left at "2007"
cleared
ends"""


def test_the_story_of_the_queued_call() -> None:
    stories = [story for story in feed(Calls(), events("queued-call")) if isinstance(story, CallStory)]
    first = next(story for story in stories if story.call == 16777507)
    assert "\n".join(step.text for step in first.steps) == QUEUED
    assert [(link.how, link.call) for link in first.links] == [
        ("led to", 16777535),
        ("came out of", 16777535),
        ("transferred with", 16777535),
    ]
    assert (first.queues, first.calling_agent, first.agents) == ((1,), "agent2005", ("agent2006", "agent2007"))


LADDER = """\
<········ BEGIN_CALL_EVENT ·········  call 16777507 OUT from 2005
<·· CALL_SERVICE_INITIATED_EVENT ···  call 16777507 from 2005 INITIATE
<····· CALL_ORIGINATED_EVENT ·······  call 16777507 from 2005 to 7000 INITIATE
<······ CALL_DELIVERED_EVENT ·······  call 16777507 from 2005 to 7000 at 7000 ALERTING cause NEW_CALL
<····· CALL_ESTABLISHED_EVENT ······  call 16777507 from 2005 to 7000 at 9026 CONNECT
<······· CALL_QUEUED_EVENT ·········  call 16777507 from 2005 to 7000 QUEUED
<······ CALL_DELIVERED_EVENT ·······  call 16777507 from 2005 to 7000 at 2006 ALERTING cause NEW_CALL
<····· CALL_ESTABLISHED_EVENT ······  call 16777507 from 2005 to 7000 at 2006 CONNECT
<········ CALL_HELD_EVENT ··········  call 16777507 at 2006 HOLD
<····· CALL_DATA_UPDATE_EVENT ······  call 16777535 new call 16777507 TRANSFER_IN from 2005 to 7000
<····· CALL_TRANSFERRED_EVENT ······  call 16777507 other call 16777535 new call 16777507 at 2006 CONNECT cause TRANSFER
<· CALL_CONNECTION_CLEARED_EVENT ···  call 16777507 at 2005 NULL
<· CALL_CONNECTION_CLEARED_EVENT ···  call 16777507 at 2007 NULL
<······· CALL_CLEARED_EVENT ········  call 16777507 NULL
<········· END_CALL_EVENT ··········  call 16777507"""


def test_the_ladder_of_the_queued_call() -> None:
    """The bridge client's: names, directions and details; not the times and the ports, which are new each time."""
    records = [event for event in events("queued-call") if isinstance(event, Record)]
    bridge = next(
        record.session.number
        for record in records
        if record.sender.value == "client" and b"bridge" in record.decoded.body
    )
    lines = list(text_lines(build(Selection(calls=[16777507], sessions=[bridge]).select(records))))
    told = [re.sub(r" {2,}", "  ", re.sub(r"^\S+ +\d+ +|[|]", "", line)).strip() for line in lines[2:]]
    assert "\n".join(told) == LADDER


def test_the_troubles_are_all_found() -> None:
    found = [finding for finding in feed(Findings(), events("trouble")) if isinstance(finding, Finding)]
    assert {finding.rule for finding in found} >= {
        "standby-probed",
        "version-refused",
        "request-failed",
        "unanswered-request",
        "slow-reply",
        "missed-heartbeat",
        "idle-timeout",
        "reset-without-close",
        "failure-reported",
        "agent-lost",
        "password-in-clear",
    }


def test_nothing_is_wrong_with_the_queued_call() -> None:
    assert [finding for finding in feed(Findings(), events("queued-call")) if isinstance(finding, Finding)] == []
