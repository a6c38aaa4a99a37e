"""Days of a center that are stirred: messages of every type with few agents, phones and calls, so that they meet; and all that
the analyses tell of them. A day is told by its number alone."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

from ccxdissect.analysis.agents import Agents
from ccxdissect.analysis.calls import Calls
from ccxdissect.analysis.comparison import Comparer, pairs
from ccxdissect.analysis.exchanges import Exchanges
from ccxdissect.analysis.findings import Findings
from ccxdissect.analysis.sessions import Sessions, SessionStory
from ccxdissect.analysis.statistics import Statistics
from ccxdissect.analysis.summary import Summing
from ccxdissect.codec import NamedValue, Value
from ccxdissect.protocol.model import Fixed, Floating, Mark, Message, Need, Side
from ccxdissect.protocol.types import Reading
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Event, NoteKind, Record, Session
from ccxdissect.views.summary import SummaryView
from scene import MS, S, Scene, feed, json_of

AGENTS = ("ann", "bob")
PHONES = ("2001", "2002", "7000", "5550100")
CALLS = (100, 101, 102, 0xFFFFFFFF, 0, 1)
WAITS = (MS, MS, 5 * MS, 20 * MS, 20 * MS, 300 * MS, 2 * S, 7 * S, 31 * S, 130 * S)
MESSAGES = tuple(UCCX_CTI)
#: What a day mostly consists of.
OFTEN = tuple(
    message for message in MESSAGES
    if any(row.mark & (Mark.CALL | Mark.AGENT_STATE | Mark.FAILURE | Mark.SERVICES) for row in message.fixed)
)  # fmt: skip


def _number(source: random.Random, row: Fixed | Floating) -> int:
    if row.mark & (Mark.CALL | Mark.OTHER_CALL | Mark.NEW_CALL):
        return source.choice(CALLS)
    if row.mark & Mark.INVOKE_ID:
        return source.randrange(1, 5)
    if row.mark & Mark.VERSION:
        return source.choice((14, 14, 14, 13))
    if row.codes is not None and source.random() < 0.9:
        return source.choice([int(member) for member in row.codes.__members__.values()]) & 0x7F
    return source.choice((0, 0, 1, 2, 60))


def _floating(source: random.Random, row: Floating) -> Value:
    if row.type.reading is Reading.INTEGER:
        return _number(source, row)
    if row.type.reading is Reading.TEXT:
        return source.choice((*AGENTS, "") if row.mark & (Mark.AGENT | Mark.CLIENT_NAME) else PHONES)
    if row.type.reading is Reading.NAMED_VARIABLE:
        return NamedValue("BAStatus", "x")
    if row.type.reading is Reading.NAMED_ARRAY:
        return NamedValue("user.a", "x", 1)
    return b"\x01"


def _send(source: random.Random, scene: Scene, session: Session, message: Message) -> None:
    fixed: dict[str, int | bytes] = {
        row.name: _number(source, row)
        for row in message.fixed
        if row.type.reading is Reading.INTEGER and not row.reserved and row.since <= 14
    }
    rows = [row for row in message.floating if row.in_version(14) and row.tag < 256]
    floating: list[tuple[str | int, Value]] = [
        (row.tag, _floating(source, row)) for row in rows
        if row.need is Need.REQUIRED and source.random() < 0.95 or source.random() < 0.6
    ]  # fmt: skip
    try:
        scene.send(session, message.name, fixed, floating, source.choice(WAITS))
    except ValueError:
        scene.send(session, message.name, {}, floating, source.choice(WAITS))


def day(number: int) -> Scene:
    """The events of the day of that number."""
    source = random.Random(number)
    scene = Scene()
    open_: list[Session] = []
    often = source.random()
    for _ in range(source.randrange(10, 90)):
        act = source.random()
        if not open_ or act < 0.06:
            client = f"10.0.0.{source.randrange(5, 8)}:{40_000 + source.randrange(50)}"
            session = scene.session(client, f"10.0.0.{source.choice((1, 1, 2))}:12028", source.random() < 0.9)
            open_.append(session)
            if source.random() < 0.8:
                agent = source.choice((None, *AGENTS))
                scene.open(
                    session, source.choice((1, 1, 0x10)), agent, agent and source.choice(PHONES[:2]),
                    source.choice((None, None, None, 0)), source.choice((60, 60, 5)), "", source.random() < 0.8,
                )  # fmt: skip
                if source.random() < 0.2:
                    scene.send(session, "FAILURE_CONF", {"InvokeID": 1, "Status": source.choice((3, 92, 10))}, ())
            continue
        session = source.choice(open_)
        if act < 0.1:
            ended = source.choice(("fin", "reset", "refused", "idle", "capture end"))
            scene.end(session, ended, source.choice((Side.CLIENT, Side.SERVER, None)), source.choice(WAITS))
            open_.remove(session)
        elif act < 0.12:
            scene.close(session)
            open_.remove(session)
        elif act < 0.14:
            scene.lose(session, *source.choice(((300, 0), (0, 20))))
        elif act < 0.15:
            scene.note(session, source.choice(list(NoteKind)), 10, 5)
        elif act < 0.17:
            scene.raw(session, 999, b"\0\0\0\1", Side.SERVER)
        elif act < 0.24:
            scene.beat(session, source.randrange(50, 53), source.random() < 0.7)
        elif act < 0.24 + often * 0.5:
            _send(source, scene, session, source.choice(OFTEN))
        elif act < 0.8:
            _play(source, scene, session)
        else:
            _send(source, scene, session, source.choice(MESSAGES))
    for session in open_:
        if source.random() < 0.8:
            scene.end(session)
    return scene


EVENTS = (
    "SERVICE_INITIATED", "ORIGINATED", "DELIVERED", "ESTABLISHED", "HELD", "RETRIEVED", "CONNECTION_CLEARED", "CLEARED",
    "CONFERENCED", "TRANSFERRED", "DIVERTED", "QUEUED", "DEQUEUED", "BEGIN_CALL_EVENT", "END_CALL_EVENT", "FAILED",
)  # fmt: skip


def _play(source: random.Random, scene: Scene, session: Session) -> None:
    """What often follows on something else."""
    agent, phone, call = source.choice(AGENTS), source.choice(PHONES), source.choice(CALLS[:3])
    act = source.randrange(4)
    if act == 0:
        scene.state(session, agent, source.randrange(10), source.choice((phone, "")), source.choice((0, 0, 32767)))
    elif act == 1:
        number = source.randrange(1, 5)
        scene.set_state(session, number, agent, source.randrange(5), phone)
        answer = source.random()
        if answer < 0.5:
            scene.send(session, "SET_AGENT_STATE_CONF", {"InvokeID": number}, (), source.choice(WAITS))
        elif answer < 0.8:
            code = source.choice((265, 266, 257, 1, 10))
            scene.send(session, "CONTROL_FAILURE_CONF", {"InvokeID": number, "FailureCode": code}, ())
    else:
        name = source.choice(EVENTS)
        whole = name if name.endswith("_EVENT") else f"CALL_{name}_EVENT"
        if whole not in UCCX_CTI.by_name:
            return
        rows = [row for row in UCCX_CTI.message(whole).floating if row.type.reading is Reading.TEXT]
        devices: list[tuple[str | int, Value]] = [
            (row.tag, source.choice(PHONES)) for row in rows if row.tag < 256 and source.random() < 0.8
        ]
        once = scene.now
        scene.call(session, name, call, devices, source.choice(WAITS))
        if source.random() < 0.3:
            scene.now = once
            scene.call(session, name, call, devices, MS)


def day_lines(events: Sequence[Event]) -> Iterator[str]:
    """All that the analyses tell of the events of a day, or of a capture."""
    figures, summing = Statistics(), Summing()
    for analysis in (Exchanges(), Sessions(), Calls(), Agents(), Findings(), figures):
        for result in feed(analysis, events):
            yield json_of(result)
    for figure in (*figures.types(), *figures.exchanges()):
        yield json_of(figure)
    for event in events:
        summing.feed(event)
    summing.flush()
    yield from SummaryView(summing.summary()).lines()


def live_lines(scene: Scene) -> Iterator[str]:
    """The findings as they are told while time passes."""
    findings = Findings()
    last = None
    for event in scene.events:
        if last is not None:
            for second in range(1, min((event.time - last) // S, 150), 4):
                for found in findings.advance(last + second * S):
                    yield f"+{second} {json_of(found)}"
        for found in findings.feed(event):
            yield json_of(found)
        last = event.time
    for found in findings.flush():
        yield json_of(found)


def compared_lines(good: Scene, bad: Scene) -> Iterator[str]:
    """The sessions of two days, compared."""
    comparer = Comparer()
    for one, other in pairs(_stories(good), _stories(bad)):
        found = comparer.compare((one, other), _records(good, one), _records(bad, other))
        yield f"{one and one.session.number} {other and other.session.number} {found.ends_differ} {found.taken} {found.cut}"
        answer = found.answer
        yield f"answer {answer and (answer.reply_to, answer.good and answer.good.number)}"
        for step in found.steps:
            differences = [(row.name, row.values) for row in step.differences]
            yield f"{step.good and step.good.number} {step.bad and step.bad.number} {step.moved} {differences}"


def _stories(scene: Scene) -> list[SessionStory]:
    return [story for story in feed(Sessions(), scene.events) if isinstance(story, SessionStory)]


def _records(scene: Scene, story: SessionStory | None) -> Iterable[Record]:
    return (
        []
        if story is None
        else [e for e in scene.events if isinstance(e, Record) and e.session.number == story.session.number]
    )
