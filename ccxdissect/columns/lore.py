"""What is known of the conversations of a piece of a chunk, by number: of most it is the same as of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ccxdissect.codec.forms import FloatingForm
from ccxdissect.columns.batch import Learned
from ccxdissect.columns.decoding import BodyDecoder, Plan
from ccxdissect.stream.dialect import Verdict
from ccxdissect.stream.dissector import Conversation, Dissector, Known
from ccxdissect.stream.events import SessionState


class Lessons(NamedTuple):
    """What was learned of these sessions, each by the message of that rank: what is known of it before, and since then."""

    ranks: np.ndarray
    known: list[SessionState]
    before: list[Known]
    after: list[Known]
    #: The sessions of which something had been learned already, one by one.
    besides: frozenset[SessionState]

    def each(self) -> Iterator[tuple[int, Learned]]:
        """What is known from each rank on."""
        for rank, known, after in zip(self.ranks.tolist(), self.known, self.after, strict=True):
            yield rank, Learned(known, *after)


class Lore:
    """What is known of each conversation, as one number: of that the state by which the decoder of bodies reads, whether the
    form is known, and the verdict."""

    def __init__(self, dissector: Dissector, bodies: BodyDecoder, conversations: Sequence[Conversation]) -> None:
        self._dissector = dissector
        self._bodies = bodies
        self._conversations = conversations
        self._numbers: dict[tuple[int, int | None, bool, FloatingForm | None], int] = {}
        self._known: list[Known] = []
        self._state: list[int] = []
        #: By number the place of the verdict in `verdicts`: which are told apart by their identity.
        self._kind: list[int] = []
        self._kinds: dict[int, int] = {}
        self.verdicts: list[Verdict] = []
        numbers = self._numbers
        of = []
        for one in conversations:
            known = one.known
            what = id(one.verdict), known.version, known.version_said, known.form
            number = numbers.get(what)
            of.append(self._number(one.verdict, *what[1:]) if number is None else number)
        #: By conversation.
        self.of = np.array(of, np.int64)

    def _number(self, verdict: Verdict, version: int | None, said: bool, form: FloatingForm | None) -> int:
        what = id(verdict), version, said, form
        found = self._numbers.get(what)
        if found is None:
            found = self._numbers[what] = len(self._known)
            self._known.append((version, said, form))
            self._state.append(self._bodies.state(verdict.protocol, version, form))
            kind = self._kinds.setdefault(id(verdict), len(self.verdicts))
            if kind == len(self.verdicts):
                self.verdicts.append(verdict)
            self._kind.append(kind)
        return found

    @property
    def states(self) -> np.ndarray:
        """By conversation the state by which bodies are read."""
        return np.array(self._state, np.int64)[self.of]

    @property
    def formed(self) -> np.ndarray:
        """By conversation whether the form is known."""
        return np.array([form is not None for _, _, form in self._known], bool)[self.of]

    @property
    def kinds(self) -> np.ndarray:
        """By conversation which of the `verdicts` is its own."""
        return np.array(self._kind, np.int64)[self.of]

    def see(self, number: int) -> None:
        """Something else is known of a conversation, and it knows that itself."""
        one = self._conversations[number]
        known = one.known
        self.of[number] = self._number(one.verdict, known.version, known.version_said, known.form)

    def after(self, which: np.ndarray, plan: np.ndarray, filled: np.ndarray, plans: list[Plan]) -> np.ndarray:
        """What is known of these conversations behind a message each, of these plans: `filled`, whether it has fields."""
        before = self.of[which]
        kinds = (before * len(plans) + plan) << 1 | filled
        order = np.argsort(kinds, kind="stable")
        ordered = kinds[order]
        begins = np.flatnonzero(np.r_[len(ordered) > 0, ordered[1:] != ordered[:-1]])
        after = np.empty(len(which), np.int64)
        firsts = order[begins]
        told = zip(before[firsts].tolist(), plan[firsts].tolist(), filled[firsts].tolist(), strict=True)
        then = [self._behind(one, plans[number], some) for one, number, some in told]
        after[order] = np.repeat(then, np.diff(np.r_[begins, len(order)]))
        return after

    def _behind(self, number: int, plan: Plan, filled: bool) -> int:
        known = self._known[number]
        verdict = self.verdicts[self._kind[number]]
        form = plan.form if filled else None
        return self._number(verdict, *self._dissector.learned(verdict.protocol, known, plan.number, plan.version, form))

    def learn(
        self, which: np.ndarray, after: np.ndarray, ranks: np.ndarray, besides: frozenset[SessionState]
    ) -> Lessons:
        """Have these conversations, each of them once, know what is known since the messages of these ranks."""
        before = [self._known[one] for one in self.of[which].tolist()]
        since = [self._known[one] for one in after.tolist()]
        self.of[which] = after
        states = [self._conversations[one].known for one in which.tolist()]
        for state, known in zip(states, since, strict=True):
            state.version, state.version_said, state.form = known
        return Lessons(ranks, states, before, since, besides)
