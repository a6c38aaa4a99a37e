"""The conversations that a chunk goes on with or begins, and which of what comes of each is told by columns."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

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
from ccxdissect.stream.events import Event


class Opened:
    """The conversations of a piece of a chunk by number, in the order in which they come up.

    Of each: `cuts`, the rank from which on it has to be told singly; `begun`, the rank up to which it was told so at the
    beginning, until it was clear what it speaks; `unlooked`, how many messages come before those that are looked at for signs
    of another protocol. `of_flow`: the number by that of the direction; `numbers`: by connection. `reads`: what was decoded to
    see which protocol conversations speak.
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
        flows, rows = self._arranged.flows, self._arranged.rows
        first = np.full(len(flows), NEVER, np.int64)
        if len(rows.flow):
            first[rows.flow[::-1]] = self._arranged.rank[::-1]
        # Both directions of a connection are one.
        ones, which = alike(np.array([flow.connection.number for flow in flows], np.int64))
        ranks = np.full(len(ones), NEVER, np.int64)
        np.minimum.at(ranks, which, first)
        connections = [flows[one].connection for one in ones.tolist()]
        begins = {one: rank for one, rank in zip(connections, ranks.tolist(), strict=True) if rank < NEVER}
        for rank, event in self._arranged.specials:
            begins[event.connection] = min(rank, begins.get(event.connection, NEVER))
        for conversation in self._dissector.undecided:
            # Time may decide them, whether anything comes of them or not.
            begins.setdefault(conversation.connection, NEVER)
        self.conversations: list[Conversation] = []
        self.cuts: list[int] = []
        self.begun: list[int] = []
        self.unlooked: list[int] = []
        ends: dict[Connection, int] = {}
        for rank, event in self._arranged.specials:
            ends[event.connection] = min(rank, ends.get(event.connection, NEVER))
        rows_of = self._rows_of_undecided(begins, ends)
        firsts = {connection: own[0] for connection, own in rows_of.items() if own}
        verdicts = foreseen(self._dissector, self._bodies, self._signs, self._arranged, firsts) if firsts else {}
        numbers: dict[Connection, int] = {}
        for connection, rank in sorted(begins.items(), key=itemgetter(1)):
            conversation = connection.state
            if conversation is None:
                found: list[Event] = []
                conversation = self._dissector.open(connection, found, verdicts.get(connection))
                self._singly.found += [(rank, event) for event in found]
            if conversation.client is not connection.flows[0]:
                conversation.turn()
            numbers[connection] = len(self.conversations)
            self.conversations.append(conversation)
            if conversation.verdict.settled and not conversation.guessed:
                # As nearly always.
                self.begun.append(-1)
                self.cuts.append(NEVER)
                self.unlooked.append(0)
                continue
            own = rows_of.get(connection)
            before, begun = self._foreseen(conversation, own), -1
            # By columns goes what certainly speaks one protocol; the rest is told singly.
            cut = -1 if before is None or conversation.guessed else NEVER
            if before is None and not conversation.guessed and own is not None and not conversation.waiting:
                begun = self._begin(conversation, own)
                cut = NEVER if conversation.verdict.settled else begun + 1
            self.begun.append(begun)
            self.cuts.append(cut)
            self.unlooked.append(before or 0)
        for rank, event in self._arranged.specials:
            number = numbers[event.connection]
            self.cuts[number] = min(self.cuts[number], rank)
        self.numbers = numbers
        self.of_flow = np.array([numbers.get(one, -1) for one in connections], np.int64)[which]

    def _rows_of_undecided(
        self, begins: dict[Connection, int], ends: dict[Connection, int]
    ) -> dict[Connection, list[int]]:
        """The rows of each connection of which it is not known which protocol it speaks, up to what is told singly."""
        undecided = [one for one in begins if one.state is None or not one.state.verdict.settled]
        if not undecided:
            return {}
        places = {connection: place for place, connection in enumerate(undecided)}
        of_flow = np.array([places.get(flow.connection, -1) for flow in self._arranged.flows], np.int64)
        of = of_flow[self._arranged.rows.flow] if len(of_flow) else np.zeros(0, np.int64)
        order = np.argsort(of, kind="stable")
        bounds = np.searchsorted(of[order], np.arange(len(undecided) + 1)).tolist()
        rows, ranks = order.tolist(), self._arranged.rank[order].tolist()
        found = {}
        for connection, place in places.items():
            end = ends.get(connection, NEVER)
            mine = range(bounds[place], bounds[place + 1])
            found[connection] = [rows[which] for which in mine if ranks[which] < end]
        return found

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
