"""Calls: one story per call id, from the first word of it to the last.

An id belongs to one server and can come again: a call is over when its end was told to every client that heard of its
beginning, or a new beginning comes to a client that heard its end, or that names another caller. Stories are given a
little after the end, so that the last words to other clients still belong to them. The same news told to a bridge
client and to an agent's client is one step, with both sessions. A call of which nothing was heard for `patience` is
given as it stands. Where all sessions that told of a call were over, or had lost bytes of the server, before the next word
of it, what happened meanwhile is not known; nor is what became of it where it ended for the phones of agents alone.

Phases are those of the devices on the call (ringing, talking, held) and of the call itself (queued); see `legs`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Container, Iterator
from itertools import islice
from typing import Any

from ccxdissect.analysis.call_news import CallNews
from ccxdissect.analysis.call_stories import CallOutcome, CallStory, Link
from ccxdissect.analysis.courses import Alike, Courses, marks_port
from ccxdissect.analysis.echoes import Echoes
from ccxdissect.analysis.following import MOST_STEPS, Around, Dialed, Following
from ccxdissect.analysis.marks import Cast
from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.subject import Subject, SubjectReader, Taker
from ccxdissect.analysis.whole_calls import Whole
from ccxdissect.bounded import Newest
from ccxdissect.protocol.codes import Sense
from ccxdissect.protocol.model import Kind, Mark, Message, Protocol, Side, Trait
from ccxdissect.stream.events import Event, Loss, Record, Session, SessionEnded
from ccxdissect.wording import SECOND

#: How long after its end a call is kept for the echoes of it, in ns.
LINGER = 5 * SECOND
#: How long a call may be silent before it is given as it stands, in ns.
PATIENCE = 12 * 3600 * SECOND
#: Later than any time.
_NEVER = 1 << 100
#: Makes what is known around a call of a tuple, without a call of Python's.
_NEW = tuple.__new__
#: The most calls that are followed at once.
MOST_CALLS = 50_000

Key = tuple[str, int]
#: What a session sees: whether every call; else those of its own phones.
Hears = tuple[bool, tuple[str, ...]]
#: A call that is followed: by itself, or as far as it goes as others did.
Followed = Following | Alike
#: All that is asked of the subjects of events; and of requests and replies, which only mention calls.
_OF_EVENTS = Echoes.SLOTS | {
    "invoke_id", "services", "extension", "instrument", "call_type", "calling", "called", "dialed", "service_number",
    "redirected", "acting_type", "queues", "connected_parties", "joining",
}  # fmt: skip
_OF_OTHERS = frozenset({"invoke_id", "services", "agent", "extension", "instrument", "call", "new_call", "dialed"})


def hears_by(subject: Subject, before: Hears) -> Hears:
    """What a session sees by a message that opens it, which saw that before."""
    senses = subject.senses("services")
    if Sense.BRIDGE_MODE in senses:
        return True, before[1]
    return before[0], subject.phones if Sense.AGENT_MODE in senses and subject.phones else before[1]


def _story(followed: Followed | Whole) -> CallStory:
    return followed.told()


def _to_write(followed: Followed | Whole) -> CallStory | Cast:
    cast = None if isinstance(followed, Following) else followed.cast()
    return followed.told() if cast is None else cast


class Calls:
    """Follows the calls; gives each call's story when it is over."""

    def __init__(
        self,
        patience: int = PATIENCE,
        reader: SubjectReader | None = None,
        phones: Phones | None = None,
        courses: Courses | None = None,
        to_write: bool = False,
    ) -> None:
        """`to_write`: instead of stories those are given that they would be made of, where there are such."""
        self.patience = patience
        self._reader = reader or SubjectReader()
        self._phones = phones if phones is not None else Phones()
        self._echoes = Echoes()
        #: The least recently heard of first.
        self._open: Newest[Key, Followed] = Newest(MOST_CALLS)
        self._over: OrderedDict[Key, Followed | Whole] = OrderedDict()
        #: What calls were followed as when they were over that were asked for, see `ask`.
        self._asked_for: dict[Key, Followed | None] = {}
        self._courses = Courses() if courses is None else courses
        self._tell: Callable[[Followed | Whole], Any] = _to_write if to_write else _story
        #: Stories of calls whose room, or whose id, another one needs.
        self._gave_way: list[CallStory] = []
        #: Requests for a new call: the call that they are about, and the number that they dial.
        self._asked: dict[tuple[int, int], tuple[int | None, str | None]] = {}
        #: What sessions see: every call, or those of their own phones.
        self._bridges: set[int] = set()
        self._own: dict[int, tuple[str, ...]] = {}
        #: When sessions began (ns), by the first message that opened them.
        self._began: dict[int, int] = {}
        #: When (ns) sessions were last found to lack bytes of the server, or ended. Bounded.
        self._deaf: Newest[int, int] = Newest(MOST_CALLS)
        #: Devices of which was said that nobody sits there. Bounded.
        self._ports: Newest[tuple[str, str], None] = Newest(MOST_CALLS)
        self._news: dict[Message, CallNews] = {}
        #: Up to this time (ns) no call is over by time alone; 0 where that is to be looked at.
        self._due = 0

    def feed(self, event: Event) -> list[CallStory]:
        """Take the next event; give the stories of the calls that are over."""
        if isinstance(event, SessionEnded):
            for asked in [key for key in self._asked if key[0] == event.session.number]:
                del self._asked[asked]
            self._bridges.discard(event.session.number)
            self._own.pop(event.session.number, None)
            self._began.pop(event.session.number, None)
            self._deaf.keep(event.session.number, event.session.end)
            return []
        if isinstance(event, Loss):
            if event.sender is Side.SERVER and not event.session.excerpt:
                self._deaf.keep(event.session.number, event.time)
            return []
        if not isinstance(event, Record):
            return []
        message = event.decoded.message
        if message is None:
            return self._expire(event.time) if event.time > self._due else []
        subject = self._reader.of(event.decoded)
        return self.take(event.number, event.time, event.session, event.sender, message, subject)

    def slots(self, message: Message, protocol: Protocol) -> frozenset[str]:
        """What is asked of the subjects of messages of a type."""
        return _OF_EVENTS if message.kind is Kind.EVENT else _OF_OTHERS

    def taker(self, message: Message, protocol: Protocol) -> Taker:
        """What takes messages of a type that need not be looked at as records: all."""
        return self.take

    def take(
        self, number: int, time: int, session: Session, sender: Side, message: Message, subject: Subject
    ) -> list[CallStory]:
        """Take a message that is known by these alone, as `feed` takes its record."""
        told = self._expire(time) if time > self._due else []
        news = self._news.get(message) or self._news.setdefault(message, CallNews(message))
        if subject.agent is not None:
            self._phones.learn(session.server, subject)
        if news.opens:
            self._began.setdefault(session.number, time)
            self._learn_session(session.number, subject)
        if news.asks or (self._asked and news.answers):
            self._link_made(time, session, news, subject)
        if subject.call is not None:
            self._about(number, time, session, news, subject, subject.call)
        if self._gave_way:
            told += self._gave_way
            self._gave_way.clear()
        return told

    def elsewhere(self, event: Event) -> list[CallStory]:
        """Take an event of a session that is not looked at here: by it, time passes."""
        return self._expire(event.time) if isinstance(event, Record) and event.time > self._due else []

    @property
    def due(self) -> int:
        """Up to this time (ns) no call is over by time alone."""
        return self._due

    def concerns(self, message: Message, protocol: Protocol) -> bool:
        """Whether messages of a type may change anything here besides the time."""
        return self.asks(message) or self._tells(message) or self._replies(message)

    @property
    def awaits(self) -> bool:
        """Whether the confirmation of a request for a new call is waited for."""
        return bool(self._asked)

    def asks(self, message: Message) -> bool:
        """Whether the confirmation of messages of a type is waited for."""
        return bool(message.traits & Trait.MAKES_CALL)

    def only_replies(self, message: Message, protocol: Protocol) -> bool:
        """Whether messages of a type concern nothing here but what waits for a confirmation."""
        return self._replies(message) and not self._tells(message)

    @staticmethod
    def _tells(message: Message) -> bool:
        if message.traits & Trait.OPENS or message.marked(Mark.CALL):
            return True
        return bool(message.marked(Mark.AGENT) and message.marked(Mark.EXTENSION | Mark.INSTRUMENT))

    @staticmethod
    def _replies(message: Message) -> bool:
        return message.kind is not Kind.REQUEST and bool(message.marked(Mark.INVOKE_ID))

    def advance(self, now: int) -> list[CallStory]:
        """Let time pass without a message, to `now` (ns): give the stories of the calls that are over by that."""
        return self._expire(now)

    @property
    def open_count(self) -> int:
        """How many calls are not over."""
        return len(self._open)

    def newest(self, most: int) -> list[CallStory]:
        """The stories so far of the calls that are not over, at most so many, the one heard of last first."""
        return [following.told() for following in islice(reversed(self._open.values()), most)]

    def flush(self) -> Iterator[CallStory]:
        """Nothing more will come: give the stories of the calls that have not ended, by their beginning."""
        left: list[Followed | Whole] = [*self._over.values(), *self._open.values()]
        for following in sorted(left, key=lambda following: following.start):
            yield self._tell(following)
        self._open.clear()
        self._over.clear()
        self._asked.clear()
        self._bridges.clear()
        self._own.clear()
        self._began.clear()
        self._due = 0

    def _unheard(self, following: Followed) -> bool:
        """Whether none of the sessions that told of a call was heard all the time since its last word."""
        deaf, last = self._deaf, following.end
        return all(deaf.get(session, 0) > last for session in following.sessions)

    def _learn_session(self, session: int, subject: Subject) -> None:
        bridge, own = hears_by(subject, self.hears(session))
        if bridge:
            self._bridges.add(session)
        if own:
            self._own[session] = own

    def _about(
        self,
        message: int,
        time: int,
        session: Session,
        news: CallNews,
        subject: Subject,
        call: int,
    ) -> None:
        server, number = session.server, session.number
        key = (server, call)
        following = self._open.get(key)
        lasts = following is not None
        if following is None:
            over = self._over.get(key)
            if isinstance(over, Whole):
                over = self._over[key] = over.alike()
            following = over
        if following is not None and news.begins and news.event and following.knows(number):
            following = self._alone(key, following)
            if following.begins_again(number, subject):
                if self._open.pop(key, None) is not None:
                    self._gave_way.append(self._tell(following))
                following = None
        if following is None:
            following, lasts = self._begin(key, time, news.event), True
        elif lasts:
            if self._deaf and self._unheard(following):
                following = self._alone(key, following)
                following.unheard = True
            if len(self._open) > 1:
                first = next(iter(self._open))
                self._open.move_to_end(key)
                if key == first:
                    self._look_ahead()
        following.messages += 1
        if lasts and time > following.end:
            following.end = time
        if number not in following.sessions and len(following.sessions) < MOST_STEPS:
            following.sessions.append(number)
        if news.event:
            following = self._event(key, following, message, time, number, news, subject)
            if lasts and following.ended_at is not None and key in self._open:
                self._closed(key, following.ended_at)

    # -- calls that are known from their first word to their last at once ------------------------------------------------

    def knows(self, server: str, call: int) -> bool:
        """Whether a call is followed, or kept for its echoes."""
        return (server, call) in self._open or (server, call) in self._over

    def room(self) -> int:
        """So many more calls can be followed."""
        return MOST_CALLS - len(self._open)

    def hears(self, session: int) -> Hears:
        """What a session sees."""
        return session in self._bridges, self._own.get(session, ())

    @property
    def ports(self) -> Container[tuple[str, str]]:
        """Devices of which was said that nobody sits there, each with its server."""
        return self._ports

    @property
    def phones(self) -> Phones:
        """Whose phones they are."""
        return self._phones

    @property
    def echoes(self) -> Echoes:
        """What was told already."""
        return self._echoes

    def ask(self, server: str, call: int) -> None:
        """Ask what a call was followed as, when it was over."""
        self._asked_for[server, call] = None

    def answers(self) -> dict[Key, Followed | None]:
        """What was asked for, once; None of a call that is not over."""
        asked, self._asked_for = self._asked_for, {}
        return asked

    def take_whole(self, time: int, whole: Whole) -> list[CallStory]:
        """Take a call that is not known, at the time (ns) by which it was over; that of which is passed over otherwise."""
        told = self._expire(time) if time > self._due else []
        self._over[whole.server, whole.call] = whole
        self._due = min(self._due, whole.ended_at + LINGER)
        return told

    # ---------------------------------------------------------------------------------------------------------------------

    def _begin(self, key: Key, time: int, event: bool = False) -> Followed:
        """Follow a call that was not heard of; one that is over and had its id is told, and one that there is no room for.
        `event`: it is an event that tells of it first."""
        server, call = key
        following = Alike(call, server, time, self._courses.start) if event else Following(call, server, time)
        self._due = min(self._due, time + self.patience)
        for gone in (self._over.pop(key, None), self._open.keep(key, following)):
            if gone is not None:
                self._gave_way.append(self._tell(gone))
                self._due = 0
        return following

    def _alone(self, key: Key, following: Followed | Whole) -> Following:
        """A call of those that are held, followed by itself from now on."""
        held: OrderedDict[Key, Any] = self._open if key in self._open else self._over
        alone: Following = following.alone()
        held[key] = alone
        return alone

    def _known(self, key: Key) -> Following | None:
        """A call that is held."""
        following = self._open.get(key) or self._over.get(key)
        return None if following is None else self._alone(key, following)

    def _event(
        self, key: Key, following: Followed, message: int, time: int, session: int, news: CallNews, subject: Subject
    ) -> Followed:
        """Something that was told of a call; gives what it is followed as by that."""
        around = self._around(key[0], following, message, time, session, news, subject)
        if isinstance(following, Alike):
            if following.goes(self._courses, message, time, session, news, subject, around):
                if following.course.ports and subject.acting is not None:
                    self._port(key[0], subject.acting)
                return following
            following = self._alone(key, following)
        if not around.again and not news.ends and marks_port(subject) and subject.acting is not None:
            self._port(key[0], subject.acting)
            around = around._replace(port=True)
        if following.takes(message, time, session, news, subject, around):
            if news.merges:
                self._join(key, following, time, news, subject)
            if subject.other_call is not None or subject.new_call is not None:
                self._link(key, news, subject)
            if news.merges and news.clears:
                following.closes(time)
        return following

    def _around(
        self, server: str, following: Followed, message: int, time: int, session: int, news: CallNews, subject: Subject
    ) -> Around:
        """What was told elsewhere that an event depends on."""
        agents = self._phones.agents
        calling, acting = subject.calling, subject.acting
        calls = agents.get((server, calling)) if calling and agents else None
        acts = agents.get((server, acting)) if acting and agents else None
        if news.ends:
            return _NEW(Around, (False, False, calls, acts, session in self._bridges, self._own.get(session, ()), ()))
        began = self._began.get(session, 0)
        again = self._echoes.told_again(message, time, server, session, news.number, subject, began)
        port = False
        if self._ports and not again:
            device = acting or subject.connection
            port = device is not None and (server, device) in self._ports
        if not news.queues:
            return _NEW(Around, (again, port, calls, acts, False, (), ()))
        parties = dict.fromkeys((*following.parties, calling, acting))
        phones = tuple([party for party in parties if party and (server, party) in agents])
        return Around(again, port, calls, acts, phones=phones)

    def _closed(self, key: Key, time: int) -> None:
        """A call is over: it is kept for its echoes."""
        over = self._over[key] = self._open.pop(key)
        if key in self._asked_for:
            self._asked_for[key] = over
        self._due = min(self._due, time + LINGER)
        self._look_ahead()

    def _look_ahead(self) -> None:
        """Another call is the least recently heard of: it may have been silent for longer."""
        if self._open:
            self._due = min(self._due, next(iter(self._open.values())).end + self.patience)

    def _link(self, key: Key, news: CallNews, subject: Subject) -> None:
        server, call = key
        if news.merges:
            how = "conferenced with" if news.joins else "transferred with"
            if subject.other_call is not None:
                self._connect(server, call, subject.other_call, how, how)
            if subject.new_call is not None:
                for part in (call, subject.other_call):
                    if part is not None:
                        self._connect(server, part, subject.new_call, "became", "came out of")
        elif news.changes:
            if subject.new_call is not None:
                self._connect(server, call, subject.new_call, "became", "came out of")
        elif subject.other_call is not None:
            self._connect(server, call, subject.other_call, "has to do with", "has to do with")

    def _connect(self, server: str, one: int, other: int, how: str, back: str) -> None:
        if one == other:
            return
        for call, linked, text in ((one, other, how), (other, one, back)):
            following = self._known((server, call))
            if following is not None:
                links = following.links
                if len(links) < MOST_STEPS and not any(link.call == linked and link.how == text for link in links):
                    links.append(Link(linked, text))

    def _link_made(self, time: int, session: Session, news: CallNews, subject: Subject) -> None:
        """A request about one call whose confirmation brings another: a consult call, for one."""
        if subject.invoke_id is None:
            return
        key = (session.number, subject.invoke_id)
        if news.asks:
            if len(self._asked) < MOST_CALLS:
                self._asked[key] = (subject.call, subject.dialed)
            return
        if key not in self._asked:
            return
        asked, dialed = self._asked.pop(key)
        made = subject.new_call if subject.new_call is not None else subject.call
        if made is not None and made != asked:
            call = session.server, made
            # One that is confirmed after its end is none that begins.
            following = self._known(call) or self._alone(call, self._begin(call, time))
            following.to(dialed, Dialed.ASKED_FOR)
            if asked is not None:
                self._connect(session.server, asked, made, "led to", "made from")

    def _port(self, server: str, device: str) -> None:
        self._ports.keep((server, device), None)

    def _join(self, key: Key, following: Following, time: int, news: CallNews, subject: Subject) -> None:
        """Two calls become one: the first of them, or a third one."""
        server, call = key
        target = subject.new_call if subject.new_call is not None else call
        # What is told late of a call that is over begins none.
        joined = self._known((server, target))
        if joined is None:
            joined = self._alone((server, target), self._begin((server, target), time))
            joined.caller = joined.legs.caller = following.caller
            joined.called, joined.call_type = following.called, following.call_type
            joined.dialed = following.dialed
        parts = [following]
        second = None if subject.other_call is None else (server, subject.other_call)
        other = self._known(second) if second is not None and second in self._open else None
        if other is not None and other is not following:
            parts.append(other)
        how = CallOutcome.TRANSFERRED if news.transfers else CallOutcome.CONFERENCED
        # Whom the second call had reached: the news of the joining need not say it.
        reached = [device for device in (other.legs.devices if other is not None else ()) if device != subject.acting]
        joined.legs.joins(
            subject.connected_parties,
            [part.legs for part in parts],
            subject.acting,
            news.transfers,
            time,
        )
        for story in {id(part): part for part in (following, joined)}.values():
            who = [*subject.joining, *(reached if not subject.joining else ())]
            story.changed = how
            if news.transfers and who:
                story.transferred_to = who[0]
            elif not news.transfers:
                story.conferenced_with += [device for device in who if device not in story.conferenced_with]
        for part in parts:
            for agent in part.served_by:
                joined.serves(agent)
            joined.agent_at.update(part.agent_at)
            if part is not joined:
                part.joined_into, part.joined_how = target, how
                part.end = max(part.end, time)

    def _expire(self, time: int) -> list[CallStory]:
        told: list[CallStory] = []
        self._due = _NEVER
        for calls, since in ((self._over, LINGER), (self._open, self.patience)):
            while calls:
                first = next(iter(calls.values()))
                due = (first.end if first.ended_at is None else first.ended_at) + since
                if time <= due:
                    self._due = min(self._due, due)
                    break
                told.append(self._tell(calls.popitem(last=False)[1]))
        return told
