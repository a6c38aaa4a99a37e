"""Events of calls for captures made packet by packet, and what is told of the calls: by columns and message by message."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from ccxdissect import columns
from ccxdissect.cli.main import main
from ccxdissect.codec import Value
from wire import Link, Wire

CALLER, PHONE, OTHER, TRIGGER = "9999", "2001", "2002", "7000"
CTI_PORT, ROUTE_POINT, AGENT_PHONE, NON_ACD = 73, 74, 76, 78
NO_CALL = 0xFFFFFFFF
BUSY = 3
Floating = tuple[str | int, Value]
#: Of a phase: the device, its name, its duration in whole seconds.
Told = list[tuple[str | None, str, int]]


class Events:
    """The events of one call, told by a link."""

    #: What the dialect calls these.
    ids = ("CallID", "NumCSQs", "CSQID")

    def __init__(self, link: Link, call: int) -> None:
        self.link, self.call = link, call

    def wait(self, seconds: float) -> None:
        """Let time pass, with heartbeats."""
        until = self.link.wire.now + seconds
        while until - self.link.wire.now > 20:
            self.link.beat(1, 20)
        self.link.wire.now = until

    def say(self, name: str, fixed: dict[str, int | bytes], floating: Iterable[Floating] = (), **devices: str) -> None:
        """An event: `devices` by their roles."""
        self.link.say(
            f"{name}_EVENT",
            {self.ids[0]: self.call, **fixed},
            [("ConnectionDeviceID", CALLER), *[(f"{role}DeviceID", device) for role, device in devices.items()], *floating],
        )  # fmt: skip

    def begins(self) -> None:
        """BEGIN_CALL_EVENT."""
        self.say("BEGIN_CALL", {"CallType": 1}, [("ANI", CALLER), ("DNIS", TRIGGER)])

    def rings(self, device: str, called: str = TRIGGER, sender: str = "", kind: int = 0) -> None:
        """CALL_DELIVERED_EVENT."""
        more = {"LastRedirect": sender} if sender else {}
        fixed = {"LocalConnectionState": 2, "AlertingDeviceType": kind}
        self.say("CALL_DELIVERED", fixed, Alerting=device, Calling=CALLER, Called=called, **more)

    def answers(self, device: str, called: str = TRIGGER, kind: int = 0) -> None:
        """CALL_ESTABLISHED_EVENT."""
        fixed = {"LocalConnectionState": 3, "AnsweringDeviceType": kind}
        self.say("CALL_ESTABLISHED", fixed, Answering=device, Calling=CALLER, Called=called)

    def holds(self, device: str) -> None:
        """CALL_HELD_EVENT."""
        self.say("CALL_HELD", {"LocalConnectionState": 4}, Holding=device)

    def retrieves(self, device: str) -> None:
        """CALL_RETRIEVED_EVENT."""
        self.say("CALL_RETRIEVED", {"LocalConnectionState": 3}, Retrieving=device)

    def queued(self, *queues: int) -> None:
        """CALL_QUEUED_EVENT."""
        self.say("CALL_QUEUED", {self.ids[1]: len(queues)}, self._of(queues), Calling=CALLER, Called=TRIGGER)

    def dequeued(self, *queues: int) -> None:
        """CALL_DEQUEUED_EVENT; from all queues where none is named."""
        self.say("CALL_DEQUEUED", {self.ids[1]: len(queues)}, self._of(queues))

    def fails(self, device: str) -> None:
        """CALL_FAILED_EVENT: it is busy."""
        self.say("CALL_FAILED", {"EventCause": BUSY, "LocalConnectionState": 6}, Failing=device, Called=device)

    def joined(self, how: str, other: int, by: str, to: str, *parties: str) -> None:
        """CALL_TRANSFERRED_EVENT or CALL_CONFERENCED_EVENT; `other`: the second call."""
        roles = ("Transferring", "Transferred") if how == "TRANSFERRED" else ("Controller", "AddedParty")
        listed: list[Floating] = []
        for party in parties:
            listed += [("ConnectedPartyCallID", self.call), ("ConnectedPartyDeviceID", party)]
        self.link.say(
            f"CALL_{how}_EVENT",
            {"PrimaryCallID": self.call, "SecondaryCallID": other, "NumParties": len(parties)},
            [("PrimaryDeviceID", by), (f"{roles[0]}DeviceID", by), (f"{roles[1]}DeviceID", to), *listed],
        )

    def leaves(self, device: str) -> None:
        """CALL_CONNECTION_CLEARED_EVENT."""
        self.say("CALL_CONNECTION_CLEARED", {}, Releasing=device)

    def ends(self) -> None:
        """END_CALL_EVENT."""
        self.say("END_CALL", {})

    def over(self, *devices: str) -> None:
        """These leave, and it is over."""
        for device in devices:
            self.leaves(device)
        self.say("CALL_CLEARED", {})
        self.ends()

    def _of(self, queues: Iterable[int]) -> list[Floating]:
        return [
            one
            for queue in queues
            for one in ((self.ids[2], queue), ("SkillGroupID", 5000 + queue), ("SkillGroupPriority", 0))
        ]


class CceEvents(Events):
    """The same of the CTI Server of Unified CCE."""

    ids = ("ConnectionCallID", "NumSkillGroups", "SkillGroupNumber")


def told(path: Path, by_columns: bool, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The calls of a capture, as `calls --format jsonl` tells them."""
    least = 1 if by_columns else 1 << 40
    monkeypatch.setattr(columns, "WORTH_LOADING", least)
    monkeypatch.setattr(columns, "WORTH_USING", least)
    out = io.StringIO()
    with redirect_stdout(out):
        assert main(["calls", str(path), "--format", "jsonl"]) == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]


def phases(call: dict[str, Any]) -> Told:
    """The phases of a call that last for a second at least."""
    each = [(one["device"], one["phase"], round(one["duration"])) for one in call["phases"]]
    return [one for one in each if one[2]]


class Calls:
    """What is told of calls that all go alike: six of them, so that the last ones are worked out with the others."""

    def __init__(self, by_columns: bool, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._by_columns, self._folder, self._monkeypatch = by_columns, folder, monkeypatch

    def of(self, wire: Wire, script: Callable[[int], None]) -> dict[str, Any]:
        """One of those that a script tells of by the number of the call; all are told alike."""
        for call in range(1, 7):
            script(10 * call)
            wire.wait(8)
        rows = [row for row in self.all(wire) if row["call"] % 10 == 0]
        assert len(rows) == 6
        said = {(row["outcome"], row["transferred_to"], row["failed"], str(phases(row))) for row in rows}
        assert len(said) == 1, said
        return rows[0]

    def all(self, wire: Wire) -> list[dict[str, Any]]:
        """All the calls of a capture."""
        return told(wire.write(self._folder / "capture.pcap"), self._by_columns, self._monkeypatch)
