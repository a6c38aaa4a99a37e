"""Subjects that are made of the values of their slots alone."""

from __future__ import annotations

from ccxdissect.analysis.subject import Subject, SubjectPlan, listed
from ccxdissect.codec.layout import compile_layouts
from ccxdissect.protocol.uccx.declarations import UCCX_CTI


def _plan(name: str) -> SubjectPlan:
    return SubjectPlan(compile_layouts(UCCX_CTI.message(name))[0])


def test_a_listed_subject_says_what_another_one_says() -> None:
    plan = _plan("AGENT_STATE_EVENT")
    values = {"agent": "ann", "extension": "2001", "state": 3, "reason": 32764, "call": 0, "queues": (1, 2)}
    other = Subject(plan)
    other.__dict__.update(values)
    subject = listed(plan, list(values))(values.values())
    for name in (*Subject.__annotations__, "calls", "phones", "devices"):
        assert getattr(subject, name, "none") == getattr(other, name, "none"), name
    for slot in ("state", "reason", "cause"):
        assert subject.name_of(slot) == other.name_of(slot)
        assert subject.senses(slot) == other.senses(slot)
    assert subject.name_of("state") == "AGENT_STATE_READY"
    assert isinstance(subject, Subject)


def test_two_subjects_that_say_the_same_are_two() -> None:
    make = listed(_plan("AGENT_STATE_EVENT"), ["agent"])
    one, other = make(["ann"]), make(["ann"])
    assert one != other
    assert one == one
    assert len({one, other}) == 2


def test_a_subject_that_says_nothing_is_one() -> None:
    subject = listed(_plan("HEARTBEAT_REQ"), [])(())
    assert subject
    assert (subject.agent, subject.calls, subject.queues) == (None, (), ())
