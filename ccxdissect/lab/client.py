"""The lab client: a session on a socket, kept alive, with everything that comes in validated."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ccxdissect.codec import BY_TITLE, Value
from ccxdissect.errors import CcxDissectError, one_line
from ccxdissect.lab.callbook import CallBook
from ccxdissect.lab.channel import Channel, Received
from ccxdissect.lab.constants import Constants
from ccxdissect.lab.notes import Say, Sort, note, silent
from ccxdissect.lab.scenario import all_call_events
from ccxdissect.lab.server import endpoint, reset
from ccxdissect.lab.specs import ClientSpec, Scenario
from ccxdissect.lab.words import Words
from ccxdissect.lab.world import Clock
from ccxdissect.protocol.codes import label
from ccxdissect.protocol.common.constants import LocalConnectionState
from ccxdissect.protocol.model import Mark, Side, Trait

LCS = LocalConnectionState
#: Seconds that a step waits for what it needs: an answer, a ringing call.
PATIENCE = 10.0
#: Unanswered heartbeats after which the server is taken for dead.
MOST_MISSES = 3
#: Messages kept for steps that wait for one; older ones are forgotten.
MOST_KEPT = 4096

FloatingValues = list[tuple[str | int, Value]]
_T = TypeVar("_T")

#: The services that a client asks for in each mode, by their names.
SERVICES = {
    "agent": ("CTI_SERVICE_CLIENT_EVENTS", "CTI_SERVICE_CALL_DATA_UPDATE", "CTI_SERVICE_CLIENT_CONTROL"),
    "bridge": (
        "CTI_SERVICE_ALL_EVENTS",
        "CTI_SERVICE_CALL_DATA_UPDATE",
        "CTI_SERVICE_SUPERVISOR",
        "CTI_SERVICE_CONFIG_EVENTS",
    ),
}
#: Every agent state that the guide has a bit for.
ALL_STATES = 0x1FF


class StepFailed(CcxDissectError):
    """A step of a scenario did not come out as it should."""


class LabClient(asyncio.Protocol):
    """One client on a socket.

    `wrong` collects what was wrong with what it received. `speed` makes sleeps and heartbeats so many times faster.
    """

    def __init__(self, scenario: Scenario, spec: ClientSpec, say: Say = silent, speed: float = 1.0) -> None:
        self.scenario = scenario
        self.codes = Constants(scenario.protocol)
        self.spec = spec
        self.say = say
        self.speed = speed
        self.agent = next((agent for agent in scenario.agents if agent.id == spec.agent), None)
        self.book = CallBook()
        self.wrong: list[str] = []
        self.received: list[Received] = []
        self.ended: str | None = None
        self._seen = 0
        self._channel = self._new_channel()
        self._transport: asyncio.Transport | None = None
        self._invoke_id = spec.first_invoke_id
        self._waiting: set[asyncio.Future[None]] = set()
        self._replies: dict[int, asyncio.Future[Received]] = {}
        self._answered = 0
        self._beating: asyncio.Task[None] | None = None

    def _new_channel(self, version: int | None = None) -> Channel:
        form = BY_TITLE[self.spec.form] if self.spec.form else None
        return Channel(self.scenario.protocol, Side.SERVER, self.spec.version if version is None else version, form)

    # The connection

    async def connect(self, address: str, port: int) -> None:
        """Connects. Raises CcxDissectError when nobody listens there."""
        loop = asyncio.get_running_loop()
        local = (self.spec.address, 0) if self.spec.address else None
        self._channel = self._new_channel()
        self.ended = None
        try:
            await loop.create_connection(lambda: self, address, port, local_addr=local)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise CcxDissectError(one_line(f"cannot connect to {address} port {port}: {reason}")) from error

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            peer = endpoint(transport.get_extra_info("peername"))
            self.say(note(Sort.NEWS, self.spec.name, f"connected to {peer}"))

    def data_received(self, data: bytes) -> None:
        for message in self._channel.feed(data):
            self._take(message)
        if self._channel.broken is not None:
            self._object(self._channel.broken)
            self.abort()
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        if self.ended is None:
            self.ended = "reset by the server" if isinstance(error, ConnectionError) else "closed by the server"
        self.say(note(Sort.NEWS, self.spec.name, f"connection {self.ended}"))
        self._transport = None
        self.end_heartbeats()
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(StepFailed(f"{self.spec.name}: connection {self.ended} before the answer came"))
                reply.exception()
        self._replies.clear()
        self._wake()

    def disconnect(self) -> None:
        """Closes the connection without a word."""
        if self._transport is not None:
            self.ended = "closed"
            self._transport.close()

    def abort(self) -> None:
        """Resets the connection without a word."""
        if self._transport is not None:
            self.ended = "reset"
            reset(self._transport)

    # Messages

    def _object(self, complaint: str) -> None:
        self.wrong.append(one_line(complaint))
        self.say(note(Sort.WRONG, self.spec.name, complaint))

    def _take(self, message: Received) -> None:
        self.say(note(Sort.MESSAGE, self.spec.name, f"<- {message.name}{reason_given(message)}"))
        for complaint in message.complaints:
            self._object(f"{message.name}: {complaint}")
        self.received.append(message)
        if len(self.received) > MOST_KEPT:
            forgotten = len(self.received) - MOST_KEPT // 2
            del self.received[:forgotten]
            self._seen = max(0, self._seen - forgotten)
        self.book.heard(message)
        number = message.invoke_id
        declared = message.decoded.message
        if declared is None or number is None or declared.kind.value != "confirmation":
            return
        reply = self._replies.pop(number, None)
        if declared.traits & Trait.HEARTBEAT:
            self._answered += 1
        if reply is not None and not reply.done():
            reply.set_result(message)
        elif not declared.traits & Trait.HEARTBEAT:
            self._object(f"{message.name} answers to InvokeID {number}, which no request is waiting for")

    def _wake(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, look: Callable[[], _T | None], what: str, within: float = PATIENCE) -> _T:
        """Waits until `look` finds something; raises StepFailed when it takes too long or the connection is gone."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while True:
            found = look()
            if found is not None:
                return found
            left = deadline - loop.time()
            if left <= 0 or not self.connected:
                why = f"within {within:g} s" if self.connected else f"and the connection is {self.ended}"
                raise StepFailed(one_line(f"{self.spec.name}: {what} did not come {why}"))
            future: asyncio.Future[None] = loop.create_future()
            self._waiting.add(future)
            try:
                await asyncio.wait({future}, timeout=left)
            finally:
                self._waiting.discard(future)

    def send(
        self,
        name: str,
        fixed: Mapping[str, int | bytes] | None = None,
        floating: Iterable[tuple[str | int, Value]] = (),
    ) -> int | None:
        """Sends one message, giving it the next InvokeID unless it has one; the InvokeID. Raises CcxDissectError."""
        if self._transport is None:
            raise StepFailed(f"{self.spec.name}: there is no connection to send {name} on")
        words = self._channel.words
        name = words.own(name)
        declared = self.scenario.protocol.by_name[name]
        clock = Clock(self.scenario.clock)
        values = words.fixed(declared, fixed or {}, self.scenario.peripheral, clock.now())
        marked = declared.marked(Mark.INVOKE_ID)
        number: int | None = None
        if marked:
            given = values.setdefault(marked[0].name, self._invoke_id)
            number = given if isinstance(given, int) else None
            if given == self._invoke_id:
                self._invoke_id = self._invoke_id % 0xFFFFFFFF + 1
        data = self._channel.encode(name, values, words.floating(declared, floating))
        self._transport.write(data)
        said = "" if number is None else f" (InvokeID {number})"
        self.say(note(Sort.MESSAGE, self.spec.name, f"-> {name}{said}"))
        return number

    async def request(
        self,
        name: str,
        fixed: Mapping[str, int | bytes] | None = None,
        floating: Iterable[tuple[str | int, Value]] = (),
        within: float = PATIENCE,
    ) -> Received:
        """Sends a request and waits for what answers it, a failure included. Raises StepFailed when nothing does."""
        declared = self.scenario.protocol.by_name[self._channel.words.own(name)]
        before = self.received[-1] if self.received else None
        number = self.send(name, fixed, floating)
        if number is None:
            last = declared.replies[-1] if declared.replies else ""
            return await self.until(lambda: self._after(before, last), f"{last}, the answer to {name},", within)
        reply: asyncio.Future[Received] = asyncio.get_running_loop().create_future()
        self._replies[number] = reply
        try:
            return await asyncio.wait_for(reply, within)
        except TimeoutError:
            self._replies.pop(number, None)
            raise StepFailed(f"{self.spec.name}: {name} (InvokeID {number}) was not answered in {within:g} s") from None

    def _after(self, before: Received | None, name: str) -> Received | None:
        for message in reversed(self.received):
            if message is before:
                return None
            if message.name == name:
                return message
        return None

    async def wait_for(self, name: str, where: Mapping[str, Any] | None = None, within: float = PATIENCE) -> Received:
        """Waits for a message whose fixed fields are as `where` says, later than the one waited for before."""

        def look() -> Received | None:
            for position in range(self._seen, len(self.received)):
                message = self.received[position]
                if message.name == name and all(message.fixed(key) == value for key, value in (where or {}).items()):
                    self._seen = position + 1
                    return message
            return None

        return await self.until(look, name, within)

    # The session

    def opening(
        self, version: int | None = None, idle_timeout: int | None = None
    ) -> tuple[dict[str, int | bytes], FloatingValues]:
        """The fields of this client's OPEN_REQ, fixed and floating."""
        spec = self.spec
        version = spec.version if version is None else version
        services = self.codes.CTIServiceMask.together(SERVICES[spec.mode]) if spec.services is None else spec.services
        if self.agent is not None and self.agent.supervisor:
            services |= int(self.codes.CTIServiceMask.CTI_SERVICE_SUPERVISOR)
        config = (0x1F if version >= self.scenario.protocol.wide_tags_since else 0xF) if spec.mode == "bridge" else 0
        fixed: dict[str, int | bytes] = {
            "VersionNumber": version,
            "IdleTimeout": spec.idle_timeout if idle_timeout is None else idle_timeout,
            "ServicesRequested": services,
            "CallMsgMask": all_call_events(self.codes, self.scenario.protocol.source)
            if spec.call_mask is None
            else spec.call_mask,
            "AgentStateMask": ALL_STATES if spec.state_mask is None else spec.state_mask,
            "ConfigMsgMask": config if spec.config_mask is None else spec.config_mask,
        }
        floating: FloatingValues = [("ClientID", spec.client_id), ("ClientPassword", spec.password)]
        if spec.signature:
            floating.append(("ClientSignature", spec.signature))
        if spec.mode == "agent" and self.agent is not None:
            floating += [
                ("AgentExtension", self.agent.extension),
                ("AgentInstrument", self.agent.instrument),
                ("AgentID", self.agent.id),
            ]
        return fixed, floating

    def begin_heartbeats(self) -> None:
        """Sends heartbeats from now on, if the client is to send any by itself."""
        if self.spec.heartbeat and self._beating is None:
            self._beating = asyncio.create_task(self._beat())

    def end_heartbeats(self) -> None:
        """Sends no more heartbeats by itself."""
        if self._beating is not None:
            self._beating.cancel()
            self._beating = None

    def speak(self, version: int) -> None:
        """Begins anew in another version than the client's own; before OPEN_REQ."""
        if version != self._channel.version:
            self._channel = self._new_channel(version)

    @property
    def words(self) -> Words:
        """The words of the protocol that it speaks."""
        return self._channel.words

    @property
    def version(self) -> int:
        """The version it speaks."""
        return self._channel.version or 0

    def write(self, data: bytes) -> None:
        """Sends bytes as they are."""
        if self._transport is not None:
            self._transport.write(data)

    async def gone(self) -> None:
        """Returns when the connection that was ended here is gone."""
        for _ in range(100):
            if self._transport is None:
                return
            await asyncio.sleep(0.01)

    async def _beat(self) -> None:
        sent = 0
        self._answered = 0
        while self.connected:
            await asyncio.sleep(self.spec.heartbeat / self.speed)
            if sent - self._answered >= MOST_MISSES:
                self._object(f"{MOST_MISSES} heartbeats were not answered; resetting the connection")
                self.abort()
                return
            self.send("HEARTBEAT_REQ")
            sent += 1


def reason_given(message: Received) -> str:
    """ " (FailureCode 257 CF_INVALID_PASSWORD_SPECIFIED)" for a message that says why something failed."""
    for row, _, value in message.decoded.fixed_fields():
        if row.mark & Mark.FAILURE and isinstance(value, int):
            name = label(row.codes, value) if row.codes is not None else None
            return f" ({row.name} {value}{' ' + str(name) if name else ''})"
    return ""
