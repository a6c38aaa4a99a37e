"""How the pairs of endpoints of a chunk stand with the table of connections before any of its segments: which of them it knows,
and what the headers of each say for as long as nothing but them is needed to judge them."""

from __future__ import annotations

from itertools import chain

import numpy as np

from ccxdissect.capture.segment import ACK, SYN
from ccxdissect.columns.by_pair import ByPair
from ccxdissect.columns.handshakes import HALF, UNUSUAL, endings, finishing, opened
from ccxdissect.columns.headers import Segments
from ccxdissect.columns.lasting import Lasting, Of
from ccxdissect.columns.plain import Known, Lives
from ccxdissect.columns.runs import Runs
from ccxdissect.stream.connection import Key
from ccxdissect.stream.connections import Connections, Flow
from ccxdissect.stream.reassembly import MASK


def stand(
    connections: Connections, lasting: Lasting, segments: Segments, by_pair: ByPair, runs: Runs
) -> tuple[Known, Lives]:
    """Look up all pairs, and tell for each how many of its segments pass by before one does not, and what begins and ends
    its connection plainly. Puts into `runs` what passes by so."""
    pairs = len(by_pair.starts)
    same = by_pair.low == by_pair.high
    rows = lasting.find(segments.addresses, by_pair.low, by_pair.high)
    elsewhere = np.flatnonzero(rows < 0)
    keys = _keys_of_pairs(segments, by_pair, elsewhere)
    ones, others = lasting.both(rows)
    for number, one in zip(keys, connections.flows(keys.values()), strict=True):
        if one is not None:
            ones[number], others[number] = one, one.peer
    strange = np.array([one is None for one in ones], bool)
    for number in np.flatnonzero(same).tolist():
        ones[number] = None
    numbers = np.flatnonzero(~strange & ~same)
    places = np.full(pairs, -1, np.int64)
    places[numbers] = np.arange(0, 2 * len(numbers), 2)
    state = np.full((5, 2, pairs), -1, np.int64)
    runs.flows += chain.from_iterable((ones[number], others[number]) for number in numbers.tolist())
    for side in (0, 1):
        state[3, side, numbers] = places[numbers] + side
    _lasting(lasting, rows, state)
    _singly(ones, np.flatnonzero(~strange & ~same & (rows < 0)), state)
    columns = by_pair.columns
    answered = _answered(connections, by_pair, ones, state, np.flatnonzero((rows < 0) & ~strange & ~same))
    new = _open(by_pair, runs, state, np.flatnonzero(strange))
    places[new] = state[3, 0, new]
    way, of = by_pair.way, by_pair.pair
    base = by_pair.sent[:, by_pair.starts]
    own = by_pair.own - base[way, of]
    peer = by_pair.peer - base[1 - way, of]
    expected = state[0, way, of]
    whole = state[0, 1 - way, of]
    behind = (whole + peer - by_pair.ack) & MASK
    acknowledged = (
        ((whole >= 0) & (behind == 0))
        | (by_pair.ack == state[1, way, of])
        | ((state[4, way, of] > 0) & (behind < HALF))
    )
    good = by_pair.usual & (expected >= 0) & (by_pair.seq == (expected + own) & MASK) & acknowledged
    # What opens a connection passes by too, in its own way.
    good[by_pair.starts[new]] = good[by_pair.starts[new] + 1] = good[by_pair.starts[answered]] = True
    runs.offset[:] = state[2, way, of] + own
    runs.flow_of[:] = state[3, way, of]
    bad = np.flatnonzero(~good)
    firsts = by_pair.stops.copy()
    firsts[of[bad][::-1]] = bad[::-1]
    runs.passes = good & (np.arange(len(good)) < firsts[of])
    runs.sum_up(firsts, new, answered, (behind != 0) & (state[4, way, of] > 0))
    at = np.flatnonzero(firsts < by_pair.stops)
    where = firsts[at]
    stands = np.where(expected < 0, -1, (expected + own) & MASK)[where]
    others = np.where(whole < 0, -1, (whole + peer) & MASK)[where]
    ends = finishing(columns, where, stands, others) & (state[4, 0, at] > 0)
    ending = at[ends]
    stop = by_pair.stops[ending]
    closes, closing, kinds = endings(columns, where[ends], stop, stands[ends], others[ends])
    rest = firsts.copy()
    rest[ending[closes]] = closing + 1
    return Known(keys, ones, places, rows), Lives(new, answered, firsts, rest, ending[closes], closing, kinds)


def _keys_of_pairs(segments: Segments, by_pair: ByPair, chosen: np.ndarray) -> dict[int, Key]:
    """The endpoints of each of these pairs, the lower one first."""
    ends = by_pair.low[chosen], by_pair.high[chosen]
    numbers = [(end >> 16).tolist() for end in ends]
    packed = {number: segments.addresses.packed(number) for number in set(numbers[0] + numbers[1])}
    low, high = (map(packed.__getitem__, of) for of in numbers)
    ports = [(end & 0xFFFF).tolist() for end in ends]
    return dict(zip(chosen.tolist(), zip(low, ports[0], high, ports[1], strict=True), strict=True))


def _lasting(lasting: Lasting, rows: np.ndarray, state: np.ndarray) -> None:
    """How those stand that are kept in these rows, -1 for others."""
    some = np.flatnonzero(rows >= 0)
    table = lasting.rows[rows[some]]
    everyone, low = np.arange(len(some)), table[:, Of.LOW]
    for way in (0, 1):
        side = low ^ way
        for which, field in enumerate((Of.NEXT, Of.ACKNOWLEDGED, Of.POSITION)):
            state[which, way, some] = table[everyone, field + side]
        state[4, way, some] = table[:, Of.NEXT] >= 0


def _singly(ones: list[Flow | None], numbers: np.ndarray, state: np.ndarray) -> None:
    """How those stand that are objects."""
    there = [one for one in map(ones.__getitem__, numbers.tolist()) if one is not None]
    peers = [one.peer for one in there]
    lenient = [one.lenient and peer.lenient for one, peer in zip(there, peers, strict=True)]
    for side, flows in enumerate((there, peers)):
        state[0, side, numbers] = [one.fast for one in flows]
        state[1, side, numbers] = [one.last_ack for one in flows]
        state[2, side, numbers] = [one.position for one in flows]
        state[4, side, numbers] = lenient


def _answered(
    connections: Connections, by_pair: ByPair, ones: list[Flow | None], state: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """Of these pairs of connections that are objects: those whose first segment plainly answers the SYN that was all so far; put
    down how they will stand then."""
    columns = by_pair.columns
    first = by_pair.starts[known]
    seems = columns.plain[first] & (columns.size[first] == 0) & (columns.flags[first] & UNUSUAL == SYN | ACK)
    found: list[int] = []
    for number, at in zip(known[seems].tolist(), first[seems].tolist(), strict=True):
        one, way = ones[number], int(columns.way[at])
        ack = int(columns.ack[at])
        if one is not None and connections.awaits_answer(one.peer if way else one, ack):
            found.append(number)
            state[0, way, number] = (int(columns.seq[at]) + 1) & MASK
            state[1, way, number] = ack
            state[4, :, number] = 1
    return np.array(found, np.int64)


def _open(by_pair: ByPair, runs: Runs, state: np.ndarray, strange: np.ndarray) -> np.ndarray:
    """Which of the pairs without a connection begin one plainly; put down how it will stand then."""
    columns = by_pair.columns
    new = strange[opened(columns, by_pair.starts[strange], by_pair.stops[strange])]
    if len(new):
        first = by_pair.starts[new]
        client = columns.way[first]
        state[0, client, new] = (columns.seq[first] + 1) & MASK
        state[0, 1 - client, new] = (columns.seq[first + 1] + 1) & MASK
        state[1, 1 - client, new] = columns.ack[first + 1]
        state[2][:, new] = 0
        state[3, 0, new] = len(runs.flows) + 2 * np.arange(len(new))
        state[3, 1, new] = state[3, 0, new] + 1
        state[4][:, new] = 1
        runs.flows += [None] * (2 * len(new))
    return new
