"""Rules on bytes that were lost."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.analysis.rules.registry import RULES, Context, Said, Severity
from ccxdissect.protocol.model import Side
from ccxdissect.stream.events import Loss
from ccxdissect.wording import plural


@RULES.on_loss("missing-bytes", Severity.WARNING)
def missing_bytes(loss: Loss, context: Context) -> Iterator[Said]:
    """Bytes that were on the wire and are not in the capture."""
    if loss.missing:
        yield Said(
            f"{plural(loss.missing, 'byte')} of the {_side(loss)} were never captured "
            f"({loss.reason}). Messages are lacking "
            "here; capture nearer to the server, or with a larger buffer and whole packets."
        )


@RULES.on_loss("skipped-bytes", Severity.WARNING)
def skipped_bytes(loss: Loss, context: Context) -> Iterator[Said]:
    """Bytes in which no message was found."""
    if loss.skipped:
        yield Said(
            f"{plural(loss.skipped, 'byte')} of the {_side(loss)} gave no message ({loss.reason}). "
            "Check that this port "
            "carries this protocol, and that the capture is whole."
        )


def _side(loss: Loss) -> str:
    return "client" if loss.sender is Side.CLIENT else "server"
