"""The expression language: what it means, by examples; and that whatever is typed is a test or one clear error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from building import ENCODER
from ccxdissect.analysis.message_fields import column_operand, field_values
from ccxdissect.analysis.schema import Column, ColumnKind
from ccxdissect.analysis.where import ExpressionError, Operand, compile_expression, moment
from ccxdissect.codec import Decoder, NamedValue
from ccxdissect.errors import UsageError
from ccxdissect.protocol.model import MASK, Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Record
from scene import Scene

S = 10**9
COLUMNS = {
    column.name: column
    for column in (
        Column("n", ColumnKind.INTEGER, "", lambda row: row["n"]),
        Column("name", ColumnKind.TEXT, "", lambda row: row["name"]),
        Column("took", ColumnKind.DURATION, "", lambda row: row["took"]),
        Column("at", ColumnKind.TIME, "", lambda row: row["at"]),
        Column("over", ColumnKind.FLAG, "", lambda row: row["over"]),
        Column("who", ColumnKind.LIST, "", lambda row: row["who"], of=ColumnKind.TEXT),
    )
}
ROW = {"n": 17, "name": "HOLD_CALL_REQ", "took": 1_500_000_000, "at": 1741605605 * S, "over": True, "who": ["a", "bc"]}


def resolve(name: str) -> Operand:
    if name == "State":
        return Operand(ColumnKind.TEXT, lambda row: [(3, ("AGENT_STATE_READY",))])
    if name not in COLUMNS:
        raise UsageError(f"no {name}")
    return column_operand(COLUMNS[name])


def holds(expression: str, row: dict[str, Any] = ROW) -> bool:
    return bool(compile_expression(expression, resolve)(row))


@pytest.mark.parametrize(
    "expression",
    [
        "n == 17",
        "n = 0x11",
        "n != 16 and n < 18 and n <= 17 and n > 16.5 and n >= 17",
        "name == hold_call_req",
        "name ~ HOLD* and name ~ call and name !~ *CONF",
        'name in (x, "HOLD_CALL_REQ")',
        "name not in (x, y)",
        "took > 1s and took < 2 and took == 1500ms and took >= 1.5",
        "at > 11:20:00 and at < 11:20:05.5 and at == 2025-03-10T11:20:05 and at < 2025-03-11",
        "over and over == yes and not over == no",
        "who == bc and who ~ b* and who != c",
        "State == READY and State == agent_state_ready and State == 3 and State > 2",
        "not (n == 1 or n == 2) || n == 3",
        "n == 1 or n == 17 and name == HOLD_CALL_REQ",
        "!n == 1 && n",
    ],
)
def test_what_holds(expression: str) -> None:
    assert holds(expression)
    assert not holds(f"not ({expression})")


def test_what_has_no_value_equals_nothing() -> None:
    row = {**ROW, "took": None, "name": None, "who": []}
    for expression in ("took > 0", "took == 0", "name == x", "who", "name", "who ~ *"):
        assert not holds(expression, row), expression
    assert holds("took != 1 and name != x and who != a", row)


@pytest.mark.parametrize(
    ("expression", "position", "reason"),
    [
        ("", 0, "a name is expected"),
        ("nmae == 1", 0, "no nmae"),
        ("n == 1 nd n == 2", 7, "`and` or `or` is expected"),
        ("n ==", 4, "a value is expected"),
        ("(n == 1", 7, "`)` is expected"),
        ("n in 1", 5, "`(` is expected"),
        ("n in (1", 7, "`,` or `)` is expected"),
        ("took > soon", 7, "'soon' is no length of time such as 500ms, 2s or 3min"),
        ("at > soon", 5, "'soon' is no time such as 10:44:05 or 2025-03-10T10:44"),
        ("name > x", 7, "'x' is no number"),
        ("over == maybe", 8, "'maybe' is neither yes nor no"),
        ("n == 'x", 5, 'nothing begins with "\'"'),
        ("(" * 60 + "n", 50, "nested too deeply"),
    ],
)
def test_errors_point_at_the_character(expression: str, position: int, reason: str) -> None:
    with pytest.raises(ExpressionError) as error:
        compile_expression(expression, resolve)
    assert (error.value.position, error.value.reason) == (position, reason)


@given(st.text(alphabet="n name at took in andor not()=!<>~'\",0129:.-é\x1b", max_size=30))
def test_whatever_is_typed_is_a_test_or_one_error(expression: str) -> None:
    try:
        test = compile_expression(expression, resolve)
    except ExpressionError as error:
        assert 0 <= error.position <= len(expression)
        assert "\n" not in str(error) and "\x1b" not in str(error)
    else:
        assert test(ROW) in (True, False)


def test_points_in_time() -> None:
    assert moment("2025-03-10T11:20:05.25Z") == 1741605605 * S + 250_000_000
    assert moment("2025-03-10 16:50:05+05:30") == 1741605605 * S
    assert moment("1741605605.5") == 1741605605 * S + 500_000_000
    assert moment("2025-13-10") is moment("x") is moment("2025-03-10T11:20:05.") is None


@pytest.mark.parametrize("clock", ["24:00:00", "11:60:00", "11:00:60"])
def test_a_time_of_day_that_there_is_not_is_pointed_at(clock: str) -> None:
    with pytest.raises(ExpressionError):
        holds(f"at > {clock}")


def test_nothing_equals_no_time() -> None:
    for expression in ("at == 11:20:05", "at == 2025-03-10T11:20:05", "took == 1500ms"):
        assert holds(expression) and not holds(expression, {**ROW, "at": None, "took": None})


def test_a_number_is_no_name() -> None:
    assert not holds("State == 4") and not holds("name == 17") and holds("State == 3")


def test_a_time_and_a_length_of_time_are_equal_to_themselves_alone() -> None:
    for name, own, other in (("took", "1500ms", "1501ms"), ("at", "2025-03-10T11:20:05", "2025-03-10T11:20:06")):
        assert holds(f"{name} == {own}") and not holds(f"{name} == {other}")
        assert holds(f"{name} in ({other}, {own})") and not holds(f"{name} in ({other})")
        assert not holds(f"{name} == {own}", {**ROW, name: None})


def test_the_values_of_a_field_of_a_message() -> None:
    message = UCCX_CTI.message("BEGIN_CALL_EVENT")
    variable, secret = NamedValue("user.balance", "12"), "hidden"
    decoder = Decoder(UCCX_CTI)

    def values(name: str, field: str, floating: Any) -> list[tuple[Any, tuple[str, ...]]]:
        body = ENCODER.encode(name, {}, floating, version=14)[8:]
        record = Record(
            1, 1, 0, Scene().session(), Side.CLIENT, decoder.decode(UCCX_CTI.message(name).number, body, 14), 0
        )
        return list(field_values((field,))(record))

    assert message.tags
    assert values(message.name, "NamedVariable", [("NamedVariable", variable)]) == [("12", ("user.balance",))]
    assert values(message.name, "ANI", [("ANI", "555")]) == [("555", ())]
    assert values("OPEN_REQ", "ClientPassword", [("ClientPassword", secret)]) == [(MASK, ())]
