"""Values in, bytes out: a whole message by the declarations."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

from ccxdissect.codec import values
from ccxdissect.codec.forms import FloatingForm, proposed
from ccxdissect.codec.layout import HEADER, CompiledLayout, compile_layouts
from ccxdissect.codec.values import Value
from ccxdissect.errors import EncodeError
from ccxdissect.protocol.model import Fixed, Floating, Mark, Message, Protocol
from ccxdissect.protocol.types import UNSPEC, Reading


class Encoder:
    """Builds messages by one set of declarations."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self._layouts: dict[int, tuple[CompiledLayout, ...]] = {}

    def encode(
        self,
        message: Message | str | int,
        fixed: Mapping[str, int | bytes] | None = None,
        floating: Iterable[tuple[str | int, Value]] = (),
        *,
        version: int | None = None,
        form: FloatingForm | None = None,
        layout: int = 0,
    ) -> bytes:
        """Header and body of one message.

        `fixed`: name -> value. What is left out gets its reserved constant, or the number of the records it
        counts, or 0. `floating`: (name or tag, value) in the order wanted; a value given as bytes is taken as it
        is, and must be given so for an unknown tag. `version` (default: the newest) decides which fixed fields exist and proposes the `form` of the
        floating fields; `layout` picks one of the declaration's forms. Raises EncodeError.
        """
        declared = message if isinstance(message, Message) else self.protocol.message(message)
        version = self.protocol.versions[-1] if version is None else version
        form = form or proposed(self.protocol, version)[0]
        chosen = self._layout(declared, layout, version)
        given = dict(fixed or {})
        fields = [(self._row(declared, key), value) for key, value in floating]
        pieces = []
        for row, value in fields:
            data = values.write(row, value)
            if row.tag > form.largest_tag:
                raise EncodeError(f"{declared.name}: tag {row.tag} does not fit the form {form.title}")
            if len(data) > form.largest_length:
                raise EncodeError(
                    f"{declared.name}: {row.name}[{row.tag}] has {len(data)} bytes, too many for {form.title}"
                )
            pieces.append(form.header.pack(row.tag, len(data)) + data)
        packed = []
        for field in chosen.fields:
            if field.name in given:
                value = given.pop(field.name)
            else:
                value = self._default(declared, field, version, [row for row, _ in fields])
            if field.type.reading is not Reading.INTEGER and isinstance(value, int):
                value = value.to_bytes(field.size, "big")
            packed.append(value)
        if given:
            raise EncodeError(f"{declared.name} has no fixed field {', '.join(sorted(given))} in version {version}")
        try:
            body = chosen.packed.pack(*packed) + b"".join(pieces)
        except struct.error as error:
            raise EncodeError(f"{declared.name}: a fixed field is out of range: {error}") from error
        return HEADER.pack(len(body), declared.number) + body

    def _layout(self, message: Message, form: int, version: int) -> CompiledLayout:
        layouts = self._layouts.get(message.number)
        if layouts is None:
            layouts = self._layouts[message.number] = compile_layouts(message)
        for layout in layouts:
            if layout.form == form and layout.holds(version):
                return layout
        raise EncodeError(f"{message.name} has no layout {form} in version {version}")

    def _row(self, message: Message, key: str | int) -> Floating:
        if isinstance(key, int):
            row = message.tags.get(key) or self.protocol.tags.get(key)
            return row or Floating(f"UNKNOWN_{key}", key, UNSPEC, 0)
        named = [row for row in message.floating if row.name == key]
        if not named:
            named = [row for row in self.protocol.tags.values() if row.name == key]
        if not named:
            raise EncodeError(f"{message.name}: no floating field is called {key}")
        return min(named, key=lambda row: row.reserved)

    @staticmethod
    def _default(message: Message, field: Fixed, version: int, rows: list[Floating]) -> int | bytes:
        if field.constant is not None:
            return field.constant
        for repeat in message.repeats:
            if repeat.count == field.name:
                counted = repeat.tags if repeat.opener is None else (repeat.opener,)
                return max((sum(row.tag == tag for row in rows) for tag in counted), default=0)
        if field.mark == Mark.VERSION:
            return version
        return 0
