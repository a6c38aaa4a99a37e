"""Counts and latencies."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from ccxdissect.analysis.statistics import (
    Latencies,
    Statistics,
)
from scene import MS, Scene, feed, json_of


def test_types_and_exchanges() -> None:
    scene = Scene()
    session = scene.session()
    for invoke_id, latency in enumerate((10, 20, 30, 200), start=1):
        scene.send(session, "HOLD_CALL_REQ", {"InvokeID": invoke_id})
        name = "HOLD_CALL_CONF" if latency < 200 else "CONTROL_FAILURE_CONF"
        scene.send(session, name, {"InvokeID": invoke_id}, after=latency * MS)
    scene.send(session, "HOLD_CALL_REQ", {"InvokeID": 9})
    scene.send(session, "HOLD_CALL_CONF", {"InvokeID": 10})
    scene.end(session)
    figures = Statistics()
    assert feed(figures, scene.events) == []
    assert [json_of(kind) for kind in figures.types()] == [
        '{"of":"message","type":54,"message":"HOLD_CALL_REQ","from":"client","count":5,"bytes":120,"with_problems":0}',
        '{"of":"message","type":55,"message":"HOLD_CALL_CONF","from":"server","count":4,"bytes":48,"with_problems":0}',
        '{"of":"message","type":35,"message":"CONTROL_FAILURE_CONF","from":"server","count":1,"bytes":18,"with_problems":0}',
    ]
    (held,) = figures.exchanges()
    assert json_of(held) == (
        '{"of":"exchange","request":"HOLD_CALL_REQ","count":5,"confirmed":3,"failed":1,"unanswered":1,"min":0.010000,"median":0.020000,'
        '"p95":0.200000,"max":0.200000,"histogram":[{"up_to":0.010000,"count":1},{"up_to":0.020000,"count":1},'
        '{"up_to":0.050000,"count":1},{"up_to":0.100000,"count":0},{"up_to":0.200000,"count":1}]}'
    )
    assert figures.unrequested == 1


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=300), st.floats(0, 1))
def test_a_few_latencies_are_exact(latencies: list[int], share: float) -> None:
    kept = Latencies()
    for latency in latencies:
        kept.add(latency)
    quantile = kept.quantile(share)
    assert quantile in latencies
    assert sum(latency <= quantile for latency in latencies) >= share * len(latencies) - 1e-9
    assert sum(count for _, count in kept.histogram()) == len(latencies)


def test_many_latencies_are_right_by_one_per_cent() -> None:
    chance = random.Random(1)
    latencies = [int(chance.lognormvariate(16, 2)) for _ in range(20_000)]
    kept = Latencies(exact=100)
    for latency in latencies:
        kept.add(latency)
    latencies.sort()
    assert (kept.least, kept.most, kept.count) == (latencies[0], latencies[-1], 20_000)
    for share in (0.01, 0.5, 0.95, 0.999):
        right = latencies[int(share * 20_000) - 1]
        assert abs((kept.quantile(share) or 0) - right) <= right * 0.0101 + 1
    assert kept.quantile(1) == latencies[-1]


def test_no_latency_has_no_figures() -> None:
    kept = Latencies()
    assert (kept.quantile(0.5), kept.histogram()) == (None, [])
