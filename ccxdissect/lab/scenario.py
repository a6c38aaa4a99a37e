"""The scenario file: TOML that says who is in the contact center, what goes wrong in it, and what is done.

`load(path)` checks all of it and says of each mistake in which file and under which key it is.
"""

from __future__ import annotations

import datetime
import ipaddress
import shlex
import sys
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from ccxdissect.codec import BY_TITLE, NamedValue, Value
from ccxdissect.errors import CcxDissectError, one_line
from ccxdissect.lab.constants import Constants
from ccxdissect.lab.specs import (
    AgentSpec,
    ApplicationSpec,
    CallerSpec,
    ClientSpec,
    FaultSpec,
    QueueSpec,
    Scenario,
    ServerSpec,
    Step,
    TeamSpec,
    TriggerSpec,
)
from ccxdissect.lab.steps import CLIENT_ACTIONS, SERVER_ACTIONS, Action, Key
from ccxdissect.lab.tables import Table, closest
from ccxdissect.lab.words import PERIPHERAL
from ccxdissect.protocol.codes import Source
from ccxdissect.protocol.dialects import DIALECTS, usual
from ccxdissect.protocol.model import Kind, Message, Protocol, Side
from ccxdissect.protocol.types import Reading

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: What a fixed field may be given in a scenario: a number, or a reference such as "$call" that the client fills in.
Given = int | str | bytes


def names() -> tuple[str, ...]:
    """The scenarios that come with the package."""
    folder = resources.files("ccxdissect.lab") / "scenarios"
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml")))


def load(name: str) -> Scenario:
    """A scenario by the path of its file, or by the name of one that comes with the package.

    Raises CcxDissectError: the file cannot be read, is no TOML, or something in it is wrong.
    """
    path = Path(name)
    if path.suffix != ".toml" and not path.exists():
        if name not in names():
            known = ", ".join(names())
            raise CcxDissectError(
                one_line(f"{name}: no such scenario{closest(name, names())} (a .toml file, or one of {known})")
            )
        text = (resources.files("ccxdissect.lab") / "scenarios" / f"{name}.toml").read_text("utf-8")
        return parse(text, name)
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise CcxDissectError(one_line(f"{name}: {error.strerror or error}")) from error
    except UnicodeDecodeError as error:
        raise CcxDissectError(one_line(f"{name}: is not UTF-8 at byte {error.start}")) from error
    return parse(text, name)


def parse(text: str, file: str) -> Scenario:
    """The scenario that a file's text holds; `file` is what mistakes are told under. Raises CcxDissectError."""
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Python's own: of five thousand digits, and of as many brackets.
        raise CcxDissectError(one_line(f"{file}: is no TOML: {error}")) from error
    dialect = values.get("dialect", usual().dialect)
    if not isinstance(dialect, str) or dialect not in DIALECTS:
        raise CcxDissectError(one_line(f"{file}: dialect: {dialect!r} should be one of {', '.join(DIALECTS)}"))
    return _scenario(Table(file, "", values, DIALECTS[dialect]))


def _scenario(top: Table) -> Scenario:
    title = top.text("title", "")
    top.text("dialect", "")
    clock = _clock(top)
    call_ids = top.integers("call_ids", (16777217,))
    if not call_ids:
        raise top.wrong("call_ids", "needs at least one call id")
    queues = tuple(_queue(table) for table in top.tables("csq"))
    applications = tuple(_application(table) for table in top.tables("application"))
    teams = tuple(_team(table) for table in top.tables("team"))
    csq_ids = {queue.id for queue in queues}
    agents = tuple(_agent(table, csq_ids, {team.id for team in teams}) for table in top.tables("agent"))
    _unlike(top, "agent", "id", [agent.id for agent in agents])
    _unlike(top, "agent", "extension", [agent.extension for agent in agents])
    _unlike(top, "csq", "id", [str(queue.id) for queue in queues])
    ids = {agent.id for agent in agents}
    triggers = tuple(
        _trigger(table, csq_ids, {application.id for application in applications}) for table in top.tables("trigger")
    )
    callers = tuple(_caller(table) for table in top.tables("caller"))
    faults = tuple(_fault(table, ids) for table in top.tables("fault"))
    servers = tuple(_server(table) for table in top.tables("server")) or (
        _server(Table(top.file, "server", {}, top.protocol)),
    )
    _unlike(top, "server", "name", [server.name for server in servers])
    clients = tuple(_client(table, ids, servers) for table in top.tables("client"))
    _unlike(top, "client", "name", [client.name for client in clients])
    _unlike(top, "client and server", "name", [*(s.name for s in servers), *(c.name for c in clients)])
    steps = tuple(_step(table, servers, clients, ids) for table in top.tables("step"))
    ring = top.seconds("ring", 12.0)
    peripheral = top.integer("peripheral", PERIPHERAL)
    top.done()
    return Scenario(
        top.file, top.protocol, title, clock, servers, agents, queues, applications, triggers, teams, callers, faults, clients,
        steps, call_ids, ring, peripheral,
    )  # fmt: skip


def _clock(top: Table) -> int | None:
    value = top.raw("clock", None)
    if value is None:
        return None
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return int(value.timestamp())
    raise top.wrong("clock", "should be a date and time with a zone, such as 2025-03-03T08:00:00Z")


def _unlike(top: Table, kind: str, key: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise top.wrong(kind, f"two have the {key} {value!r}")
        seen.add(value)


def _queue(table: Table) -> QueueSpec:
    queue = QueueSpec(
        table.integer("id"),
        table.text("name", most=63),
        table.text("description", "", most=127),
        table.flag("work", False),
    )
    table.done()
    return queue


def _application(table: Table) -> ApplicationSpec:
    application = ApplicationSpec(
        table.integer("id"), table.text("name", most=63), table.text("description", "", most=127)
    )
    table.done()
    return application


def _team(table: Table) -> TeamSpec:
    team = TeamSpec(table.integer("id"), table.text("name", most=49))
    table.done()
    return team


def _agent(table: Table, csqs: set[int], teams: set[int]) -> AgentSpec:
    extension = table.text("extension", most=15)
    agent = AgentSpec(
        id=table.text("id", most=128),
        extension=extension,
        instrument=table.text("instrument", extension, most=63),
        first=table.text("first", "", most=31),
        last=table.text("last", "", most=31),
        password=table.text("password", "", most=63),
        csqs=table.integers("csqs", ()),
        team=table.integer("team", None),
        supervisor=table.flag("supervisor", False),
        terminal=table.text("terminal", "", most=63),
        description=table.text("description", "", most=127),
    )
    for csq in agent.csqs:
        if csq not in csqs:
            raise table.wrong("csqs", f"there is no [[csq]] with the id {csq}")
    if len(agent.csqs) > 20:
        raise table.wrong("csqs", "an agent may have at most 20 of them")
    if agent.team is not None and agent.team not in teams:
        raise table.wrong("team", f"there is no [[team]] with the id {agent.team}")
    table.done()
    return agent


def _trigger(table: Table, csqs: set[int], applications: set[int]) -> TriggerSpec:
    trigger = TriggerSpec(
        table.text("number", most=31), table.integer("application"), table.integer("csq"), table.text("port", most=63)
    )
    if trigger.csq not in csqs:
        raise table.wrong("csq", f"there is no [[csq]] with the id {trigger.csq}")
    if trigger.application not in applications:
        raise table.wrong("application", f"there is no [[application]] with the id {trigger.application}")
    table.done()
    return trigger


def _caller(table: Table) -> CallerSpec:
    caller = CallerSpec(
        table.text("number", most=39),
        table.text("dials", most=31),
        table.seconds("at", 0.0),
        table.seconds("every", 0.0),
        table.seconds("patience", 60.0),
        table.texts("variables"),
    )
    table.done()
    return caller


def _fault(table: Table, agents: set[str]) -> FaultSpec:
    name = table.text("request")
    message = message_named(table, "request", name)
    if message.kind is not Kind.REQUEST:
        raise table.wrong("request", f"{name} is no request")
    fault = FaultSpec(
        request=name,
        agent=table.text("agent", None, one_of=agents) if table.has("agent") else None,
        skip=table.integer("skip", 0),
        times=table.integer("times", 1, least=1),
        delay=table.seconds("delay", 0.0),
        silent=table.flag("silent", False),
        reset=table.flag("reset", False),
        status=_code(table, "status", "StatusCode"),
        failure=_code(table, "failure", "ControlFailureCode"),
        error=_code(table, "error", "CCXErrorCode") or 0,
        text=table.text("text", "", most=254),
    )
    table.done()
    chosen = [fault.silent, fault.reset, fault.status is not None, fault.failure is not None]
    if sum(chosen) > 1:
        raise table.wrong("", "give only one of silent, reset, status and failure")
    if not any(chosen) and not fault.delay:
        raise table.wrong("", "give one of silent, reset, status, failure and delay, or nothing goes wrong")
    return fault


def _code(table: Table, key: str, codes: str, before: str = "") -> int | None:
    """A number, or the name of a constant of the table called `codes`, with or without what stands `before` all of them."""
    value = table.raw(key, None)
    if value is None:
        return None
    if isinstance(value, str):
        constants = getattr(table.codes, codes)
        for name in (value, before + value.upper().replace("-", "_")):
            if name in constants.members:
                return int(constants.members[name])
        raise table.wrong(key, f"{value!r} is no {codes}{closest(value, constants.members)}")
    return int(table.integer(key))


def _loopback_address(table: Table, key: str, default: str | None) -> str | None:
    value = table.text(key, default)
    if value is not None:
        try:
            ipaddress.ip_address(value)
        except ValueError:
            raise table.wrong(key, f"{value!r} is no IP address") from None
    return value


def _server(table: Table) -> ServerSpec:
    every = (table.protocol.versions[0], table.protocol.versions[-1])
    versions = table.integers("versions", every)
    if len(versions) != 2 or versions[0] > versions[1]:
        raise table.wrong("versions", f"should be the lowest and the highest version, such as {list(every)}")
    server = ServerSpec(
        table.text("name", "server"),
        _loopback_address(table, "address", "127.0.0.1") or "127.0.0.1",
        table.integer("port", table.protocol.ports[0], most=65535),
        (versions[0], versions[1]),
        table.text("form", None, one_of=BY_TITLE),
        table.flag("standby", False),
    )
    table.done()
    return server


def _client(table: Table, agents: set[str], servers: tuple[ServerSpec, ...]) -> ClientSpec:
    mode = table.text("mode", "agent", one_of=("agent", "bridge"))
    agent = table.text("agent", None, one_of=agents) if table.has("agent") else None
    if mode == "agent" and agent is None:
        raise table.wrong("agent", "is missing: a client in agent mode needs one")
    client = ClientSpec(
        name=table.text("name"),
        mode=mode,
        server=table.text("server", servers[0].name, one_of=[server.name for server in servers]),
        version=table.integer("version", 14),
        form=table.text("form", None, one_of=BY_TITLE),
        address=_loopback_address(table, "address", None),
        agent=agent,
        client_id=table.text("client_id", "", most=63),
        password=table.text("password", "", most=63),
        signature=table.text("signature", "", most=63),
        idle_timeout=table.integer("idle_timeout", 100),
        heartbeat=table.seconds("heartbeat", 0.0),
        first_invoke_id=table.integer("first_invoke_id", 1),
        call_mask=_mask(table, "call_mask"),
        state_mask=table.integer("state_mask", None),
        config_mask=table.integer("config_mask", None),
        services=table.integer("services", None),
    )
    table.done()
    return client


def _mask(table: Table, key: str) -> int | None:
    """A call mask: a number, or the names of what is *not* wanted of everything."""
    value = table.raw(key, None)
    if not isinstance(value, list):
        return table.integer(key, None)
    mask = all_call_events(table.codes, table.protocol.source)
    for name in value:
        member = table.codes.CallMsgMask.members.get(f"{name}_MASK") if isinstance(name, str) else None
        if member is None or not name.isupper():
            raise table.wrong(key, f"{name!r} is no call event, such as CALL_DEQUEUED or RTP_STARTED")
        mask &= ~int(member)
    return mask


def all_call_events(codes: Constants, guide: Source) -> int:
    """The mask of every call event that the protocol's own guide has."""
    mask = 0
    for member in codes.CallMsgMask.members.values():
        if member.source in (Source.GUIDE, guide):
            mask |= int(member)
    return mask


def _step(table: Table, servers: tuple[ServerSpec, ...], clients: tuple[ClientSpec, ...], agents: set[str]) -> Step:
    serving = [server.name for server in servers]
    parties = [*serving, *(client.name for client in clients)]
    do = table.text("do")
    default = serving[0] if do in ("sleep", "advance") else ...
    who = table.text("who", default, one_of=parties)
    actions = SERVER_ACTIONS if who in serving else CLIENT_ACTIONS
    if do not in actions:
        kind = "server" if who in serving else "client"
        raise table.wrong("do", f"a {kind} cannot do {do!r}{closest(do, actions)}")
    values = _step_values(table, actions[do], agents)
    table.done()
    return Step(who, do, values, f"{table.file}: {table.place}")


def step_of_line(scenario: Scenario, line: str) -> Step:
    """A step of a server as it is typed while one serves: what to do, then KEY=VALUE for each key, texts with blanks in
    quotes; `who=NAME` for another server than the first. Raises CcxDissectError."""
    try:
        do, *words = shlex.split(line)
    except ValueError as error:
        raise CcxDissectError(one_line(f"typed: {error}")) from None
    kinds = {key.name: key.kind for key in SERVER_ACTIONS[do].keys} if do in SERVER_ACTIONS else {}
    values: dict[str, Any] = {"do": do, "who": scenario.servers[0].name}
    for word in words:
        key, equal, text = word.partition("=")
        if not equal:
            raise CcxDissectError(one_line(f"typed: {word!r} should be KEY=VALUE"))
        plain = kinds.get(key, "text") in ("text", "agent", "message", "reply", "hex")
        values[key] = text if plain else _typed(text)
    return _step(
        Table("typed", "", values, scenario.protocol), scenario.servers, (), {agent.id for agent in scenario.agents}
    )


def _typed(text: str) -> object:
    """A number, a flag or a table as TOML has it; anything else is a text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text


def _step_values(table: Table, action: Action, agents: set[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    declared: Message | None = None
    for key in (*action.keys, Key("expect", "reply"), Key("note", "text")):
        if key.required and not table.has(key.name):
            raise table.wrong(key.name, "is missing")
        if not table.has(key.name):
            continue
        if key.kind == "message":
            declared = message_named(table, key.name, table.text(key.name))
            values[key.name] = declared.name
        elif key.kind == "reply":
            name = table.text(key.name)
            values[key.name] = name if name == "nothing" else message_named(table, key.name, name).name
        elif key.kind == "fixed":
            values[key.name] = fixed_values(table, key.name, declared)
        elif key.kind == "floating":
            values[key.name] = floating_values(table, key.name, declared)
        elif key.kind == "agent":
            values[key.name] = table.text(key.name, one_of=agents)
        elif key.kind == "reason":
            values[key.name] = _code(table, key.name, "AgentReasonCode")
        elif key.kind == "state":
            values[key.name] = _code(table, key.name, "AgentState", "AGENT_STATE_")
        elif key.kind == "status":
            values[key.name] = _code(table, key.name, "StatusCode")
        elif key.kind == "texts":
            values[key.name] = table.texts(key.name)
        elif key.kind == "seconds":
            values[key.name] = table.seconds(key.name)
        elif key.kind == "integer":
            values[key.name] = table.integer(key.name)
        elif key.kind == "flag":
            values[key.name] = table.flag(key.name)
        elif key.kind == "hex":
            try:
                values[key.name] = bytes.fromhex(table.text(key.name))
            except ValueError:
                raise table.wrong(key.name, "should be bytes in hexadecimal") from None
        else:
            values[key.name] = table.text(key.name, one_of=key.one_of)
    return values


def message_named(table: Table, key: str, name: str) -> Message:
    """The declaration of a message that a scenario names."""
    message = table.protocol.by_name.get(name)
    if message is None:
        raise table.wrong(key, f"there is no message {name!r}{closest(name, table.protocol.by_name)}")
    return message


def fixed_values(table: Table, key: str, message: Message | None) -> dict[str, Given]:
    """Values of fixed fields: numbers, names of constants, or references such as "$call"."""
    given = table.raw(key)
    if not isinstance(given, Mapping):
        raise table.wrong(key, "should be a table of fields")
    found: dict[str, Given] = {}
    rows = {row.name: row for form in (message.forms if message else ()) for row in form.fixed}
    for name, value in given.items():
        row = rows.get(name)
        if message is not None and row is None:
            raise table.wrong(f"{key}.{name}", f"{message.name} has no such fixed field{closest(name, rows)}")
        if isinstance(value, str) and not value.startswith("$"):
            codes = row.codes if row is not None else None
            if codes is None or value not in codes.__members__:
                options = codes.__members__ if codes is not None else ()
                raise table.wrong(f"{key}.{name}", f"{value!r} is no constant of this field{closest(value, options)}")
            value = int(codes[value])
        elif not isinstance(value, (int, str)) or isinstance(value, bool):
            raise table.wrong(f"{key}.{name}", f"should be a number or the name of a constant, is {value!r}")
        found[name] = value
    return found


def floating_values(table: Table, key: str, message: Message | None) -> list[tuple[str, Value]]:
    """Floating fields in order: ["Name", value], or ["NamedVariable", name, value], or [..., name, value, index]."""
    given = table.raw(key)
    found: list[tuple[str, Value]] = []
    if not isinstance(given, list):
        raise table.wrong(key, 'should be a list such as [["AgentID", "jdoe"]]')
    rows = {row.name: row for row in (message.floating if message else ())}
    for number, item in enumerate(given, 1):
        place = f"{key}[{number}]"
        if not isinstance(item, list) or len(item) < 2 or not isinstance(item[0], str):
            raise table.wrong(place, 'should be a list such as ["AgentID", "jdoe"]')
        row = rows.get(item[0]) or next((r for r in table.protocol.tags.values() if r.name == item[0]), None)
        if row is None:
            raise table.wrong(place, f"there is no floating field {item[0]!r}{closest(item[0], rows)}")
        value: Any = item[1]
        if row.type.reading in (Reading.NAMED_VARIABLE, Reading.NAMED_ARRAY):
            if len(item) < 3 or not all(isinstance(part, str) for part in item[1:3]):
                raise table.wrong(place, "should hold a name and a value")
            value = NamedValue(item[1], item[2], int(item[3]) if len(item) > 3 else None)
        elif not isinstance(value, (int, str)) or isinstance(value, bool):
            raise table.wrong(place, f"should be a number or a text, is {value!r}")
        elif (row.type.reading is Reading.INTEGER) != isinstance(value, int):
            raise table.wrong(place, f"{row.name} is of type {row.type}, {value!r} is not")
        found.append((item[0], value))
    return found


def client_requests(protocol: Protocol) -> tuple[Message, ...]:
    """Every message that a client may send."""
    return tuple(message for message in protocol if message.sender is Side.CLIENT)
