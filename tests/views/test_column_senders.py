"""Who sent to whom, put together for many sessions at once, is what is written of each by itself."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pyarrow")

from ccxdissect.capture.segment import Endpoint, format_endpoint
from ccxdissect.stream.events import Session, SessionState
from ccxdissect.views import column_senders
from ccxdissect.views.column_senders import Senders

endpoints = st.one_of(
    st.builds(format_endpoint, st.binary(min_size=4, max_size=4), st.integers(0, 65535)),
    st.builds(format_endpoint, st.binary(min_size=16, max_size=16), st.integers(0, 65535)),
    st.builds(Endpoint, st.text(max_size=5)),
)
sessions = st.builds(
    lambda number, client, server: SessionState(number, client, server, 0, 0).session,
    st.integers(1, 6), endpoints, endpoints,
)  # fmt: skip


@given(st.lists(st.lists(sessions, min_size=1, max_size=8), max_size=8))
def test_each_session_has_its_own_texts(batches: list[list[Session]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # They are forgotten in between.
        patch.setattr(column_senders, "_MOST_SESSIONS", 5)
        senders = Senders()
        for batch in batches:
            places = senders.places(batch)
            both = senders.texts(np.concatenate([places, places + 1])).to_pylist()
            for one, by_client, by_server in zip(batch, both[: len(batch)], both[len(batch) :], strict=True):
                told = [json.loads(b"{" + text + b"null}") for text in (by_client, by_server)]
                ends = str(one.client), str(one.server)
                assert told == [
                    {"session": one.number, "from": side, "src": ends[at], "dst": ends[1 - at], "version": None}
                    for at, side in enumerate(("client", "server"))
                ]


def test_a_session_that_turned_has_other_texts() -> None:
    senders = Senders()
    state = SessionState(1, Endpoint("one"), Endpoint("other"), 0, 0)
    before = senders.texts(senders.places([state.session])).to_pylist()
    state.turn()
    after = senders.texts(senders.places([state.session])).to_pylist()
    assert before != after
    assert b'"src":"other","dst":"one"' in after[0]
