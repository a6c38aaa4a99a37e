"""What the lab says and hears, in the protocol of its scenario.

The lab thinks in the words of the protocol that is usually meant. Another protocol has most of the same messages under
other names of their fields; what it lacks is left unsaid, and what only it has is filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ccxdissect.codec import Value
from ccxdissect.protocol.model import Message, Protocol, SisterWords
from ccxdissect.protocol.types import TIME

#: The peripheral that a center's messages name, where a scenario does not say another.
PERIPHERAL = 5000
_OWN = SisterWords()


class Words:
    """The words of one protocol."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self._sister = protocol.sister or _OWN
        self._known_as = {own: name for name, own in self._sister.messages.items()}

    def own(self, name: str) -> str:
        """The protocol's own name of a message."""
        return name if name in self.protocol.by_name else self._sister.messages.get(name, name)

    def known_as(self, name: str) -> str:
        """The lab's name of a message that the protocol calls so."""
        return self._known_as.get(name, name)

    def names(self, name: str) -> tuple[str, ...]:
        """What a field may be called in the protocol, the lab's own name first."""
        return (name, *self._sister.fields.get(name, ()))

    def fixed(
        self, message: Message, given: Mapping[str, int | bytes], peripheral: int, now: int
    ) -> dict[str, int | bytes]:
        """The fixed fields as the protocol has them. `now`: what its fields hold that tell a time, in seconds."""
        if self.protocol.sister is None:
            return dict(given)
        rows = {row.name: row for row in message.fixed}
        filled: dict[str, int | bytes] = {
            name: value for name, value in self._sister.slots.items() if name in rows and not rows[name].reserved
        }
        if "PeripheralID" in rows:
            filled["PeripheralID"] = peripheral
        filled |= {row.name: now for row in message.fixed if row.type is TIME}
        for name, value in given.items():
            own = next((own for own in self.names(name) if own in rows), None)
            if own is not None:
                filled[own] = value
        return filled

    def floating(self, message: Message, given: Iterable[tuple[str | int, Value]]) -> list[tuple[str | int, Value]]:
        """The floating fields as the protocol has them."""
        if self.protocol.sister is None:
            return list(given)
        rows = {row.name for row in message.floating}
        found: list[tuple[str | int, Value]] = []
        for key, value in given:
            own = key if isinstance(key, int) else next((own for own in self.names(key) if own in rows), None)
            if own is not None:
                found.append((own, value))
        return found
