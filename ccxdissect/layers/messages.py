"""One Packet class for each message type of a protocol, made from its declarations, and one for undeclared types."""

from __future__ import annotations

from typing import Any

from scapy.fields import EnumField, IntField
from scapy.layers.inet import TCP
from scapy.packet import bind_top_down

from ccxdissect.layers.dialect import Dialect
from ccxdissect.layers.fixed import MaskField, ShownIfSet, UndecodedField, fixed_field
from ccxdissect.layers.floating import Floating, FloatingListField
from ccxdissect.layers.message import CTIMessage
from ccxdissect.protocol.dialects import shown_by
from ccxdissect.protocol.model import Mark, Message, Protocol, Side


class Face:
    """The Scapy classes of one protocol.

    `base`: what all its messages are (`base(data)` finds the class); `classes`: those of declared types, by name;
    `unknown`: that of all others; `floating`: that of its floating fields. `module`: where the classes can be imported
    from, which is what pickle asks.
    """

    def __init__(self, protocol: Protocol, base: str, module: str) -> None:
        self.protocol = protocol
        self.dialect = Dialect(protocol)
        self._module = module
        self._names = {message.number: message.name for message in protocol}
        self.floating: type[Floating] = self._made(
            "Floating", Floating, {"__doc__": Floating.__doc__, "table": self.dialect.catalogue}
        )
        self.base: type[CTIMessage] = self._made(
            base,
            CTIMessage,
            {
                "__doc__": CTIMessage.__doc__,
                "name": base,
                "dialect": self.dialect,
                "floating_class": self.floating,
                "table": self.dialect.catalogue,
                # Scapy asks only the class itself for its hook.
                "dispatch_hook": vars(CTIMessage)["dispatch_hook"],
            },
        )
        self.classes: dict[str, type[CTIMessage]] = {message.name: self._class_of(message) for message in protocol}
        self.unknown: type[CTIMessage] = self._made(
            "UNKNOWN_MESSAGE",
            self.base,
            {
                "__doc__": "A message of a type that nobody declared: its body is `undecoded`.",
                "name": "UNKNOWN_MESSAGE",
                "fields_desc": [
                    *self._header(0),
                    ShownIfSet(FloatingListField("floating", self.dialect.catalogue, self.floating)),
                    UndecodedField("undecoded", b""),
                ],
            },
        )
        self.base.classes = {message.number: self.classes[message.name] for message in protocol}
        self.base.unknown = self.unknown

    def names(self) -> dict[str, Any]:
        """Every class by the name that it is imported by."""
        return {
            self.base.__name__: self.base,
            "UNKNOWN_MESSAGE": self.unknown,
            "Floating": self.floating,
            **self.classes,
        }

    def bind_port(self, port: int) -> None:
        """Have Scapy take TCP from and to `port` for this protocol, packet by packet; whoever binds last has it."""
        for end in ("sport", "dport"):
            guess: tuple[dict[str, int], type[CTIMessage]] = ({end: port}, self.base)
            if guess in TCP.payload_guess:
                TCP.payload_guess.remove(guess)
            TCP.payload_guess.insert(0, guess)

    def bind(self) -> None:
        """Bind the protocol's ports; a message put on TCP() goes to, or comes from, the first of them."""
        for port in self.protocol.ports:
            self.bind_port(port)
        for message in self.protocol:
            end = "dport" if message.sender is Side.CLIENT else "sport"
            bind_top_down(TCP, self.classes[message.name], **{end: self.protocol.ports[0]})

    def _made(self, name: str, base: Any, members: dict[str, Any]) -> Any:
        return type(base)(name, (base,), {"__module__": self._module, **members})

    def _header(self, number: int) -> list[Any]:
        return [IntField("BodyLength", None), EnumField("MessageTypeID", number, self._names, "I")]

    def _class_of(self, message: Message) -> type[CTIMessage]:
        table = self.dialect.decoder.tag_table(message.number)
        layouts = self.dialect.decoder.layouts(message.number)
        fixed: dict[str, Any] = {}
        # The newest version of the preferred form first: its order is the one that a class shows.
        for layout in layouts:
            for field in layout.fields:
                if field.name not in fixed:
                    fixed[field.name] = fixed_field(message, field)
        floating = FloatingListField("floating", table, self.floating)
        usual = layouts[0]
        made: type[CTIMessage] = self._made(
            message.name,
            self.base,
            {
                "__doc__": f"{message.purpose}\n\n{message.note}".rstrip(),
                "name": message.name,
                "message": message,
                "table": table,
                "version_field": _marked(message, Mark.VERSION),
                "invoke_field": _marked(message, Mark.INVOKE_ID),
                "may_hold_secret": bool(message.marked(Mark.SECRET)),
                "usual": usual if set(usual.names) == set(fixed) else None,
                "masks": {name: field for name, field in fixed.items() if isinstance(field, MaskField)},
                "fields_desc": [
                    *self._header(message.number),
                    *fixed.values(),
                    floating if message.floating else ShownIfSet(floating),
                    ShownIfSet(UndecodedField("undecoded", b"")),
                ],
            },
        )
        return made


def face_of(module: str) -> Face:
    """The face that a module of this package gives: of the protocol that it is named after, or else of the usual one."""
    protocol = shown_by(module)
    return Face(protocol, f"{protocol.dialect.upper()}Message", module)


def _marked(message: Message, mark: Mark) -> str | None:
    """The name of the first fixed field that carries a mark."""
    return next((field.name for form in message.forms for field in form.fixed if field.mark & mark), None)
