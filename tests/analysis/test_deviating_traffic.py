"""Messages that deviate alike, over and over: told once and counted, just as when each is looked at anew."""

from __future__ import annotations

import random

import pytest

from building import ENCODER, rows_for, value_for
from ccxdissect.analysis.findings import Finding, Findings
from ccxdissect.capture.segment import Segment
from ccxdissect.codec import proposed
from ccxdissect.codec.checks import Checker, check
from ccxdissect.codec.decoder import Decoded
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from conversation import CLIENT, SERVER, Conversation, renumbered


class Thorough(Checker):
    """Looks at each message anew."""

    def deviations(self, decoded: Decoded) -> list:  # type: ignore[override, type-arg]
        return check(decoded)


def told(segments: list[Segment], findings: Findings) -> list[tuple[Finding, object, int]]:
    dissector = Dissector(UCCX_CTI)
    found: list[Finding] = []
    for segment in segments:
        for event in dissector.feed(segment):
            found += findings.feed(event)
    for event in dissector.flush():
        found += findings.feed(event)
    return [(one, one.group, one.times) for one in (*found, *findings.flush())]


def traffic(seed: int) -> list[Segment]:
    """Few types, each with few ways to deviate, among them what no table lists, too long, odd and miscounted."""
    source = random.Random(seed)
    form = proposed(UCCX_CTI, 14)[0]
    chosen = source.sample([one for one in UCCX_CTI if one.fields_known and one.since <= 14], 12)
    talks: list[Segment] = []
    for session in range(3):
        talk = Conversation(ends=((b"\x0a\0\0\x01", 50001 + session), (b"\x0a\0\0\x09", 12028))).handshake()
        talk.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
        for _ in range(150):
            message = source.choice(chosen)
            rows = source.sample(rows_for(message, 14, form), min(len(message.floating), source.randrange(3)))
            rows += source.choices(list(UCCX_CTI.tags.values())[:4], k=source.randrange(2)) * source.choice((1, 1, 2))
            fixed = {
                field.name: source.randrange(2)
                for field in message.fixed
                if field.type.code != "s" and field.since <= 14 and source.random() < 0.1
            }
            values = [(row.tag, value_for(row, source.randrange(2))) for row in rows]
            long = [
                (tag, "x" * 60 if isinstance(value, str) and source.random() < 0.3 else value) for tag, value in values
            ]
            talk.send(source.choice((CLIENT, SERVER)), ENCODER.encode(message, fixed, long, version=14, form=form))
        talks += talk.close().segments if session else talk.segments
    return renumbered(talks)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("most", [1000, 5])
def test_the_same_findings(seed: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccxdissect.analysis.findings.MOST_DIFFERENT", most)
    segments = traffic(seed)
    thorough = Findings()
    thorough.checker = Thorough()
    found = told(segments, Findings())
    assert found == told(segments, thorough)
    assert max(times for _, _, times in found) > 5


def test_what_was_told_is_not_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    monkeypatch.setattr("ccxdissect.codec.checks.check", lambda decoded: looked.append(1) or check(decoded))
    odd = ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 1}, [("AgentID", "x")], version=14)
    talk = Conversation().handshake()
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
    for _ in range(200):
        talk.send(CLIENT, odd)
    found = told(talk.segments, Findings())
    assert [one.text for one, _, times in found if times == 199] != []
    assert len(looked) <= 3
