"""A group that many do together: every row is made once, by whoever has its session or its server; and each looks at
what it needs alone."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from each import in_part
from tables.comparing import GIVEN, rows

from ccxdissect import columns
from ccxdissect.columns.batch import Batch
from ccxdissect.sources.feeding import Feeding
from ccxdissect.sources.feeding_calls import FeedingCalls
from ccxdissect.tables import export as exporting
from ccxdissect.tables.export import Exported, Order, export, units

sys.path.insert(0, str(Path(__file__).parents[1] / "verdict"))

from test_first_line import SITUATIONS

from wire import Wire

#: What is told of several sessions of a server, and of several servers.
PLAYED = (
    "replaced_by_a_new_session", "a_failover", "lost_and_back_on_the_same_node", "a_failover_and_back_again",
    "only_standbys", "packets_are_lost_on_the_way", "two_clients_throw_each_other_out", "two_clients_on_two_nodes",
)  # fmt: skip


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wire = Wire()
    for name in PLAYED:
        SITUATIONS[name][1](wire)
        wire.wait(60)
    return wire.write(tmp_path_factory.mktemp("capture") / "day.pcap")


def shared(capture: Path, folder: Path, of: int, monkeypatch: pytest.MonkeyPatch) -> Exported:
    monkeypatch.setattr(exporting, "SHARED_FROM", 1)
    order = Order(str(folder), GIVEN)
    return export(units([[str(capture)]], order, lambda group: of), order)


@pytest.mark.parametrize("least", in_part([1, 1 << 40], 0))
def test_shares_make_every_row_once(capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int) -> None:
    monkeypatch.setattr(columns, "WORTH_LOADING", least)
    monkeypatch.setattr(columns, "WORTH_USING", least)
    shared(capture, tmp_path / "whole", 1, monkeypatch)
    whole = rows(tmp_path / "whole")
    assert any("'failover'" in row for row in whole["findings"])
    assert any("'session-replaced'" in row for row in whole["findings"])
    assert any("'replaced_by': 2" in row for row in whole["sessions"])
    for of in (2, 3, 11):
        shared(capture, tmp_path / str(of), of, monkeypatch)
        assert rows(tmp_path / str(of)) == whole


@pytest.mark.parametrize("least", in_part([1, 1 << 40], 1))
def test_time_passes_for_a_server_by_the_messages_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    """What a silent server left open: a state that lasts until the capture ends, a request that waits for long."""
    wire = Wire()
    silent = wire.connect(server="10.0.0.2").open(agent="jones")
    silent.say("AGENT_STATE_EVENT", {"AgentState": 3}, [("AgentID", "jones")])
    silent.beat(2).request("QUERY_AGENT_STATE_REQ", {}, [("AgentID", "jones")])
    wire.connect(client="10.0.0.6").open().beat(40, every=900).close()
    path = wire.write(tmp_path / "day.pcap")
    monkeypatch.setattr(columns, "WORTH_LOADING", least)
    monkeypatch.setattr(columns, "WORTH_USING", least)
    for of in (1, 5):
        shared(path, tmp_path / str(of), of, monkeypatch)
    whole = rows(tmp_path / "1")
    assert any("never answered within 15 min" in row for row in whole["findings"])
    assert any("10:00:40" in row and "'open': True" in row for row in whole["agent_states"])
    assert rows(tmp_path / "5") == whole


def test_a_share_looks_at_the_messages_that_it_needs(
    capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one server, each of the four kinds that are made of messages is made by another share; the rest look at none."""
    monkeypatch.setattr(columns, "WORTH_USING", 1)
    looked: list[Counter[str]] = []

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(self: Feeding, batch: Batch, places: np.ndarray, before: list[int]) -> tuple[Any, Any]:
            rows, records = real(self, batch, places, before)

            def each() -> Iterator[Any]:
                for row in rows:
                    looked[-1][batch.sessions[int(batch.session[row[0]])].server] += 1
                    yield row

            return each(), records

        return counted

    for feeding in (Feeding, FeedingCalls):
        monkeypatch.setattr(feeding, "_looked_at", counting(feeding._looked_at))
    monkeypatch.setattr(exporting, "SHARED_FROM", 1)

    def one_by_one(works: object) -> Iterator[exporting.Done]:
        for work in works:  # type: ignore[attr-defined]
            looked.append(Counter())
            yield exporting.do(work)

    for of in (1, 20):
        order = Order(str(tmp_path / str(of)), GIVEN)
        export(units([[str(capture)]], order, lambda group, of=of: of), order, workforce=one_by_one)  # type: ignore[misc]
    whole, *own, across = looked
    assert whole.keys() == across.keys() == {"10.0.0.1:12028", "10.0.0.2:12028"}
    for server, count in whole.items():
        counts = [one[server] for one in own if one[server]]
        # Of what deviates alike the first is looked at: of all servers, or of those of a share.
        assert len(counts) == 4 and 0 <= sum(counts) - count <= 2 and count > 50


def test_what_is_noted_of_reading_is_told_once(capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(capture.read_bytes()[:-5])
    assert len(shared(cut, tmp_path / "out", 3, monkeypatch).notices) == 1
    held = [json.loads(path.read_text())["notices"] for path in (tmp_path / "out" / "_units").glob("*.json")]
    assert sorted(map(len, held)) == [0, 0, 0, 1]
