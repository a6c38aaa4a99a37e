"""What is made is what was asked for: by filters that need no visible tree, and by what `tshark -T fields` is to print."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from captures import Sent, write_capture
from everything import conversations
from plugin import Plugin, trees, tshark

from ccxdissect.codec import Encoder
from ccxdissect.protocol.uccx.declarations import UCCX_CTI


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_capture(tmp_path_factory.mktemp("asked") / "all.pcap", conversations(31))


@pytest.mark.heavy
def test_records_are_found_by_a_filter_that_shows_no_tree(plugin: Plugin, everything: Path) -> None:
    seen = [tree.frame for tree in trees(plugin, everything) if any(field.name == "record" for field in tree.fields)]
    found = [
        int(line.split()[0]) for line in tshark(plugin, "-r", str(everything), "-Y", "uccx_cti.record").splitlines()
    ]
    assert found == seen
    assert len(seen) > 20


def printed(plugin: Plugin, capture: Path, names: list[str], *options: str) -> list[list[str]]:
    columns = [part for name in names for part in ("-e", name)]
    text = tshark(plugin, "-r", str(capture), "-T", "fields", *columns, *options)
    return [line.split("\t") for line in text.splitlines()]


@pytest.mark.heavy
def test_fields_that_are_printed_are_the_same_whether_others_are_made_or_not(plugin: Plugin, everything: Path) -> None:
    rows = [line.split("\t") for line in tshark(plugin, "-G", "fields").splitlines()]
    names = [row[2] for row in rows if row[0] == "F" and row[2].startswith("uccx_cti.")]
    # Those that a capture of everything has, in parts that a command line holds.
    random.Random(5).shuffle(names)
    held = 0
    for at in range(0, len(names), 260):
        some = names[at : at + 260]
        alone = printed(plugin, everything, some)
        # The text of the whole message makes every field: it may want any of them.
        with_all = printed(plugin, everything, [*some, "uccx_cti"])
        assert alone == [row[:-1] for row in with_all]
        held += sum(any(column) for column in zip(*(map(bool, row) for row in alone), strict=True))
    assert held > 300


def test_what_a_filter_or_another_script_wants_is_made_though_it_is_not_printed(plugin: Plugin, tmp_path: Path) -> None:
    data = [Encoder(UCCX_CTI).encode("SET_AGENT_STATE_REQ", {"InvokeID": number},
                                     [("AgentInstrument", "2006"), ("AgentID", f"agent{number}")]) for number in (1, 2)]  # fmt: skip
    path = write_capture(tmp_path / "two.pcap", map(Sent, data))
    assert printed(plugin, path, ["uccx_cti.invoke_id"], "-Y", 'uccx_cti.agent == "agent2"') == [["2"]]
    script = tmp_path / "other.lua"
    script.write_text(
        'local agent, tap = Field.new("uccx_cti.agent_id"), Listener.new("frame")\n'
        'function tap.packet() io.stdout:write("[", tostring(agent()), "]") end\n',
        encoding="utf-8",
    )
    assert printed(plugin, path, ["uccx_cti.invoke_id"], "-X", f"lua_script:{script}") == [["[agent1]1"], ["[agent2]2"]]


HTTP = [
    Sent(b"GET /index.html HTTP/1.1\r\nHost: example.org\r\n\r\n"),
    Sent(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", from_client=False),
]


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one pass", "two passes"])
def test_another_protocol_on_our_port_is_left_to_its_own_dissector(
    plugin: Plugin, tmp_path: Path, passes: tuple[str, ...]
) -> None:
    path = write_capture(tmp_path / "http.pcap", [*HTTP, Sent(b"SSH-2.0-OpenSSH_9.2\r\n", client=50001)])
    shown = printed(
        plugin, path, ["_ws.col.Protocol", "http.request.method", "http.response.code", "uccx_cti"], *passes
    )
    assert shown[:2] == [["HTTP", "GET", "", ""], ["HTTP", "", "200", ""]]
    # Not every version knows SSH by its greeting.
    assert shown[2][0] in ("TCP", "SSH", "SSHv2") and shown[2][3] == ""


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one pass", "two passes"])
def test_a_connection_that_begins_with_bytes_of_nobody_is_ours_from_its_first_message_on(
    plugin: Plugin, tmp_path: Path, passes: tuple[str, ...]
) -> None:
    beat = Encoder(UCCX_CTI).encode("HEARTBEAT_REQ", {"InvokeID": 7})
    path = write_capture(tmp_path / "later.pcap", [Sent(b"the rest of a text"), Sent(beat), Sent(b"and damage")])
    shown = printed(plugin, path, ["_ws.col.Protocol", "uccx_cti.invoke_id", "uccx_cti.undecoded"], *passes)
    assert shown == [["TCP", "", ""], ["CCX-CTI", "7", ""], ["CCX-CTI", "", b"and damage".hex()]]
