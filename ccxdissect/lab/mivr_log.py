"""The log that the engine would have written of a capture: `python -m ccxdissect.lab.mivr_log CAPTURE > FILE`.

Every message stands in it in one of the three forms, in turn, some in two; among lines of other subsystems, which are
invented. Wording and spacing are our own, as far as the forms leave them open.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone

from ccxdissect.protocol.model import Fixed, Floating, Mark, Side
from ccxdissect.protocol.types import Reading
from ccxdissect.stream.events import Record
from ccxdissect.wording import MILLISECOND, SECOND

_OTHERS = (
    "%MIVR-SS_TEL-7-UNK:CallID:{n} MediaId:{n}/1 Task:38000000{n:03d}, TaskStepped",
    "%MIVR-SS_RM-7-UNK:RIMgrAddressCallObserver: resource event {n} handled",
    "%MIVR-ENG-7-UNK:Execute step of Task 38000000{n:03d} : Lab.aef : Get Contact Info",
    "%MIVR-SS_CM-6-UNK:ContactMgr: contact {n} : state changed",
    "%MIVR-LIB_EVENT-7-UNK:EventQueue: depth = {n}",
    "%MIVR-ICD_CTI-7-UNK:HeartbeatMonitor: checked {n} connections",
)


def log_lines(records: Iterable[Record]) -> Iterator[str]:
    """The lines, without their ends; times in UTC.

    What goes to several clients alike is written in bytes only: in words it would be there once for all of them.
    """
    records = list(records)
    alike = Counter(record.decoded.raw for record in records if record.sender is Side.SERVER)
    number = 7_091_900
    for count, record in enumerate(records, start=1):
        for other in range(count % 3 + 1):
            number += 1
            text = _OTHERS[(count + other) % len(_OTHERS)].format(n=count)
            yield f"{_head(number, record.time)} {text}"
        number += 1
        head = f"{_head(number, record.time)} %MIVR-ICD_CTI-7-UNK:"
        from_client = record.sender is Side.CLIENT
        if from_client and _tellable(record):
            yield f"{head}{_thread(record)} ClientConn: ClientConnMgr: {_received(record)}"
            continue
        told = not from_client and _tellable(record) and count % 3 != 0 and alike[record.decoded.raw] == 1
        if told:
            yield f"{head} CSOutboundMsgProcessor: got an event message: {_text(record, -1, ': ')}"
        if not told or count % 4 == 0:
            if told:
                number += 25
                head = f"{_head(number, record.time)} %MIVR-ICD_CTI-7-UNK:"
            yield f"{head}{_thread(record)}{'reading' if from_client else 'writing'}..."
            yield from _dump(record.decoded.raw, interrupted=count % 5 == 0, number=number, time=record.time)


def _head(number: int, time: int) -> str:
    moment = datetime.fromtimestamp(time // SECOND, timezone.utc)
    return f"{number}: {moment:%b} {moment.day:2d} {moment:%H:%M:%S}.{time // MILLISECOND % 1000:03d} UTC"


def _thread(record: Record) -> str:
    return f"[MIVR_ICD_CTI_CLIENTPOOL-60-{4100 + record.session.number}-client_thread_{record.session.number}]"


def _tellable(record: Record) -> bool:
    """Whether the words can say what the message holds: no field twice, none of two parts."""
    decoded = record.decoded
    tags = Counter(field.tag for field in decoded.floating)
    plain = all(
        field.row is not None
        and field.row.type.reading in (Reading.TEXT, Reading.INTEGER)
        and field.name not in decoded.fixed
        for field in decoded.floating
    )
    whole = all(isinstance(value, int) for value in decoded.values) and not decoded.problems
    return plain and whole and max(tags.values(), default=0) <= 1


def _received(record: Record) -> str:
    client, local = record.src, record.dst.port
    text = _text(record, len(record.decoded.body), "=")
    return f"Processing msg on socket:Socket[addr=/{client.host},port={client.port},localport={local}] Msg is {text}"


def _text(record: Record, length: int, mark: str) -> str:
    pairs = [f"{_name(row)}{mark}{_number(row, value)}" for row, _, value in record.decoded.fixed_fields()]
    there = {field.tag: field for field in record.decoded.floating}
    rows = list(record.decoded.message.floating) if record.decoded.message is not None else []
    for row in [*rows, *(field.row for tag, field in there.items() if tag not in {one.tag for one in rows})]:
        assert row is not None
        field = there.pop(row.tag, None)
        if row.mark & Mark.SECRET:
            pairs.append(f"{_name(row)}{mark}[B@{row.tag:06x}")
        elif row.type.reading in (Reading.TEXT, Reading.INTEGER):
            value = "null" if field is None else field.value
            pairs.append(f"{_name(row)}{mark}{_number(row, value) if isinstance(value, int) else value}")
    return "{" + f" length={length} type={record.name}, " + ", ".join(pairs) + " }"


def _name(row: Fixed | Floating) -> str:
    return row.log_names[0] if row.log_names else row.name[0].lower() + row.name[1:]


def _number(row: Fixed | Floating, value: object) -> object:
    """A number as a language without unsigned ones prints it, whose numbers have four bytes or eight."""
    bits = 64 if row.type.size == 8 else 32
    return value - (1 << bits) if isinstance(value, int) and value >= 1 << (bits - 1) else value


def _dump(raw: bytes, interrupted: bool, number: int, time: int) -> Iterator[str]:
    yield "MHDR:"
    yield from _rows(raw[:8])
    yield "MDATA:"
    for count, row in enumerate(_rows(raw[8:])):
        if interrupted and count == 1:
            yield f"{_head(number + 1, time)} %MIVR-SS_TEL-7-UNK:Route point: 0010: 4f 4e is no row of anything"
        yield row


def _rows(data: bytes) -> Iterator[str]:
    for at in range(0, len(data), 16):
        row = data[at : at + 16]
        shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        yield f"{at:04X}: {row.hex(' ').upper():<47}   {shown}"


def main() -> int:
    """Write the log of the captures named on the command line to standard output."""
    from ccxdissect.capture.segments import read_segments
    from ccxdissect.protocol.dialects import usual
    from ccxdissect.stream.dissector import Dissector

    protocol = usual()
    dissector = Dissector(protocol)

    def records() -> Iterator[Record]:
        for segment in read_segments(sys.argv[1:], frozenset(protocol.ports)):
            yield from (event for event in dissector.feed(segment) if isinstance(event, Record))
        yield from (event for event in dissector.flush() if isinstance(event, Record))

    for line in log_lines(records()):
        print(line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
