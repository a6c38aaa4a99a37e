"""Requests for configuration, teams and statistics, and the news of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ccxdissect.lab.channel import Received
from ccxdissect.lab.node import Handler, Node
from ccxdissect.lab.sessions import ServerSession
from ccxdissect.lab.world import Agent, Field, QueueTally
from ccxdissect.protocol.codes import Code
from ccxdissect.protocol.common.constants import RecordType

#: Records in one configuration event, as the pages limit them.
MOST_RECORDS = 10
MOST_MEMBERS = 64
#: Keys are made up, but stay the same: kind of configuration in the first byte.
KEYS = {"Application": 0x0100000000000001, "CSQ": 0x0200000000000001, "Agent": 0x0300000000000001}
DEVICE_KEY = 0x0400000000000001

Record = list[Field]


def _keys(node: Node, session: ServerSession, request: Received) -> None:
    if not session.offers(node.codes.CTIServiceMask.CTI_SERVICE_CONFIG_EVENTS):
        node.send(session, "CONFIG_KEY_EVENT", {"Status": int(node.codes.ConfigKeyStatus.CONFIG_SERVICE_PROVIDER)})
        return
    floating: list[Field] = [(f"{name}ConfigKey", key) for name, key in KEYS.items()]
    floating.append(("DeviceConfigKey", DEVICE_KEY))
    node.send(session, "CONFIG_KEY_EVENT", {"Status": int(node.codes.ConfigKeyStatus.CONFIG_SUCCESS)}, floating)


def _configuration(node: Node, session: ServerSession, request: Received) -> None:
    if not session.offers(node.codes.CTIServiceMask.CTI_SERVICE_CONFIG_EVENTS):
        node.send(session, "CONFIG_END_EVENT", {"Status": int(node.codes.ConfigEndStatus.CONFIG_SERVICE_PROVIDER)})
        return
    session.wants_config = True
    mask = request.number("ConfigurationMask")
    if not mask:
        node.send(session, "CONFIG_END_EVENT", {"Status": int(node.codes.ConfigEndStatus.CONFIG_EMPTY)})
        return
    _begin(node, session, node.codes.ConfigType.INITIAL_CONFIGURATION, mask)
    sent = 0
    version = session.channel.version or 0
    for name, bit, records in _every_kind(node, version):
        if mask & bit:
            for page in _pages(records):
                node.send(session, name, {"NumRecords": len(page)}, [field for record in page for field in record])
                sent += len(page)
    status = node.codes.ConfigEndStatus.CONFIG_SUCCESS if sent else node.codes.ConfigEndStatus.CONFIG_EMPTY
    node.send(session, "CONFIG_END_EVENT", {"Status": int(status)})


def _begin(node: Node, session: ServerSession, type: Code, mask: int) -> None:
    floating: list[Field] = []
    if mask & node.codes.ConfigurationMask.CONFIG_INFO_APPLICATION:
        floating.append(("ApplicationConfigKey", KEYS["Application"]))
    if mask & node.codes.ConfigurationMask.CONFIG_INFO_CSQ:
        floating.append(("CSQueueConfigKey", KEYS["CSQ"]))
    if mask & node.codes.ConfigurationMask.CONFIG_INFO_AGENT:
        floating.append(("AgentConfigKey", KEYS["Agent"]))
    if mask & node.codes.ConfigurationMask.CONFIG_INFO_DEVICE:
        floating.append(("DeviceConfigKey", DEVICE_KEY))
    node.send(session, "CONFIG_BEGIN_EVENT", {"ConfigType": int(type), "ConfigurationMask": mask}, floating)


def _pages(records: Iterable[Record]) -> Iterator[list[Record]]:
    page: list[Record] = []
    for record in records:
        page.append(record)
        if len(page) == MOST_RECORDS:
            yield page
            page = []
    if page:
        yield page


def _every_kind(node: Node, version: int) -> Iterator[tuple[str, int, list[Record]]]:
    scenario = node.world.scenario
    yield (
        "CONFIG_APPLICATION_EVENT",
        node.codes.ConfigurationMask.CONFIG_INFO_APPLICATION,
        [
            [
                ("RecordType", int(RecordType.ADD)),
                (208, 0),
                ("ApplicationID", application.id),
                (213, 0),
                ("MaxQueued", 0),
                ("Extension", ""),
                ("PreviousApplicationID", 0),
                ("ApplicationName", application.name),
                ("Description", application.description),
                (174, 0),
                (175, 0),
                (176, ""),
                (216, 0),
            ]
            for application in scenario.applications
        ],
    )
    yield (
        "CONFIG_CSQ_EVENT",
        node.codes.ConfigurationMask.CONFIG_INFO_CSQ,
        [
            [
                ("RecordType", int(RecordType.ADD)),
                (208, 0),
                (184, queue.id),
                (213, 0),
                (64, 0),
                (192, 0),
                ("AutoWork", int(queue.work)),
                (173, ""),
                ("CSQName", queue.name),
                ("Description", queue.description),
                ("MRDomainID", 0),
                (176, ""),
            ]
            for queue in scenario.queues
        ],
    )
    yield (
        "CONFIG_AGENT_EVENT",
        node.codes.ConfigurationMask.CONFIG_INFO_AGENT,
        [_agent_record(node, agent, RecordType.ADD) for agent in node.world.agents.values()],
    )
    yield "CONFIG_DEVICE_EVENT", node.codes.ConfigurationMask.CONFIG_INFO_DEVICE, list(_devices(node))
    if version >= node.protocol.message("CONFIG_TERMINAL_EVENT").since:
        yield (
            "CONFIG_TERMINAL_EVENT",
            node.codes.ConfigurationMask.CONFIG_INFO_TERMINAL,
            [
                [
                    ("RecordType", int(RecordType.ADD)),
                    ("TerminalType", 0),
                    ("TerminalDeviceName", agent.terminal),
                    ("TerminalTypeName", "Desk phone"),
                    ("NumInstruments", 1),
                    ("Instrument", agent.instrument),
                ]
                for agent in scenario.agents
                if agent.terminal
            ],
        )


def _agent_record(node: Node, agent: Agent, what: RecordType) -> Record:
    spec, codes = agent.spec, node.codes.AgentType
    record: Record = [
        ("RecordType", int(what)),
        (208, 0),
        ("AgentType", int(codes.SUPERVISOR if spec.supervisor else codes.AGENT)),
        ("LoginID", spec.id),
        (214, ""),
        (207, spec.id[:31]),
        ("LastName", spec.last),
        ("FirstName", spec.first),
        ("Extension", spec.extension),
        ("Description", spec.description),
        (141, 0),
        ("NumCSQ", len(spec.csqs)),
    ]
    for csq in spec.csqs:
        record += [("CSQID", csq), (64, 0)]
    record += [("agentState", int(agent.state)), ("MRD_ID", 1), ("ActiveTerminal", spec.terminal)]
    return record


def _devices(node: Node) -> Iterator[Record]:
    scenario = node.world.scenario
    for trigger in scenario.triggers:
        yield _device(
            node.codes.ConfigDeviceType.ROUTE_POINT, trigger.application, trigger.number, trigger.number, "trigger"
        )
    for position, trigger in enumerate(scenario.triggers, 1):
        yield _device(node.codes.ConfigDeviceType.CTI_PORT, position, trigger.port, trigger.port, "CTI port")
    for agent in scenario.agents:
        yield _device(node.codes.ConfigDeviceType.AGENT, 0, agent.id, agent.extension, "agent's phone")


def _device(type: Code, number: int, name: str, extension: str, description: str) -> Record:
    return [
        ("RecordType", int(RecordType.ADD)),
        (208, 0),
        ("DeviceField0", number),
        ("DeviceType", int(type)),
        ("MaxQueued", 0),
        ("DeviceField1", 0),
        ("DeviceField2", name),
        ("DeviceField3", ""),
        ("DeviceField4", extension),
        ("Description", description),
    ]


def send_update(node: Node, agent: Agent) -> None:
    """News of an agent's configuration, to the clients that want it."""
    for session in list(node.sessions):
        if session.open and session.wants_config and session.config_mask & node.codes.ConfigMsgMask.CONFIG_AGENT_MASK:
            _begin(node, session, node.codes.ConfigType.UPDATE, int(node.codes.ConfigurationMask.CONFIG_INFO_AGENT))
            node.send(session, "CONFIG_AGENT_EVENT", {"NumRecords": 1}, _agent_record(node, agent, RecordType.CHANGE))
            node.send(session, "CONFIG_END_EVENT", {"Status": int(node.codes.ConfigEndStatus.CONFIG_SUCCESS)})


# Teams


def _teams(node: Node, session: ServerSession, request: Received) -> None:
    session.wants_teams = True
    if request.number("ConfigParam") == node.codes.TeamConfigParam.INITIAL_CONFIGURATION:
        for team in node.world.scenario.teams:
            _team(node, session, team.id, node.codes.TeamConfigOperation.ADD_TEAM)
    node.confirm(session, request, "TEAM_CONFIG_CONF", {"Status": 0})


def _team(node: Node, session: ServerSession, number: int, operation: Code) -> None:
    team = next((team for team in node.world.scenario.teams if team.id == number), None)
    if team is None:
        return
    members = [agent for agent in node.world.scenario.agents if agent.team == number]
    queues = sorted({csq for agent in members for csq in agent.csqs})
    records: list[Record] = []
    for agent in members:
        flags = (
            node.codes.AgentFlags.PRIMARY_SUPERVISOR | node.codes.AgentFlags.SUPERVISOR
            if agent.supervisor
            else node.codes.AgentFlags.REGULAR_AGENT
        )
        records.append(_member(agent.id, int(flags), node.codes.TeamMemberType.AGENT_OR_SUPERVISOR))
    records += [_member(str(queue), 0, node.codes.TeamMemberType.CSQ) for queue in queues]
    records = records[:MOST_MEMBERS]
    floating: list[Field] = [("TeamName", team.name)]
    for record in records:
        floating += record
    node.send(
        session,
        "TEAM_CONFIG_EVENT",
        {"TeamID": team.id, "NumRecords": len(records), "Operation": int(operation)},
        floating,
    )


def _member(name: str, flags: int, type: Code) -> Record:
    return [
        ("AgentID", name),
        ("AgentFlags", flags),
        ("RecordType", int(RecordType.ADD)),
        ("MemberType", int(type)),
    ]


def send_team_update(node: Node, number: int) -> None:
    """News of a team, to the clients that asked for it."""
    for session in list(node.sessions):
        if session.open and session.wants_teams:
            _team(node, session, number, node.codes.TeamConfigOperation.CHANGE_TEAM)


# Statistics


def _counts(node: Node, agents: list[Agent]) -> dict[str, int]:
    def count(*states: Code) -> int:
        return sum(agent.state in states for agent in agents)

    return {
        "LoggedInAgents": sum(agent.logged_in for agent in agents),
        "InSessionAgents": count(node.codes.AgentState.AGENT_STATE_TALKING),
        "AvailableAgents": count(node.codes.AgentState.AGENT_STATE_READY),
        "UnAvailableAgents": count(node.codes.AgentState.AGENT_STATE_NOT_READY),
        "InWorkAgents": count(node.codes.AgentState.AGENT_STATE_WORK),
        "SelectedAgents": count(node.codes.AgentState.AGENT_STATE_RESERVED),
    }


def _tallies(node: Node, queues: Iterable[int]) -> dict[str, int]:
    world = node.world
    queues = list(queues)
    tallies = [world.tallies.get(queue, QueueTally()) for queue in queues]
    waiting = [call for queue in queues for call in world.waiting(queue)]
    return {
        "CallsInPriorityQueue1": len(waiting),
        "StartTime": world.started,
        "EndTime": world.clock.now(),
        "TotalCalls": sum(tally.total for tally in tallies),
        "HandledCalls": sum(tally.handled for tally in tallies),
        "OldestCallInQueue": max((world.clock.now() - call.began for call in waiting), default=0),
        "AbandonedCalls": sum(tally.abandoned for tally in tallies),
    }


def _queue_statistics(node: Node, session: ServerSession, request: Received) -> None:
    csq = request.value("CSQID")
    if not isinstance(csq, int) or csq not in node.world.queues:
        node.fail(session, request, node.codes.StatusCode.E_CTI_INVALID_CSQ, "there is no such queue")
        return
    agents = [agent for agent in node.world.agents.values() if csq in agent.spec.csqs]
    node.confirm(
        session,
        request,
        "QUERY_QUEUE_STATISTICS_CONF",
        {**_counts(node, agents), **_tallies(node, [csq])},
        [("CSQID", csq)],
    )


def _summary_statistics(node: Node, session: ServerSession, request: Received) -> None:
    world = node.world
    node.confirm(
        session,
        request,
        "QUERY_SUMMARY_STATISTICS_CONF",
        {"NumQueues": len(world.queues), **_counts(node, list(world.agents.values())), **_tallies(node, world.queues)},
    )


def _agent_statistics(node: Node, session: ServerSession, request: Received) -> None:
    agent = node.agent_of(session, request)
    if agent is None:
        node.fail(session, request, node.codes.StatusCode.E_CTI_INVALID_AGENT_DATA, "no such agent")
        return
    tallies = _tallies(node, agent.spec.csqs)
    node.confirm(
        session,
        request,
        "QUERY_AGENT_QUEUE_STATISTICS_CONF",
        {"CallsInQueue": tallies["CallsInPriorityQueue1"], "OldestCallInQueue": tallies["OldestCallInQueue"]},
        [("AgentID", agent.spec.id)],
    )


HANDLERS: Mapping[str, Handler] = {
    "CONFIG_REQUEST_KEY_EVENT": _keys,
    "CONFIG_REQUEST_EVENT": _configuration,
    "TEAM_CONFIG_REQ": _teams,
    "QUERY_QUEUE_STATISTICS_REQ": _queue_statistics,
    "QUERY_SUMMARY_STATISTICS_REQ": _summary_statistics,
    "QUERY_AGENT_QUEUE_STATISTICS_REQ": _agent_statistics,
}
