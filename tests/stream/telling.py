"""All that the stream's parts tell of a capture, a line for each thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ccxdissect.capture.segment import Segment
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.connection import Connection, Delivery, Ended, Event, Remark
from ccxdissect.stream.connections import Connections
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event as Told
from ccxdissect.stream.events import Loss, Noted, Record, Session, SessionEnded
from ccxdissect.stream.reassembly import Limits
from conversation import START

PORTS = frozenset(UCCX_CTI.ports)


def _ms(time: int) -> int:
    return (time - START) // 10**6


def _bytes(data: bytes) -> str:
    return f"{len(data)}:{data[:4].hex()}..{sum(data) % 251}"


def connection_lines(segments: Iterable[Segment], limits: Limits) -> Iterator[str]:
    """What the table of connections gives of each segment, and counts."""
    table = Connections(PORTS, limits)
    for segment in segments:
        for event in table.feed(segment):
            yield f"{segment.frame} {_connection_event(event)}"
        where = table.where(segment)
        if where is not None and where[1] % 7 == 0:
            yield f"{segment.frame} at {where[0].number} {where[1]}"
    yield f"held {table.held}, put away {table.evicted}, unanswered {[one.number for one in table.unanswered()]}"
    for event in table.flush():
        yield f"end {_connection_event(event)}"


def _connection_event(event: Event) -> str:
    if isinstance(event, Delivery):
        where = f"{event.connection.number}.{event.direction}"
        return (
            f"gives {where} {event.missing}+{_bytes(event.data)} at {event.offset} by {event.frame} {_ms(event.time)}"
        )
    if isinstance(event, Remark):
        side = "" if event.flow is None else f".{event.flow.side}"
        return f"notes {event.connection.number}{side} {event.note} {_ms(event.time)}"
    return f"{'ends' if isinstance(event, Ended) else 'forgets'} {_connection(event.connection)}"


def _connection(one: Connection) -> str:
    flows = "; ".join(
        f"{flow.payload}={flow.delivered}+{flow.duplicate}+{flow.undelivered}-{flow.missing} {flow.syns} {flow.repeated} "
        f"{flow.reordered} {flow.cuts} {flow.in_vain} {flow.copied} {flow.first_repeated and _ms(flow.first_repeated)}"
        for flow in one.flows
    )
    by = f"{one.ended_by and one.ended_by.value} {one.ended_side} {one.ended_frame} {one.determined.value}"
    return f"{one} {_ms(one.start)}-{_ms(one.end)} {by} {flows}"


def event_lines(segments: Iterable[Segment], limits: Limits) -> Iterator[str]:
    """The events of a capture."""
    dissector = Dissector(UCCX_CTI, PORTS, limits)
    for segment in segments:
        for event in dissector.feed(segment):
            yield f"{segment.frame} {told(event)}"
    for event in dissector.flush():
        yield f"end {told(event)}"


def told(event: Told) -> str:
    """An event in a line."""
    number = event.session.number
    if isinstance(event, Record):
        body, place = event.decoded, f"{event.flow}@{event.offset} {event.frame} {_ms(event.begun)}-{_ms(event.time)}"
        said = (
            f"{event.name} {_bytes(body.body)} {body.undecoded} {body.version} {[p.kind.value for p in event.problems]}"
        )
        return f"{event.number} {number}{event.sender.value[0]} {place} {said}"
    if isinstance(event, Loss):
        partial = "" if event.partial is None else f" {event.partial.name} {event.partial.undecoded}"
        place = f"{event.flow}@{event.offset} {event.frame} {_ms(event.time)}"
        return f"lost {number}{event.sender.value[0]} {place} {event.missing} {_bytes(event.data)} {event.kind.value} {event.detail}{partial}"
    if isinstance(event, Noted):
        side = "" if event.sender is None else event.sender.value[0]
        return f"noted {number}{side} {event.kind.value} {event.frame} {_ms(event.time)} {event.size} {event.offset}"
    if isinstance(event, SessionEnded):
        return f"ended {_session(event.session)}"
    return f"opened {number} {event.session.client} {event.session.server} {_ms(event.time)} {event.frame}"


def _session(one: Session) -> str:
    sent = "; ".join(
        f"{s.payload}={s.decoded}+{s.undecoded}+{s.duplicate}-{s.missing} {s.messages} {s.undelivered} {s.seen} {s.heard and _ms(s.heard)} "
        f"{s.syns} {s.repeated} {s.reordered} {s.cut} {s.in_vain} {s.copied} {s.first_repeated and _ms(s.first_repeated)}"
        for s in one.sent.values()
    )
    by = f"{one.ended_by and one.ended_by.value} {one.ended_side and one.ended_side.value} {one.version} {one.form and one.form.title} {one.from_start}"
    return f"{one.number} {one.client} {one.server} {_ms(one.start)}-{_ms(one.end)} {by} {sent}"


def dialect_lines(segments: Iterable[Segment]) -> Iterator[str]:
    """The events of a capture in which each session may speak any dialect."""
    protocols = tuple(DIALECTS.values())
    dissector = Dissector(protocols, {port for one in protocols for port in one.ports})

    for segment in segments:
        for event in dissector.feed(segment):
            yield f"{segment.frame} {told(event)} {_verdict(event.session)}"
        for event in dissector.advance(segment.time + 10**9 * (segment.frame % 3)):
            yield f"{segment.frame}+ {told(event)} {_verdict(event.session)}"

    for event in dissector.flush():
        yield f"end {told(event)} {_verdict(event.session)}"


def _verdict(session: Session) -> str:
    verdict = session.verdict
    return (
        ""
        if verdict is None
        else f"{verdict.protocol.dialect} {verdict.settled} {[sign.meaning for sign in verdict.seen]}"
    )
