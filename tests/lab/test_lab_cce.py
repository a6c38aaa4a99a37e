"""The lab speaks Unified CCE: a phone is watched, what was not granted is refused, and what the lab has no answer to is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ccxdissect.codec import Encoder, Value
from ccxdissect.lab.channel import Channel, Received
from ccxdissect.lab.engine import Engine
from ccxdissect.lab.notes import LabNote
from ccxdissect.lab.scenario import parse
from ccxdissect.lab.words import Words
from ccxdissect.lab.world import World
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

CENTER = """
dialect = "cce"
clock = 2025-01-01T00:00:00Z
call_ids = [100]
peripheral = 5001

[[csq]]
id = 7
name = "Orders"

[[agent]]
id = "1001"
extension = "2001"

[[agent]]
id = "1002"
extension = "2002"
"""
ENCODER = Encoder(UCCE_CTI)
ALL_EVENTS, PERIPHERAL_MONITOR = 0x10, 0x20


class Client:
    """A client of the center, without sockets."""

    def __init__(self, engine: Engine, services: int, version: int) -> None:
        self.engine, self.version = engine, version
        self.got: list[Received] = []
        self.channel = Channel(UCCE_CTI, Side.SERVER, version)
        self.session = engine.connected("peer", lambda data: self.got.extend(self.channel.feed(data)), lambda _: None)
        opening = {"InvokeID": 1, "IdleTimeout": 60, "ServicesRequested": services, "CallMsgMask": 0xFFFFFFFF,
                   "AgentStateMask": 0x3FFF, "PeripheralID": 0xFFFFFFFF}  # fmt: skip
        (self.opened,) = self.send("OPEN_REQ", opening, [("ClientID", "c"), ("ClientPassword", "")])

    def send(
        self, name: str, fixed: Mapping[str, int] | None = None, floating: Iterable[tuple[str | int, Value]] = ()
    ) -> list[Received]:
        """Sends a message; what came back because of it."""
        before = len(self.got)
        self.engine.received(self.session, ENCODER.encode(name, fixed, floating, version=self.version))
        return self.got[before:]

    def watch(self, device: str) -> tuple[str, int | bytes | None]:
        """Asks to watch a device; the answer, and its status or the monitor's number."""
        (came,) = self.send(
            "MONITOR_START_REQ", {"InvokeID": 5}, [("ConnectionDeviceID", ""), ("MonitoredDeviceID", device)]
        )
        return came.name, came.fixed("Status") if came.fixed("MonitorID") is None else came.fixed("MonitorID")


def center(say: Callable[[LabNote], None] = lambda note: None) -> Engine:
    loaded = parse(CENTER, "test.toml")
    return Engine(World(loaded), loaded.servers[0], lambda seconds, action: None, say)


def test_a_session_that_only_watches_is_no_agents() -> None:
    notes: list[LabNote] = []
    Client(center(notes.append), PERIPHERAL_MONITOR, 20)
    Client(center(notes.append), ALL_EVENTS, 20)
    opened = [note.text for note in notes if note.text.startswith("session open")]
    assert opened == ["session open, version 20, of no agent", "session open, version 20, bridge mode"]


def test_what_only_this_protocol_has_is_filled_in() -> None:
    client = Client(center(), ALL_EVENTS, 24)
    told = client.opened.decoded.fixed
    assert client.opened.name == "OPEN_CONF" and not client.opened.complaints
    assert (told["ICMCentralControllerTime"], told["PeripheralType"], told["PeripheralOnline"]) == (1735689600, 17, 1)
    assert told["ServicesGranted"] == ALL_EVENTS


def test_a_watched_phone_is_heard_of_under_the_monitors_number() -> None:
    engine = center()
    wall, office = Client(engine, PERIPHERAL_MONITOR, 20), Client(engine, ALL_EVENTS, 15)
    assert wall.watch("2009") == ("FAILURE_CONF", 87)
    assert wall.watch("2001") == ("MONITOR_START_CONF", 1)
    assert wall.watch("2001") == ("FAILURE_CONF", 89)
    assert wall.watch("2002") == ("MONITOR_START_CONF", 2)
    assert office.watch("2001") == ("FAILURE_CONF", 12)
    wall.got.clear()
    engine.telephony.place("2001", "2002")
    heard = [(message.name, message.number("MonitorID")) for message in wall.got]
    assert heard[:2] == [("BEGIN_CALL_EVENT", 1), ("CALL_SERVICE_INITIATED_EVENT", 1)]
    assert ("BEGIN_CALL_EVENT", 2) in heard and {number for _, number in heard} == {1, 2}
    assert all(message.decoded.fixed["PeripheralID"] == 5001 for message in wall.got)
    assert not [message.complaints for message in wall.got if message.complaints]
    assert {message.number("MonitorID") for message in office.got if message.name.startswith("CALL_")} == {0}
    assert wall.send("MONITOR_STOP_REQ", {"InvokeID": 6, "MonitorID": 3})[0].fixed("Status") == 55
    assert [m.name for m in wall.send("MONITOR_STOP_REQ", {"InvokeID": 7, "MonitorID": 1})] == ["MONITOR_STOP_CONF"]


def test_what_it_has_no_answer_to_is_said() -> None:
    client = Client(center(), ALL_EVENTS, 23)
    (refused,) = client.send("CONFIG_REQUEST_KEY_EVENT")
    assert (refused.name, refused.fixed("Status")) == ("FAILURE_EVENT", 12)
    (refused,) = client.send("QUERY_AGENT_STATISTICS_REQ", {"InvokeID": 9}, [("AgentID", "1001")])
    assert (refused.name, refused.invoke_id, refused.fixed("Status")) == ("FAILURE_CONF", 9, 12)


def test_words_pass_through_where_they_are_the_protocols_own() -> None:
    usual, other = Words(UCCX_CTI), Words(UCCE_CTI)
    assert usual.own("CONSULT_CALL_REQ") == "CONSULT_CALL_REQ"
    assert other.own("CONSULT_CALL_REQ") == "CONSULTATION_CALL_REQ"
    assert other.known_as("CONSULTATION_CALL_CONF") == "CONSULT_CALL_CONF"
    held = UCCX_CTI.message("CALL_HELD_EVENT")
    assert usual.fixed(held, {"CallID": 5, "Mistake": 1}, 5000, 0) == {"CallID": 5, "Mistake": 1}
    told = other.fixed(UCCE_CTI.message("CALL_HELD_EVENT"), {"CallID": 5}, 5000, 0)
    assert (told["ConnectionCallID"], told["PeripheralID"], told["PeripheralType"]) == (5, 5000, 17)
    names = {own for message in UCCE_CTI for own in [row.name for row in (*message.fixed, *message.floating)]}
    assert UCCE_CTI.sister is not None
    assert {own for known in UCCE_CTI.sister.fields.values() for own in known} <= names
    assert set(UCCE_CTI.sister.slots) <= names
    assert set(UCCE_CTI.sister.messages.values()) <= set(UCCE_CTI.by_name)
