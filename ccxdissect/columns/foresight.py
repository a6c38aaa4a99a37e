"""Which protocol the connections of a chunk speak that begin in it, where the first message of each says so by itself: for all
at once, what `Dissector.foresee` says of one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ccxdissect.codec.layout import HEADER
from ccxdissect.columns.arranged import Arranged
from ccxdissect.columns.decoding import BodyDecoder
from ccxdissect.columns.places import lying_at
from ccxdissect.columns.signs import SignReader
from ccxdissect.stream.connections import Connection
from ccxdissect.stream.dialect import Seen, Verdict
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Determined

_HEADER = np.dtype([("length", ">u4"), ("number", ">u4")])


def foreseen(
    dissector: Dissector, bodies: BodyDecoder, signs: SignReader, arranged: Arranged, first: Mapping[Connection, int]
) -> dict[Connection, Verdict]:
    """The verdicts, settled, on connections of which the first delivery is one message that says its protocol. `first`: by
    connection, the row of its first delivery."""
    weighing = dissector.weighing
    found: dict[Connection, Verdict] = {}
    groups: dict[int, tuple[Verdict, list[Connection]]] = {}
    for connection in first:
        one, other = connection.flows
        begun = connection.state is None and one.isn is not None and other.isn is not None
        if begun and connection.determined is not Determined.GUESS:
            verdict = weighing.open(other.key[1])
            groups.setdefault(id(verdict), (verdict, []))[1].append(connection)
    octets = np.frombuffer(arranged.buffer, np.uint8)
    for verdict, connections in groups.values():
        if verdict.settled:
            continue
        rows = np.array([first[connection] for connection in connections], np.int64)
        place, size = arranged.rows.place[rows], arranged.rows.size[rows]
        whole = np.flatnonzero(size >= HEADER.size)
        header = lying_at(octets, place[whole], _HEADER)
        length = header["length"].astype(np.int64)
        alone = (length + HEADER.size == size[whole]) & (length <= dissector.bounds.largest_body)
        mine = whole[alone]
        number = header["number"][alone].astype(np.int64)
        place, size = place[mine] + HEADER.size, size[mine] - HEADER.size
        state = np.full(len(mine), bodies.state(verdict.protocol, None, None), np.int64)
        plan = bodies.plan(octets, state, number, place, size)
        exists = np.flatnonzero(plan >= 0)
        good, fields = bodies.decode(arranged.buffer, octets, plan[exists], place[exists], size[exists])
        fields = fields._replace(message=exists[fields.message])
        plan[np.delete(np.arange(len(plan)), exists[good])] = -1
        for places, seen in signs.borne(arranged.buffer, bodies.plans, plan, place, size, fields):
            for kind in set(number[places].tolist()):
                settled = _settled(dissector, verdict, seen, kind)
                if settled is not None:
                    for one_of in mine[places[number[places] == kind]].tolist():
                        found[connections[one_of]] = settled
    return found


def _settled(dissector: Dissector, verdict: Verdict, seen: tuple[Seen, ...], number: int) -> Verdict | None:
    weighing = dissector.weighing
    trial = weighing.see_all(verdict, seen)
    if not weighing.leads(trial) or number in weighing.alike:
        return None
    return weighing.settled(trial) if number in dissector.bounds_of[trial.protocol].types else None
