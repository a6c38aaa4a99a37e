"""What a number or a name means: in every constant table, and as a message, a tag or a field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ccxdissect.analysis.schema import Column, ColumnKind, positional
from ccxdissect.protocol.codes import CodeTable, Flags, label
from ccxdissect.protocol.model import Protocol
from ccxdissect.views.specification import from_guide, source_in_words
from ccxdissect.wording import plural

_NUMBER = re.compile(r"0[xX]([0-9A-Fa-f]{1,16})|-?[0-9]{1,20}", re.ASCII)
SCHEMA = positional(
    "explanations",
    "one meaning of a number or a name",
    Column("what", ColumnKind.TEXT, "a message, a floating field, a fixed field, or the table of the constant"),
    Column("value", ColumnKind.TEXT, "its number"),
    Column("name", ColumnKind.TEXT, "its name"),
    Column("meaning", ColumnKind.TEXT, "what it means"),
    Column("used by", ColumnKind.TEXT, "the fields or messages that use it"),
    Column("dialect", ColumnKind.TEXT, "which protocol has it so: ccx, cce, or both"),
    Column("remedy", ColumnKind.TEXT, "where it comes of and what to do, in our own words", prose=True),
)


def explain_all(text: str, protocols: Sequence[Protocol]) -> list[list[object]]:
    """The meanings in every protocol, each with its dialects: what several have alike is told once."""
    return _told_once((protocol, explain(text, protocol)) for protocol in protocols)


def constants_of_all(name: str, protocols: Sequence[Protocol]) -> list[list[object]]:
    """The constants of the table of that name, in every protocol that has one, each with its dialects; none: no rows."""
    tables = [(protocol, table_of(name, protocol)) for protocol in protocols]
    return _told_once((protocol, constants(table, protocol)) for protocol, table in tables if table is not None)


def list_of_tables(protocols: Sequence[Protocol]) -> Iterator[str]:
    """A line for each table, with the dialect where only one has a table like that."""
    having: dict[tuple[str, int], list[str]] = {}
    for protocol in protocols:
        for table in protocol.tables:
            having.setdefault((table.__name__, len(table.__members__)), []).append(protocol.dialect)
    for (name, size), dialects in having.items():
        whose = "" if len(dialects) == len(protocols) else f", {', '.join(dialects)}"
        yield f"{name} ({plural(size, 'constant')}{whose})"


def _told_once(told: Iterable[tuple[Protocol, list[list[object]]]]) -> list[list[object]]:
    found: dict[tuple[object, ...], list[str]] = {}
    users: dict[tuple[object, ...], object] = {}
    for protocol, rows in told:
        for row in rows:
            key = (*row[:4], row[5] if len(row) > 5 else "")
            found.setdefault(key, []).append(protocol.dialect)
            users.setdefault(key, row[4])
    return [[*key[:-1], users[key], ", ".join(dialects), key[-1]] for key, dialects in found.items()]


def explain(text: str, protocol: Protocol) -> list[list[object]]:
    """Every meaning of a number (decimal or 0x...) or a name (whole or part of one), as rows of `SCHEMA` less the dialect."""
    number = _number(text)
    table = table_of(text, protocol)
    if table is not None:
        # Whoever names a table means its constants, not what resembles its name elsewhere.
        return constants(table, protocol)
    rows = _constants(text, number, protocol) + _messages(text, number, protocol) + _tags(text, number, protocol)
    if number is None:
        rows += _fields(text, protocol)
    elif text.lower().startswith("0x"):
        rows += _combinations(number, protocol)
    return [[*row, *[""] * (len(SCHEMA.columns) - len(row))] for row in rows]


def table_of(text: str, protocol: Protocol) -> CodeTable | None:
    """The table of constants of that name, however it is written: AgentState, AGENT_STATE, agent-state."""
    wanted = _plain(text)
    return next((table for table in protocol.tables if _plain(table.__name__) == wanted), None)


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def constants(table: CodeTable, protocol: Protocol) -> list[list[object]]:
    """All the constants of a table, as rows of `SCHEMA`."""
    return [
        row
        for name in table.__members__
        for row in _constants(name, None, protocol)
        if row[0] == table.__name__ and row[2] == name
    ]


def _number(text: str) -> int | None:
    # Python would take `²` for a digit, `0b1` and `1_000` for numbers, and thousands of digits until it minds.
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    return int(found[1], 16) if found[1] else int(text)


def _matches(text: str, name: str) -> bool:
    wanted = text.upper()
    return wanted == name.upper() or (len(wanted) >= 3 and wanted in name.upper())


def _messages(text: str, number: int | None, protocol: Protocol) -> list[list[object]]:
    return [
        ["message", str(message.number), message.name, message.purpose, "", ""]
        for message in protocol
        if (message.number == number if number is not None else _matches(text, message.name))
    ]


def _tags(text: str, number: int | None, protocol: Protocol) -> list[list[object]]:
    rows: list[list[object]] = []
    for tag in protocol.tags.values():
        users = [message for message in protocol if tag.tag in message.tags]
        named = {message.tags[tag.tag].name for message in users} | {tag.name}
        if tag.tag == number if number is not None else any(_matches(text, name) for name in named):
            others = sorted(named - {tag.name})
            meaning = f"{tag.type} of at most {tag.size} bytes" + (
                f"; also called {', '.join(others)}" if others else ""
            )
            rows.append(
                ["floating field", str(tag.tag), tag.name, meaning, _listed([message.name for message in users]), ""]
            )
    return rows


def _constants(text: str, number: int | None, protocol: Protocol) -> list[list[object]]:
    rows: list[list[object]] = []
    for table in protocol.tables:
        used = _listed(_users(table, protocol))
        for name, member in table.__members__.items():
            hit = member.value == number if number is not None else _matches(text, name)
            if hit:
                aside = "" if from_guide(member.source, protocol) else source_in_words(member.source, protocol)
                meaning = member.meaning or _words(name)
                value = f"0x{member.value:x}" if issubclass(table, Flags) else str(member.value)
                told = meaning + (f" ({aside})" if aside else "")
                rows.append([table.__name__, value, name, told, used, getattr(member, "remedy", "")])
    return rows


def _combinations(number: int, protocol: Protocol) -> list[list[object]]:
    """What a number means as several flags at once."""
    rows: list[list[object]] = []
    for table in protocol.tables:
        names = label(table, number) if number > 0 and issubclass(table, Flags) else None
        if isinstance(names, list) and len(names) > 1 and not names[-1].startswith("0x"):
            used = _listed(_users(table, protocol))
            rows.append([table.__name__, f"0x{number:x}", " | ".join(names), "flags together", used, ""])
    return rows


def _fields(text: str, protocol: Protocol) -> list[list[object]]:
    rows: list[list[object]] = []
    users: dict[str, list[str]] = {}
    meanings: dict[str, str] = {}
    for message in protocol:
        for form in message.forms:
            for field in form.fixed:
                if _matches(text, field.name) and message.name not in users.setdefault(field.name, []):
                    users[field.name].append(message.name)
                    meanings.setdefault(field.name, f"{field.type}, {field.meaning}")
    for name, messages in users.items():
        rows.append(["fixed field", "", name, meanings[name], _listed(messages), ""])
    return rows


def _users(table: type, protocol: Protocol) -> list[str]:
    found: dict[str, None] = {}
    for message in protocol:
        rows = [row for form in message.forms for row in form.fixed] + list(message.floating)
        for row in rows:
            if row.codes is table:
                found[row.name] = None
    return list(found)


def _listed(names: list[str]) -> str:
    if len(names) <= 3:
        return ", ".join(names)
    return f"{', '.join(names[:3])} and {len(names) - 3} more"


def _words(name: str) -> str:
    """A constant's name as words, for those that their page leaves unexplained."""
    return name.partition("_")[2].replace("_", " ").lower() or name.lower()
