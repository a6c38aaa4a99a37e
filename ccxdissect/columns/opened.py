"""The conversations that a chunk goes on with or begins, and which of what comes of each is told by columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ccxdissect.codec.decoder import Decoded
from ccxdissect.columns.arranged import NEVER, Arranged
from ccxdissect.columns.decoding import BodyDecoder
from ccxdissect.columns.distinct import alike
from ccxdissect.columns.foresight import foreseen
from ccxdissect.columns.signs import SignReader
from ccxdissect.columns.singly import Singly
from ccxdissect.stream.connections import Connection, Flow
from ccxdissect.stream.dissector import Body, Conversation, Dissector

#: The rank of a connection of which nothing comes, behind those of which time alone may tell something.
_NOTHING = 2 * NEVER


class Opened:
    """The conversations of a piece of a chunk by number, in the order in which they come up.

    Of each: `cuts`, the rank from which on it has to be told singly; `begun`, the rank up to which it was told so at the
    beginning, until it was clear what it speaks; `unlooked`, how many messages come before those that are looked at for signs
    of another protocol. `of_flow`: the number by that of the direction; `of_specials`: that of each special. `reads`: what was
    decoded to see which protocol conversations speak.
    """

    def __init__(
        self, dissector: Dissector, bodies: BodyDecoder, signs: SignReader, arranged: Arranged, singly: Singly
    ) -> None:
        self._dissector = dissector
        self._bodies = bodies
        self._signs = signs
        self._arranged = arranged
        self._singly = singly
        self.reads: dict[Body, Decoded] = {}
        self._open()

    def _open(self) -> None:
        """Number the conversations, begin those that are new, and say from which rank on each has to be told singly."""
        arranged = self._arranged
        flows, rows = arranged.flows, arranged.rows
        first = np.full(len(flows), _NOTHING, np.int64)
        if len(rows.flow):
            first[rows.flow[::-1]] = arranged.rank[::-1]
        # Both directions of a connection are one, and have its number in theirs.
        ones, which = alike(arranged.flow_numbers >> 1)
        ranks = np.full(len(ones), _NOTHING, np.int64)
        np.minimum.at(ranks, which, first)
        connections = [flows[one].connection for one in ones.tolist()]
        specials: list[int] = []
        if arranged.specials or self._dissector.undecided:
            ranks, specials = self._with_specials(connections, ranks)
        order = np.argsort(ranks, kind="stable")
        # Of the others nothing comes.
        order = order[: np.count_nonzero(ranks < _NOTHING)]
        number_of = np.full(len(connections), -1, np.int64)
        number_of[order] = np.arange(len(order))
        self.of_flow = number_of[which]
        self.of_specials: list[int] = number_of[specials].tolist()
        ordered = [connections[place] for place in order.tolist()]
        self._tell_all(ordered, ranks[order].tolist())
        for (rank, _), number in zip(arranged.specials, self.of_specials, strict=True):
            self.cuts[number] = min(self.cuts[number], rank)

    def _with_specials(self, connections: list[Connection], ranks: np.ndarray) -> tuple[np.ndarray, list[int]]:
        """The ranks at which these connections come up first, and of others, put behind them, of which no bytes came but something
        else did, or may have to be decided. Gives for each special its connection's place, too."""
        places = {connection: place for place, connection in enumerate(connections)}
        of_specials = [places.setdefault(event.connection, len(places)) for _, event in self._arranged.specials]
        waiting = [places.setdefault(one.connection, len(places)) for one in self._dissector.undecided]
        begins = np.full(len(places), _NOTHING, np.int64)
        begins[: len(ranks)] = ranks
        ranks_of = np.array([rank for rank, _ in self._arranged.specials], np.int64)
        np.minimum.at(begins, np.array(of_specials, np.int64), ranks_of)
        connections.extend(list(places)[len(connections) :])
        # Time may decide them, whether anything comes of them or not.
        begins[waiting] = np.minimum(begins[waiting], NEVER)
        return begins, of_specials

    def _tell_all(self, connections: list[Connection], ranks: list[int]) -> None:
        """Begin the conversations that are new, and say from which rank on each has to be told singly."""
        count = len(connections)
        self.conversations: list[Conversation] = []
        self.cuts: list[int] = [NEVER] * count
        self.begun: list[int] = [-1] * count
        self.unlooked: list[int] = [0] * count
        undecided = [
            number for number, one in enumerate(connections) if one.state is None or not one.state.verdict.settled
        ]
        places, rows, bounds = self._rows_of(undecided)
        some = np.flatnonzero(bounds[1:] > bounds[:-1])
        firsts = {
            connections[undecided[which]]: row
            for which, row in zip(some.tolist(), rows[bounds[some]].tolist(), strict=True)
        }
        verdicts = foreseen(self._dissector, self._bodies, self._signs, self._arranged, firsts) if firsts else {}
        conversations, opening = self.conversations, self._singly.opened
        for number, connection in enumerate(connections):
            conversation = connection.state
            if conversation is None:
                conversation = self._dissector.begin(connection, verdicts.get(connection))
                opening.append((ranks[number], conversation))
            if conversation.client is not connection.flows[0]:
                conversation.turn()
            conversations.append(conversation)
            if not conversation.verdict.settled or conversation.guessed:
                # Seldom.
                which = int(places[number])
                own = None if which < 0 else rows[bounds[which] : bounds[which + 1]].tolist()
                self._begin_unclear(number, conversation, own)

    def _begin_unclear(self, number: int, conversation: Conversation, rows: list[int] | None) -> None:
        """Begin one of which it is not clear which protocol it speaks, or which of its sides is which."""
        before, begun = self._foreseen(conversation, rows), -1
        # By columns goes what certainly speaks one protocol; the rest is told singly.
        cut = -1 if before is None or conversation.guessed else NEVER
        if before is None and not conversation.guessed and rows is not None and not conversation.waiting:
            begun = self._begin(conversation, rows)
            cut = NEVER if conversation.verdict.settled else begun + 1
        self.begun[number], self.cuts[number], self.unlooked[number] = begun, cut, before or 0

    def _rows_of(self, undecided: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The rows of each conversation of which it is not known which protocol it speaks, up to what is told singly: by number
        its place among these, -1 for others, and by that place where in the rows its own begin; the last one's end behind."""
        arranged, count = self._arranged, len(self.cuts)
        # The last one is of no conversation.
        places = np.full(count + 1, -1, np.int64)
        if not undecided:
            return places, places[:0], np.zeros(1, np.int64)
        places[undecided] = np.arange(len(undecided))
        ends = np.full(count, NEVER, np.int64)
        np.minimum.at(ends, self.of_specials, np.array([rank for rank, _ in arranged.specials], np.int64))
        rows = np.flatnonzero(places[self.of_flow[arranged.rows.flow]] >= 0)
        of = self.of_flow[arranged.rows.flow[rows]]
        early = arranged.rank[rows] < ends[of]
        rows, of = rows[early], places[of[early]]
        order = np.argsort(of, kind="stable")
        return places, rows[order], np.searchsorted(of[order], np.arange(len(undecided) + 1))

    def _foreseen(self, conversation: Conversation, rows: list[int] | None) -> int | None:
        """Whether it is known, or seen from what comes now, which protocol a conversation speaks: how many messages come
        before it is; None when it stays unknown."""
        if conversation.verdict.settled:
            return 0
        if not rows:
            return None
        table = self._arranged.rows

        def brought() -> Iterator[tuple[Flow, bytes]]:
            for row in rows:
                place = int(table.place[row])
                yield (
                    self._arranged.flows[int(table.flow[row])],
                    self._arranged.buffer[place : place + int(table.size[row])],
                )

        return self._dissector.foresee(conversation, brought(), self.reads)

    def _begin(self, conversation: Conversation, rows: list[int]) -> int:
        """Tell what comes of a conversation singly until it is clear which protocol it speaks. Gives the rank of the last that
        was told so; -1 for none."""
        begun = -1
        for row in rows:
            rank = int(self._arranged.rank[row])
            until = self._dissector.undecided.get(conversation)
            if until is not None:
                decided = self._singly.decided[conversation]
                if decided <= rank:
                    self._singly.stop_waiting(conversation, until, decided)
            if conversation.verdict.settled:
                break
            self._singly.take(rank, self._arranged.delivery(row))
            begun = rank
        return begun

    def cut_of_rows(self) -> np.ndarray:
        """For each row the rank from which on its conversation has to be told singly."""
        cuts = np.array(self.cuts, np.int64)
        return cuts[self.of_flow[self._arranged.rows.flow]] if len(cuts) else np.zeros(0, np.int64)

    def begun_of_rows(self) -> np.ndarray:
        """For each row the rank up to which its conversation was told singly at the beginning."""
        begun = np.array(self.begun, np.int64)
        return begun[self.of_flow[self._arranged.rows.flow]] if len(begun) else np.zeros(0, np.int64)

    def by_columns(self) -> np.ndarray:
        """Which rows are told by columns: behind what was told singly at the beginning, and before what has to be again."""
        return (self._arranged.rank < self.cut_of_rows()) & (self._arranged.rank > self.begun_of_rows())
