"""Messages of a chunk decoded, and what that tells of their sessions: version, form, protocol, counts."""

from __future__ import annotations

import numpy as np

from ccxdissect.codec.decoder import Decoded
from ccxdissect.codec.forms import FloatingForm
from ccxdissect.columns.arranged import Arranged
from ccxdissect.columns.batch import Learned
from ccxdissect.columns.decoding import BodyDecoder, Fields, joined
from ccxdissect.columns.distinct import alike
from ccxdissect.columns.framing import NOTHING_HELD, Frames, Held
from ccxdissect.columns.lore import Lore
from ccxdissect.columns.opened import Opened
from ccxdissect.columns.signs import SignReader, SignsSeen
from ccxdissect.columns.singly import Singly
from ccxdissect.stream.dialect import Verdict
from ccxdissect.stream.dissector import Dissector

#: After so many changes of what is known of a session, the rest of its messages in a chunk is decoded one by one.
_ROUNDS = 4


class Reading:
    """The messages of a piece of a chunk: of each its direction, its conversation, its plan (negative: it is an odd one), and the
    fields of all; the `odd` ones by number. `held`: what is left of each direction behind its last message."""

    def __init__(
        self,
        dissector: Dissector,
        bodies: BodyDecoder,
        signs: SignReader,
        arranged: Arranged,
        opened: Opened,
        singly: Singly,
        frames: Frames,
        held: dict[int, Held],
    ) -> None:
        self._dissector = dissector
        self._bodies = bodies
        self._signs = signs
        self._arranged = arranged
        self._opened = opened
        self._singly = singly
        self._lore = Lore(dissector, bodies, opened.conversations)
        self._decode(frames, held)

    def _decode(self, frames: Frames, left: dict[int, Held]) -> None:
        """Decode the bodies, in rounds: whatever follows a change of what is known of its session is decoded anew."""
        self._octets = np.frombuffer(self._arranged.buffer, np.uint8)
        bodies = self._bodies
        flow = self._arranged.rows.flow[frames.row]
        self.frames = frames
        self.flow = flow
        self.conversation = of = self._opened.of_flow[flow] if len(flow) else np.zeros(0, np.int64)
        count = len(of)
        self.plan = np.full(count, -1, np.int64)
        self.odd: dict[int, Decoded] = {}
        self._rank = self._arranged.rank[frames.row]
        parts: list[Fields] = []
        todo = np.arange(count)
        lore = self._lore
        looked = self._looked(frames)
        for _ in range(_ROUNDS):
            plan = bodies.plan(
                self._octets, lore.states[of[todo]], frames.number[todo], frames.place[todo], frames.size[todo]
            )
            exists = np.flatnonzero(plan >= 0)
            chosen = todo[exists]
            good, fields = bodies.decode(
                self._arranged.buffer,
                self._octets,
                plan[exists],
                frames.place[chosen],
                frames.size[chosen],
            )
            if len(exists) < len(todo):
                fields = fields._replace(message=exists[fields.message])
            usual = np.zeros(len(todo), bool)
            usual[exists[good]] = True
            self.plan[todo] = np.where(usual, plan, -1)
            # Something may be learned by what is odd, by what says the version, and by the first fields, which show the form.
            tells = ~usual
            tells[exists[good]] = bodies.says_version(plan[exists[good]])
            formed = lore.formed
            if not formed.all():
                tells[fields.message[~formed[of[todo[fields.message]]]]] = True
            if len(todo) < count:
                fields = fields._replace(message=todo[fields.message])
            since = self._learn(todo[tells], fields.message)
            if since is None:
                parts.append(fields)
                todo = todo[:0]
                break
            # Only what stood before the change was decoded by what was known.
            parts.append(fields.of(fields.message <= since[of[fields.message]]))
            todo = todo[todo > since[of[todo]]]
        for index in todo.tolist():
            self.plan[index] = -1
            self._read(index, int(of[index]))
        self.fields = joined(parts)
        self._look(looked)
        self._count_messages(left)

    def _looked(self, frames: Frames) -> np.ndarray:
        """Which messages are looked at for signs that their session speaks another protocol after all."""
        count, conversations = len(frames.row), self._opened.conversations
        looked = np.zeros(count, bool)
        #: Those that count as looked at, whether there may be a sign or not.
        self._counted = np.zeros(count, bool)
        left = [one.looks if cut >= 0 else 0 for one, cut in zip(conversations, self._opened.cuts, strict=True)]
        if not count or not any(left):
            return looked
        order = np.argsort(self.conversation, kind="stable")
        of = self.conversation[order]
        first = np.searchsorted(of, np.arange(len(conversations))) + np.array(self._opened.unlooked, np.int64)
        nth = np.arange(count) - first[of]
        mine = np.flatnonzero((nth >= 0) & (nth < np.array(left, np.int64)[of]))
        self._counted[order[mine]] = True
        times = np.bincount(of[mine], minlength=len(conversations))
        some = np.flatnonzero(times)
        for number, often in zip(some.tolist(), times[some].tolist(), strict=True):
            conversations[number].looks -= often
        # Those on which the verdict is the same are told by the same types.
        kind = self._lore.kinds[of[mine]]
        weighing = self._dissector.weighing
        for which in np.flatnonzero(np.bincount(kind)).tolist():
            chosen = order[mine[kind == which]]
            types = list(weighing.telling(self._lore.verdicts[which]))
            looked[chosen] = np.isin(frames.number[chosen], types, kind="table")
        return looked

    def _look(self, looked: np.ndarray) -> None:
        """Take the signs of the messages that count as looked at, in their order."""
        if not self._counted.any():
            return
        weighing, frames, of = self._dissector.weighing, self.frames, self.conversation
        signs = SignsSeen()
        for index, decoded in self.odd.items():
            if self._counted[index]:
                for nth, seen in enumerate(weighing.signs(decoded)):
                    signs.add(seen, nth, np.array([index]))
        planned = np.flatnonzero(self._counted & (self.plan >= 0))
        looked[planned[self._bodies.says_version(self.plan[planned])]] = True
        fields = self.fields
        # A tag that its type does not list may be a sign.
        if weighing.tags:
            # Few of the messages count, mostly: their fields alone are looked through.
            theirs = np.flatnonzero(self._counted[fields.message])
            looked[fields.message[theirs[np.isin(fields.tag[theirs], list(weighing.tags), kind="table")]]] = True
        if looked.any():
            plan = np.where(looked, self.plan, -1)
            borne = self._signs.borne(
                self._arranged.buffer, self._bodies.plans, plan, frames.place, frames.size, self.fields
            )
            # As nearly always, what is known of many is the same.
            kind_of, verdicts = self._lore.kinds, self._lore.verdicts
            for places, seen_in in borne:
                # Of each session the first: whatever comes again counts no more, nor what was seen before.
                firsts = places[alike(of[places])[0]]
                kind = kind_of[of[firsts]]
                for nth, seen in enumerate(seen_in):
                    new = np.array([not one.has_seen(seen) for one in verdicts], bool)
                    signs.add(seen, nth, firsts[new[kind]])
        conversations = self._opened.conversations
        #: By the identity of a verdict, which is kept, and the signs seen then.
        after: dict[tuple[int, tuple[int, ...]], tuple[Verdict, Verdict]] = {}
        for number, told in signs.by_conversation(of):
            conversation = conversations[number]
            verdict = conversation.verdict
            how = id(verdict), told
            known = after.get(how)
            if known is None:
                seen_all = tuple(signs.kinds[one] for one in told)
                known = after[how] = verdict, weighing.see_all(verdict, seen_all)
            conversation.judge(known[1])

    def _learn(self, telling: np.ndarray, filled: np.ndarray) -> np.ndarray | None:
        """Go through what may tell something, and decode what is not the usual case; where that changes what is known of a
        session, stop there: gives the message by conversation, of others more than there are; None where nothing changes.
        `filled`: the messages that have fields, of those that are usual."""
        has_fields = np.zeros(len(self.plan), bool)
        has_fields[filled] = True
        number, plan, some = self.conversation[telling], self.plan[telling], has_fields[telling]
        lore = self._lore
        usual = np.flatnonzero(plan >= 0)
        after = lore.after(number[usual], plan[usual], some[usual], self._bodies.plans)
        changes = np.flatnonzero(after != lore.of[number[usual]])
        # The first of each conversation: those behind it are read anew.
        changes = changes[alike(number[usual[changes]])[0]]
        firsts, after = usual[changes], after[changes]
        none = len(self.plan)
        since = np.full(len(self._opened.conversations), none, np.int64)
        since[number[firsts]] = telling[firsts]
        early = (plan < 0) & (telling < since[number])
        if early.any():
            apart = np.zeros(len(since), bool)
            apart[number[early]] = True
            since[apart] = none
            mine = apart[number]
            self._learn_each((telling[mine], number[mine], plan[mine], some[mine]), since)
            kept = ~apart[number[firsts]]
            firsts, after = firsts[kept], after[kept]
        if len(firsts):
            singly, ranks = self._singly, self._rank[telling[firsts]]
            singly.learned.append(lore.learn(number[firsts], after, ranks, frozenset(singly.before)))
        return since if (since < none).any() else None

    def _learn_each(self, columns: tuple[np.ndarray, ...], since: np.ndarray) -> None:
        """The same of conversations with messages that are not the usual case, message by message."""
        plans, conversations = self._bodies.plans, self._opened.conversations
        changed: set[int] = set()
        for index, number, which, some in zip(*(column.tolist() for column in columns), strict=True):
            if number in changed:
                continue
            if which < 0:
                learned = self._read(index, number)
            else:
                plan = plans[which]
                known = conversations[number].known
                form = plan.form if some else None
                if plan.version is known.version and form is known.form:
                    # As nearly always.
                    continue
                learned = self._note(index, number, plan.number, plan.version, form)
            if learned:
                changed.add(number)
                since[number] = index
                self._lore.see(number)

    def _read(self, index: int, number: int) -> bool:
        """Decode one body by the decoder: whether something else is known of its session since."""
        frames, conversation = self.frames, self._opened.conversations[number]
        known = conversation.known
        place = int(frames.place[index])
        kind = int(frames.number[index])
        body = self._arranged.buffer[place : place + int(frames.size[index])]
        how = kind, body, known.version, known.form, conversation.decoder
        decoded = self._opened.reads.pop(how, None) or conversation.decoder.decode(*how[:4])
        self.odd[index] = decoded
        return self._note(index, number, kind, decoded.version, decoded.form)

    def _note(self, index: int, number: int, kind: int, version: int | None, form: FloatingForm | None) -> bool:
        """Keep what a message tells of its session: whether something else is known of that since."""
        conversation = self._opened.conversations[number]
        known = conversation.known
        if version is known.version and form is known.form:
            return False
        before = known.version, known.version_said, known.form
        self._dissector.learn(known, kind, version, form)
        after = known.version, known.version_said, known.form
        if before == after:
            return False
        if known not in self._singly.before:
            self._singly.before[known] = Learned(known, *before)
        self._singly.learned.append((int(self._rank[index]), Learned(known, *after)))
        return before[::2] != after[::2]

    def _count_messages(self, left: dict[int, Held]) -> None:
        """Count what was told of each direction, and let its framer go on from there."""
        frames, flow = self.frames, self.flow
        count = len(self._arranged.flows)
        messages = np.bincount(flow, minlength=count)
        sizes = np.bincount(flow, weights=frames.size + 8, minlength=count).astype(np.int64)
        undecoded: dict[int, int] = {}
        tails: dict[int, tuple[int, bytes]] = {}
        for index, decoded in sorted(self.odd.items()):
            if decoded.undecoded:
                number = int(flow[index])
                undecoded[number] = undecoded.get(number, 0) + decoded.undecoded
                tails[number] = (index, decoded.body[len(decoded.body) - decoded.undecoded :])
        # The last row that was told of each direction, and its last message.
        rows = np.flatnonzero(self._opened.by_columns())
        last_row = np.full(count, -1, np.int64)
        last_row[self._arranged.rows.flow[rows]] = rows
        last_message = np.full(count, -1, np.int64)
        last_message[flow] = np.arange(len(flow))
        stands = (
            np.where(last_row >= 0, (self._arranged.rows.offset + self._arranged.rows.size)[last_row], -1)
            if len(rows)
            else last_row
        )
        conversations = self._opened.conversations
        flows = self._arranged.flows
        told = messages > 0
        some = np.flatnonzero(told)
        for number, many, size in zip(some.tolist(), messages[some].tolist(), sizes[some].tolist(), strict=True):
            sent = flows[number].tally
            sent.messages += many
            sent.decoded += size
        for number, size in undecoded.items():
            sent = flows[number].tally
            sent.decoded -= size
            sent.undecoded += size
        # Of most conversations both framers were never needed, and stand where the next bytes will come.
        of_flow = self._opened.of_flow
        needed = np.array([*(not one.untouched for one in conversations), False], bool)
        needed[of_flow[[*tails, *(number for number, held in left.items() if held.data)]]] = True
        told[list(left)] = True
        some = np.flatnonzero(told & needed[of_flow])
        columns = some, messages[some], of_flow[some], stands[some]
        for number, many, which, stood in zip(*(column.tolist() for column in columns), strict=True):
            one, conversation = flows[number], conversations[which]
            held = left.get(number, NOTHING_HELD)
            if conversation.untouched and not held.data and number not in tails:
                continue
            framer = conversation.framers[one]
            at = one.position if stood < 0 else stood
            framer.take_back(held.data, held.brought, at - len(held.data), bool(many))
            if number in tails:
                index, tail = tails[number]
                if index == int(last_message[number]):
                    framer.doubt(tail)
        last = np.full(len(conversations), -1, np.int64)
        last[self._opened.of_flow[self._arranged.rows.flow[rows]]] = rows
        some = np.flatnonzero(last >= 0)
        for which, time in zip(some.tolist(), self._arranged.rows.time[last[some]].tolist(), strict=True):
            conversations[which].known.end = time
        self._dissector.count += len(flow)
