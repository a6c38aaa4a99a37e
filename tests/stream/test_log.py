"""Messages out of the server's log: the forms agree, sessions and directions are found, and nothing passes unsaid."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from building import ENCODER
from ccxdissect.capture.log_lines import LineReader, LogLine
from ccxdissect.capture.segments import read_segments
from ccxdissect.codec import ONE_ONE, TWO_ONE, TWO_TWO, FloatingForm
from ccxdissect.lab.mivr_log import log_lines
from ccxdissect.protocol.model import Mark, Side, Trait
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import EndedBy, Event, Loss, Record, SessionEnded, SessionOpened, SessionState
from ccxdissect.stream.log import MOST_WAITING, LogDissector
from ccxdissect.stream.log_requests import WINDOW, OpenRequests
from ccxdissect.wording import losses
from ccxdissect.wording.problems import say

SAMPLES = Path(__file__).parents[2] / "samples"
_NULLS = ", ".join(f"callVar{number}: null" for number in range(1, 11))
WORDS = (
    "7091923: Nov 20 10:43:59.435 EDT %MIVR-ICD_CTI-7-UNK: CSOutboundMsgProcessor: got an event message: { length=-1 "
    "type=BEGIN_CALL_EVENT, monitorID: 0, peripheralID: 1, peripheralType: 21, numCTIClients: 0, numNamedVars: 0, "
    "numNamedArrays: 0, callType: 1, ConnectionDeviceType: 0, connectionCallID: 16777488, calledPartyDisposition: 0, "
    "connectionDeviceID: 9026, ani1: 2006, dnis: 7000, dialedNumber: null, callerEnteredDigits: null, "
    f"{_NULLS}, wrapupData: null }}"
)
BYTES = """7091948: Nov 20 10:43:59.435 EDT %MIVR-ICD_CTI-7-UNK:writing...
MHDR:
0000: 00 00 00 36 00 00 00 17                           ...6....
MDATA:
0000: 00 00 00 00 00 00 00 01 00 15 00 00 00 00 00 00   ................
0010: 00 01 00 00 01 00 01 10 00 00 08 05 32 30 30 36   ............2006
0020: 00 0B 05 37 30 30 30 00 19 05 39 30 32 36 00 0A   ...7000...9026..
0030: 05 37 30 30 30 00                                 .7000."""
REQUEST = (
    "Nov 29 17:53:37.183 IST %MIVR-ICD_CTI-7-UNK:[MIVR_ICD_CTI_CLIENTPOOL-60-4150-client_thread_5218] ClientConn: "
    "ClientConnMgr: Processing msg on socket:Socket[addr=172.16.XX.XX,port=54238,localport=12028] Msg is {length=69 "
    "type=OPEN_REQ,invokeId=1719183458,idleTimeout=100,versionNumber=16,servicesRequested=7,callMsgMask=9853,"
    "agentStateMask=511,configMsgMask=15,clientID=,clientPass=[B@a4a433,appPathID=0, clientSignature=null,"
    "agentExt=52293,agentInstrument=,agentIDlong=52293,agentID=null,reserve1=0,reserve2=0,reserve3=0,"
    "invokeId=1719183458 }"
)


def dissect(text: str, **options: object) -> tuple[list[Event], list[str]]:
    dissector = LogDissector(UCCX_CTI, **{"year": 2025, **options})  # type: ignore[arg-type]
    events = [*dissector.feed(text.split("\n")), *dissector.flush()]
    return events, dissector.notices


def messages(text: str) -> list[Record]:
    return [event for event in dissect(text)[0] if isinstance(event, Record)]


def said(record: Record) -> tuple[str, ...]:
    return tuple(map(say, record.problems))


def content(record: Record) -> tuple[object, ...]:
    """What a message says, but for the order of its floating fields and its secrets."""
    fields = [
        (field.tag, field.value)
        for field in record.decoded.floating
        if field.row is None or not field.row.mark & Mark.SECRET
    ]
    return record.name, record.sender, dict(record.decoded.fixed), sorted(fields, key=repr)


def test_the_guides_event_is_the_same_in_words_and_in_bytes() -> None:
    (words,), (dump,) = messages(WORDS), messages(BYTES)
    assert content(words) == content(dump)
    assert words.decoded.fixed["CallID"] == 16777488
    assert {field.name: field.value for field in dump.decoded.floating} == {
        "ANI": "2006",
        "DialedNumber": "7000",
        "ConnectionDeviceID": "9026",
        "DNIS": "7000",
    }
    assert dump.problems == ()
    assert said(words) == ("the log has null for DialedNumber[11]: taken from DNIS[10]",)
    assert words.time == dump.time == 1763649839435 * 10**6


def test_the_event_in_both_forms_counts_once() -> None:
    events, notices = dissect(WORDS + "\n" + BYTES)
    (record,) = [event for event in events if isinstance(event, Record)]
    assert (record.frame, record.problems, record.number) == (2, (), 1)
    assert "1 message both in words and in bytes: counted once" in notices
    # Bytes that say something else, or are written before the words, are another message.
    assert len(messages(WORDS.replace("16777488", "16777489") + "\n" + BYTES)) == 2
    assert len(messages(WORDS.replace("59.435", "57.435") + "\n" + BYTES)) == 2
    assert len(messages(BYTES + "\n" + WORDS)) == 2


def test_words_that_say_another_length_than_the_bytes_have_are_another_message() -> None:
    assert len(messages(WORDS.replace("length=-1", "length=54") + "\n" + BYTES)) == 1
    assert len(messages(WORDS.replace("length=-1", "length=53") + "\n" + BYTES)) == 2


HEAD = "Nov 20 10:43:{:02d}.000 EDT %MIVR-ICD_CTI-7-UNK:"
BEAT = (
    HEAD
    + "[t{}] Processing msg on socket:Socket[addr=/10.0.0.{},port=5,localport=12028] Msg is {{ length=4 type=HEARTBEAT_REQ, invokeID=7 }}"
)
BEAT_ROWS = "[t1] Processing msg\nMHDR:\n0000: 00 00 00 04 00 00 00 05\nMDATA:\n0000: 00 00 00 07"


def test_what_was_told_already_is_no_other_form_of_what_comes_later() -> None:
    """The clock goes on, so that the first is told, and back: what it says then is a message of its own."""
    rows = HEAD.format(10) + BEAT_ROWS
    for first, second in ((rows, BEAT.format(10, 1, 1)), (BEAT.format(10, 1, 1), rows)):
        assert len(messages(f"{first}\n{second}")) == 1
        assert len(messages(f"{first}\n{BEAT.format(50, 2, 2).replace('=7', '=8')}\n{second}")) == 3


def test_only_the_newest_four_requests_with_an_id_say_whose_a_confirmation_is() -> None:
    asked = [BEAT.format(at, client, client) for at, client in enumerate((1, 2, 2, 2, 2), start=1)]
    reply = HEAD.format(6) + "got { length=-1 type=HEARTBEAT_CONF, invokeID: 7 }"
    assert messages("\n".join([*asked, reply]))[-1].session.client == "10.0.0.2:5"
    assert messages("\n".join([*asked[:4], reply]))[-1].session.client == "client"


def test_a_request_in_both_forms_waits_for_one_confirmation() -> None:
    reply = "got { length=-1 type=HEARTBEAT_CONF, invokeID: 7 }"
    rows, words = HEAD.format(1) + BEAT_ROWS, BEAT.format(1, 1, 1)
    for first, second in ((rows, words), (words, rows)):
        lines = [first, second, HEAD.format(2) + reply, BEAT.format(5, 2, 2), HEAD.format(6) + reply]
        found = [(one.name, one.session.client) for one in messages("\n".join(lines))]
        assert found == [
            (name, f"10.0.0.{client}:5") for client in (1, 2) for name in ("HEARTBEAT_REQ", "HEARTBEAT_CONF")
        ]


def test_a_confirmation_answers_what_waits_for_its_kind_once_in_each_form() -> None:
    beat, conf, failed, other = map(UCCX_CTI.message, ("HEARTBEAT_REQ", "HEARTBEAT_CONF", "FAILURE_CONF", "CLOSE_CONF"))
    requests: OpenRequests[str] = OpenRequests()
    requests.ask("a", beat, 7)
    assert requests.waiting(conf, 7, True, 0) == requests.waiting(failed, 7, False, 0) == ["a"]
    assert requests.waiting(other, 7, True, 0) == requests.waiting(conf, 8, True, 0) == []
    requests.answer("a", conf, 7, True, 0)
    assert requests.waiting(conf, 7, True, 0) == []
    assert requests.waiting(conf, 7, False, WINDOW) == ["a"]
    assert requests.waiting(conf, 7, False, WINDOW + 1) == []


def test_as_many_sessions_as_are_kept_are_none_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccxdissect.stream.log.MOST_SESSIONS", 3)
    for count, ended in ((3, []), (4, [EndedBy.IDLE])):
        events, _ = dissect("\n".join(BEAT.format(client, client, client) for client in range(1, count + 1)))
        found = [event.session.ended_by for event in events if isinstance(event, SessionEnded)]
        assert found == [*ended, *[EndedBy.CAPTURE_END] * 3]


def test_bytes_of_an_unknown_type_that_do_not_say_who_sent_them_are_taken_for_the_server_s() -> None:
    rows = "MHDR:\n0000: 00 00 00 04 00 00 03 E7\nMDATA:\n0000: 00 00 00 07"
    (record,) = messages(HEAD.format(1) + "Socket[addr=/10.0.0.3,port=5,localport=12028] " + rows)
    assert (record.decoded.number, record.sender, record.session.client) == (999, Side.SERVER, "10.0.0.3:5")


def test_whoever_writes_a_log_anew_is_told_of_its_last_entry_too() -> None:
    line = BEAT.format(1, 1, 1).rstrip("} ")
    dissector = LogDissector(UCCX_CTI, year=2025, parts=True)
    kinds = [type(event).__name__ for event in dissector.dissect([LogLine(1, line.encode(), "log", 1)])]
    assert kinds == ["LineRead", "EntryRead", "SessionOpened", "Record", "SessionEnded"]


def test_the_bug_reports_request() -> None:
    events, notices = dissect(REQUEST)
    (record,) = [event for event in events if isinstance(event, Record)]
    assert (record.name, record.sender, record.decoded.version) == ("OPEN_REQ", Side.CLIENT, 16)
    assert (record.src, record.dst, record.session.version_said) == ("172.16.XX.XX:54238", "server:12028", True)
    assert record.decoded.fixed["ServicesRequested"] == 7 and len(record.decoded.body) == 69
    assert [(field.name, field.value) for field in record.decoded.floating] == [
        ("ClientID", ""),
        ("ClientPassword", ""),
        ("AgentExtension", "52293"),
        ("AgentInstrument", ""),
        ("AgentID", "52293"),
    ]
    assert record.problems == ()
    assert notices == [
        "the zone IST is ambiguous: taken for UTC+05:30, India (--zone tells)",
        "1 message told in words only: passwords, and the order of floating fields, are not in the log",
    ]


def test_the_password_takes_what_the_length_leaves() -> None:
    (record,) = messages(REQUEST.replace("length=69", "length=73"))
    (secret,) = [field for field in record.decoded.floating if field.tag == 2]
    assert (len(record.decoded.body), secret.value) == (73, "????")
    (record,) = messages(REQUEST.replace("length=69", "length=999"))
    assert "the log says a body of 999 bytes, what it tells makes 75" in said(record)


def test_a_confirmation_finds_the_session_of_its_request() -> None:
    reply = "Nov 29 17:53:37.200 IST %MIVR-ICD_CTI-7-UNK:got { length=-1 type=OPEN_CONF, invokeID: 1719183458 }"
    event = WORDS.replace("Nov 20", "Nov 29")
    events, notices = dissect(f"{REQUEST}\n{reply}\n{event}")
    assert [record.session.client for record in events if isinstance(record, Record)] == [
        "172.16.XX.XX:54238",
        "172.16.XX.XX:54238",
        "client",
    ]
    assert any("put in the session with the request" in notice for notice in notices)


def test_what_is_not_understood_is_said_with_its_place() -> None:
    cut = "\n".join(BYTES.split("\n")[:6])
    strange = "Nov 20 10:44:00.0 EDT %MIVR-ICD_CTI-7-UNK: { length=-1 type=NO_SUCH_EVENT, a: 1 }"
    events, notices = dissect(f"{cut}\n{strange}")
    assert sorted((loss.frame, loss.skipped, losses.say(loss)) for loss in events if isinstance(loss, Loss)) == [
        (1, 40, "log line 1: the rows of BEGIN_CALL_EVENT end after 32 of 54 bytes"),
        (7, 0, "log line 7: no message is called NO_SUCH_EVENT"),
    ]
    assert "2 messages cut or not understood" in notices
    (record,) = messages(WORDS.replace("callType: 1", "callType: many, shoeSize: 44"))
    assert "the log's callType does not fit CallType: left out" in said(record)
    assert "the log's shoeSize is no field that is known: left out" in said(record)
    assert "the log does not tell CallType" in said(record)


def test_sessions_open_before_their_messages_and_all_end() -> None:
    events, _ = dissect(REQUEST + "\n" + BYTES)
    kinds = [type(event) for event in events]
    assert kinds.count(SessionOpened) == kinds.count(SessionEnded) == 2
    assert [event.session.number for event in events if isinstance(event, Record)] == [1, 2]


def sample_log() -> tuple[list[Record], list[str]]:
    dissector = Dissector(UCCX_CTI)
    found: list[Record] = []
    for segment in read_segments(str(SAMPLES / "queued-call.pcapng"), frozenset(UCCX_CTI.ports)):
        found += [event for event in dissector.feed(segment) if isinstance(event, Record)]
    found += [event for event in dissector.flush() if isinstance(event, Record)]
    return found, list(log_lines(found))


def test_the_sample_is_what_its_maker_makes() -> None:
    assert (SAMPLES / "server.mivr.log").read_text().splitlines() == sample_log()[1]


def test_a_log_gives_the_messages_that_it_was_written_of() -> None:
    captured, _ = sample_log()
    dissector = LogDissector(UCCX_CTI, year=2025)
    reader = LineReader([str(SAMPLES / "server.mivr.log")])
    logged = [event for event in [*dissector.feed(reader), *dissector.flush()] if isinstance(event, Record)]
    assert [content(record) for record in logged] == [content(record) for record in captured]
    assert [record.time // 10**6 for record in logged] == [record.time // 10**6 for record in captured]
    assert [record.src for record in logged if record.sender is Side.CLIENT] == [
        record.src for record in captured if record.sender is Side.CLIENT
    ]


def test_every_message_survives_the_log() -> None:
    session = next(iter(sample_log()[0])).session
    from ccxdissect.codec import Decoder

    decoder = Decoder(UCCX_CTI)
    for number, message in enumerate(UCCX_CTI, start=1):
        if message.traits & Trait.OPENS:
            continue
        raw = ENCODER.encode(message, {}, [], version=14)
        decoded = decoder.decode(message.number, raw[8:], 14)
        SessionState.of(session).version = 14
        record = Record(number, 1, 1763649839 * 10**9, session, message.sender, decoded)
        (back,) = messages("\n".join(log_lines([record])))
        assert (back.name, back.sender) == (message.name, message.sender)
        assert back.decoded.fixed == decoded.fixed


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.sampled_from([*BYTES.split("\n"), WORDS, REQUEST, WORDS[:200]]), st.text(max_size=80))))
def test_any_lines_give_events_only(text: list[str]) -> None:
    dissector = LogDissector(UCCX_CTI)
    events = [*dissector.feed(text), *dissector.flush()]
    opened = {event.session.number for event in events if isinstance(event, SessionOpened)}
    assert all(event.session.number in opened for event in events)
    numbers = [event.number for event in events if isinstance(event, Record)]
    assert numbers == list(range(1, len(numbers) + 1))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_in_rows_decode_or_are_told(body: bytes) -> None:
    rows = "\n".join(f"{at:04x}: {body[at : at + 16].hex(' ')}" for at in range(0, len(body), 16))
    head = "Nov 20 10:44:00.0 EDT %MIVR-ICD_CTI-7-UNK:writing...\nMHDR:"
    text = f"{head}\n0000: {len(body).to_bytes(4, 'big').hex(' ')} 00 00 00 17\nMDATA:\n{rows}"
    (record,) = messages(text)
    assert record.decoded.body == body


@pytest.mark.heavy
def test_memory_stays_flat_and_time_bounded() -> None:
    dissector = LogDissector(UCCX_CTI, year=2025)

    def hostile() -> list[LogLine]:
        texts = []
        for number in range(20_000):
            texts.append(f"Nov 20 10:43:59.435 EDT %MIVR-ICD_CTI-7-UNK:[t{number}] writing...")
            texts += ["MHDR:", "0000: 00 00 3f ff 00 00 00 17", "MDATA:", "0000: 00"]
        return [LogLine(number, text.encode(), "x", number) for number, text in enumerate(texts, start=1)]

    for _ in dissector.feed(hostile()):
        pass
    assert len(dissector._parsers[0]._dumps) <= 16
    assert len(dissector._waiting) <= MOST_WAITING + 1
    for text in ("{" * 500_000, "Jan " * 250_000, "0000: " * 170_000, "a=" * 500_000, "MHDR: " * 170_000):
        line = "Nov 20 10:43:59.435 EDT %MIVR-ICD_CTI-7-UNK: { length=1 type=X, " + text
        for _ in dissector.feed([line, text]):
            pass


def test_what_the_open_request_said_of_the_version_holds() -> None:
    """The shipped log reads as it was recorded: by version 14, with nothing wrong."""
    with (SAMPLES / "server.mivr.log").open("rb") as lines:
        read = messages(lines.read().decode())
    assert len(read) == 138
    assert {record.session.version for record in read} == {14}
    assert {record.decoded.version for record in read} == {14}
    assert [said(record) for record in read if record.problems] == []


def test_a_confirmation_without_a_socket_does_not_overwrite_the_version() -> None:
    head = "Nov 29 17:53:37.{:03d} IST %MIVR-ICD_CTI-7-UNK:"
    asked = REQUEST
    granted = head.format(190) + (
        " CSOutboundMsgProcessor: got an event message: { length=-1 type=OPEN_CONF, invokeID: 1719183458, "
        "servicesGranted: 7, monitorID: 0, pGStatus: 0, iCMCentralControllerTime: 0, unifiedCCXOnline: 1, "
        "peripheralType: 21, agentState: 1 }"
    )
    later = head.format(200) + (
        "ClientConn: ClientConnMgr: Processing msg on socket:Socket[addr=172.16.XX.XX,port=54238,localport=12028] Msg is "
        "{length=4 type=HEARTBEAT_REQ,invokeID=5}"
    )
    read = messages("\n".join((asked, granted, later)))
    assert [(record.name, record.decoded.version, record.session.version) for record in read] == [
        ("OPEN_REQ", 16, 16), ("OPEN_CONF", 16, 16), ("HEARTBEAT_REQ", 16, 16)
    ]  # fmt: skip
    assert len({record.session.number for record in read}) == 1


def _rows(form: FloatingForm, second: int) -> str:
    """AGENT_STATE_EVENT with one floating field, in rows of bytes."""
    raw = ENCODER.encode("AGENT_STATE_EVENT", {}, [("AgentID", "smith")], version=14, form=form)
    lines = [f"{at:04X}: " + raw[8:][at : at + 16].hex(" ") for at in range(0, len(raw) - 8, 16)]
    return "\n".join([f"{HEAD.format(second)} got\nMHDR:\n0000: {raw[:8].hex(' ')}\nMDATA:", *lines])


def test_the_form_that_fitted_first_is_kept_for_the_session() -> None:
    assert messages(_rows(ONE_ONE, 1))[0].session.form is ONE_ONE
    first, second = messages("\n".join([_rows(TWO_ONE, 1), _rows(TWO_TWO, 2)]))
    assert first.session is second.session and second.session.form is TWO_ONE
    assert [record.decoded.form for record in (first, second)] == [TWO_ONE, TWO_TWO]
