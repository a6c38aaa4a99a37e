"""Rules on what the messages hold."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ccxdissect.analysis.rules.registry import RULES, Context, Said, Severity, no_type, with_problems
from ccxdissect.codec.checks import Rule as Conformity
from ccxdissect.codec.decoder import FixedValue
from ccxdissect.codec.layout import TagTable
from ccxdissect.codec.problems import UNDECODED, ProblemKind
from ccxdissect.codec.values import Value
from ccxdissect.protocol.model import Mark, Message
from ccxdissect.stream.events import Record
from ccxdissect.wording import deviations, plural
from ccxdissect.wording.problems import say

_WHAT_TO_DO = {
    Conformity.REQUIRED_FIELD_MISSING: (
        Severity.WARNING,
        "Let the sender put the field in; the receiver may refuse the message.",
    ),
    Conformity.FIELD_TOO_LONG: (Severity.WARNING, "Let the sender shorten it; the receiver may cut or refuse it."),
    Conformity.COUNT_DISAGREES: (Severity.WARNING, "Do not trust the count; let the sender correct it."),
    Conformity.COUNT_TOO_LARGE: (Severity.WARNING, "Let the sender spread the records over several messages."),
    Conformity.RESERVED_SLOT_ODD: (Severity.NOTE, "Usually harmless; let the sender write the constant."),
    Conformity.FIELD_NOT_LISTED: (Severity.NOTE, "Usually harmless; receivers should skip it."),
    Conformity.FIELD_TOO_NEW: (Severity.NOTE, "Check that both sides speak the version that was agreed."),
    Conformity.FIELD_WITHDRAWN: (Severity.NOTE, "Check that both sides speak the version that was agreed."),
    Conformity.MESSAGE_TOO_NEW: (Severity.NOTE, "Check that both sides speak the version that was agreed."),
}


def _conformity(rule: Conformity) -> None:
    severity, advice = _WHAT_TO_DO[rule]

    def watch(record: Record, context: Context) -> Iterator[Said]:
        for deviation in context.deviations:
            if deviation.rule is rule:
                text = f"{record.name}: {deviations.say(deviation)}. {advice}"
                yield Said(text, key=(record.decoded.number, deviation))

    watch.__doc__ = f"What the checks of a message's content say: {rule.value}."
    RULES.on_deviation(rule, severity)(watch)


for _rule in Conformity:
    _conformity(_rule)


@RULES.on_record("unknown-message-type", Severity.WARNING, lambda message: message is None)
def unknown_message_type(record: Record, context: Context) -> Iterator[Said]:
    """A type that no declaration has."""
    if record.decoded.message is None:
        number = record.decoded.number
        yield Said(
            f"Message type {number} is not known; its {plural(len(record.decoded.body), 'byte')} are "
            "shown undecoded. Check "
            "the server's release for a newer protocol.",
            key=number,
        )


@RULES.on_record("unknown-field", Severity.WARNING, no_type, with_problems)
def unknown_field(record: Record, context: Context) -> Iterator[Said]:
    """A floating tag that no declaration has."""
    decoded = record.decoded
    # The decoder has told of each.
    if decoded.message is None or not decoded.problems:
        return
    for tag in dict.fromkeys(tag for tag, _, _ in decoded.spans):
        if decoded.tags.row(tag) is None:
            yield Said(
                f"{record.name} has a floating field with the unknown tag {tag}. Its bytes are shown as "
                "they are; check the "
                "server's release for a newer protocol.",
                key=(decoded.number, tag),
            )


@RULES.on_record("undecoded-bytes", Severity.WARNING, no_type, with_problems)
def undecoded_bytes(record: Record, context: Context) -> Iterator[Said]:
    """A message that does not decode to its end."""
    decoded = record.decoded
    if decoded.message is not None and decoded.undecoded:
        yield Said(
            f"{record.name} leaves {plural(decoded.undecoded, 'byte')} undecoded: "
            f"{'; '.join(say(problem) for problem in decoded.problems if problem.kind in UNDECODED)}. Look at its bytes "
            "and check which version the session has.",
            group=decoded.number,
        )


@RULES.on_record("malformed-message", Severity.WARNING, no_type, with_problems)
def malformed_message(record: Record, context: Context) -> Iterator[Said]:
    """A message that decodes, with something wrong that no other rule tells."""
    decoded = record.decoded
    for problem in record.source_problems:
        yield Said(
            f"{record.name}: {say(problem)}. So it is in the log, not in the message: a capture, or its bytes in the log, show it "
            "whole.",
            severity=Severity.NOTE,
            key=(decoded.number, problem.alike),
        )
    for problem in decoded.problems:
        if problem.kind is not ProblemKind.UNKNOWN_TAG and problem.kind not in UNDECODED:
            yield Said(
                f"{record.name}: {say(problem)}. The rest of the message is decoded all the same; tell the "
                "vendor of the sender.",
                key=(decoded.number, problem.alike),
            )


def _may_hold_secrets(message: Message | None) -> bool:
    return message is not None and any(row.mark & Mark.SECRET for row in message.floating)


def _bears_secrets(record: Record) -> bool:
    decoded = record.decoded
    return any(_is_secret(decoded.tags, tag) for tag, _, _ in decoded.spans)


@RULES.on_record("password-in-clear", Severity.NOTE, _may_hold_secrets, _bears_secrets)
def password_in_clear(record: Record, context: Context) -> Iterator[Said]:
    """A password can be read in the capture."""
    decoded = record.decoded
    for row, value in _secrets(record):
        if value not in (None, "", b""):
            yield Said(
                f"{decoded.name} carries a password in clear ({row}). Whoever has this capture can read it: redact the "
                "capture before you share it.",
                key=(decoded.number, row),
            )


@lru_cache(maxsize=4096)
def _is_secret(tags: TagTable, tag: int) -> bool:
    row = tags.row(tag)
    return row is not None and bool(row.mark & Mark.SECRET)


def _secrets(record: Record) -> Iterator[tuple[str, Value | FixedValue]]:
    decoded = record.decoded
    tags = decoded.tags
    for tag, _, _ in decoded.spans:
        if _is_secret(tags, tag):
            yield from ((field.name, field.value) for field in decoded.floating if field.tag == tag)
