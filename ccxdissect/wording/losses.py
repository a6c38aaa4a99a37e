"""The one place that puts into words how bytes came to give no message."""

from __future__ import annotations

from ccxdissect.codec.layout import HEADER
from ccxdissect.errors import one_line
from ccxdissect.stream.events import CutMessage, EndedBy, LogLoss, Loss, LossKind, LostStep, Session

_SEARCHED = {
    LossKind.PASSED_OVER: "passed over up to the next plausible header",
    LossKind.NO_HEADER: "no plausible header follows",
    LossKind.SEARCHED: "no plausible header among them",
}


def say(loss: Loss) -> str:
    """Why the bytes gave no message, in words, on one line and without a full stop."""
    detail = loss.detail
    if loss.kind is LossKind.NEVER_CAPTURED:
        return f"{loss.missing} bytes were never captured"
    if loss.kind is LossKind.LEFT_OUT:
        return f"{loss.missing} bytes were left out when this was cut out of another capture"
    if loss.kind is LossKind.BEHIND_CUT:
        return "the rest of a message whose beginning was cut off by missing bytes"
    if isinstance(detail, LostStep):
        return f"{_lost_step(detail)}: {_SEARCHED[loss.kind]}"
    if isinstance(detail, CutMessage):
        if loss.kind is LossKind.CUT_BY_OTHERS:
            return f"{_cut(detail)}, where other messages begin"
        if detail.missing is not None:
            return f"{_cut(detail)}: {detail.missing} bytes are missing there"
        return f"{_cut(detail)}: the session ends ({_ended(loss.session)}) there"
    assert isinstance(detail, LogLoss)
    return f"{one_line(detail.place)}: {_log(loss.kind, detail)}"


def _ended(session: Session) -> str:
    if session.ended_by is EndedBy.IDLE:
        return "put away"
    return str(session.ended_by or "replaced")


def _lost_step(step: LostStep) -> str:
    if step.missing is not None:
        return f"{step.missing} bytes are missing before"
    if step.length is not None:
        return f"a header claims {step.length} bytes of message type {step.number}"
    return "the capture begins inside a message"


def _cut(cut: CutMessage) -> str:
    if cut.name is None:
        return f"a header is cut after {cut.held} of {HEADER.size} bytes"
    return f"{cut.name} is cut after {cut.held - HEADER.size} of its {cut.length} body bytes"


def _log(kind: LossKind, lost: LogLoss) -> str:
    if kind is LossKind.LOG_UNKNOWN:
        return f"no message is called {one_line(lost.name or '')}"
    name = lost.name or ("a header" if lost.number is None else f"message type {lost.number}")
    return f"the rows of {name} end after {lost.have} of {lost.length} bytes"
