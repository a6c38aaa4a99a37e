"""Every kind of problem is said, from its facts alone; and the decoder's facts say where the bytes are."""

from __future__ import annotations

import pytest

from building import build
from ccxdissect.capture.segment import Endpoint
from ccxdissect.codec import ONE_ONE, Decoder
from ccxdissect.codec.problems import UNDECODED, Problem, ProblemKind
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import (
    CutMessage,
    LogLoss,
    Loss,
    LossDetail,
    LossKind,
    LostStep,
    Noted,
    NoteKind,
    SessionState,
)
from ccxdissect.wording import losses, notes
from ccxdissect.wording.problems import say

SENTENCES = [
    (Problem(ProblemKind.UNKNOWN_TYPE, None, 0, 3, (999,)), "message type 999 is unknown"),
    (
        Problem(ProblemKind.OTHER_VERSION, None, 0, 20, (0, 13, 14)),
        "fixed part is that of up to version 13, the session has version 14",
    ),
    (
        Problem(ProblemKind.OTHER_VERSION, None, 0, 20, (15, None, 14)),
        "fixed part is that of from version 15 on, the session has version 14",
    ),
    (
        Problem(ProblemKind.OTHER_VERSION, None, 0, 20, (0, None, 14)),
        "fixed part is that of all versions, the session has version 14",
    ),
    (
        Problem(ProblemKind.OTHER_FORM, None, 8, 9, ("1+1", 18, "2+1", "2+2")),
        "floating fields have the form 1+1, version 18 has 2+1 or 2+2",
    ),
    (
        Problem(ProblemKind.FIELDS_UNKNOWN, None, 0, 9, ("SNAPSHOT_CALL_REQ",)),
        "the fields of SNAPSHOT_CALL_REQ are not known: 9 bytes undecoded",
    ),
    (Problem(ProblemKind.UNKNOWN_TAG, 102, 8, 9), "floating tag 102 is unknown"),
    (Problem(ProblemKind.INTEGER_WIDTH, 184, 8, 2, ("CSQID", "UINT", 4)), "CSQID[184] has 2 bytes, UINT has 4"),
    (Problem(ProblemKind.BOOL_WIDTH, 7, 8, 9, ("Flag",)), "Flag[7] has 9 bytes for a BOOL"),
    (Problem(ProblemKind.NO_INDEX, 83, 8, 0, ("NamedArray",)), "NamedArray[83] is empty: not even an index"),
    (Problem(ProblemKind.NO_NUL_BETWEEN, 82, 8, 3, ("N",)), "N[82] has no NUL between name and value"),
    (Problem(ProblemKind.NO_NUL_AT_END, 82, 8, 3, ("N",)), "N[82] does not end with a NUL"),
    (
        Problem(ProblemKind.FIXED_CUT, None, 18, 2, (20, 22, "EventCause")),
        "body has 20 bytes, the fixed part alone has 22: cut in EventCause",
    ),
    (Problem(ProblemKind.BEHIND_FIXED, None, 8, 1), "1 byte after the fixed part, which is all there should be"),
    (Problem(ProblemKind.BEHIND_FLOATING, None, 8, 2), "2 bytes left over after the last floating field"),
    (
        Problem(ProblemKind.ZERO_TAG, None, 29, 4),
        "no floating field begins at body byte 29, where its tag is 0: 4 bytes undecoded",
    ),
    (
        Problem(ProblemKind.FIELD_TOO_FAR, 31, 29, 5, (5, 3)),
        "floating tag 31 at body byte 29 claims 5 bytes, 3 are left: 5 bytes undecoded",
    ),
    (Problem(ProblemKind.HEADER_CUT, size=3), "a header is cut after 3 of 8 bytes"),
    (Problem(ProblemKind.BODY_CUT, size=3, detail=(9,)), "the body has 3 of 9 bytes here"),
    (Problem(ProblemKind.READ_AS, detail=(3, "OPEN_CONF")), "MessageTypeID is 3, read as OPEN_CONF"),
    (
        Problem(ProblemKind.LOG_UNKNOWN_NAME, detail=("shoeSize",)),
        "the log's shoeSize is no field that is known: left out",
    ),
    (Problem(ProblemKind.LOG_MISFIT, None, detail=("a", "B")), "the log's a does not fit B: left out"),
    (Problem(ProblemKind.LOG_MISFIT, 9, detail=("a", "B")), "the log's a does not fit B[9]: left out"),
    (Problem(ProblemKind.LOG_TWICE, detail=("B",)), "the log gives B twice: the first is used"),
    (Problem(ProblemKind.LOG_NOT_OF_VERSION, detail=("a", 14)), "the log's a is no field of version 14: left out"),
    (Problem(ProblemKind.LOG_SILENT, detail=("A", "B")), "the log does not tell A, B"),
    (Problem(ProblemKind.LOG_LENGTH, detail=(999, 75)), "the log says a body of 999 bytes, what it tells makes 75"),
    (
        Problem(ProblemKind.LOG_TAKEN_FROM, 11, detail=("DialedNumber", "DNIS", 10)),
        "the log has null for DialedNumber[11]: taken from DNIS[10]",
    ),
    (Problem(ProblemKind.LOG_TOO_LONG, 11, detail=("DNIS",)), "the log's DNIS[11] is too long for a field: left out"),
    (Problem(ProblemKind.LOG_LINE_ENDS), "the log's line ends inside the message"),
]


@pytest.mark.parametrize(("problem", "sentence"), SENTENCES)
def test_a_problem_is_said_from_its_facts(problem: Problem, sentence: str) -> None:
    assert say(problem) == sentence


@pytest.mark.parametrize(
    "problem", [one for one, _ in SENTENCES if one.kind not in UNDECODED], ids=lambda p: p.kind.value
)
def test_problems_are_alike_that_say_the_same(problem: Problem) -> None:
    """What is told once, with a count, is told from facts as it would be from sentences."""
    for other in (
        problem._replace(offset=problem.offset + 1),
        problem._replace(size=problem.size + 1),
        problem._replace(tag=None if problem.tag is None else problem.tag + 1),
        problem._replace(detail=tuple(f"{part}?" if isinstance(part, str) else part for part in problem.detail)),
    ):
        assert (problem.alike == other.alike) is (say(problem) == say(other)), other


def test_every_kind_is_said() -> None:
    assert {problem.kind for problem, _ in SENTENCES} == set(ProblemKind)


def test_a_problem_tells_which_bytes_it_is_about() -> None:
    raw = build(UCCX_CTI.message("CALL_HELD_EVENT"), 14, ONE_ONE)
    body = raw[8:] + b"\x66\x02ab" + b"\x1f\x05abc"
    problems = Decoder(UCCX_CTI).decode(11, body, 14).problems
    end = len(raw) - 8
    assert problems == (
        Problem(ProblemKind.UNKNOWN_TAG, 102, end + 2, 2),
        Problem(ProblemKind.FIELD_TOO_FAR, 31, end + 4, 5, (5, 3)),
    )
    assert problems[-1].kind in UNDECODED and problems[0].kind not in UNDECODED


SESSION = SessionState(1, Endpoint("a", 1), Endpoint("b", 2), 0, 0).session


def lost(kind: LossKind, detail: LossDetail, missing: int = 0) -> str:
    return losses.say(Loss(SESSION, Side.CLIENT, 0, 1, missing, 0, kind, detail))


def test_every_kind_of_loss_is_said() -> None:
    step = LostStep(missing=7)
    said = {
        LossKind.NEVER_CAPTURED: lost(LossKind.NEVER_CAPTURED, None, 3),
        LossKind.LEFT_OUT: lost(LossKind.LEFT_OUT, None, 3),
        LossKind.BEHIND_CUT: lost(LossKind.BEHIND_CUT, None),
        LossKind.PASSED_OVER: lost(LossKind.PASSED_OVER, LostStep()),
        LossKind.NO_HEADER: lost(LossKind.NO_HEADER, LostStep(length=9, number=70_000)),
        LossKind.SEARCHED: lost(LossKind.SEARCHED, step),
        LossKind.CUT: lost(LossKind.CUT, CutMessage(10, "CLOSE_REQ", 8)),
        LossKind.CUT_BY_OTHERS: lost(LossKind.CUT_BY_OTHERS, CutMessage(10, "CLOSE_REQ", 8)),
        LossKind.CUT_HEADER: lost(LossKind.CUT_HEADER, CutMessage(3, missing=5)),
        LossKind.LOG_UNKNOWN: lost(LossKind.LOG_UNKNOWN, LogLoss("x.log: line 3", "NO\nSUCH")),
        LossKind.LOG_ROWS_END: lost(LossKind.LOG_ROWS_END, LogLoss("x.log: line 3", None, 77, 3, 9)),
    }
    assert said == {
        LossKind.NEVER_CAPTURED: "3 bytes were never captured",
        LossKind.LEFT_OUT: "3 bytes were left out when this was cut out of another capture",
        LossKind.BEHIND_CUT: "the rest of a message whose beginning was cut off by missing bytes",
        LossKind.PASSED_OVER: "the capture begins inside a message: passed over up to the next plausible header",
        LossKind.NO_HEADER: "a header claims 9 bytes of message type 70000: no plausible header follows",
        LossKind.SEARCHED: "7 bytes are missing before: no plausible header among them",
        LossKind.CUT: "CLOSE_REQ is cut after 2 of its 8 body bytes: the session ends (replaced) there",
        LossKind.CUT_BY_OTHERS: "CLOSE_REQ is cut after 2 of its 8 body bytes, where other messages begin",
        LossKind.CUT_HEADER: "a header is cut after 3 of 8 bytes: 5 bytes are missing there",
        LossKind.LOG_UNKNOWN: r"x.log: line 3: no message is called NO\nSUCH",
        LossKind.LOG_ROWS_END: "x.log: line 3: the rows of message type 77 end after 3 of 9 bytes",
    }
    assert set(said) == set(LossKind)


def test_every_kind_of_note_is_said() -> None:
    said = {kind: notes.say(Noted(SESSION, None, 0, 1, kind, 1)) for kind in NoteKind}
    assert said[NoteKind.CONFLICT] == "1 byte sent again with other content: what was captured first is used"
    assert len(set(said.values())) == len(NoteKind) and not any("{" in text for text in said.values())
