"""Analyses that see only the messages that concern them give what they give of all: exchanges, findings, figures, summaries."""

from __future__ import annotations

from pathlib import Path

import pytest
from both_paths import ALONE
from both_results import _batches, assert_same_results, of_batches, of_file
from each import in_part
from fuzz import streams
from stream.test_encapsulations import ROWS

from building import ENCODER
from ccxdissect.protocol.dialects import DIALECTS
from conversation import CLIENT, SERVER, Conversation, renumbered

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pcapng")), ids=lambda path: path.stem)
def test_samples(path: Path) -> None:
    assert_same_results(of_file(str(path)), (1 << 20, 20), tuple(DIALECTS.values()))


@pytest.mark.parametrize("size", in_part([3, 1 << 20], 0))
def test_every_fault(size: int) -> None:
    for segments, _ in ROWS.values():
        assert_same_results(renumbered(segments), (size,))


@pytest.mark.parametrize("swapped", [None, 1, 2, 5])
@pytest.mark.parametrize("again", [None, 0, 3, 5])
def test_a_slow_reply_is_explained_by_what_was_seen_before_it(again: int | None, swapped: int | None) -> None:
    """By columns more is known by then: what came behind it in the same batch."""
    talk = Conversation().handshake().send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
    for number in (1, 2, 3):
        talk.send(CLIENT, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": number}, version=14))
    talk.send(SERVER, ENCODER.encode("HEARTBEAT_CONF", {"InvokeID": 1}, version=14))
    for number in (5, 6, 7):
        talk.send(CLIENT, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": number}, version=14))
    made = talk.segments[3:]
    reply = made[4]
    # Two messages of the client change places, and its opening request comes again, before the reply or behind it.
    if swapped is not None:
        made[swapped : swapped + 2] = made[swapped + 1], made[swapped]
    if again is not None:
        made.insert(again + 1, made[0])
    late = made.index(reply)
    times = [10**18 + place * 10**6 + (place >= late) * 5 * 10**9 for place in range(len(made))]
    segments = [one._replace(frame=place + 1, time=times[place]) for place, one in enumerate(made)]
    assert_same_results(segments, (1 << 20, 3))
    (found,) = [row for row in of_batches(_batches(segments, 1 << 20, ALONE), "findings") if row[1] == "slow-reply"]
    how = ["sent again"] * (again in (0, 3)) + ["out of order"] * (swapped in (1, 2))
    assert (f"segments {' and '.join(how)} by then" in str(found)) == bool(how)
    assert ("segments" in str(found)) == bool(how)


@pytest.mark.parametrize("between", [0, 1, 4])
def test_a_call_that_a_request_makes_is_told_by_the_confirmation(between: int) -> None:
    """Confirmations concern calls only while one is waited for: also where it comes in a later batch than the request, behind
    others that nobody asked for, and among further requests."""

    def confirm(request: int, call: int) -> None:
        told = {"InvokeID": request, "NewCallID": call}
        talk.send(SERVER, ENCODER.encode("MAKE_CALL_CONF", told, [("NewConnectionDeviceID", "2001")], version=14))

    def pause() -> None:
        for number in range(between):
            talk.send(CLIENT, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 100 + number}, version=14))

    talk = Conversation().handshake().send(CLIENT, ENCODER.encode("OPEN_REQ", {"VersionNumber": 14}, version=14))
    confirm(1, 70)
    for request, dialed in ((1, "7001"), (2, "7002")):
        dials = [("AgentInstrument", "2001"), ("DialedNumber", dialed)]
        talk.send(CLIENT, ENCODER.encode("MAKE_CALL_REQ", {"InvokeID": request}, dials, version=14))
        pause()
    confirm(3, 71)
    pause()
    for request in (2, 1, 1):
        confirm(request, 72 + request)
        pause()
    sizes = (1 << 20, 1, 2, 3)
    assert_same_results(talk.segments, sizes)
    for size in sizes:
        told = of_batches(_batches(talk.segments, size, ALONE), "calls")
        assert [(call["call"], call["to"]) for call in told] == [(74, "7002"), (73, "7001")]


# Of 3, 12 and 16 it was told what TCP showed only later in the same batch.
@pytest.mark.parametrize("seed", in_part([3, 16, 22, 0, 5, 12, 40], 1))
def test_fuzzed_streams(seed: int) -> None:
    assert_same_results(streams.made(seed)[0][:1000])
