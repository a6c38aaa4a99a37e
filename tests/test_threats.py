"""The README's Threats name the bounds that the code has."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccxdissect.analysis import agents, calls, comparison, exchanges, findings, nodes, sessions, stranded
from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.rules import registry
from ccxdissect.capture import fragments, segments, spooled
from ccxdissect.lab import server
from ccxdissect.redact import pseudonyms
from ccxdissect.report import content
from ccxdissect.stream import dialect, log, log_requests
from ccxdissect.stream.reassembly import DEFAULT_LIMITS
from ccxdissect.views import ladder
from ccxdissect.watch import state

THREATS = (Path(__file__).parents[1] / "README.md").read_text().partition("## Threats")[2].partition("\n## ")[0]
MEBI = 1 << 20

BOUNDS = {
    "({} MiB behind a gap)": [DEFAULT_LIMITS.direction_bytes // MEBI],
    "in total ({} MiB)": [DEFAULT_LIMITS.total_bytes // MEBI],
    "by number ({} connections at once;": [DEFAULT_LIMITS.connections],
    "{} clients between their sessions, with {} vain attempts of a host and {} of all": [
        nodes.MOST_CLIENTS,
        nodes.MOST_ATTEMPTS,
        nodes.MOST_ATTEMPTS_IN_ALL,
    ],
    "{} agents of a lost session and {} of all": [stranded.MOST_AGENTS, stranded.MOST_AGENTS_IN_ALL],
    "{} sessions that were lost or asked for": [sessions.MOST_LOST],
    "{} sessions that were lost": [stranded.MOST_LOST],
    "{} phones": [Phones()._agents.most],
    "{} calls, of {} steps each": [calls.MOST_CALLS, calls.MOST_STEPS],
    "steps each; {} agents;": [agents.MOST_AGENTS],
    "{} things of each rule, {} different findings of a session": [registry.MOST_REMEMBERED, findings.MOST_DIFFERENT],
    "{} open requests, {} of them with one id": [exchanges.MOST_OPEN, exchanges.MOST_ALIKE],
    "{} IP datagrams in pieces ({} MiB)": [fragments.MOST_DATAGRAMS, fragments.MOST_BYTES // MEBI],
    "{} ports that are not ours": [segments.MOST_OTHER_PORTS],
    "Of a log, {} sessions, {} threads, {} requests": [log.MOST_SESSIONS, log.MOST_THREADS, log_requests.MOST_REQUESTS],
    "A ladder has at most {} messages and {} sessions": [ladder.MOST_DRAWN, ladder.MOST_SESSIONS],
    "a report {} messages": [content.MOST],
    "`watch` {}, a comparison {} of a session": [state.MOST_READ, comparison.MOST],
    "wait for a sign, {} of them": [dialect.MOST_WAITING],
    "keeps at most {} GiB of a pipe": [spooled.MOST_SPOOLED >> 30],
    "server has {} connections at once": [server.MOST_CONNECTIONS],
}


@pytest.mark.parametrize("said", BOUNDS)
def test_a_bound_is_as_it_says(said: str) -> None:
    assert said.format(*(f"{number:,}" for number in BOUNDS[said])) in " ".join(THREATS.split())


def test_what_is_a_million_words() -> None:
    assert pseudonyms.MOST_WORDS == 1_000_000 and "a redaction remembers a million words" in THREATS
