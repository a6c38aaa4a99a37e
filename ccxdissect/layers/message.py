"""What every message is in Scapy: dissected by the codec, shown and built field by field.

A dissected packet keeps what the codec found and turns it into Scapy's `fields` only when someone looks.
Which fixed fields a packet has depends on its version and on the form of its fixed part, so `fields_desc`
belongs to the packet: a class has every field of every version, a packet those that are there.
"""

from __future__ import annotations

import struct
import time
from functools import lru_cache
from typing import Any, ClassVar

from scapy.config import conf
from scapy.fields import FlagValue
from scapy.layers.inet import TCP
from scapy.packet import Packet

from ccxdissect.codec.decoder import Decoded
from ccxdissect.codec.forms import BY_TITLE, FloatingForm, proposed
from ccxdissect.codec.layout import HEADER, CompiledLayout, TagTable
from ccxdissect.codec.problems import Problem, ProblemKind
from ccxdissect.errors import EncodeError
from ccxdissect.layers.blank import fill_slots
from ccxdissect.layers.dialect import Dialect
from ccxdissect.layers.fixed import MaskField
from ccxdissect.layers.floating import NO_TAGS, Floating
from ccxdissect.protocol.model import Kind, Message, Repeat, Trait
from ccxdissect.wording.problems import say

#: Messages dissected from one TCP payload without a stream session; what is behind them stays Raw. (Scapy's
#: own functions go down the layers recursively, and Python bounds that.)
MOST_IN_ONE_PAYLOAD = 100
#: A type number above this is no message at all.
_LARGEST_TYPE = 0xFFFF
#: What Scapy's constructor takes along with bytes to dissect.
_DISSECTING = frozenset(("_internal", "_underlayer", "_parent", "stop_dissection_after"))
#: Names that every message has whatever its layout.
_FRAME = frozenset(("BodyLength", "MessageTypeID", "floating", "undecoded"))


@lru_cache(maxsize=4096)
def _description(cls: Any, layout: CompiledLayout, whole: int) -> tuple[Any, ...] | None:
    """The fields of a packet whose fixed part is the first `whole` fields of `layout`, in that order.

    None when these are just the fields of the class.
    """
    fields = {field.name: field for field in cls.fields_desc}
    names = ["BodyLength", "MessageTypeID", *layout.names[:whole], "floating", "undecoded"]
    return None if names == list(fields) else tuple(fields[name] for name in names)


class CTIMessage(Packet):
    """A CTI message, header included; what all message classes have in common.

    Besides its fields a message takes, and has, `version` (decides which fixed fields exist; by default the
    newest), `form` ("1+1", "2+1" or "2+2": the header of its floating fields; by default the version's) and
    `layout` (0, or the number of another form of the fixed part that some source gives). Dissecting infers
    what is not said.
    `CTIMessage(data)` gives a packet of the class that the header names, and Raw for what is no message.
    """

    name = "CTIMessage"
    fields_desc: ClassVar[list[Any]] = []
    #: The protocol that its class was made for, and the class of its floating fields.
    dialect: ClassVar[Dialect]
    floating_class: ClassVar[type[Floating]] = Floating
    #: The declaration; None for a type that nobody declared.
    message: Message | None = None
    #: The message classes by type number, and the one for all others.
    classes: ClassVar[dict[int, type[CTIMessage]]] = {}
    unknown: type[CTIMessage] | None = None
    #: What is known of the tags in this message.
    table: TagTable = NO_TAGS
    #: The masks among the fixed fields; the field that sets the version, and the one that pairs messages.
    masks: ClassVar[dict[str, MaskField]] = {}
    version_field: str | None = None
    invoke_field: str | None = None
    #: Whether it has a field that is not for every eye.
    may_hold_secret: bool = False
    #: The layout whose fields are just those of the class.
    usual: CompiledLayout | None = None

    # What a packet keeps besides Scapy's slots; here for packets that say nothing of it.
    raw_packet_cache: bytes | None
    raw_packet_cache_fields: dict[str, Any] | None
    _values: dict[str, Any]
    _pending: Decoded | None = None
    _version: int | None = None
    _form: FloatingForm | None = None
    _layout: CompiledLayout | None = None
    _whole: int = 0
    _problems: tuple[Problem, ...] = ()

    def __init__(
        self,
        _pkt: bytes = b"",
        *args: Any,
        version: int | None = None,
        form: FloatingForm | str | None = None,
        layout: int | None = None,
        **fields: Any,
    ) -> None:
        kept = self.__dict__
        if version is not None:
            kept["_version"] = version
        if form is not None:
            kept["_form"] = _form_of(form)
        if type(_pkt) is bytes and len(_pkt) >= HEADER.size and not args and fields.keys() <= _DISSECTING:
            self._dissected(_pkt, **fields)
            return
        if layout is not None or (version is not None and not _pkt):
            kept["_layout"] = self._find_layout(layout or 0, version)
        super().__init__(_pkt, *args, **fields)

    def _dissected(
        self,
        data: bytes,
        _internal: int = 0,
        _underlayer: Packet | None = None,
        _parent: Packet | None = None,
        stop_dissection_after: type[Packet] | None = None,
    ) -> None:
        """What Scapy's constructor does with bytes, in less time."""
        self.__dict__["_values"] = {}
        fill_slots(self, type(self))
        put = object.__setattr__
        put(self, "original", data)
        if _underlayer is not None:
            put(self, "underlayer", _underlayer)
        if _parent is not None:
            put(self, "parent", _parent)
        if stop_dissection_after is not None:
            put(self, "stop_dissection_after", stop_dissection_after)
        if not _internal:
            put(self, "time", time.time())
        self.dissect(data)
        if not _internal:
            self.dissection_done(self)

    @classmethod
    def from_decoded(cls, decoded: Decoded) -> CTIMessage:
        """A packet of what the codec decoded, without decoding it again."""
        owner = cls.classes.get(decoded.number) or cls.unknown
        assert owner is not None
        packet: CTIMessage = owner.__new__(owner)
        packet.__dict__["_values"] = {}
        fill_slots(packet, owner)
        raw = decoded.raw
        object.__setattr__(packet, "original", raw)
        packet._take(decoded, raw, len(decoded.body), decoded.number)
        return packet

    # -- classes ---------------------------------------------------------------------------------------------

    @classmethod
    def class_for(cls, data: bytes, more: bool = False) -> type[Packet]:
        """The class for a payload that begins with `data`: a message's, or Raw when no message begins there.

        A message of unknown type has to be whole to be taken for one, unless `more` is to come.
        """
        if len(data) >= HEADER.size:
            length, number = HEADER.unpack_from(data)
            if length <= cls.dialect.protocol.largest_body:
                found = cls.classes.get(number)
                if found is not None:
                    return found
                whole = more or HEADER.size + length <= len(data)
                if 0 < number <= _LARGEST_TYPE and whole and cls.unknown is not None:
                    return cls.unknown
        raw: type[Packet] = conf.raw_layer
        return raw

    @classmethod
    def dispatch_hook(cls, _pkt: bytes | None = None, *args: Any, **kargs: Any) -> type[Packet]:
        """Scapy's hook: the class for the bytes given; without any, a message of no type."""
        return cls.class_for(_pkt) if _pkt else cls.unknown or cls

    @classmethod
    def tcp_reassemble(cls, data: bytes, metadata: dict[str, Any], session: dict[str, Any]) -> Packet | None:
        """Scapy's hook for `StreamSocket(sock, CTIMessage)`: one message, the bytes behind it as padding.

        Version and floating form are kept for the connection. For captures use CTISession instead.
        """
        if len(data) < HEADER.size:
            return None
        owner = cls.class_for(data, more=True)
        if not issubclass(owner, CTIMessage):
            return owner(data)
        size = HEADER.size + HEADER.unpack_from(data)[0]
        if len(data) < size:
            metadata["tcp_min_len"] = size
            return None
        packet: Packet = owner(data[:size], version=session.get("version"), form=session.get("form"))
        session["version"], session["form"] = packet._version, packet._form
        if len(data) > size:
            packet.add_payload(conf.padding_layer(data[size:]))
        return packet

    # -- version, form, layout -------------------------------------------------------------------------------

    @property
    def version(self) -> int | None:
        """The protocol version it was given or read by; None when unknown."""
        return self._own_version() or self._version

    @version.setter
    def version(self, version: int | None) -> None:
        self._set("_version", version)
        self.__dict__.pop("_form", None)
        self._use(self._find_layout(self.layout, version))

    @property
    def form(self) -> str | None:
        """The title of its floating form, given or found; None when unknown."""
        return None if self._form is None else self._form.title

    @form.setter
    def form(self, form: FloatingForm | str | None) -> None:
        self._set("_form", None if form is None else _form_of(form))

    @property
    def layout(self) -> int:
        """Which form of the fixed part it has: 0 the guide's, else one of the declaration's others."""
        return 0 if self._layout is None else self._layout.form

    @layout.setter
    def layout(self, layout: int) -> None:
        self._use(self._find_layout(layout, self.version))

    @property
    def built_version(self) -> int:
        """The version that building goes by: its own, or the newest."""
        return self.version or self.dialect.newest

    @property
    def built_form(self) -> FloatingForm:
        """The floating form that building goes by."""
        return self._form or proposed(self.dialect.protocol, self.built_version)[0]

    @property
    def problems(self) -> list[str]:
        """What was wrong with the bytes it was dissected from."""
        return list(map(say, self._problems))

    def _set(self, name: str, value: Any) -> None:
        self._materialise()
        self.__dict__[name] = value
        self._forget_bytes()

    def _forget_bytes(self) -> None:
        self.raw_packet_cache = None
        self.raw_packet_cache_fields = None
        self.explicit = 0

    def _own_version(self) -> int | None:
        said = None if self.version_field is None else self.getfieldval(self.version_field)
        return said if isinstance(said, int) else None

    @classmethod
    def _find_layout(cls, form: int, version: int | None) -> CompiledLayout | None:
        if cls.message is None:
            return None
        wanted = cls.dialect.newest if version is None else version
        for candidate in cls.dialect.decoder.layouts(cls.message.number):
            if candidate.form == form and candidate.holds(wanted):
                return candidate
        raise EncodeError(f"{cls.message.name} has no layout {form} in version {wanted}")

    def _use(self, layout: CompiledLayout | None, whole: int | None = None) -> None:
        """Have the fields of a layout (the first `whole` of its fixed fields), and no others."""
        if layout is None:
            return
        kept = self.__dict__
        kept["_layout"] = layout
        whole = kept["_whole"] = len(layout.names) if whole is None else whole
        if layout is self.usual and whole == len(layout.names) and "fields_desc" not in kept:
            return
        cls: Any = type(self)
        described = _description(cls, layout, whole)
        every = Packet.class_default_fields[cls]
        if described is None:
            kept.pop("fields_desc", None)
            self.default_fields = every
            return
        kept["fields_desc"] = list(described)
        # Scapy asks this table whether a packet has a field at all.
        self.default_fields = {field.name: every[field.name] for field in described}
        values = self._values
        for name in [name for name in values if name not in self.default_fields]:
            del values[name]

    def init_fields(self, for_dissect_only: bool = False) -> None:
        """Scapy's preparation of the fields; those of other versions are left out."""
        super().init_fields(for_dissect_only)
        if not for_dissect_only and self.message is not None:
            self._use(self._layout or self.dialect.decoder.layouts(self.message.number)[0])

    # -- dissecting ------------------------------------------------------------------------------------------

    @property
    def fields(self) -> dict[str, Any]:
        """Scapy's values by field name, made from what the codec found when first looked at."""
        if self._pending is not None:
            self._materialise()
        return self._values

    @fields.setter
    def fields(self, fields: dict[str, Any]) -> None:
        self.__dict__["_values"] = fields

    def dissect(self, s: bytes) -> None:
        """Read one message, and the messages behind it in the same payload."""
        if len(s) < HEADER.size:
            self._values.update(undecoded=s, floating=[])
            self.__dict__["_problems"] = (Problem(ProblemKind.HEADER_CUT, size=len(s)),)
            self._keep(s)
            return
        length, said = HEADER.unpack_from(s)
        end = HEADER.size + length
        whole = len(s) == end
        raw, body = s if whole else s[:end], s[HEADER.size : end]
        if self.message is None:
            # Asked for as a message of unknown type, whatever its number.
            self._values.update(BodyLength=length, MessageTypeID=said, floating=[], undecoded=body)
            self.__dict__["_problems"] = (
                Problem(ProblemKind.UNKNOWN_TYPE, None, 0, len(body), (said,)),
                *_cut(body, length),
            )
            self._keep(raw)
        else:
            self._take(
                self.dialect.decoder.decode(self.message.number, body, self._version, self._form), raw, length, said
            )
        if end < len(s):
            self._dissect_rest(s[end:])

    def _take(self, decoded: Decoded, raw: bytes, length: int, said: int) -> None:
        kept = self.__dict__
        kept["_pending"] = decoded
        kept["_version"] = decoded.version
        kept["_form"] = decoded.form
        problems = decoded.problems + _cut(decoded.body, length)
        if said != decoded.number:
            problems += (Problem(ProblemKind.READ_AS, detail=(said, decoded.name)),)
        kept["_problems"] = problems
        kept["_values"]["BodyLength"] = length
        kept["_values"]["MessageTypeID"] = said
        self._use(decoded.layout, len(decoded.values))
        # Past Scapy's own way of setting attributes, which looks for fields first.
        object.__setattr__(self, "raw_packet_cache", raw)
        object.__setattr__(self, "explicit", 1)

    def _keep(self, raw: bytes) -> None:
        self.raw_packet_cache = raw
        self.raw_packet_cache_fields = {}
        self.explicit = 1

    def _materialise(self) -> None:
        decoded = self._pending
        if decoded is None:
            return
        self.__dict__["_pending"] = None
        values = self._values
        if decoded.layout is not None:
            values.update(zip(decoded.layout.names, decoded.values, strict=False))
            for name, field in self.masks.items():
                if name in values:
                    values[name] = FlagValue(values[name], field.names)
        body = decoded.body
        values["floating"] = [
            self.floating_class.of(field, self.table, body[field.offset : field.offset + field.size], self)
            for field in decoded.floating
        ]
        if decoded.undecoded:
            values["undecoded"] = body[len(body) - decoded.undecoded :]
        # What can be changed in place is remembered, so that a change is noticed when the packet is built.
        self.raw_packet_cache_fields = {
            name: self._raw_packet_cache_field_value(self.fieldtype[name], values[name], copy=True)
            for name in ("floating", *self.masks)
            if name in values
        }

    def _dissect_rest(self, s: bytes) -> None:
        """The messages behind this one. Not recursively: there may be hundreds."""
        last: Packet = self
        for _ in range(MOST_IN_ONE_PAYLOAD - 1):
            owner = self.class_for(s)
            if not issubclass(owner, CTIMessage) or self.stop_dissection_after is type(last):
                break
            end = HEADER.size + HEADER.unpack_from(s)[0]
            following = owner(
                s[:end],
                _internal=1,
                _underlayer=last,
                version=last._version,
                form=last._form,
                stop_dissection_after=self.stop_dissection_after,
            )
            last.payload = following
            last = following
            s = s[end:]
            if not s:
                return
        last.add_payload(conf.raw_layer(s, _internal=1, _underlayer=last))

    def guess_payload_class(self, payload: bytes) -> type[Packet]:
        """What follows a message in a payload is the next message."""
        return self.class_for(payload)

    def getfieldval(self, attr: str) -> Any:
        """A field's value; a plain fixed one without making Scapy's values of all the others."""
        decoded = self._pending
        if decoded is not None and attr not in self.masks and attr in decoded.fixed:
            return decoded.fixed[attr]
        return super().getfieldval(attr)

    def getfield_and_val(self, attr: str) -> Any:
        """A field and its value, likewise."""
        decoded = self._pending
        if decoded is not None and attr not in self.masks and attr in decoded.fixed:
            return self.fieldtype[attr], decoded.fixed[attr]
        return super().getfield_and_val(attr)

    # -- building --------------------------------------------------------------------------------------------

    def setfieldval(self, attr: str, val: Any) -> None:
        """Set a field; a new version of its own lets the message choose its floating form again."""
        if attr == self.version_field and self.raw_packet_cache is not None:
            self.__dict__.pop("_form", None)
        super().setfieldval(attr, val)

    def self_build(self) -> bytes:
        """The bytes as they came if nothing was changed, else built from the fields. Raises EncodeError."""
        if self._pending is not None and self.raw_packet_cache is not None:
            return bytes(self.raw_packet_cache)
        try:
            built: bytes = super().self_build()
        except (ValueError, TypeError, OverflowError, struct.error) as error:
            raise EncodeError(f"{type(self).__name__}: {error}") from error
        if self.raw_packet_cache is None and self.getfieldval("BodyLength") is None:
            built = struct.pack(">I", len(built) - HEADER.size) + built[4:]
        return built

    def count_of(self, repeat: Repeat) -> int:
        """How many records of a repeated group its floating fields hold."""
        return _records(repeat, self.getfieldval("floating"))

    def counted_by(self, fields: list[Floating], position: int) -> int | None:
        """What a floating count at `position` should say; None when the field there is no count."""
        if self.message is None:
            return None
        title = fields[position].title
        for repeat in self.message.repeats:
            if repeat.count == title:
                return _records(repeat, fields)
            for inner in repeat.inner:
                if inner.count == title:
                    return _records(inner, _record_at(repeat, fields, position))
        return None

    # -- copying ---------------------------------------------------------------------------------------------

    def _like(self, other: CTIMessage) -> None:
        kept = self.__dict__
        for name in ("_version", "_form", "_problems"):
            if name in other.__dict__:
                kept[name] = other.__dict__[name]
        if other._layout is not None:
            self._use(other._layout, other._whole)

    def copy(self) -> CTIMessage:
        """A deep copy."""
        clone: CTIMessage = super().copy()
        defaults = clone.default_fields
        clone._like(self)
        clone.default_fields = defaults
        return clone

    def clone_with(self, payload: Any = None, **kargs: Any) -> CTIMessage:
        """As Scapy's, with version, form and layout."""
        clone: CTIMessage = super().clone_with(payload, **kargs)
        defaults = clone.default_fields
        clone._like(self)
        clone.default_fields = defaults
        return clone

    def _command(self, json: bool = False) -> list[tuple[str, Any]]:
        # What command() and json() are made of. Scapy goes past Floating's own part in it for JSON.
        found: list[tuple[str, Any]] = super()._command(json)
        if json:
            listed = [dict(field._command(json=True)) for field in self.getfieldval("floating")]
            return [(name, listed if name == "floating" else value) for name, value in found]
        said = (("version", self._version), ("form", self.form), ("layout", self.layout or None))
        return found + [(name, repr(value)) for name, value in said if value is not None]

    def __reduce__(self) -> tuple[Any, ...]:
        _, (raw,), state = super().__reduce__()
        return _restore, (type(self), raw, self._version, self.form), state

    # -- asking ----------------------------------------------------------------------------------------------

    def values(self, name: str) -> list[Any]:
        """The values of every field of that name, the fixed one first."""
        found = [self.getfieldval(name)] if name in self.default_fields and name not in _FRAME else []
        floating = self.getfieldval("floating")
        return found + [field.getfieldval("value") for field in floating if field.title == name]

    def value(self, name: str) -> Any:
        """The value of the first field of that name, fixed or floating; None when it is not there."""
        found = self.values(name)
        return found[0] if found else None

    def _invoke_id(self) -> int:
        # The configuration requests have none: they and their replies all fall together.
        name = self.invoke_field
        return int(self.getfieldval(name)) if name is not None and name in self.default_fields else 0

    def hashret(self) -> bytes:
        """The same for a request and its replies: the InvokeID."""
        return struct.pack(">I", self._invoke_id() & 0xFFFFFFFF)

    def answers(self, other: Packet) -> int:
        """Whether this is a reply to `other`: declared, or a refusal, with the same InvokeID (if any)."""
        asked = getattr(other, "message", None)
        if self.message is None or not isinstance(other, CTIMessage) or asked is None:
            return 0
        fits = self.message.name in asked.replies
        if self.message.traits & Trait.FAILS:
            fits = asked.kind is Kind.REQUEST
        return int(fits and self._invoke_id() == other._invoke_id())

    def mysummary(self) -> Any:
        """The message's name and InvokeID, behind TCP's summary."""
        name = type(self).__name__
        if self.message is None:
            name = f"UNKNOWN_{self.getfieldval('MessageTypeID')}"
        paired = self.invoke_field is not None and self.invoke_field in self.default_fields
        return f"{name} InvokeID={self._invoke_id()}" if paired else name, [TCP]


def _cut(body: bytes, length: int) -> tuple[Problem, ...]:
    return () if len(body) == length else (Problem(ProblemKind.BODY_CUT, size=len(body), detail=(length,)),)


def _form_of(form: FloatingForm | str) -> FloatingForm:
    if isinstance(form, FloatingForm):
        return form
    if form not in BY_TITLE:
        raise EncodeError(f"no floating form is called {form!r}: {', '.join(BY_TITLE)}")
    return BY_TITLE[form]


def _records(repeat: Repeat, fields: list[Floating]) -> int:
    counted = repeat.tags if repeat.opener is None else (repeat.opener,)
    tags = [field.getfieldval("tag") for field in fields]
    return max((tags.count(tag) for tag in counted), default=0)


def _record_at(repeat: Repeat, fields: list[Floating], position: int) -> list[Floating]:
    """The fields of the record that `position` lies in, as its opener divides them."""
    opens = [at for at, field in enumerate(fields) if field.getfieldval("tag") == repeat.opener]
    begin = max((at for at in opens if at <= position), default=0)
    end = min((at for at in opens if at > position), default=len(fields))
    return fields[begin:end]


def _restore(cls: type[CTIMessage], raw: bytes, version: int | None, form: str | None) -> CTIMessage:
    """What pickle calls."""
    return cls(raw, version=version, form=form)
