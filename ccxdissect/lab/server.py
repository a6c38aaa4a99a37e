"""The lab server: the engine on real sockets."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TextIO

from ccxdissect.capture.segment import format_endpoint
from ccxdissect.errors import CcxDissectError, one_line
from ccxdissect.lab.engine import Engine
from ccxdissect.lab.notes import Say, Sort, note, silent
from ccxdissect.lab.scenario import step_of_line
from ccxdissect.lab.sessions import ServerSession
from ccxdissect.lab.specs import CallerSpec, Scenario, ServerSpec, Step
from ccxdissect.lab.steps import SERVER_ACTIONS
from ccxdissect.lab.world import CallData, World

#: Connections at once; for one more the most useless is reset: without a session, and silent for longest.
MOST_CONNECTIONS = 256
#: Bytes that may wait for a client that does not read.
MOST_UNREAD = 4 << 20
#: Seconds in which a client has to open its session.
OPENING_TIME = 30.0
#: Seconds in which connections may close by themselves when the server stops, and how often it looks.
PARTING_TIME = 1.0
PARTING_LOOKS = 100
#: SO_LINGER on, with no time to linger: closing the socket sends a reset.
NO_LINGER = struct.pack("ii", 1, 0)


def endpoint(address: object) -> str:
    """ "ip:port" of what a socket calls its address."""
    if isinstance(address, tuple) and len(address) >= 2:
        return format_endpoint(ipaddress.ip_address(address[0].split("%")[0]).packed, address[1])
    return str(address)


def reset(transport: asyncio.Transport) -> None:
    """Ends a connection by a TCP reset."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        except OSError:
            pass  # it is gone already
    transport.abort()


class _Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, server: LabServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self.session: ServerSession | None = None
        self._heard = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._why = "connection closed by the client"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            return
        self._transport = transport
        self._server.make_room()
        self._server.connections.add(self)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = endpoint(transport.get_extra_info("peername"))
        self.session = self._server.engine.connected(peer, self._transmit, self.hang_up)
        self._heard = self._server.loop.time()
        self._watch()

    @property
    def worth(self) -> tuple[bool, float]:
        """The less, the sooner it makes room for another one: whether its session is open, and when it was heard last."""
        return self.session is not None and self.session.open, self._heard

    def data_received(self, data: bytes) -> None:
        session = self.session
        if session is not None and self._server.engine.received(session, data):
            self._heard = self._server.loop.time()

    def connection_lost(self, error: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._server.connections.discard(self)
        if self.session is not None:
            why = "connection reset by the client" if isinstance(error, ConnectionError) else self._why
            self._server.engine.disconnected(self.session, why)

    def _transmit(self, data: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(data)
        if transport.get_write_buffer_size() > MOST_UNREAD and self.session is not None:
            self._server.say(note(Sort.WRONG, self.session.label, "does not read what it is sent; resetting"))
            self.hang_up(True)

    def hang_up(self, by_reset: bool) -> None:
        """Ends the connection from this side."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        self._why = "connection reset by the server" if by_reset else "connection closed by the server"
        if by_reset:
            reset(transport)
        else:
            transport.close()

    def drop(self) -> None:
        """Ends the connection at once, whatever is still to be sent."""
        if self._transport is not None:
            reset(self._transport)

    def _watch(self) -> None:
        """The idle timer: the session's own time-out once it is open."""
        session, loop = self.session, self._server.loop
        if session is None or self._transport is None or self._transport.is_closing():
            return
        allowed = session.idle_timeout if session.open else OPENING_TIME
        due = self._heard + allowed / self._server.speed - loop.time()
        if due <= 0:
            self._server.engine.went_idle(session, allowed)
        else:
            # Looks again at least each second: the session may have opened with a time-out of its own meanwhile.
            self._timer = loop.call_later(min(due, 1.0), self._watch)


class LabServer:
    """One CTI server node on a socket. `speed` makes all its timers run so many times faster."""

    def __init__(self, scenario: Scenario, spec: ServerSpec, say: Say = silent, speed: float = 1.0) -> None:
        self.scenario = scenario
        self.spec = spec
        self.say = say
        self.speed = speed
        self.connections: set[_Connection] = set()
        #: The other nodes of the same center, the next one first.
        self.others: list[LabServer] = []
        self.engine: Engine
        self.loop: asyncio.AbstractEventLoop
        self.port = spec.port
        self._server: asyncio.AbstractServer | None = None
        self._timers: set[asyncio.TimerHandle] = set()

    async def start(self) -> None:
        """Listens. Raises CcxDissectError when the address or port cannot be had."""
        self.loop = asyncio.get_running_loop()
        self.engine = Engine(World(self.scenario), self.spec, self._later, self.say)
        try:
            self._server = await self.loop.create_server(lambda: _Connection(self), self.spec.address, self.spec.port)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            if error.errno == errno.EADDRINUSE:
                reason = "the port is in use already"
            raise CcxDissectError(
                one_line(f"cannot listen on {self.spec.address} port {self.spec.port}: {reason}")
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]
        self.say(
            note(
                Sort.NEWS,
                self.spec.name,
                f"listening on {endpoint((self.spec.address, self.port))}{', as standby' if self.spec.standby else ''}",
            )
        )

    def make_room(self) -> None:
        """One more connection is at the door: of too many, the one of the least worth goes."""
        if len(self.connections) < MOST_CONNECTIONS:
            return
        least = min(self.connections, key=lambda connection: connection.worth)
        label = self.spec.name if least.session is None else least.session.label
        self.say(note(Sort.WRONG, label, f"is put away: more than {MOST_CONNECTIONS} connections"))
        least.drop()
        self.connections.discard(least)

    def _later(self, seconds: float, action: Callable[[], None]) -> object:
        def run() -> None:
            self._timers.discard(handle)
            action()

        handle = self.loop.call_later(seconds / self.speed, run)
        self._timers.add(handle)
        return handle

    async def stop(self) -> None:
        """Closes the door and every connection."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.hang_up(False)
        # What a client does not read keeps its connection open: such a client is reset.
        for _ in range(PARTING_LOOKS):
            if not self.connections:
                break
            await asyncio.sleep(PARTING_TIME / PARTING_LOOKS)
        for connection in list(self.connections):
            connection.drop()
        if self._server is not None:
            await self._server.wait_closed()

    async def act(self, step: Step) -> None:
        """Does one step of the server's own."""
        if step.do == "sleep":
            await asyncio.sleep(step.get("seconds") / self.speed)
            self.engine.world.clock.advance(step.get("seconds"))
        elif step.do == "failover":
            standby = self.engine.spec.standby
            self.engine.become(not standby)
            for other in self.others[:1]:
                other.engine.become(standby)
        else:
            self.engine.act(step)

    async def __aenter__(self) -> LabServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


async def callers(server: LabServer, specs: Iterable[CallerSpec]) -> None:
    """Lets the scenario's outside callers call, until cancelled."""
    await asyncio.gather(*(_caller(server, spec) for spec in specs))


async def _caller(server: LabServer, spec: CallerSpec) -> None:
    await asyncio.sleep(spec.at / server.speed)
    while True:
        data = CallData(ani=spec.number, dnis=spec.dials, variables=dict(spec.variables))
        call = server.engine.telephony.place(spec.number, spec.dials, data=data)
        await asyncio.sleep(spec.patience / server.speed)
        if not call.ended and call.party(spec.number) is not None and call.queued:
            server.engine.telephony.leave(call, spec.number)
        if not spec.every:
            return
        await asyncio.sleep(max(0.0, spec.every - spec.patience) / server.speed)


def know_each_other(servers: Sequence[LabServer]) -> None:
    """Makes nodes those of one center, so that one of them can take over from another."""
    for place, server in enumerate(servers):
        server.others = [*servers[place + 1 :], *servers[:place]]


#: Characters of a typed step: a message with all that it may carry fits.
_LONGEST_TYPED = 100_000


def _lines(typed: TextIO) -> Iterator[str]:
    """What is typed, line by line; of a line that is too long its beginning, longer than any that is taken."""
    while line := typed.readline(_LONGEST_TYPED + 1):
        yield line
        while len(line) > _LONGEST_TYPED and not line.endswith("\n"):
            line = typed.readline(_LONGEST_TYPED + 1)


async def _typed_steps(scenario: Scenario, servers: dict[str, LabServer], typed: TextIO, say: Say) -> None:
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in _lines(typed):
            try:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            except RuntimeError:
                return  # the server has ended

    # A thread that nobody waits for: a line may never come.
    threading.Thread(target=read, daemon=True).start()
    while True:
        line = await lines.get()
        if len(line) > _LONGEST_TYPED:
            say(note(Sort.WRONG, "lab", f"typed: a line of more than {_LONGEST_TYPED:,} characters is no step"))
            continue
        line = line.strip()
        if line in ("", "help", "?"):
            for name, action in SERVER_ACTIONS.items():
                keys = " ".join(f"{key.name}=..." if key.required else f"[{key.name}=...]" for key in action.keys)
                say(note(Sort.NEWS, "lab", f"{name} {keys}".rstrip() + f": {action.meaning}"))
            continue
        try:
            step = step_of_line(scenario, line)
            await servers[step.who].act(step)
        except CcxDissectError as error:
            say(note(Sort.WRONG, "lab", str(error)))


def loopback_only(specs: Iterable[ServerSpec], anywhere: bool) -> None:
    """Refuses to listen beyond the loopback unless that was asked for. Raises CcxDissectError."""
    for spec in specs:
        if not anywhere and not ipaddress.ip_address(spec.address).is_loopback:
            raise CcxDissectError(
                one_line(f"{spec.address} is not on the loopback: the lab listens elsewhere only when asked to")
            )


def overridden(
    scenario: Scenario,
    *,
    address: str | None = None,
    port: int | None = None,
    form: str | None = None,
    standby: bool | None = None,
) -> Scenario:
    """The scenario with its first server told otherwise where something is given: where it listens, the `form` of its
    floating fields in version 18, whether it is the standby node. Raises CcxDissectError.
    """
    if address is not None:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise CcxDissectError(one_line(f"{address!r} is no IP address")) from None
    first = scenario.servers[0]
    first = replace(
        first,
        address=first.address if address is None else address,
        port=first.port if port is None else port,
        form=first.form if form is None else form,
        standby=first.standby if standby is None else standby,
    )
    return replace(scenario, servers=(first, *scenario.servers[1:]))


def serve(
    scenario: Scenario,
    *,
    anywhere: bool = False,
    speed: float = 1.0,
    seconds: float | None = None,
    say: Say = silent,
    typed: TextIO | None = None,
) -> None:
    """Serves a scenario until interrupted, or for some `seconds`; its server's own steps are played in their order.

    `typed`: where further steps are read from while it serves, one a line (see `scenario.step_of_line`). `anywhere` allows listening beyond the loopback. Raises CcxDissectError.
    """
    loopback_only(scenario.servers, anywhere)
    asyncio.run(_serve(scenario, speed, seconds, say, typed))


async def _serve(scenario: Scenario, speed: float, seconds: float | None, say: Say, typed: TextIO | None) -> None:
    servers = [LabServer(scenario, spec, say, speed) for spec in scenario.servers]
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopping.set)
        except (NotImplementedError, RuntimeError, ValueError):
            pass  # not in the main thread, or not on this system: Ctrl-C then comes as KeyboardInterrupt
    tasks: list[asyncio.Task[None]] = []
    try:
        for server in servers:
            await server.start()
        by_name = {server.spec.name: server for server in servers}
        know_each_other(servers)
        tasks.append(asyncio.create_task(callers(servers[0], scenario.callers)))
        tasks.append(asyncio.create_task(_steps(scenario, by_name)))
        if typed is not None:
            tasks.append(asyncio.create_task(_typed_steps(scenario, by_name, typed, say)))
        try:
            await asyncio.wait_for(stopping.wait(), None if seconds is None else seconds)
        except TimeoutError:
            pass
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for server in servers:
            await server.stop()


async def _steps(scenario: Scenario, servers: dict[str, LabServer]) -> None:
    for step in scenario.steps:
        if step.who in servers:
            await servers[step.who].act(step)
