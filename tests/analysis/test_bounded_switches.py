"""What is remembered of clients that lost their session is bounded in all, not only for each of them."""

from __future__ import annotations

import pytest

from building import ENCODER
from ccxdissect.analysis.findings import Findings
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from conversation import ACK, CLIENT, RST, SERVER, SYN, Conversation, renumbered


def findings_of(talks: list[Conversation]) -> Findings:
    """What is known after all these connections, one after the other, but before the end."""
    dissector, findings = Dissector(UCCX_CTI), Findings()
    for segment in renumbered([segment for talk in talks for segment in talk.segments]):
        # A second apart, so that a reset is believed before the next connection.
        for event in dissector.feed(segment._replace(time=segment.time + segment.frame * 10**9)):
            findings.feed(event)
    return findings


def ends(host: int, port: int) -> tuple[tuple[bytes, int], tuple[bytes, int]]:
    return (bytes([10, 0, host // 256, host % 256]), port), (b"\x0a\x01\0\x09", 12028)


def refused(host: int, port: int) -> Conversation:
    talk = Conversation(ends=ends(host, port))
    talk.add(CLIENT, SYN)
    talk.add(SERVER, RST | ACK)
    return talk


def lost(host: int, agents: int) -> Conversation:
    talk = Conversation(ends=ends(host, 40_000)).handshake()
    opening = {"InvokeID": 1, "VersionNumber": 14, "ServicesRequested": 0x10}
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", opening, [("ClientID", f"bridge{host}")], version=14))
    talk.send(
        SERVER, ENCODER.encode("OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1, "ServicesGranted": 0x10}, version=14)
    )
    for agent in range(agents):
        who = [("AgentID", f"a{agent}"), ("AgentExtension", str(agent))]
        talk.send(SERVER, ENCODER.encode("AGENT_STATE_EVENT", {"AgentState": 3}, who, version=14))
    talk.add(SERVER, RST | ACK)
    return talk


def test_vain_attempts_of_all_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccxdissect.analysis.nodes.MOST_ATTEMPTS_IN_ALL", 10)
    nodes = findings_of([refused(host, 40_000 + time) for host in range(8) for time in range(3)])._nodes
    kept = {host: len(attempts) for host, attempts in nodes._attempts.items()}
    # Those of the hosts that tried last; whether the last one of all is over is not known yet.
    assert kept == {"10.0.0.5": 3, "10.0.0.6": 3, "10.0.0.7": 2}
    assert nodes._attempted == sum(kept.values())


def test_agents_of_all_lost_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccxdissect.analysis.stranded.MOST_AGENTS_IN_ALL", 10)
    stranded = findings_of([*(lost(host, 4) for host in range(6)), refused(7, 1), refused(7, 2)])._stranded
    assert list(stranded._lost.values()) == [4, 4] and stranded._agents == 8
    assert [len(there) for there in stranded._there.values()] == [4, 4]
