"""The declarations are checked against themselves: what a slip of the pen would break."""

from __future__ import annotations

from collections import Counter

import pytest
from each import of_each

from ccxdissect.codec.layout import compile_layouts
from ccxdissect.protocol.codes import Code, Flags
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Fixed, Floating, Kind, Mark, Message, Protocol, Side, Trait, snake_case
from ccxdissect.protocol.types import NAMEDARRAY, NAMEDVAR, STRING, UNSPEC, UNSPEC_TEXT, Reading
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

DECLARED = {f"{name}-{message.name}": (message, one) for name, one in DIALECTS.items() for message in one}


def test_messages_have_numbers_and_names_of_their_own() -> None:
    for protocol in DIALECTS.values():
        assert len({message.number for message in protocol}) == len(protocol.messages)
        assert len({message.name for message in protocol}) == len(protocol.messages)


def test_of_unified_cce_s_243_messages_the_fields_of_162_are_known() -> None:
    """A message that is found some day is declared, and nothing here is changed for it."""
    assert len(UCCE_CTI.messages) >= 243
    assert sum(message.fields_known for message in UCCE_CTI) >= 162
    for message in UCCE_CTI:
        assert message.fields_known or not (message.fixed or message.floating), message.name


def test_no_class_lacks_any_of_the_guide_s_95_messages() -> None:
    assert Counter(message.message_class.value for message in UCCX_CTI) >= Counter(
        {
            "session": 7,
            "error": 2,
            "configuration": 13,
            "agent_state": 5,
            "call_control": 37,
            "call_event": 23,
            "miscellaneous": 8,
        }
    )


@of_each(DECLARED)
def test_every_reply_is_declared_and_goes_the_other_way(message: Message, protocol: Protocol) -> None:
    if message.kind is Kind.REQUEST:
        assert message.replies
    else:
        assert not message.replies
    for name in message.replies:
        reply = protocol.message(name)
        assert reply.sender is not message.sender
        assert reply.kind is not Kind.REQUEST


@of_each(DECLARED)
def test_every_confirmation_answers_something(message: Message, protocol: Protocol) -> None:
    if message.kind is Kind.CONFIRMATION and not message.traits & Trait.FAILS:
        assert protocol.requests_of[message.name]


@of_each(DECLARED)
def test_requests_come_from_clients_and_the_rest_from_the_server(message: Message, protocol: Protocol) -> None:
    if protocol is UCCE_CTI:
        # Tasks, routing and maintenance are asked about by either side.
        return
    assert message.sender is (Side.CLIENT if message.kind is Kind.REQUEST else Side.SERVER)


@of_each(DECLARED)
def test_requests_and_confirmations_have_an_invoke_id_unless_they_are_configuration_events(message: Message) -> None:
    marked = [row for row in message.fixed if row.mark & Mark.INVOKE_ID]
    if message.kind is Kind.EVENT or message.name.startswith("CONFIG_") or not message.fields_known:
        assert not marked
    else:
        assert marked == [message.fixed[0]]


@of_each(DECLARED)
def test_field_names_are_unique_within_a_message(message: Message) -> None:
    for form in message.forms:
        names = [row.name for row in form.fixed]
        assert len(names) == len(set(names))
    live = [row.name for row in message.floating if not row.reserved]
    assert len(live) == len(set(live))


@of_each(DECLARED)
def test_a_tag_stands_once_in_a_message(message: Message) -> None:
    tags = [row.tag for row in message.floating]
    assert len(tags) == len(set(tags))


@of_each(DECLARED)
def test_every_tag_of_a_message_is_in_the_catalogue_and_read_the_same_way(message: Message, protocol: Protocol) -> None:
    for row in message.floating:
        catalogued = protocol.tags[row.tag]
        assert catalogued.type.reading is row.type.reading, row
        assert catalogued.type.size == row.type.size, row


@of_each(DECLARED)
def test_sizes_fit_types(message: Message) -> None:
    for form in message.forms:
        for field in form.fixed:
            assert field.size > 0
            assert (field.width > 0) == (field.type.size is None)
            assert field.type not in (STRING, NAMEDVAR, NAMEDARRAY)
            if field.constant is not None and field.type.reading is Reading.INTEGER:
                field.constant.to_bytes(field.size, "big", signed=field.type.signed)
    for row in message.floating:
        if row.type.size is not None:
            assert row.size >= row.type.size
        elif row.type in (NAMEDVAR, NAMEDARRAY):
            assert row.size in (251, 252)
        else:
            assert row.type in (STRING, UNSPEC, UNSPEC_TEXT)
            assert 0 < row.size <= 255


@of_each(DECLARED)
def test_codes_fit_their_fields(message: Message) -> None:
    rows: list[Fixed | Floating] = [row for form in message.forms for row in form.fixed]
    for row in rows + list(message.floating):
        if row.codes is not None:
            assert row.type.size is not None
            for name, member in row.codes.__members__.items():
                assert 0 <= member.value < 1 << (8 * max(row.size, 4 if issubclass(row.codes, Flags) else 0)), name


@of_each(DECLARED)
def test_every_count_field_counts_something_and_every_group_has_its_count(message: Message, protocol: Protocol) -> None:
    counted = {repeat.count for repeat in message.repeats}
    counted |= {inner.count for repeat in message.repeats for inner in repeat.inner}
    fields = {row.name for row in message.fixed} | {row.name for row in message.floating}
    assert counted <= fields
    for repeat in message.repeats:
        assert set(repeat.tags) <= set(message.tags)
        assert repeat.opener is None or repeat.opener in repeat.tags
    counts = {name for name in fields if name.startswith(("Num", "num"))}
    # These tell a number that no group of this message follows.
    elsewhere = {("TRANSFER_CALL_CONF", "NumParties"), ("CALL_DEQUEUED_EVENT", "NumQueued")}
    elsewhere |= {("QUERY_SUMMARY_STATISTICS_CONF", "NumQueues")}
    if protocol is UCCE_CTI:
        elsewhere = {("CALL_QUEUED_EVENT", "NumQueued"), ("CALL_DEQUEUED_EVENT", "NumQueued")}
        elsewhere |= {("AGENT_STATE_EVENT", "NumTasks"), ("QUERY_AGENT_STATE_CONF", "NumTasks")}
        answers = ("NumPositiveAnswersSuggestions", "NumNegativeAnswersSuggestions")
        elsewhere |= {("SET_AGENT_SERVICE_DATA_REQ", name) for name in answers}
    live = {row.name for row in message.fixed if not row.reserved} | {row.name for row in message.floating}
    assert {name for name in counts & live if (message.name, name) not in elsewhere} == counted


@of_each(DECLARED)
def test_versions_are_ones_that_exist(message: Message, protocol: Protocol) -> None:
    rows: list[Fixed | Floating] = [row for form in message.forms for row in form.fixed]
    for row in rows + list(message.floating):
        assert row.since == 0 or row.since in protocol.versions
    assert message.since == 0 or message.since in protocol.versions


@of_each(DECLARED)
def test_reserved_slots_say_what_they_carry(message: Message) -> None:
    for row in message.fixed:
        assert row.reserved or row.constant is None
        if row.reserved and row.constant is None:
            assert row.codes is not None


@of_each(DECLARED)
def test_every_message_says_what_it_is_for(message: Message) -> None:
    assert message.purpose.endswith(".")
    assert not message.purpose.startswith(("Asks:", "Answers:", "Tells:", "Indicates:"))
    assert message.page or message in UCCE_CTI.messages


@of_each(DECLARED)
def test_filter_names_have_no_dot_and_no_capitals(message: Message) -> None:
    for row in [*message.fixed, *message.floating]:
        name = snake_case(row.name)
        assert name == name.lower() and name.isidentifier()


def test_secrets_are_marked() -> None:
    for protocol in DIALECTS.values():
        secret = {row.name for row in protocol.tags.values() if row.mark & Mark.SECRET}
        assert secret == {"ClientPassword", "AgentPassword"}
    for message, _ in DECLARED.values():
        for row in message.floating:
            assert bool(row.mark & Mark.SECRET) == (row.tag in (2, 49)), row


def test_every_text_that_is_not_secret_is_personal() -> None:
    """A text field that nobody thought about would leave in a redacted capture."""
    harmless = {
        "TerminalTypeName",
        "CCAIConfigID",
        "MediaForkingClusterID",
        "CallControlTable",
        "ConfigParam",
        "ANI_II",
        "FacilityCode",
    }
    for message, _ in DECLARED.values():
        for row in message.floating:
            if row.type in (STRING, NAMEDVAR, NAMEDARRAY) and row.name not in harmless:
                assert row.mark & (Mark.PERSONAL | Mark.SECRET), (message.name, row.name)


def test_tables_have_no_two_meanings_for_one_value_unless_they_are_limits() -> None:
    for table in [table for protocol in DIALECTS.values() for table in protocol.tables]:
        values = [member.value for member in table.__members__.values()]
        # The guide of Unified CCE gives one value of these two names.
        if table.__name__ != "Limit" and not (
            table in UCCE_CTI.tables and table.__name__ in ("EventCause", "CallType")
        ):
            assert len(values) == len(set(values)), table
        if issubclass(table, Flags):
            assert all(value == 0 or value & (value - 1) == 0 for value in values), table
        else:
            assert issubclass(table, Code)


def test_fixed_parts_have_the_sizes_that_the_sources_give() -> None:
    sizes = {
        "OPEN_REQ": 44,
        "AGENT_STATE_EVENT": 58,
        "BEGIN_CALL_EVENT": 26,
        "MAKE_CALL_REQ": 32,
        "EMERGENCY_CALL_EVENT": 18,
        "QUERY_QUEUE_STATISTICS_CONF": 96,
        "QUERY_SUMMARY_STATISTICS_CONF": 98,
        "SET_AGENT_STATE_REQ": 21,
        "TEAM_CONFIG_EVENT": 16,
    }
    for name, size in sizes.items():
        assert compile_layouts(UCCX_CTI.message(name))[0].size == size, name
    old = {"MAKE_CALL_REQ": 28, "CONFIG_REQUEST_KEY_EVENT": 0, "SET_AGENT_STATE_REQ": 17, "CONFIG_REQUEST_EVENT": 4}
    for name, size in old.items():
        assert compile_layouts(UCCX_CTI.message(name))[-1].size == size, name
    assert compile_layouts(UCCX_CTI.message("EMERGENCY_CALL_EVENT"))[1].size == 14


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("InvokeID", "invoke_id"),
        ("CSQID", "csq_id"),
        ("numCSQs", "num_csqs"),
        ("ANI", "ani"),
        ("MRD_ID", "mrd_id"),
        ("UnifiedCCXErrorCode", "unified_ccx_error_code"),
        ("CallVariable10", "call_variable10"),
        ("lineType", "line_type"),
        ("RTPType", "rtp_type"),
    ],
)
def test_snake_case(name: str, snake: str) -> None:
    assert snake_case(name) == snake
