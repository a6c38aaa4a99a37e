"""The plugin in a real tshark: it loads, links, reassembles, masks, tells its story and survives damage."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from captures import Sent, write_capture
from everything import conversations
from plugin import COMMITTED, Plugin, trees, tshark

from ccxdissect.codec import Encoder
from ccxdissect.codec.values import Value
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.wireshark import generate

Capture = Callable[..., Path]


@pytest.fixture
def capture(tmp_path: Path) -> Capture:
    def write(*segments: Sent, **more: int) -> Path:
        return write_capture(tmp_path / "given.pcap", segments, **more)

    return write


def message(name: str, fixed: dict[str, int | bytes] | None = None, *floating: tuple[str, Value]) -> bytes:
    return Encoder(UCCX_CTI).encode(name, fixed, floating, version=14)


def asked(invoke_id: int, name: str = "HEARTBEAT_REQ") -> Sent:
    return Sent(message(name, {"InvokeID": invoke_id}))


def told(data: bytes) -> Sent:
    return Sent(data, from_client=False)


def column(plugin: Plugin, capture: Path, *fields: str, options: tuple[str, ...] = ()) -> list[str]:
    names = [part for field in fields for part in ("-e", field)]
    return tshark(plugin, "-r", str(capture), *options, "-T", "fields", *names).splitlines()


def test_the_committed_file_is_what_the_generator_makes() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == generate(UCCX_CTI)


@pytest.mark.parametrize("compiler", ["luac5.2", "luac5.4"])
def test_compiles(compiler: str, plugin: Plugin) -> None:
    assert subprocess.run([compiler, "-p", str(plugin.path)], capture_output=True).stderr == b""


def test_has_nothing_that_lua_5_4_lacks() -> None:
    code = [line for line in generate(UCCX_CTI).splitlines() if not line.lstrip().startswith("--")]
    for gone in ("bit32", " unpack(", "table.getn", "math.pow", "setfenv", "loadstring"):
        assert not [line for line in code if gone in line]


def test_filter_fields_are_registered_once_each_with_one_dot_and_a_title(plugin: Plugin) -> None:
    rows = [line.split("\t") for line in tshark(plugin, "-G", "fields").splitlines()]
    ours = [row for row in rows if row[0] == "F" and row[2].startswith("uccx_cti.")]
    names = [row[2] for row in ours]
    assert len(names) > 400
    assert len(names) == len(set(names))
    assert [name for name in names if name.count(".") != 1] == []
    assert [row for row in ours if not row[1].strip()] == []
    declared = {"uccx_cti.agent_id", "uccx_cti.csq_id", "uccx_cti.cti_service_all_events", "uccx_cti.response_time"}
    assert declared <= set(names)


def test_what_a_tree_looks_like(plugin: Plugin, capture: Capture) -> None:
    request = message("SET_AGENT_STATE_REQ", {"InvokeID": 7, "AgentState": 0}, ("AgentInstrument", "2006"),
                      ("AgentPassword", "hunter2"), ("AgentID", "jdoe"))  # fmt: skip
    reply = message("CONTROL_FAILURE_CONF", {"InvokeID": 7, "FailureCode": 265})
    path = capture(Sent(message("OPEN_REQ", {"InvokeID": 6}, ("ClientID", ""), ("ClientPassword", ""))),
                   Sent(request), told(reply))  # fmt: skip
    text = tshark(plugin, "-r", str(path), "-2", "-O", "uccx_cti")
    assert "hunter2" not in text
    shown = [part[part.index("Cisco Unified") :].strip() for part in text.split("Frame ")[2:]]
    assert (
        shown[0]
        == """\
Cisco Unified CCX CTI, SET_AGENT_STATE_REQ #7 jdoe -> LOGIN
    BodyLength: 45
    MessageTypeID: SET_AGENT_STATE_REQ (38)
    [Protocol version: 14]
    [Floating header: 1+1]
    InvokeID: 7
    AgentState: AGENT_STATE_LOGIN (0)
    EventReasonCode: none (0)
    ForcedFlag: FALSE (0)
    AgentCapacity: 0x00000000
        .... .... .... .... .... .... .... ...0 = OUTBOUND_ENABLED: False
    AgentInstrument: 2006
    AgentPassword: ***
    AgentID: jdoe
    [Response in: 3]
    [Session: 1]
    [Client: 10.0.0.1:50000]
    [Server: 10.0.0.2:12028]"""
    )
    assert (
        shown[1].replace("1.000000 milliseconds", "0.001000000 seconds")  # from Wireshark 4.6 on
        == """\
Cisco Unified CCX CTI, CONTROL_FAILURE_CONF #7 jdoe -> LOGIN CF_INVALID_AGENT_WORKMODE (265), 1.000 ms
    BodyLength: 10
    MessageTypeID: CONTROL_FAILURE_CONF (35)
    [Protocol version: 14]
    InvokeID: 7
    FailureCode: CF_INVALID_AGENT_WORKMODE (265)
    UnifiedCCXErrorCode: CCX_DEFAULT_ERROR_CODE (0)
    [Response to: 2]
    [Response time: 0.001000000 seconds]
    [Session: 1]
    [Client: 10.0.0.1:50000]
    [Server: 10.0.0.2:12028]
    [Expert Info (Note/Response): CONTROL_FAILURE_CONF CF_INVALID_AGENT_WORKMODE (265)]
        [CONTROL_FAILURE_CONF CF_INVALID_AGENT_WORKMODE (265)]
        [Severity level: Note]
        [Group: Response]"""
    )


def test_the_story_in_the_info_column(plugin: Plugin, capture: Capture) -> None:
    path = capture(
        Sent(message("OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14}, ("ClientID", ""), ("ClientPassword", "x"))),
        Sent(message("SET_AGENT_STATE_REQ", {"InvokeID": 2, "AgentState": 3}, ("AgentInstrument", ""),
                     ("AgentID", "jdoe"))
             + message("HEARTBEAT_REQ", {"InvokeID": 3})),
        told(message("FAILURE_CONF", {"InvokeID": 3, "Status": 92})),
        told(message("CALL_DELIVERED_EVENT", {"CallID": 16777507, "CSQID": 0xFFFFFFFF},
                     ("ConnectionDeviceID", "2006"), ("AlertingDeviceID", "2006"), ("CallingDeviceID", "2005"),
                     ("CalledDeviceID", "7000"))),
    )  # fmt: skip
    assert column(plugin, path, "_ws.col.Protocol", "_ws.col.Info") == [
        "CCX-CTI\tOPEN_REQ #1 version 14",
        "CCX-CTI\tSET_AGENT_STATE_REQ #2 jdoe -> READY | HEARTBEAT_REQ #3",
        "CCX-CTI\tFAILURE_CONF #3 E_CTI_SERVER_NOT_MASTER (92), 1.000 ms",
        "CCX-CTI\tCALL_DELIVERED_EVENT call 16777507 2005 -> 7000 alerting 2006",
    ]


def test_of_more_messages_than_the_info_column_holds_the_first_are_told(plugin: Plugin, capture: Capture) -> None:
    changes = [message("AGENT_STATE_EVENT", {"AgentState": 3}, ("AgentID", f"agent{number}")) for number in range(200)]
    path = capture(told(b"".join(changes)), told(changes[7]))
    for options in ((), ("-2",)):
        many, one = column(plugin, path, "_ws.col.Info", options=options)
        assert many.startswith("AGENT_STATE_EVENT agent0 queue 0 -> READY | AGENT_STATE_EVENT agent1 ")
        assert one == "AGENT_STATE_EVENT agent7 queue 0 -> READY"


def test_replies_find_their_requests_though_ids_come_again(plugin: Plugin, capture: Capture) -> None:
    path = capture(
        asked(1),  # never answered
        asked(1),  # the newest with this id: answered in 3
        told(message("HEARTBEAT_CONF", {"InvokeID": 1})),
        asked(2, "CLOSE_REQ"),  # answered in 7, not by the reply to the next
        asked(2),  # refused in 6
        told(message("FAILURE_CONF", {"InvokeID": 2, "Status": 3})),
        told(message("CLOSE_CONF", {"InvokeID": 2})),
        told(message("HEARTBEAT_CONF", {"InvokeID": 2})),  # answers nothing
    )
    links = column(
        plugin, path, "uccx_cti.response_in", "uccx_cti.response_to", "uccx_cti.response_time", options=("-2",)
    )
    assert links == [
        "\t\t",
        "3\t\t",
        "\t2\t0.001000000",
        "7\t\t",
        "6\t\t",
        "\t5\t0.001000000",
        "\t4\t0.003000000",
        "\t\t",
    ]
    assert "unanswered" in str([tree.experts for tree in trees(plugin, path, "-2")][0])


def test_a_client_that_asks_for_a_session_again_has_its_first_question_answered(
    plugin: Plugin, capture: Capture
) -> None:
    path = capture(
        Sent(message("OPEN_REQ", {"InvokeID": 1}, ("ClientID", "desk"))),
        Sent(message("OPEN_REQ", {"InvokeID": 2}, ("ClientID", "desk"))),
        told(message("OPEN_CONF", {"InvokeID": 1})),
        told(message("OPEN_CONF", {"InvokeID": 2})),
    )
    assert column(plugin, path, "uccx_cti.response_in", "uccx_cti.stream", options=("-2",)) == [
        "3\t1",
        "4\t1",
        "\t1",
        "\t1",
    ]


def test_replies_without_ids_pair_by_order_and_the_last_completes(plugin: Plugin, capture: Capture) -> None:
    path = capture(
        Sent(message("CONFIG_REQUEST_KEY_EVENT")),
        Sent(message("CONFIG_REQUEST_EVENT")),
        told(message("CONFIG_BEGIN_EVENT")),
        told(message("CONFIG_KEY_EVENT")),
        told(message("CONFIG_END_EVENT")),
        told(message("CONFIG_BEGIN_EVENT")),  # an update that nobody asked for
    )
    assert column(plugin, path, "uccx_cti.response_in", "uccx_cti.response_to", options=("-2",)) == [
        "4\t", "5\t", "\t2", "\t1", "\t2", "\t"
    ]  # fmt: skip


def test_response_times_can_be_averaged(plugin: Plugin, capture: Capture) -> None:
    path = capture(asked(1), told(message("HEARTBEAT_CONF", {"InvokeID": 1})))
    output = tshark(plugin, "-r", str(path), "-q", "-z", "io,stat,0,AVG(uccx_cti.response_time)uccx_cti.response_time")
    assert "0.001000" in output


def test_expert_items_are_counted_without_a_tree(plugin: Plugin, capture: Capture) -> None:
    path = capture(told(message("FAILURE_CONF", {"InvokeID": 1, "Status": 92})), Sent(message("OPEN_REQ")))
    output = tshark(plugin, "-r", str(path), "-q", "-z", "expert")
    assert "FAILURE_CONF E_CTI_SERVER_NOT_MASTER (92)" in output
    assert "required field ClientID[1] is missing" in output


def test_the_version_of_one_connection_is_not_that_of_another(plugin: Plugin, capture: Capture) -> None:
    opening = Encoder(UCCX_CTI).encode("OPEN_REQ", version=10)
    state = Encoder(UCCX_CTI).encode("SET_AGENT_STATE_REQ", {"InvokeID": 5}, [("AgentInstrument", "2")], version=10)
    path = capture(Sent(opening), Sent(message("OPEN_REQ"), client=50001), Sent(state), Sent(state, client=50001))
    assert column(plugin, path, "uccx_cti.version", "uccx_cti.agent_capacity", "uccx_cti.agent_instrument")[2:] == [
        "10\t\t2", "14\t0x06023200\t"
    ]  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 40])
def test_messages_are_put_together_from_segments(plugin: Plugin, capture: Capture, size: int) -> None:
    data = b"".join(message(name, {"InvokeID": 1}) for name in ("OPEN_REQ", "HEARTBEAT_REQ", "CLOSE_REQ"))
    path = capture(*(Sent(data[at : at + size]) for at in range(0, len(data), size)))
    types = [field.value for tree in trees(plugin, path) for field in tree.fields if field.name == "message_type"]
    assert types == ["3", "5", "7"]


def test_an_absurd_header_is_passed_over_up_to_the_next_message(plugin: Plugin, capture: Capture) -> None:
    beat = message("HEARTBEAT_REQ", {"InvokeID": 1})
    path = capture(Sent(b"\x7f\xff\xff\xff" + b"damage" * 3 + beat + beat))
    found = trees(plugin, path)
    assert [[kind for kind, _ in tree.experts] for tree in found] == [["absurd_header"], [], []]


def test_of_a_cut_message_every_whole_field_is_shown(plugin: Plugin, capture: Capture) -> None:
    request = message("SET_AGENT_STATE_REQ", {"InvokeID": 9}, ("AgentInstrument", "2" * 40), ("AgentID", "jdoe"))
    path = capture(Sent(message("OPEN_REQ", {"InvokeID": 1})), Sent(request), snap=54 + len(request) - 3)
    opening, cut = trees(plugin, path)
    assert opening.experts == [("field_missing", "required field ClientID[1] is missing"),
                               ("field_missing", "required field ClientPassword[2] is missing")]  # fmt: skip
    body = len(request) - 8
    said = f"SET_AGENT_STATE_REQ is cut by the snap length after {body - 3} of its {body} body bytes"
    assert cut.experts == [("incomplete", said)]
    shown = {field.name: field.value for field in cut.fields}
    assert (shown["message_type"], shown["version"], shown["invoke_id"], shown["agent_instrument"]) == (
        "38", "14", "9", "2" * 40
    )  # fmt: skip
    assert "agent_id" not in shown and "undecoded" in shown


def test_of_a_message_cut_in_its_fixed_part_the_fields_before_the_cut_are_shown(
    plugin: Plugin, capture: Capture
) -> None:
    path = capture(Sent(message("OPEN_REQ", {"InvokeID": 77, "VersionNumber": 12})), snap=54 + 8 + 18)
    (tree,) = trees(plugin, path)
    assert tree.experts == [("incomplete", "OPEN_REQ is cut by the snap length after 18 of its 44 body bytes")]
    assert [(field.name, field.value) for field in tree.fields if field.name in ("invoke_id", "version")] == [
        ("version", "12"), ("invoke_id", "77")
    ]  # fmt: skip


def test_other_ports_by_preference_decode_as_and_heuristic(plugin: Plugin, capture: Capture) -> None:
    path = capture(Sent(message("OPEN_REQ", {"InvokeID": 1}), port=9999))
    assert column(plugin, path, "uccx_cti.message_type") == [""]
    for options in (
        ("-o", "uccx_cti.ports:9990-9999"),
        ("-d", "tcp.port==9999,uccx_cti"),
        ("-o", "uccx_cti.heuristic:TRUE"),
    ):
        assert column(plugin, path, "uccx_cti.message_type", options=options) == ["3"]
    home = capture(Sent(message("OPEN_REQ", {"InvokeID": 1})))
    assert column(plugin, home, "uccx_cti.message_type", options=("-o", "uccx_cti.ports:9990-9999")) == [""]


def test_passwords_are_shown_on_demand_only(plugin: Plugin, capture: Capture) -> None:
    path = capture(Sent(message("OPEN_REQ", {"InvokeID": 1}, ("ClientID", "a"), ("ClientPassword", "hunter2"))))
    assert column(plugin, path, "uccx_cti.client_password") == ["***"]
    assert column(plugin, path, "uccx_cti.client_password", options=("-o", "uccx_cti.show_secrets:TRUE")) == ["hunter2"]


def test_filters_need_no_visible_tree(plugin: Plugin, capture: Capture) -> None:
    path = capture(
        Sent(message("OPEN_REQ", {"InvokeID": 1, "ServicesRequested": 16}, ("ClientID", "a"), ("ClientPassword", "b"))),
        told(message("CALL_DELIVERED_EVENT", {"CallID": 5}, ("NamedVariable", ("BAStatus", "DO")))),
        told(message("FAILURE_CONF", {"InvokeID": 9, "Status": 92})),
    )
    for number, wanted in (
        ("1", "uccx_cti.cti_service_all_events == 1"),
        ("1", 'uccx_cti.client_id == "a"'),
        ("2", 'uccx_cti.named_variable_value == "DO"'),
        ("2", "uccx_cti.call_id == 5"),
        ("3", 'uccx_cti.label == "E_CTI_SERVER_NOT_MASTER"'),
        ("2", "uccx_cti.expert_field_missing"),
    ):
        lines = tshark(plugin, "-r", str(path), "-Y", wanted).splitlines()
        assert [line.split()[0] for line in lines] == ([number] if "expert" not in wanted else ["2"]), wanted


@pytest.mark.heavy
def test_damaged_captures_raise_no_lua_error(plugin: Plugin, tmp_path: Path) -> None:
    whole = write_capture(tmp_path / "whole.pcap", conversations(11))
    for seed in range(12):
        broken = tmp_path / "broken.pcap"
        chance = ("0.01", "0.05", "0.3")[seed % 3]
        subprocess.run(["editcap", "--seed", str(seed), "-E", chance, "-o", "54", str(whole), str(broken)], check=True,
                       capture_output=True)  # fmt: skip
        assert "Lua" not in tshark(plugin, "-r", str(broken), "-2", "-V")


def test_any_cut_raises_no_lua_error(plugin: Plugin, tmp_path: Path) -> None:
    chance = random.Random(3)
    segments = [sent._replace(payload=sent.payload[: chance.randrange(1, 40)]) for sent in conversations(12)]
    assert "Lua" not in tshark(plugin, "-r", str(write_capture(tmp_path / "cut.pcap", segments, snap=90)), "-V")


@pytest.mark.heavy
def test_the_filters_of_the_readme_are_filters(plugin: Plugin, capture: Capture) -> None:
    readme = (COMMITTED.parent / "README.md").read_text(encoding="utf-8")
    filters = [line.split("`")[1] for line in readme.splitlines() if line.startswith("| `uccx_cti")]
    assert len(filters) == 10
    for wanted in filters:
        tshark(plugin, "-r", str(capture(asked(1))), "-Y", wanted)


def test_segments_out_of_order_lose_nothing_where_wireshark_puts_them_in_order(
    plugin: Plugin, capture: Capture
) -> None:
    stream = b"".join(message("HEARTBEAT_REQ", {"InvokeID": number}) for number in range(1, 63))
    path = capture(*(Sent(stream[at : at + 30]) for at in range(0, len(stream), 30)))
    file = path.read_bytes()
    packets, at = [], 24
    while at < len(file):
        size = 16 + int.from_bytes(file[at + 8 : at + 12], "little")
        packets.append(file[at : at + size])
        at += size
    # All but the first, every two that follow each other change places.
    swapped = b"".join(packet for pair in zip(packets[2::2], packets[1::2], strict=True) for packet in pair)
    path.write_bytes(file[:24] + packets[0] + swapped)

    def shown(*options: str) -> set[int]:
        return {int(field.value) for tree in trees(plugin, path, *options)
                for field in tree.fields if field.name == "invoke_id"}  # fmt: skip

    assert len(packets) % 2 == 1
    assert shown("-o", "tcp.reassemble_out_of_order:TRUE") == set(range(1, 63))
    if "(Wireshark) 4.0." in tshark(plugin, "--version"):
        # What the plugin's README says; later versions do better.
        assert len(shown()) == 26


def test_tags_and_lengths_are_rows_within_their_field_s_bytes_where_they_are_wanted(
    plugin: Plugin, capture: Capture
) -> None:
    path = capture(Sent(message("SET_AGENT_STATE_REQ", {"InvokeID": 7}, ("AgentInstrument", "2006"))))
    text = tshark(plugin, "-r", str(path), "-O", "uccx_cti", "-o", "uccx_cti.show_headers:TRUE")
    assert text[text.index("    AgentInstrument, ") : text.index("    [Session: ")] == (
        "    AgentInstrument, tag 6, 5 bytes\n        Tag: 6\n        Length: 5\n        AgentInstrument: 2006\n"
    )
    shown = [(field.name, field.data) for field in trees(plugin, path, "-o", "uccx_cti.show_headers:TRUE")[0].fields]
    at = shown.index(("field", ""))
    assert shown[at + 1 : at + 4] == [("tag", "06"), ("length", "05"), ("agent_instrument", "3230303600")]
    assert [field.name for field in trees(plugin, path)[0].fields if field.name in ("field", "tag", "length")] == []


def test_only_the_fields_that_are_named_are_made(plugin: Plugin, capture: Capture) -> None:
    request = message("SET_AGENT_STATE_REQ", {"InvokeID": 7}, ("AgentInstrument", "2006"), ("AgentID", "jdoe"))
    path = capture(Sent(request), told(message("SET_AGENT_STATE_CONF", {"InvokeID": 7})))
    only = ("-o", "uccx_cti.only:agent uccx_cti.invoke_id, response_time agent_instrument")
    shown = [[(field.name, field.value) for field in tree.fields] for tree in trees(plugin, path, *only)]
    assert shown == [
        [("invoke_id", "7"), ("agent_instrument", "2006"), ("agent", "jdoe")],
        [("invoke_id", "7"), ("agent", "jdoe"), ("response_time", "0.001000000")],
    ]
    names = ("uccx_cti.invoke_id", "uccx_cti.agent", "uccx_cti.response_time")
    assert column(plugin, path, *names, options=only) == column(plugin, path, *names)
