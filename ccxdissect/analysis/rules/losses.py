"""Rules on bytes that were lost, or that TCP brought in a way that casts doubt on them."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.analysis.rules.registry import RULES, Context, Said, Severity
from ccxdissect.protocol.model import Side
from ccxdissect.stream.events import LogLoss, Loss, LossKind, Noted, NoteKind
from ccxdissect.wording import duration, plural
from ccxdissect.wording.losses import say


@RULES.on_loss("missing-bytes", Severity.WARNING)
def missing_bytes(loss: Loss, context: Context) -> Iterator[Said]:
    """Bytes that were on the wire and are not in the capture."""
    never = loss.kind is LossKind.NEVER_CAPTURED
    cut = any(sent.cut_by(loss.time) for sent in loss.session.sent.values())
    if loss.missing and never and not cut and loss.session.sent[loss.sender].heard_by(loss.time):
        holes = context.sessions.story_of(loss.session).holes
        hole = holes[-1] if holes else None
        within = (
            f", somewhere in the {duration(hole.end - hole.start)} before" if hole and hole.end > hole.start else ""
        )
        yield Said(
            f"{plural(loss.missing, 'byte')} of the {_side(loss)} were never captured{within}. Messages are lacking here, and "
            "silence here is no silence. Capture nearer to the server, with a larger buffer, and read all the files of a "
            "ring buffer together.",
            group="missing",
            weight=1,
        )


def _cut(loss: Loss) -> bool:
    """Whether the snap length explains the loss, or that its session was cut out of another capture: that is told once."""
    return loss.session.excerpt or any(sent.cut_by(loss.time) for sent in loss.session.sent.values())


@RULES.on_loss("skipped-bytes", Severity.WARNING)
def skipped_bytes(loss: Loss, context: Context) -> Iterator[Said]:
    """Bytes in which no message was found."""
    if isinstance(loss.detail, LogLoss):
        if loss.skipped:
            last = loss.detail.at_end
            yield Said(
                f"A message of the {_side(loss)} is not whole in the log ({say(loss)}). "
                + ("The log ends there." if last else "Look whether lines are lacking there."),
                severity=Severity.NOTE if last else None,
            )
    elif loss.skipped and not _cut(loss):
        yield Said(
            f"{plural(loss.skipped, 'byte')} of the {_side(loss)} gave no message ({say(loss)}). "
            "Check that this port "
            "carries this protocol, and that the capture is whole."
        )


@RULES.on_note("conflicting-overlap", Severity.WARNING)
def conflicting_overlap(noted: Noted, context: Context) -> Iterator[Said]:
    """Bytes that were sent again with other content: one of the two cannot be what the receiver saw."""
    if noted.kind is NoteKind.CONFLICT:
        where = "" if noted.offset is None else f" at byte {noted.offset:,} of its stream"
        yield Said(
            f"{plural(noted.size, 'byte')} of the {_side(noted)}{where} came again in frame {noted.frame} with other "
            "content. The first ones are shown, the receiver may have taken the others: check for a faulty or meddling "
            "device between the two, and for a capture merged from different places.",
            key=noted.sender,
        )


def _side(lost: Loss | Noted) -> str:
    return "client" if lost.sender is Side.CLIENT else "server"
