"""What is in a capture, on one screen."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from ccxdissect.analysis.summary import Summing
from ccxdissect.views.summary import SummaryView
from conversation import ACK, CLIENT, RST, SERVER, Conversation, dissect, six


def told(conversation: Conversation) -> list[str]:
    summing = Summing()
    for event in dissect(conversation.segments):
        summing.feed(event)
    summing.flush()
    return list(SummaryView(summing.summary()).lines())


def test_a_clean_session_to_the_letter() -> None:
    conversation = Conversation().handshake().send(CLIENT, b"".join(six()[:1]))
    lines = told(conversation)
    assert "1 message in 1 session over 0 µs," in lines
    assert "from 2023-11-14 22:13:20.004000 to 22:13:20.004000 UTC" in lines
    assert "Protocol: version 14, floating fields 1+1 (1)" in lines
    assert "Not decoded: nothing, every byte is accounted for" in lines
    assert lines[-3:] == ["message      count", "---------  -------", "OPEN_REQ         1"]


def test_what_did_not_decode_is_counted_by_kind() -> None:
    messages = six()
    messages[1] = messages[1][:4] + (999).to_bytes(4, "big") + messages[1][8:]
    conversation = Conversation().handshake().send(CLIENT, b"".join(messages)[:-5])
    conversation.add(SERVER, RST | ACK, b"no")
    (line,) = [line for line in told(conversation) if line.startswith("Not decoded")]
    assert line == (
        "Not decoded: 1 message with problems (21 bytes of them); 11 bytes between messages; 2 bytes outside of any stream"
    )


def test_lost_bytes_are_said() -> None:
    conversation = Conversation().handshake().send(CLIENT, b"".join(six()), 20)
    del conversation.segments[5]
    (line,) = [line for line in told(conversation) if line.startswith("Not decoded")]
    assert line.endswith("20 bytes never captured")


def test_errors_come_first() -> None:
    conversation = Conversation().handshake().send(CLIENT, b"".join(six()[:3]))
    conversation.add(CLIENT, RST)
    assert told(conversation)[:2] == [
        'Warning: 10.0.0.1 asked 10.0.0.9:12028 for the session of client "desk" and reset the connection 1.0 ms later, too '
        "soon for an answer. Look in the client's log why it did not wait.",
        "Findings: 1 warning, 3 notes. All of them: `ccxdissect findings`",
    ]


def test_nothing_at_all_is_said_too() -> None:
    assert told(Conversation()) == [
        "No CTI decoded: no TCP on the ports that were looked at",
        "",
        "No messages. 0 sessions.",
    ]


def test_a_summary_stays_as_it_was_given() -> None:
    summing = Summing()
    for event in dissect(Conversation().handshake().send(CLIENT, b"".join(six())).segments):
        summing.feed(event)
    summing.flush()
    summary = summing.summary()
    assert (summary.messages, summary.types["OPEN_REQ"], summary.types["NEVER_SENT"]) == (6, 1, 0)
    with pytest.raises(FrozenInstanceError):
        summary.messages = 7  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        summary.findings[0].count = 7  # type: ignore[misc]
    with pytest.raises(TypeError):
        summary.types["OPEN_REQ"] = 7  # type: ignore[index]
