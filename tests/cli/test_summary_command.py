"""A summary, of all or of what a filter keeps, for people and for programs: whole outputs."""

from __future__ import annotations

import json
from pathlib import Path

from commands import run

TROUBLE = str(Path(__file__).parents[2] / "samples" / "trouble.pcapng")


def test_of_what_a_filter_keeps() -> None:
    assert run("summary", TROUBLE, "--type", "OPEN_CONF", "--session", "6") == (
        0,
        "No finding is about what the filter keeps\n"
        "\n"
        "1 message in 1 session over 0 µs,\n"
        "from 2025-03-10 11:20:00.134361 to 11:20:00.134361 UTC\n"
        "Protocol: version 14, floating fields 1+1 (1)\n"
        "Not decoded: nothing, every byte is accounted for\n"
        "\n"
        "Sessions\n"
        '  6. 127.0.2.20:54369 to 127.0.1.7:12028: version 14, agent mode of "rosa" at extension "2602", client "rosa"; 12 '
        "messages in 14.5 s; 4 heartbeats every 3.0 s, 3 unanswered; the client reset it after 3 unanswered heartbeats\n"
        "\n"
        "class      messages\n"
        "-------  ----------\n"
        "session           1\n"
        "\n"
        "message      count\n"
        "---------  -------\n"
        "OPEN_CONF        1\n",
        "",
    )


def test_a_filter_that_keeps_nothing_says_what_there_was() -> None:
    status, out, said = run("summary", TROUBLE, "--session", "77")
    assert (status, out) == (0, "")
    assert said.startswith(
        "note: nothing of 81 messages fits; there was 2025-03-10 11:20:00.000644 to 11:20:20.071020 UTC"
    )


def test_for_programs() -> None:
    status, out, said = run("summary", TROUBLE, "--format", "json")
    assert (status, said) == (0, "")
    found = json.loads(out)
    stories, matters, types = found.pop("stories"), found.pop("matters"), found.pop("types")
    assert [story["session"] for story in stories] == [1, 2, 3, 4, 5, 6]
    assert sum(types.values()) == 81 and types["OPEN_REQ"] == 6
    assert [row["rule"] for row in matters[:3]] == ["version-refused", "request-failed", "request-failed"]
    assert matters[0] == {
        "severity": "error",
        "rule": "version-refused",
        "findings": 1,
        "sessions": 1,
        "first": 1741605600.031564493,
        "last": 1741605600.031564493,
        "message": 4,
        "text": "The server refused protocol version 9. Set the client to a version that the server's release has, and wait "
        "10 s before the next try.",
    }
    ports = found.pop("ports")
    assert ports[0] == 12028 and len(ports) == 21
    assert found == {
        "verdict": "trouble",
        "headline": f"Error: {matters[0]['text']}",
        "messages": 81,
        "sessions": 6,
        "first": 1741605600.000644497,
        "last": 1741605620.071020850,
        "findings": {"error": 9, "warning": 5, "note": 5},
        "versions": {"version 14, floating fields 1+1": 5, "version 9, floating fields 1+1": 1},
        "classes": found["classes"],
        "not_decoded": {"messages": 0, "undecoded": 0, "skipped": 0, "undelivered": 0, "missing": 0},
        "snap": None,
        "remarks": [],
    }
    assert sum(found["classes"].values()) == 81


def test_counts_of_what_a_filter_keeps() -> None:
    assert run("stats", TROUBLE, "--where", "session == 4", "-c", "1", "--table", "messages") == (
        0,
        "  type  message            from      count    bytes    with_problems\n"
        "------  -----------------  ------  -------  -------  ---------------\n"
        "    30  AGENT_STATE_EVENT  server        6      564                0\n"
        "\n",
        "",
    )
