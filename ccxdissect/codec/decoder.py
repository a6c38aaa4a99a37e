"""Bytes in, values out: one message body decoded by the declarations it is given.

The version and the session's habit propose how to read a body; whether a reading *fits* (the fixed part is whole,
the floating fields end exactly at the body's end, their tags are known) decides. What fits nothing keeps what can be
read, and the rest is undecoded bytes with the reason. Nothing raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, overload

from ccxdissect.codec import values
from ccxdissect.codec.forms import FORMS, FloatingForm, Span, Spans, proposed
from ccxdissect.codec.layout import HEADER, CompiledLayout, TagTable, compile_layouts
from ccxdissect.codec.problems import Problem, ProblemKind
from ccxdissect.codec.values import Value
from ccxdissect.identity import known_by_identity
from ccxdissect.protocol.codes import label
from ccxdissect.protocol.model import Fixed, Floating, Mark, Message, Protocol
from ccxdissect.protocol.types import Reading

if TYPE_CHECKING:
    from typing_extensions import Self

#: What a fixed field holds.
FixedValue = int | bytes


class FloatingField(NamedTuple):
    """One floating field as it stands in a body.

    `row` is None for an unknown tag. `offset` is where its data begin in the body, `size` how many bytes they are.
    """

    tag: int
    name: str
    value: Value
    row: Floating | None
    offset: int
    size: int


class Amiss(NamedTuple):
    """What a body shows that is not in order: as `Decoded` has it. `values`: what is whole of a fixed part that is cut."""

    undecoded: int
    problems: tuple[Problem, ...]
    values: tuple[FixedValue, ...] | None = None


_NOTHING_AMISS = Amiss(0, ())
_new = tuple.__new__
T = TypeVar("T")


class _Facts(NamedTuple):
    number: int
    body: bytes
    message: Message | None
    layout: CompiledLayout | None
    spans: tuple[Span, ...]
    tags: TagTable
    version: int | None
    form: FloatingForm | None
    undecoded: int
    problems: tuple[Problem, ...]
    whole: tuple[FixedValue, ...] | None


class Once(Generic[T]):
    """A property that is made once, when it is asked for, and then found without asking.

    Not `functools.cached_property`, which takes a lock for each message.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        found = instance.__dict__[self._name] = self._make(instance)
        return found


@known_by_identity
class Decoded(_Facts):
    """One message body, decoded. It can be read only.

    `message` is its declaration, None for an unknown type. `version` and `form` are what the body was read by: the
    version None when unknown, the form None when no floating field told. `undecoded` counts the body's last
    bytes that no field accounts for; `problems` says why, and what else is wrong. `whole`: the fields that are whole of
    a fixed part that is cut.
    """

    def __new__(
        cls,
        number: int,
        body: bytes,
        layout: CompiledLayout | None,
        spans: Sequence[Span],
        tags: TagTable,
        version: int | None,
        form: FloatingForm | None,
        amiss: Amiss | None = None,
    ) -> Self:
        """`amiss`: what is not in order; most bodies are."""
        message = None if layout is None else layout.message
        undecoded, problems, whole = amiss or _NOTHING_AMISS
        return _new(cls, (number, body, message, layout, tuple(spans), tags, version, form, undecoded, problems, whole))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: what was decoded can be read only")

    @Once
    def values(self) -> tuple[FixedValue, ...]:
        """The fixed part in the order of `layout.names`; fewer when the body is too short for all of it."""
        if self.whole is not None:
            return self.whole
        return () if self.layout is None else self.layout.packed.unpack_from(self.body)

    @property
    def name(self) -> str:
        """The guide's name, or UNKNOWN_ and the number."""
        return self.message.name if self.message is not None else f"UNKNOWN_{self.number}"

    @property
    def raw(self) -> bytes:
        """The whole message as it was on the wire: header and body."""
        return HEADER.pack(len(self.body), self.number) + self.body

    @property
    def fixed_size(self) -> int:
        """Bytes of the fixed part that were read."""
        if self.layout is None:
            return 0
        whole = len(self.values)
        if whole == len(self.layout.fields):
            return self.layout.size
        return self.layout.offsets[whole]

    @Once
    def fixed(self) -> Mapping[str, FixedValue]:
        """The fixed part, reserved slots included: name -> value."""
        layout = self.layout
        return MappingProxyType({} if layout is None else dict(zip(layout.names, self.values, strict=False)))

    def fixed_fields(self) -> Iterator[tuple[Fixed, int, FixedValue]]:
        """The fixed fields that were read: declaration, offset in the body, value."""
        if self.layout is not None:
            yield from zip(self.layout.fields, self.layout.offsets, self.values, strict=False)

    @Once
    def floating(self) -> tuple[FloatingField, ...]:
        """The floating fields in the order of the wire."""
        fields = []
        body = self.body
        row_of = self.tags.row
        read = values.read
        for tag, start, stop in self.spans:
            row = row_of(tag)
            name = row.name if row is not None else f"UNKNOWN_{tag}"
            # What `FloatingField` would come to, which is a function: this is done for each field.
            fields.append(_new(FloatingField, (tag, name, read(row, body[start:stop]), row, start, stop - start)))
        return tuple(fields)

    @property
    def labels(self) -> dict[str, str | list[str]]:
        """Field name -> the constant's name, or the list of flag names.

        A field that comes again has `#2`, `#3` ... after its name.
        """
        found: dict[str, str | list[str]] = {}
        seen: dict[str, int] = {}
        rows: list[tuple[Fixed | Floating | None, str, object]] = [
            (row, row.name, value) for row, _, value in self.fixed_fields() if not row.reserved
        ]
        rows += [(field.row, field.name, field.value) for field in self.floating]
        for row, name, value in rows:
            seen[name] = times = seen.get(name, 0) + 1
            if row is not None and row.codes is not None and isinstance(value, int):
                known = label(row.codes, value)
                if known is not None:
                    found[name if times == 1 else f"{name}#{times}"] = known
        return found

    def marked(self, mark: int) -> Value | FixedValue:
        """The value of the first field that carries `mark` and has a value, fixed fields first; else None."""
        return next(self.all_marked(mark), None)

    def all_marked(self, mark: int) -> Iterator[Value | FixedValue]:
        """The values of all fields that carry `mark`, fixed fields first."""
        for row, _, value in self.fixed_fields():
            if row.mark & mark:
                yield value
        for field in self.floating:
            if field.row is not None and field.row.mark & mark and field.value is not None:
                yield field.value

    def __repr__(self) -> str:
        return f"<{self.name} {len(self.body)} bytes>"


#: Layout, size of the fixed part, quick walk, tags and form of the usual case.
Usual = tuple[
    CompiledLayout, int, Callable[[bytes, int, int, Mapping[int, int]], "Spans | None"], TagTable, FloatingForm
]
#: Versions are whatever a client claims; so many combinations are remembered.
_REMEMBERED = 4096


_OWN_TAGS = 2


class _Reading(NamedTuple):
    """One way to read a body, and how well it fits."""

    exact: bool
    known: int  # _OWN_TAGS every tag is the message's own, 1 the catalogue's, 0 some are unknown
    plausible: int
    layout: CompiledLayout
    form: FloatingForm
    spans: Spans
    reached: int


class Decoder:
    """Decodes message bodies by one set of declarations.

    Holds no state of any session: version and floating form are handed in and come back in the result.
    """

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self._layouts = {message.number: compile_layouts(message) for message in protocol.messages}
        self._tags = {message.number: TagTable.of(message, protocol) for message in protocol.messages}
        self._nothing_known = TagTable.of(None, protocol)
        self._plans: dict[tuple[int, int | None], tuple[CompiledLayout, ...]] = {}
        self._usual: dict[tuple[int, int | None, FloatingForm | None], Usual | None] = {}
        #: The same of types that say the version themselves.
        self._own: dict[tuple[int, int | None, FloatingForm | None], Usual | None] = {}
        self._versioned = {
            message.number: position
            for message in protocol.messages
            for position, field in enumerate(message.fixed)
            if field.mark & Mark.VERSION
        }

    def says_version(self, number: int) -> bool:
        """Whether messages of a type say the version that the session is to have."""
        return number in self._versioned

    def layouts(self, number: int) -> tuple[CompiledLayout, ...]:
        """Every layout of a message type; empty when the type is unknown."""
        return self._layouts.get(number, ())

    def tag_table(self, number: int) -> TagTable:
        """What is known of the tags in a message type."""
        return self._tags.get(number, self._nothing_known)

    def plan(self, number: int, version: int | None) -> tuple[CompiledLayout, ...]:
        """The layouts that `version` proposes; all of them when it is unknown."""
        key = (number, version)
        plan = self._plans.get(key)
        if plan is None:
            every = self._layouts[number]
            plan = every if version is None else tuple(layout for layout in every if layout.holds(version))
            if len(self._plans) < _REMEMBERED:
                self._plans[key] = plan
        return plan

    def decode(self, number: int, body: bytes, version: int | None = None, form: FloatingForm | None = None) -> Decoded:
        """Decode one body. `version` and `form` are what is known of the session so far (None: nothing)."""
        usual = self._usual.get((number, version, form))
        if usual is not None:
            layout, size, sound, tags, likely = usual
            spans = sound(body, size, len(body), tags.widths)
            if spans is not None and size <= len(body):
                form = likely if spans else None
                # What `Decoded` would come to: this is done for each message.
                return _new(
                    Decoded, (number, body, layout.message, layout, tuple(spans), tags, version, form, 0, (), None)
                )
        elif number in self._versioned:
            decoded = self._by_own_version(number, body, version, form)
            if decoded is not None:
                return decoded
        return self._decode(number, body, version, form)

    def _decode(self, number: int, body: bytes, version: int | None, form: FloatingForm | None) -> Decoded:
        layouts = self._layouts.get(number)
        if layouts is None:
            problem = Problem(ProblemKind.UNKNOWN_TYPE, None, 0, len(body), (number,))
            return Decoded(number, body, None, [], self._nothing_known, version, None, Amiss(len(body), (problem,)))
        message = layouts[0].message
        if not message.fields_known and body:
            problem = Problem(ProblemKind.FIELDS_UNKNOWN, None, 0, len(body), (message.name,))
            return Decoded(
                number, body, layouts[0], [], self._tags[number], version, None, Amiss(len(body), (problem,))
            )
        position = self._versioned.get(number)
        if position is not None:
            version, form = self._own_version(layouts[0], position, body, version, form)
        elif (number, version, form) not in self._usual and len(self._usual) < _REMEMBERED:
            self._usual[(number, version, form)] = self._usual_case(number, version, form)
        return self._weigh(number, body, version, form)

    def _by_own_version(
        self, number: int, body: bytes, version: int | None, form: FloatingForm | None
    ) -> Decoded | None:
        """A body that sets the version by which it is read, where nothing is in doubt; else None."""
        version, form = self._own_version(self._layouts[number][0], self._versioned[number], body, version, form)
        key = (number, version, form)
        usual = self._own.get(key)
        if usual is None:
            if key in self._own or len(self._own) >= _REMEMBERED:
                return None
            usual = self._own[key] = self._usual_case(number, version, form)
            if usual is None:
                return None
        layout, size, sound, tags, likely = usual
        spans = sound(body, size, len(body), tags.widths)
        if spans is None or size > len(body):
            return None
        form = likely if spans else None
        return _new(Decoded, (number, body, layout.message, layout, tuple(spans), tags, version, form, 0, (), None))

    def version_field(self, number: int) -> tuple[int, int] | None:
        """Where in its body, and in how many bytes, a type says the version that the session is to have; None: it does not."""
        position = self._versioned.get(number)
        if position is None:
            return None
        layout = self._layouts[number][0]
        return layout.offsets[position], layout.fields[position].size

    def usual(self, number: int, version: int | None, form: FloatingForm | None) -> Usual | None:
        """How a type reads in a session where nothing is in doubt; None when each body has to be weighed. Of a type that says
        the version itself, `version` is what the body says, and `form` what that leaves of the session's.

        A body that is at least as long as the fixed part, and whose floating part is sound, decodes so.
        """
        if number not in self._layouts:
            return None
        return self._usual_case(number, version, form)

    def _usual_case(self, number: int, version: int | None, form: FloatingForm | None) -> Usual | None:
        """What is all but certain of a message type in a session: None unless there is one layout and one form, and its fields are
        known."""
        plan = self.plan(number, version)
        if len(plan) != 1 or (form is None and version is None) or not plan[0].message.fields_known:
            return None
        likely = form or proposed(self.protocol, version)[0]
        return plan[0], plan[0].size, likely.sound, self._tags[number], likely

    @staticmethod
    def _own_version(
        layout: CompiledLayout, position: int, body: bytes, version: int | None, form: FloatingForm | None
    ) -> tuple[int | None, FloatingForm | None]:
        """The version that a message itself sets; a form settled for another version does not bind it."""
        field, offset = layout.fields[position], layout.offsets[position]
        if offset + field.size > len(body):
            return version, form
        said = int.from_bytes(body[offset : offset + field.size], "big")
        return said, form if said == version else None

    def _weigh(self, number: int, body: bytes, version: int | None, form: FloatingForm | None) -> Decoded:
        tags = self._tags[number]
        likely = proposed(self.protocol, version)
        forms = list(dict.fromkeys(([form] if form else []) + list(likely) + list(FORMS)))
        planned = self.plan(number, version)
        others = tuple(layout for layout in self._layouts[number] if layout not in planned)
        best: _Reading | None = None
        for layouts in (planned, others):
            for candidate in forms:
                for layout in layouts:
                    reading = self._try(layout, candidate, tags, body, best is not None and best.exact)
                    if reading is not None and (best is None or reading[:3] > best[:3]):
                        best = reading
                        if best.exact and best.known == _OWN_TAGS and len(layout.message.forms) == 1:
                            # Nothing can read better.
                            return self._told(number, body, version, form, tags, best, planned, likely)
            if best is not None and best.exact:
                break
        if best is None:
            return self._cut_short(number, body, version, planned or self._layouts[number])
        if not best.exact:
            best = self._least(planned or others, forms, tags, body, form, version) or best
        return self._told(number, body, version, form, tags, best, planned, likely)

    def _try(
        self, layout: CompiledLayout, form: FloatingForm, tags: TagTable, body: bytes, exactly: bool = False
    ) -> _Reading | None:
        """A body read so; None where that cannot be, and, if it has to fit `exactly`, where it does not."""
        if layout.size > len(body):
            return None
        spans, reached = form.walk(body, layout.size, len(body))
        exact = reached == len(body)
        if exactly and not exact:
            return None
        known = _OWN_TAGS
        for tag, _, _ in spans:
            if tag not in tags.own:
                known = min(known, 1 if tag in tags.catalogue else 0)
        plausible = layout.plausibility(layout.packed.unpack_from(body)) if len(layout.message.forms) > 1 else 0
        return _Reading(exact, known if exact else 0, plausible, layout, form, spans, reached)

    def _least(
        self,
        layouts: tuple[CompiledLayout, ...],
        forms: list[FloatingForm],
        tags: TagTable,
        body: bytes,
        form: FloatingForm | None,
        version: int | None,
    ) -> _Reading | None:
        """When nothing fits: the layout that claims least, in the proposed form, or the one that gets furthest."""
        fitting = [layout for layout in layouts if layout.size <= len(body)]
        if not fitting:
            return None
        layout = min(fitting, key=lambda candidate: candidate.size)
        tried = forms[:1] if form is not None or version is not None else forms
        readings = [self._try(layout, candidate, tags, body) for candidate in tried]
        whole = [reading for reading in readings if reading is not None]
        return max(
            whole, key=lambda reading: sum(stop - start for tag, start, stop in reading.spans if tag in tags.own)
        )

    def _told(
        self,
        number: int,
        body: bytes,
        version: int | None,
        form: FloatingForm | None,
        tags: TagTable,
        best: _Reading,
        planned: tuple[CompiledLayout, ...],
        likely: tuple[FloatingForm, ...],
    ) -> Decoded:
        problems = []
        layout, size = best.layout, best.layout.size
        if version is not None and layout not in planned:
            problems.append(Problem(ProblemKind.OTHER_VERSION, None, 0, size, (layout.since, layout.until, version)))
        if best.spans and best.exact and version is not None and best.form not in likely:
            usual = (candidate.title for candidate in likely)
            titles: tuple[str | int, ...] = (best.form.title, version, *usual)
            problems.append(Problem(ProblemKind.OTHER_FORM, None, size, len(body) - size, titles))
        for tag, start, stop in best.spans:
            row = tags.row(tag)
            if row is None:
                problems.append(Problem(ProblemKind.UNKNOWN_TAG, tag, start, stop - start))
            else:
                odd = values.oddity(row, body[start:stop], start)
                if odd is not None:
                    problems.append(odd)
        undecoded = len(body) - best.reached
        if undecoded:
            problems.append(_why_undecoded(body, best))
        return Decoded(
            number,
            body,
            best.layout,
            best.spans,
            tags,
            version if version is not None else _version_of(best, self.protocol),
            best.form if best.spans else None,
            Amiss(undecoded, tuple(problems)) if problems else None,
        )

    def _cut_short(self, number: int, body: bytes, version: int | None, layouts: tuple[CompiledLayout, ...]) -> Decoded:
        """A body too short for any fixed part: the fields that are whole, and what is left."""
        layout = min(layouts, key=lambda candidate: candidate.size)
        whole = layout.leading(len(body))
        found: list[FixedValue] = []
        for field, offset in zip(layout.fields[:whole], layout.offsets, strict=False):
            data = body[offset : offset + field.size]
            integer = field.type.reading is Reading.INTEGER
            found.append(int.from_bytes(data, "big", signed=field.type.signed) if integer else data)
        reached = layout.offsets[whole]
        problem = Problem(
            ProblemKind.FIXED_CUT,
            None,
            reached,
            len(body) - reached,
            (len(body), layout.size, layout.fields[whole].name),
        )
        tags = self._tags[number]
        return Decoded(
            number,
            body,
            layout,
            [],
            tags,
            version,
            None,
            Amiss(len(body) - reached, (problem,), tuple(found)),
        )

    def fits(self, number: int, body: bytes, version: int | None = None, form: FloatingForm | None = None) -> bool:
        """Whether a body reads without any loss or doubt: what resynchronising asks of a candidate.

        One of a type of which no field is known does not, be it empty: nothing in it speaks for the type, and zeros
        beside a small number, as within many a message, are such a header.
        """
        if number not in self._layouts or not self._layouts[number][0].message.fields_known:
            return False
        decoded = self.decode(number, body, version, form)
        return not decoded.undecoded and not decoded.problems


def _version_of(reading: _Reading, protocol: Protocol) -> int | None:
    """The version that the form tells: wide tags begin with one, and no later one can be told from it."""
    if reading.exact and reading.spans and reading.form.tag_size == 2:
        return protocol.wide_tags_since
    return None


def _why_undecoded(body: bytes, reading: _Reading) -> Problem:
    at = reading.reached
    left = len(body) - at
    if not reading.layout.message.floating:
        return Problem(ProblemKind.BEHIND_FIXED, None, at, left)
    if left < reading.form.header_size:
        return Problem(ProblemKind.BEHIND_FLOATING, None, at, left)
    tag = int.from_bytes(body[at : at + reading.form.tag_size], "big")
    length = int.from_bytes(body[at + reading.form.tag_size : at + reading.form.header_size], "big")
    room = left - reading.form.header_size
    if not tag:
        return Problem(ProblemKind.ZERO_TAG, None, at, left)
    return Problem(ProblemKind.FIELD_TOO_FAR, tag, at, left, (length, room))


class Decoders(dict[Protocol, Decoder]):
    """The decoder of each protocol, made when it is first asked for: of several, captures mostly speak one."""

    def __missing__(self, protocol: Protocol) -> Decoder:
        found = self[protocol] = Decoder(protocol)
        return found
