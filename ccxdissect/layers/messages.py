"""One Packet class for each message type, made from the declarations, and one for undeclared types."""

from __future__ import annotations

from typing import Any, ClassVar

from scapy.fields import EnumField, IntField
from scapy.layers.inet import TCP
from scapy.packet import bind_bottom_up, bind_top_down

from ccxdissect.layers.dialect import DECODER, PROTOCOL
from ccxdissect.layers.fixed import MaskField, ShownIfSet, UndecodedField, fixed_field
from ccxdissect.layers.floating import CATALOGUE, FloatingListField
from ccxdissect.layers.message import CCXMessage
from ccxdissect.protocol.model import Mark, Message, Side

_NAMES = {message.number: message.name for message in PROTOCOL}


def _header(number: int) -> list[Any]:
    return [IntField("BodyLength", None), EnumField("MessageTypeID", number, _NAMES, "I")]


def _marked(message: Message, mark: int) -> str | None:
    """The name of the first fixed field that carries a mark."""
    return next((field.name for form in message.forms for field in form.fixed if field.mark & mark), None)


def _class_of(message: Message) -> type[CCXMessage]:
    table = DECODER.tag_table(message.number)
    fixed: dict[str, Any] = {}
    # The newest version of the preferred form first: its order is the one that a class shows.
    for layout in DECODER.layouts(message.number):
        for field in layout.fields:
            if field.name not in fixed:
                fixed[field.name] = fixed_field(message, field)
    floating = FloatingListField("floating", table)
    usual = DECODER.layouts(message.number)[0]
    metaclass: Any = type(CCXMessage)
    made: type[CCXMessage] = metaclass(
        message.name,
        (CCXMessage,),
        {
            "__doc__": f"{message.purpose}\n\n{message.note}".rstrip(),
            "__module__": __name__,
            "name": message.name,
            "message": message,
            "table": table,
            "version_field": _marked(message, Mark.VERSION),
            "invoke_field": _marked(message, Mark.INVOKE_ID),
            "may_hold_secret": bool(message.marked(Mark.SECRET)),
            "usual": usual if set(usual.names) == set(fixed) else None,
            "masks": {name: field for name, field in fixed.items() if isinstance(field, MaskField)},
            "fields_desc": [
                *_header(message.number),
                *fixed.values(),
                floating if message.floating else ShownIfSet(floating),
                ShownIfSet(UndecodedField("undecoded", b"")),
            ],
        },
    )
    return made


class UNKNOWN_MESSAGE(CCXMessage):
    """A message of a type that nobody declared: its body is `undecoded`."""

    name = "UNKNOWN_MESSAGE"
    fields_desc: ClassVar[list[Any]] = [
        *_header(0),
        ShownIfSet(FloatingListField("floating", CATALOGUE)),
        UndecodedField("undecoded", b""),
    ]


CLASSES: dict[str, type[CCXMessage]] = {message.name: _class_of(message) for message in PROTOCOL}
globals().update(CLASSES)
CCXMessage.classes = {message.number: CLASSES[message.name] for message in PROTOCOL}
CCXMessage.unknown = UNKNOWN_MESSAGE


def bind_port(port: int) -> None:
    """Have Scapy take TCP from and to `port` for this protocol, packet by packet."""
    bind_bottom_up(TCP, CCXMessage, sport=port)
    bind_bottom_up(TCP, CCXMessage, dport=port)


def _bind() -> None:
    for port in PROTOCOL.ports:
        bind_port(port)
    for message in PROTOCOL:
        # A message put on TCP() goes to, or comes from, the first of the ports.
        end = "dport" if message.sender is Side.CLIENT else "sport"
        bind_top_down(TCP, CLASSES[message.name], **{end: PROTOCOL.ports[0]})


_bind()
