"""One end of a session on bytes: cuts them into messages, decodes each, and says what is wrong with it.

Sans-IO: bytes are handed in, bytes to send are handed out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ccxdissect.codec import HEADER, Decoded, Decoder, Encoder, FloatingForm, Value
from ccxdissect.codec.checks import check
from ccxdissect.lab.constants import Constants
from ccxdissect.lab.words import Words
from ccxdissect.protocol.model import Mark, Message, Protocol, Side
from ccxdissect.wording import deviations
from ccxdissect.wording.problems import say


@dataclass(frozen=True)
class Received:
    """One message that came in, and what is wrong with it in plain words."""

    decoded: Decoded
    complaints: tuple[str, ...]
    words: Words

    @property
    def name(self) -> str:
        """The message's name."""
        return self.decoded.name

    @property
    def known_as(self) -> str:
        """The lab's name for it."""
        return self.words.known_as(self.decoded.name)

    def fixed(self, name: str) -> int | bytes | None:
        """A fixed field, None when the body has none of that name."""
        fixed = self.decoded.fixed
        return next((fixed[own] for own in self.words.names(name) if own in fixed), None)

    def number(self, name: str) -> int:
        """A fixed field that is a number; 0 when it is not there."""
        value = self.fixed(name)
        return value if isinstance(value, int) else 0

    def value(self, name: str) -> Value:
        """The first floating field of that name, None when there is none. Reserved ones are passed over."""
        names = self.words.names(name)
        for field in self.decoded.floating:
            if field.name in names and not (field.row is not None and field.row.reserved):
                return field.value
        return None

    def text(self, name: str) -> str:
        """The first floating text of that name, "" when there is none."""
        value = self.value(name)
        return value if isinstance(value, str) else ""

    @property
    def invoke_id(self) -> int | None:
        """The InvokeID, None when the message has none or is cut before it."""
        value = self.decoded.marked(Mark.INVOKE_ID)
        return value if isinstance(value, int) else None


class Channel:
    """One end of a session.

    `hears`: the side whose messages come in. `version` and `form` are None until known; a message that sets the
    version sets them here too. After `broken` is set, nothing more can be read.
    """

    def __init__(
        self,
        protocol: Protocol,
        hears: Side,
        version: int | None = None,
        form: FloatingForm | None = None,
        decoder: Decoder | None = None,
        encoder: Encoder | None = None,
    ) -> None:
        self.protocol = protocol
        self.codes = Constants(protocol)
        self.words = Words(protocol)
        self.hears = hears
        self.version = version
        self.form = form
        self.broken: str | None = None
        self._decoder = decoder or Decoder(protocol)
        self._encoder = encoder or Encoder(protocol)
        self._held = bytearray()

    @property
    def waiting(self) -> int:
        """Bytes of a message that has not come whole yet."""
        return len(self._held)

    def feed(self, data: bytes) -> Iterator[Received]:
        """The messages that `data` completes. Never raises; see `broken`."""
        if self.broken is not None:
            return
        held = self._held
        held += data
        while len(held) >= HEADER.size:
            length, number = HEADER.unpack_from(held)
            if length > self.protocol.largest_body:
                self.broken = (
                    f"the header announces a body of {length} bytes (type {number}), no message has more than "
                    f"{self.protocol.largest_body}: the lengths are out of step, or this is no CTI"
                )
                held.clear()
                return
            end = HEADER.size + length
            if len(held) < end:
                return
            body = bytes(held[HEADER.size : end])
            del held[:end]
            yield self._read(number, body)

    def _read(self, number: int, body: bytes) -> Received:
        decoded = self._decoder.decode(number, body, self.version, self.form)
        message = decoded.message
        if message is not None and message.marked(Mark.VERSION) and decoded.version is not None:
            if decoded.version != self.version:
                self.form = None
            self.version = decoded.version
        if decoded.form is not None and self.form is None and not decoded.undecoded:
            self.form = decoded.form
        return Received(decoded, tuple(self._complaints(decoded, message)), self.words)

    def _complaints(self, decoded: Decoded, message: Message | None) -> Iterator[str]:
        if message is not None and message.sender is not self.hears:
            yield f"a {self.hears.value} never sends {message.name}, the {message.sender.value} does"
        yield from map(say, decoded.problems)
        if decoded.layout is not None and len(decoded.values) == len(decoded.layout.fields):
            yield from (deviations.say(deviation) for deviation in check(decoded))

    def encode(
        self,
        name: str,
        fixed: Mapping[str, int | bytes] | None = None,
        floating: Iterable[tuple[str | int, Value]] = (),
    ) -> bytes:
        """One message to send, in the session's version and form (the lowest while none is known).

        Raises EncodeError.
        """
        version = self.protocol.versions[0] if self.version is None else self.version
        return self._encoder.encode(name, fixed, floating, version=version, form=self.form)
