"""A damaged capture and its redacted copy read the same: what is lost, found again, late or contradicted included."""

from __future__ import annotations

import pytest
from fuzz import redaction


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(18, id="bytes sent again otherwise"),
        pytest.param(45, id="bytes sent again otherwise, blank ones"),
        pytest.param(76, id="what looks like a header across a loss and a message"),
        pytest.param(16, id="times that no 64 bits hold in nanoseconds"),
        pytest.param(455, id="fragments without rest, with bytes"),
        pytest.param(475, id="fragments without rest, without bytes"),
        pytest.param(100382, id="pseudonyms that would make another form fit"),
        pytest.param(103307, id="times of several resolutions that no 64 bits hold in nanoseconds"),
        pytest.param(201178, id="times that count from a second of their own"),
        pytest.param(202394, id="pseudonyms that would make another form fit where the form tells the version"),
        pytest.param(991456, id="a header of type 0, whose message was waited for"),
        pytest.param(772203624, id="a message that the other protocol reads without doubt"),
        pytest.param(881104131, id="a message in which the other protocol reads no field"),
        pytest.param(772205474, id="a field too far that the other protocol reads without doubt"),
        pytest.param(772202994, id="bytes that would be a message, were what follows them one of an unknown type"),
        *(100447, 100748, 100824),
        *range(1000, 1020),
    ],
)
def test_a_damaged_capture(seed: int) -> None:
    assert redaction.difference(redaction.damaged(seed)) == ""
