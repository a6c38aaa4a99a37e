"""What does not happen: replies that stay away, heartbeats that are missed, clients that fall silent.

In a capture all this is known at its end. Live, it is news while it lasts; so here time passes without messages too:
`advance` says what is overdue by now. Works beside a `Findings`, whose pairing and stories it reads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from ccxdissect.analysis.exchange import Exchange
from ccxdissect.analysis.findings import Finding, Findings, Severity
from ccxdissect.analysis.rules.connecting import unanswered
from ccxdissect.analysis.rules.unseen import one_way
from ccxdissect.analysis.sessions import captured_only
from ccxdissect.protocol.model import Kind, Side, Trait
from ccxdissect.stream.events import Event, Record, Session, SessionEnded, Tried
from ccxdissect.wording import SECOND, duration, plural

#: How long a reply may stay away before that is news, in ns.
TIMEOUT = 5 * SECOND
#: So many unanswered heartbeats in a row, and the client takes the server for dead.
DEAD = 3
#: Replies of one session that are overdue together and are told one by one; more are told in one sentence.
TOLD_SINGLY = 3
#: Gaps between heartbeats by which the client's rhythm is known.
GAPS = 4
#: For each open session, so many ns pass at least between two looks at all of them: a thousand are looked at four times a
#: second, ten thousand every 2.5 s.
PACE = SECOND // 4_000

#: A message so much before the time that it is, or so much behind, is dated as nothing around it: it counts as of now, in ns.
BEHIND, AHEAD = 10 * SECOND, 86_400 * SECOND

UNANSWERED, BEATS, SILENCE = "unanswered-request", "missed-heartbeat", "idle-timeout"
ONE_WAY, NO_ANSWER = "one-way-capture", "no-answer"


@dataclass(slots=True)
class _Watched:
    """One session: when its client was heard last, and in which rhythm it sends heartbeats."""

    session: Session
    last: int
    last_message: int | None = None
    #: When the last heartbeat came, as long as nothing else did since.
    beat: int | None = None
    gaps: deque[int] = field(default_factory=lambda: deque(maxlen=GAPS))
    missed_in_a_row: int = 0
    rhythm_told: bool = False
    silence_told: bool = False


class Overdue:
    """Tells what is overdue. `timeout`: how long a request may wait for its reply, in ns."""

    def __init__(self, findings: Findings, timeout: int = TIMEOUT) -> None:
        self._findings = findings
        self._timeout = timeout
        self._watched: dict[int, _Watched] = {}
        #: The last request whose missing reply was told; all earlier ones were told too, or answered.
        self._told = 0
        #: Sessions of which was told that only one side is captured.
        self._one_way: set[int] = set()
        #: Open sessions of which both sides were captured, so that nothing more is to be asked of them.
        self._two_way: set[int] = set()
        #: Attempts to connect of which was told that nothing answers them.
        self._alone: set[int] = set()
        #: When the clock leapt last, and by how much.
        self._leapt_at = self._leapt_by = 0
        #: When all sessions are looked at again, and how many there were.
        self._look = self._open = 0
        #: The time that it was when that was told last.
        self._now: int | None = None

    def feed(self, event: Event) -> None:
        """Take an event, after the `Findings` took it."""
        if isinstance(event, SessionEnded):
            self._watched.pop(event.session.number, None)
            self._one_way.discard(event.session.number)
            self._two_way.discard(event.session.number)
            self._alone.discard(event.session.number)
        elif isinstance(event, Record):
            self._heard(event)

    def is_told(self, finding: Finding) -> bool:
        """Whether a finding repeats what `advance` has told already."""
        if finding.rule == ONE_WAY:
            return finding.session in self._one_way
        if finding.rule == NO_ANSWER:
            return finding.session in self._alone
        return finding.rule == UNANSWERED and finding.message is not None and finding.message <= self._told

    def advance(self, now: int, tried: Iterable[Tried] = ()) -> list[Finding]:
        """Let time pass to `now` (ns since the epoch); give what became overdue. `tried`: the attempts to connect that
        nothing has answered."""
        found: list[Finding] = []
        self._now = now
        looks = now >= self._look
        if looks:
            alone = list(tried)
            found += self._one_sided(now) + [self._no_answer(one, now) for one in alone if self._is_late(one, now)]
            self._look = now + PACE * (self._open + len(alone))
        found += [one for one in self._replies(now) if one.session not in self._one_way]
        for watched in self._watched.values() if looks else ():
            if not (watched.rhythm_told and watched.silence_told):
                found += self._silence(watched, now)
        return found

    def leap(self, by: int, now: int) -> None:
        """The clock was set by `by` ns, to `now`: nobody was silent for that long."""
        self._leapt_at, self._leapt_by, self._now = now, by, now
        self._look = min(self._look, now)
        for watched in self._watched.values():
            if watched.last <= now - by if by > 0 else watched.last > now:
                watched.last += by

    def _one_sided(self, now: int) -> list[Finding]:
        """Sessions of which only one side is captured: to be mended now, not when they end."""
        found = []
        self._open = 0
        for session in self._findings.sessions.open_sessions():
            self._open += 1
            number = session.number
            if number in self._two_way or number in self._one_way or now - session.start <= self._timeout:
                continue
            sent = session.sent
            if all(one.seen for one in sent.values()):
                self._two_way.add(number)
                continue
            only = captured_only(session)
            # Whoever sends more than a SYN was answered: that it cannot be seen is the capture's fault for certain.
            if only is not None and sent[only].syns:
                self._one_way.add(number)
                story = self._findings.sessions.story_of(session)
                found.append(Finding(Severity.WARNING, ONE_WAY, number, story.last_message, now, one_way(story, only)))
        return found

    def _is_late(self, tried: Tried, now: int) -> bool:
        leapt = self._leapt_by if self._leapt_by > 0 and tried.start <= self._leapt_at - self._leapt_by else 0
        return tried.number not in self._alone and now - tried.start - leapt > self._timeout

    def _no_answer(self, tried: Tried, now: int) -> Finding:
        self._alone.add(tried.number)
        return Finding(Severity.ERROR, NO_ANSWER, tried.number, None, now, unanswered(tried, now))

    def _heard(self, record: Record) -> None:
        message = record.decoded.message
        traits = message.traits if message is not None else Trait.NONE
        number = record.session.number
        watched = self._watched.get(number)
        time, now = record.time, self._now
        if now is not None and not now - BEHIND <= time <= now + AHEAD:
            time = now
        if traits & Trait.CLOSES:
            # Whoever says goodbye may be silent. What comes after the closing begins anew.
            self._watched.pop(number, None)
            return
        if watched is None:
            if record.sender is not Side.CLIENT:
                return
            watched = self._watched[number] = _Watched(record.session, time)
        if record.sender is not Side.CLIENT:
            if traits & Trait.HEARTBEAT:
                watched.missed_in_a_row = 0
            return
        beats = bool(traits & Trait.HEARTBEAT) and message is not None and message.kind is Kind.REQUEST
        if beats and watched.beat is not None:
            watched.gaps.append(time - watched.beat)
        watched.beat = time if beats else None
        watched.last, watched.last_message = time, record.number
        watched.rhythm_told = watched.silence_told = False

    # -- replies -----------------------------------------------------------------------------------------------------

    def _replies(self, now: int) -> list[Finding]:
        since = now - self._timeout
        if self._leapt_by > 0 and now < self._leapt_at + self._timeout:
            # Those sent before the clock leapt have waited for so much less than it seems.
            since -= self._leapt_by
        due = self._findings.exchanges.unanswered_after(self._told, since)
        if not due:
            return []
        self._told = max(exchange.request or 0 for exchange in due)
        found = []
        by_session: dict[int, list[Exchange]] = {}
        for exchange in due:
            if exchange.traits & Trait.HEARTBEAT:
                found.append(self._beat(exchange, now))
            elif not exchange.traits & Trait.CLOSES:
                by_session.setdefault(exchange.session.number, []).append(exchange)
        for exchanges in by_session.values():
            if len(exchanges) > TOLD_SINGLY:
                found.append(self._many(exchanges, now))
            else:
                found += [self._reply(exchange, now) for exchange in exchanges]
        return found

    def _reply(self, exchange: Exchange, now: int) -> Finding:
        waited = duration(now - (exchange.request_time or now))
        if exchange.answered_time is not None:
            text = (
                f"The reply to {exchange.request_name} has begun, but has not ended for {waited}. Look in the server's "
                "log."
            )
        else:
            text = (
                f"{exchange.request_name} has had no reply for {waited}. Look in the server's log; if a reply comes "
                "after all, it is listed as slow."
            )
        return Finding(Severity.WARNING, UNANSWERED, exchange.session.number, exchange.request, now, text)

    @staticmethod
    def _many(exchanges: list[Exchange], now: int) -> Finding:
        first = exchanges[0]
        waited = duration(now - (first.request_time or now))
        text = (
            f"{plural(len(exchanges), 'request')} have had no reply for up to {waited}, the first of them "
            f"{first.request_name}. Check that what the server sends is captured too, then look in the server's log."
        )
        return Finding(Severity.WARNING, UNANSWERED, first.session.number, first.request, now, text)

    def _beat(self, exchange: Exchange, now: int) -> Finding:
        watched = self._watched.get(exchange.session.number)
        row = 1
        if watched is not None:
            watched.missed_in_a_row += 1
            row = watched.missed_in_a_row
        text = f"A heartbeat has had no answer for {duration(now - (exchange.request_time or now))}"
        if row >= DEAD:
            text += f", the {row}th in a row" if row > DEAD else ", the third in a row"
            text += ". The client has to connect again: look at the server and the network now."
        else:
            text += ". Check the server's load and the network."
        severity = Severity.ERROR if row >= DEAD else Severity.WARNING
        return Finding(severity, BEATS, exchange.session.number, exchange.request, now, text)

    # -- silence -----------------------------------------------------------------------------------------------------

    def _silence(self, watched: _Watched, now: int) -> list[Finding]:
        silent = now - watched.last
        session = watched.session
        found = []
        if watched.gaps and not watched.rhythm_told:
            usual = max(watched.gaps)
            # A burst of heartbeats is no rhythm.
            if silent > 2 * usual and usual >= SECOND:
                watched.rhythm_told = True
                text = (
                    f"The client has been silent for {duration(silent)}, though it sends a heartbeat every "
                    f"{duration(usual)}. Look whether the client still runs, and at the network."
                )
                found.append(Finding(Severity.WARNING, BEATS, session.number, watched.last_message, now, text))
        if not watched.silence_told:
            allowed = self._findings.sessions.story_of(session).idle_timeout
            if allowed and silent > allowed * SECOND:
                watched.silence_told = True
                text = (
                    f"The client has been silent for {duration(silent)}, longer than its idle timeout of {allowed} s: "
                    "the server will end the session. Let the client send heartbeats at least twice as often."
                )
                found.append(Finding(Severity.WARNING, SILENCE, session.number, watched.last_message, now, text))
        return found
