"""The one place that puts into words how a message deviates from its declaration."""

from __future__ import annotations

from collections.abc import Callable

from ccxdissect.codec.checks import Deviation, Rule


def say(deviation: Deviation) -> str:
    """The deviation in words, without a full stop."""
    return _SENTENCES[deviation.rule](deviation)


def _field(deviation: Deviation) -> str:
    return f"{deviation.name}[{deviation.tag}]"


def _missing(deviation: Deviation) -> str:
    if deviation.name:
        return f"required field {_field(deviation)} is missing"
    parts = deviation.detail
    names = ", ".join(f"{name!s}[{tag!s}]" for name, tag in zip(parts[::2], parts[1::2], strict=True))
    return f"at least one of {names} has to be there"


def _too_new(deviation: Deviation) -> str:
    since, version = deviation.detail
    what = deviation.name if deviation.tag is None else _field(deviation)
    return f"{what} exists from version {since!s} on, the session has {version!s}"


def _withdrawn(deviation: Deviation) -> str:
    until, version = deviation.detail
    return f"{_field(deviation)} exists up to version {until!s}, the session has {version!s}"


def _reserved(deviation: Deviation) -> str:
    held, should = deviation.detail
    what = f"slot {deviation.name}" if deviation.tag is None else f"field {_field(deviation)}"
    holds = "0x" + held.hex() if isinstance(held, bytes) else str(held)
    return f"reserved {what} holds {holds}, it should hold {should!s}"


_SENTENCES: dict[Rule, Callable[[Deviation], str]] = {
    Rule.REQUIRED_FIELD_MISSING: _missing,
    Rule.FIELD_TOO_LONG: lambda d: f"{_field(d)} has {d.detail[0]!s} bytes, at most {d.detail[1]!s} are allowed",
    Rule.COUNT_DISAGREES: lambda d: f"{d.name} says {d.detail[0]!s}, the message has {d.detail[1]!s}",
    Rule.COUNT_TOO_LARGE: lambda d: f"{d.name} says {d.detail[0]!s}, at most {d.detail[1]!s} are allowed",
    Rule.RESERVED_SLOT_ODD: _reserved,
    Rule.FIELD_NOT_LISTED: lambda d: f"{_field(d)} is not listed for {d.detail[0]!s}",
    Rule.FIELD_TOO_NEW: _too_new,
    Rule.FIELD_WITHDRAWN: _withdrawn,
    Rule.MESSAGE_TOO_NEW: _too_new,
}
