"""Messages in words: what is written of random messages reads back as the same messages."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from building import ENCODER
from ccxdissect.capture.segment import Endpoint
from ccxdissect.codec import HEADER, Decoder
from ccxdissect.lab.mivr_log import log_lines
from ccxdissect.protocol.model import Fixed, Floating, Mark, Message
from ccxdissect.protocol.types import Reading
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Record, SessionState
from ccxdissect.stream.log import LogDissector

DECODER = Decoder(UCCX_CTI)
VERSION = 14
MESSAGES = [message for message in UCCX_CTI if message.since <= VERSION]
#: What a value may hold that does not end it.
TEXTS = st.text("abcXYZ019 .-_+@é", min_size=1, max_size=12).filter(
    lambda text: text.strip() == text and text != "null"
)


def number(row: Fixed | Floating) -> st.SearchStrategy[int]:
    """Numbers that a language without unsigned ones prints right."""
    size = row.type.size or row.size
    if row.codes is not None:
        return st.sampled_from([member.value for member in row.codes.__members__.values()])
    return st.integers(0, 2 ** (8 * size - 1) - 1) if size < 4 or row.type.signed else st.integers(0, 2**32 - 1)


def tellable(row: Floating, message: Message, seen: set[str]) -> bool:
    return (
        row.type.reading in (Reading.TEXT, Reading.INTEGER)
        and not row.mark & Mark.SECRET
        and not row.log_otherwise
        and row.since <= VERSION
        and row.tag <= 0xFF
        and row.name not in seen
        # What a log says in the place of another field: it cannot say that the other was not sent.
        and all(other.log_otherwise != row.tag for other in message.floating)
    )


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    message = draw(st.sampled_from(MESSAGES))
    fixed = {
        field.name: draw(number(field))
        for field in message.fixed
        if field.since <= VERSION and field.type.reading is Reading.INTEGER and not field.reserved
    }
    fixed = {name: VERSION if field_says_version(message, name) else value for name, value in fixed.items()}
    rows = [row for row in message.floating if tellable(row, message, set(fixed))]
    chosen = draw(st.lists(st.sampled_from(rows), unique_by=lambda row: row.name, max_size=6)) if rows else []
    floating = [
        (
            row.tag,
            draw(number(row)) if row.type.reading is Reading.INTEGER else draw(TEXTS)[: max(row.size - 1, 1)].strip(),
        )
        for row in chosen
    ]
    return ENCODER.encode(message, fixed, floating, version=VERSION)


def field_says_version(message: Message, name: str) -> bool:
    return any(field.name == name and field.mark & Mark.VERSION for field in message.fixed)


def content(record: Record) -> tuple[object, ...]:
    fields = sorted((field.tag, repr(field.value)) for field in record.decoded.floating if field.value != "")
    return record.name, record.sender, dict(record.decoded.fixed), fields


@settings(max_examples=150, deadline=None)
@given(messages())
@example(bytes.fromhex("00000010 000000e9 0001 00000000 b108 0000000080000000"))
@example(bytes.fromhex("00000010 000000e9 0001 00000000 b108 8000000000000000"))
def test_words_read_back_as_the_message_they_were_written_of(raw: bytes) -> None:
    _, kind = HEADER.unpack_from(raw)
    decoded = DECODER.decode(kind, raw[HEADER.size :], VERSION)
    assert decoded.message is not None
    session = SessionState(1, Endpoint("10.0.0.5", 40001), Endpoint("10.0.0.1", 12028), 0, 0, version=VERSION).session
    record = Record(1, 1, 1_763_649_839 * 10**9, session, decoded.message.sender, decoded)
    dissector = LogDissector(UCCX_CTI, year=2025)
    found = [*dissector.feed(log_lines([record])), *dissector.flush()]
    (back,) = [event for event in found if isinstance(event, Record)]
    assert content(back) == content(record)
