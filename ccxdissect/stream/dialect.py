"""Which of several protocols a session speaks: what speaks for each is added up until one leads.

No single sign decides: servers listen where they are told to, old versions exist in both dialects. Each sign counts
once for a session, and while none leads its messages wait (a few of them), so that they are all read alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ccxdissect.bounded import Memo
from ccxdissect.codec.decoder import Decoded, Decoders
from ccxdissect.codec.layout import CompiledLayout
from ccxdissect.protocol.model import Mark, Message, Protocol, Sign
from ccxdissect.protocol.telling import LEAD, OWN_TYPE, OWN_VERSION, alike, owner, port_weights

#: Messages of a session that wait for it at most.
MOST_WAITING = 32
#: What a message type means that one of them alone has.
_OWN = "message types of its own"
#: For so many sets of signs it is remembered which types may tell more.
_MEMORY = 256


@dataclass(frozen=True, slots=True)
class Seen:
    """A sign that was seen: for which dialect it speaks, what it is, and what it counts; whether the bytes say it."""

    dialect: str
    meaning: str
    weight: int
    in_bytes: bool = True

    def __hash__(self) -> int:
        # What it is tells signs apart well enough, and is asked for with each session.
        return hash(self.meaning)


@dataclass(slots=True, frozen=True)
class Verdict:
    """What is known of a session's dialect. `settled`: its messages are read by it, whatever comes."""

    protocol: Protocol
    settled: bool = False
    #: The user said so: nothing was weighed.
    told: bool = False
    seen: tuple[Seen, ...] = ()
    #: What came after it was settled speaks for another.
    doubted: bool = False

    def has_seen(self, sign: Seen) -> bool:
        """Whether a sign was seen before: each counts once."""
        return any(one.dialect == sign.dialect and one.meaning == sign.meaning for one in self.seen)

    @property
    def overruled_by(self) -> str | None:
        """The other dialect that the bytes speak for no less than for this one; None: there is none."""
        mine = self.protocol.dialect
        if all(sign.dialect == mine for sign in self.seen):
            # As nearly always.
            return None
        weights = dict.fromkeys([mine], 0)
        for sign in self.seen:
            if sign.in_bytes:
                weights[sign.dialect] = weights.get(sign.dialect, 0) + sign.weight
        own = weights.pop(mine)
        return next((dialect for dialect, weight in weights.items() if weight >= max(own, LEAD)), None)


class Weighing:
    """Tells several protocols apart; where nothing tells, the first is meant."""

    def __init__(self, protocols: Sequence[Protocol]) -> None:
        self.protocols = tuple(protocols)
        #: By protocol and the signs that were seen.
        self._telling: Memo[tuple[Protocol, frozenset[tuple[str, str]]], frozenset[int]] = Memo(_MEMORY)
        #: Sessions open alike and say the same. By port: the verdict before any message; by the identity of a verdict, which
        #: is kept, and the signs seen then: the next; by the same: that verdict, settled, what tells more of it, whether it leads.
        self._opened: Memo[int, Verdict] = Memo(_MEMORY)
        self._next: Memo[tuple[int, tuple[Seen, ...]], tuple[Verdict, Verdict]] = Memo(_MEMORY)
        self._settled: Memo[int, tuple[Verdict, Verdict]] = Memo(_MEMORY)
        self._tells: Memo[int, tuple[Verdict, frozenset[int]]] = Memo(_MEMORY)
        self._leading: Memo[int, tuple[Verdict, bool]] = Memo(_MEMORY)
        #: By layout: where the fields are that signs and versions hang on; by layout, values there and tags: the signs.
        self._positions: Memo[CompiledLayout, tuple[int, ...]] = Memo(_MEMORY)
        self._borne: Memo[tuple[CompiledLayout, tuple[object, ...], frozenset[int]], tuple[Seen, ...]] = Memo(_MEMORY)
        #: Message types that all of them declare as one: they need no verdict.
        self.alike = alike(self.protocols)

    def telling(self, verdict: Verdict) -> frozenset[int]:
        """The types of which a message, read as `verdict` says, may bear a sign that was not seen yet; others say nothing
        new if all their tags are their own, and they say no version."""
        known = self._tells.get(id(verdict))
        return self._tells.remember(id(verdict), (verdict, self._types(verdict)))[1] if known is None else known[1]

    def _types(self, verdict: Verdict) -> frozenset[int]:
        seen = frozenset((one.dialect, one.meaning) for one in verdict.seen)
        found = self._telling.get((verdict.protocol, seen))
        if found is None:
            owned = {one for one in self.protocols if (one.dialect, _OWN) not in seen}
            signs = [sign for one in self.protocols for sign in one.signs if (one.dialect, sign.meaning) not in seen]
            types = frozenset(
                number
                for number, message in verdict.protocol.by_number.items()
                if owner(number, self.protocols) in owned or any(_may_bear(message, sign) for sign in signs)
            )
            found = self._telling.remember((verdict.protocol, seen), types)
        return found

    def open(self, port: int) -> Verdict:
        """The verdict on a session with a server on `port`, before any message."""
        known = self._opened.get(port)
        return self._opened.remember(port, self._open(port)) if known is None else known

    def _open(self, port: int) -> Verdict:
        if len(self.protocols) == 1:
            return Verdict(self.protocols[0], settled=True, told=True)
        verdict = Verdict(self.protocols[0])
        for protocol in self.protocols:
            weight = port_weights(protocol, self.protocols).get(port)
            if weight:
                verdict = self.see(verdict, Seen(protocol.dialect, f"server port {port}", weight, in_bytes=False))
        return verdict

    def look(self, verdict: Verdict, decoded: Decoded) -> Verdict:
        """The verdict with what a message says, read by whichever of the protocols."""
        return self.see_all(verdict, self.signs(decoded))

    def see_all(self, verdict: Verdict, signs: tuple[Seen, ...]) -> Verdict:
        """The verdict with signs that were seen, one after the other."""
        if not signs:
            return verdict
        key = id(verdict), signs
        known = self._next.get(key)
        if known is None:
            after = verdict
            for seen in signs:
                after = self.see(after, seen)
            known = self._next.remember(key, (verdict, after))
        return known[1]

    def settled(self, verdict: Verdict) -> Verdict:
        """The verdict, that whatever comes changes no more."""
        known = self._settled.get(id(verdict))
        if known is None:
            known = self._settled.remember(id(verdict), (verdict, replace(verdict, settled=True)))
        return known[1]

    def signs(self, decoded: Decoded) -> tuple[Seen, ...]:
        """What a message says: it hangs on its type, the fields that signs and versions are in, and the tags of signs."""
        layout = decoded.layout
        if layout is None:
            return self._signs(decoded)
        positions = self._positions.get(layout)
        if positions is None:
            telling = self.fields
            positions = self._positions.remember(
                layout,
                tuple(
                    position
                    for position, field in enumerate(layout.fields)
                    if field.mark & Mark.VERSION or field.name in telling
                ),
            )
        values, tags = decoded.values, self.tags
        held = tuple(values[position] for position in positions if position < len(values))
        key = layout, held, frozenset(tag for tag, _, _ in decoded.spans if tag in tags)
        found = self._borne.get(key)
        return self._borne.remember(key, self._signs(decoded)) if found is None else found

    def _signs(self, decoded: Decoded) -> tuple[Seen, ...]:
        found: list[Seen] = []
        number = decoded.number
        alone = owner(number, self.protocols)
        if alone is not None:
            found.append(Seen(alone.dialect, _OWN, OWN_TYPE))
        message = decoded.message
        if message is None:
            return tuple(found)
        fixed = decoded.fixed
        for row, _, value in decoded.fixed_fields():
            if row.mark & Mark.VERSION and isinstance(value, int):
                having = [protocol for protocol in self.protocols if value in protocol.versions]
                if len(having) == 1:
                    found.append(Seen(having[0].dialect, f"version {value}", OWN_VERSION))
        tags = {tag for tag, _, _ in decoded.spans}
        for protocol in self.protocols:
            for sign in protocol.signs:
                if (sign.messages and number not in sign.messages) or sign.kind not in (None, message.kind):
                    continue
                if sign.tag:
                    if sign.tag in tags and sign.without not in tags:
                        found.append(Seen(protocol.dialect, sign.meaning, sign.weight))
                    continue
                held, beside = fixed.get(sign.field), fixed.get(sign.beside) if sign.beside else 0
                if not isinstance(held, int) or not isinstance(beside, int) or not sign.field:
                    continue
                if sign.holds(held, beside):
                    found.append(Seen(protocol.dialect, sign.meaning, sign.weight))
        return tuple(found)

    @cached_property
    def fields(self) -> frozenset[str]:
        """The names of the fixed fields that signs are in; versions are in fields of that mark."""
        signs = [sign for protocol in self.protocols for sign in protocol.signs]
        return frozenset(name for sign in signs for name in (sign.field, sign.beside) if name)

    @cached_property
    def tags(self) -> frozenset[int]:
        """The tags of floating fields that are signs, or speak against one."""
        signs = [sign for protocol in self.protocols for sign in protocol.signs]
        return frozenset(tag for sign in signs for tag in (sign.tag, sign.without) if tag)

    def see(self, verdict: Verdict, seen: Seen) -> Verdict:
        """The verdict with a sign that was seen; each counts once."""
        if verdict.has_seen(seen):
            return verdict
        verdict = replace(verdict, seen=(*verdict.seen, seen))
        if verdict.settled:
            differs = seen.dialect != verdict.protocol.dialect
            return replace(verdict, doubted=verdict.overruled_by is not None) if differs else verdict
        totals = self.totals(verdict)
        # The first of those that count most.
        return replace(verdict, protocol=max(self.protocols, key=lambda one: totals[one.dialect]))

    def totals(self, verdict: Verdict) -> dict[str, int]:
        """What the signs add up to, for each dialect."""
        totals = dict.fromkeys((protocol.dialect for protocol in self.protocols), 0)
        for sign in verdict.seen:
            totals[sign.dialect] += sign.weight
        return totals

    def leads(self, verdict: Verdict) -> bool:
        """Whether one protocol leads far enough to be believed. A port alone is a guess: the bytes have to agree."""
        if verdict.settled:
            return True
        known = self._leading.get(id(verdict))
        if known is None:
            known = self._leading.remember(id(verdict), (verdict, self._leads(verdict)))
        return known[1]

    def _leads(self, verdict: Verdict) -> bool:
        if not any(sign.in_bytes for sign in verdict.seen):
            return False
        first, second, *_ = sorted(self.totals(verdict).values(), reverse=True)
        return first - second >= LEAD


def _may_bear(message: Message, sign: Sign) -> bool:
    if (sign.messages and message.number not in sign.messages) or sign.kind not in (None, message.kind):
        return False
    if sign.tag:
        return sign.tag in message.tags
    return any(row.name == sign.field for form in message.forms for row in form.fixed)


def spoken(protocols: Sequence[Protocol], messages: Iterable[tuple[int, bytes]]) -> Protocol:
    """The protocol that these messages (type and body) speak, as far as they tell."""
    weighing = Weighing(protocols)
    verdict = weighing.open(0)
    decoders = Decoders()
    if not verdict.settled:
        for number, body in messages:
            verdict = weighing.look(verdict, decoders[verdict.protocol].decode(number, body))
    return verdict.protocol
