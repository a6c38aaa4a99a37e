"""The server's side of a captured session, played to a client under test.

A request of the client is matched by what it means: the next request of the captured session of the same type about the
same agent, state and call, or else the next one of its type. What the server sent until the captured client spoke again is
sent then, replies with the InvokeID that the client chose. What a request that the client leaves out had led to comes too,
but for its reply. A request that came but once, or that the captured session never answers, is told of.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from ccxdissect.codec import Decoded
from ccxdissect.errors import CcxDissectError, one_line
from ccxdissect.lab.channel import Channel
from ccxdissect.lab.notes import Say, Sort, note, silent
from ccxdissect.protocol.model import Kind, Mark, Protocol, Side
from ccxdissect.stream.events import Record
from ccxdissect.wording import SECOND

#: What two requests of one type have to share to mean the same.
_MEANING = Mark.AGENT | Mark.INSTRUMENT | Mark.AGENT_STATE | Mark.CALL | Mark.CALLED


@dataclass
class Turn:
    """A message of the captured client, and what the server sent until the next one: seconds after it, and the message."""

    asked: Decoded
    answers: list[tuple[float, Decoded]] = field(default_factory=list)
    played: bool = False


def turns_of(records: Iterable[Record]) -> list[Turn]:
    """The turns of one session, whose messages these are."""
    turns: list[Turn] = []
    begun = 0
    for record in records:
        if record.sender is Side.CLIENT:
            turns.append(Turn(record.decoded))
            begun = record.time
        elif turns:
            turns[-1].answers.append(((record.time - begun) / SECOND, record.decoded))
    return turns


class Script:
    """What is still to be played. Sans-IO."""

    def __init__(self, turns: Iterable[Turn]) -> None:
        self._turns = list(turns)
        self._next = 0

    def answer(self, asked: Decoded) -> list[tuple[float, bytes]] | None:
        """What to send, seconds after it was asked and bytes, in their order; None for what was never asked."""
        place = self._place(asked)
        if place is None:
            return None
        turn = self._turns[place]
        invoke_id = asked.marked(Mark.INVOKE_ID)
        found: list[tuple[float, bytes]] = []
        if not turn.played and place >= self._next:
            for skipped in self._turns[self._next : place]:
                # The client has left these out: what they were answered is nobody's, what happened then happened.
                found += [(0.0, one.raw) for _, one in skipped.answers if not _is_reply(one)]
            self._next = place + 1
            turn.played = True
            found += [(after, _with_id(one, invoke_id)) for after, one in turn.answers]
        else:
            found += [(after, _with_id(one, invoke_id)) for after, one in turn.answers if _is_reply(one)]
        return found

    def _place(self, asked: Decoded) -> int | None:
        ahead = range(self._next, len(self._turns))
        for places, alike in ((ahead, True), (ahead, False), (range(self._next - 1, -1, -1), False)):
            for place in places:
                captured = self._turns[place].asked
                if captured.number == asked.number and (not alike or _meaning(captured) == _meaning(asked)):
                    return place
        return None


def _meaning(decoded: Decoded) -> list[object]:
    fields = [(row, value) for row, _, value in decoded.fixed_fields()]
    fields += [(one.row, one.value) for one in decoded.floating if one.row is not None]  # type: ignore[misc]
    return [value for row, value in fields if row.mark & _MEANING]


def _is_reply(decoded: Decoded) -> bool:
    return decoded.message is not None and decoded.message.kind is Kind.CONFIRMATION


def _with_id(decoded: Decoded, invoke_id: object) -> bytes:
    """A message as it was captured, a reply with another InvokeID."""
    raw = bytearray(decoded.raw)
    if _is_reply(decoded) and isinstance(invoke_id, int):
        for row, offset, _ in decoded.fixed_fields():
            if row.mark & Mark.INVOKE_ID:
                start = len(raw) - len(decoded.body) + offset
                raw[start : start + row.size] = invoke_id.to_bytes(row.size, "big")
    return bytes(raw)


class ReplayServer:
    """Plays turns to every client that connects, each from the beginning. `pauses`: how many times faster than they were
    captured its messages come; None: at once."""

    def __init__(self, protocol: Protocol, turns: list[Turn], say: Say = silent, pauses: float | None = 1.0) -> None:
        self._protocol = protocol
        self._turns = turns
        self._say = say
        self._pauses = pauses
        self._server: asyncio.AbstractServer | None = None
        self.port = 0

    async def start(self, address: str, port: int) -> None:
        """Listen. Raises CcxDissectError."""
        try:
            self._server = await asyncio.start_server(self._serve, address, port)
        except OSError as error:
            raise CcxDissectError(
                one_line(f"cannot listen on {address} port {port}: {error.strerror or error}")
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]
        self._say(note(Sort.NEWS, "replay", f"listening on {address} port {self.port}"))

    async def stop(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        channel = Channel(self._protocol, Side.CLIENT)
        script = Script(Turn(turn.asked, turn.answers) for turn in self._turns)
        try:
            while data := await reader.read(65536):
                for received in channel.feed(data):
                    self._say(note(Sort.MESSAGE, "client", f"-> {received.name}"))
                    answers = script.answer(received.decoded)
                    if answers is None:
                        self._say(
                            note(Sort.WRONG, "client", f"{received.name}: the captured session has no such request")
                        )
                    passed = 0.0
                    for after, message in answers or ():
                        if self._pauses is not None and after > passed:
                            await asyncio.sleep((after - passed) / self._pauses)
                            passed = after
                        writer.write(message)
                    await writer.drain()
                if channel.broken is not None:
                    self._say(note(Sort.WRONG, "client", f"{channel.broken}"))
                    break
        except ConnectionError:
            pass  # the client has gone
        finally:
            writer.close()


def replay(
    protocol: Protocol,
    turns: list[Turn],
    address: str,
    port: int,
    seconds: float | None = None,
    say: Say = silent,
    pauses: float | None = 1.0,
) -> None:
    """Play until interrupted, or for some `seconds`. On the loopback only. Raises CcxDissectError."""
    try:
        if not ipaddress.ip_address(address).is_loopback:
            raise CcxDissectError(one_line(f"{address} is not on the loopback"))
    except ValueError:
        raise CcxDissectError(one_line(f"{address!r} is no IP address")) from None
    asyncio.run(_replay(ReplayServer(protocol, turns, say, pauses), address, port, seconds))


async def _replay(server: ReplayServer, address: str, port: int, seconds: float | None) -> None:
    await server.start(address, port)
    try:
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
    except asyncio.TimeoutError:
        pass
    finally:
        await server.stop()
