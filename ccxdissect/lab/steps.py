"""What a step of a scenario can do, and which keys it takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """One key of a step: what kind of value it takes (see `scenario`), and whether it must be there."""

    name: str
    kind: str = "text"
    required: bool = False
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Action:
    """One thing to do: a sentence for people, and the keys."""

    meaning: str
    keys: tuple[Key, ...] = ()


AGENT = Key("agent", "agent")
DATA = (Key("variables", "texts"), Key("call_variables", "texts"))

CLIENT_ACTIONS = {
    "open": Action("opens the session (connecting first)", (Key("version", "integer"), Key("idle_timeout", "integer"))),
    "close": Action("ends the session by CLOSE_REQ", (Key("status", "status"),)),
    "disconnect": Action("closes the connection without a word"),
    "reset": Action("resets the connection without a word"),
    "heartbeat": Action("sends a heartbeat"),
    "login": Action("logs an agent in", (AGENT, Key("password"), Key("instrument"))),
    "logout": Action("logs an agent out", (AGENT, Key("reason", "reason"), Key("force", "flag"))),
    "ready": Action("makes an agent ready", (AGENT,)),
    "not-ready": Action("makes an agent not ready", (AGENT, Key("reason", "reason"))),
    "work": Action("puts an agent into after-call work", (AGENT,)),
    "agent-state": Action("asks for an agent's state", (AGENT,)),
    "call": Action("makes a call", (AGENT, Key("to", required=True), *DATA)),
    "answer": Action("answers the ringing call", (AGENT,)),
    "hold": Action("holds the active call", (AGENT,)),
    "retrieve": Action("takes the held call back", (AGENT,)),
    "alternate": Action("holds the active call and takes the held one back", (AGENT,)),
    "reconnect": Action("drops the active call and takes the held one back", (AGENT,)),
    "consult": Action(
        "holds the active call and calls somebody about it",
        (AGENT, Key("to", required=True), Key("purpose", one_of=("transfer", "conference")), *DATA),
    ),
    "transfer": Action("joins the held and the active call and leaves; `to`: transfers blindly", (AGENT, Key("to"))),
    "conference": Action("joins the held and the active call; `to`: adds somebody in one step", (AGENT, Key("to"))),
    "hang-up": Action("leaves the call", (AGENT,)),
    "clear": Action("drops every party of the call", (AGENT,)),
    "dtmf": Action("sends digits on the call", (AGENT, Key("digits", required=True))),
    "data": Action("sets data of the call", (AGENT, *DATA)),
    "snapshot": Action("asks what the call is like", (AGENT,)),
    "device": Action("asks which calls a phone has", (AGENT,)),
    "device-info": Action("asks what a phone can do", (AGENT,)),
    "assist": Action("asks a supervisor for help with the call", (AGENT,)),
    "emergency": Action("reports the call as an emergency", (AGENT,)),
    "supervise": Action(
        "a supervisor acts on an agent's call",
        (
            Key("agent", "agent", required=True),
            Key("action", required=True, one_of=("monitor", "whisper", "barge-in", "intercept", "clear")),
        ),
    ),
    "bad-call": Action("marks the call as one of bad quality", (AGENT,)),
    "monitor": Action("asks to hear of a phone's calls (Unified CCE)", (AGENT,)),
    "queue-statistics": Action("asks for the statistics of a queue", (Key("csq", "integer", required=True),)),
    "summary-statistics": Action("asks for the statistics of everything"),
    "agent-statistics": Action("asks how many calls wait for an agent", (AGENT,)),
    "configuration-keys": Action("asks for the keys of the configuration"),
    "configuration": Action("asks for the configuration", (Key("mask", "integer"),)),
    "teams": Action("asks for the teams", (Key("updates_only", "flag"),)),
    "send": Action(
        "sends any message",
        (Key("message", "message", required=True), Key("fixed", "fixed"), Key("floating", "floating")),
    ),
    "bytes": Action("sends bytes as they are", (Key("hex", "hex", required=True),)),
    "wait": Action(
        "waits for a message",
        (Key("message", "message", required=True), Key("where", "fixed"), Key("within", "seconds")),
    ),
    "wait-end": Action("waits until the server ends the connection", (Key("within", "seconds"),)),
    "sleep": Action("does nothing for a while", (Key("seconds", "seconds", required=True),)),
}

SERVER_ACTIONS = {
    "call": Action("somebody outside calls", (Key("from", required=True), Key("to", required=True), *DATA)),
    "pick-up": Action("a phone is picked up by hand", (Key("number", required=True),)),
    "hang-up": Action("a party hangs up by hand", (Key("number", required=True),)),
    "preview": Action(
        "offers an outbound preview call to an agent",
        (
            Key("agent", "agent", required=True),
            Key("number", required=True),
            Key("campaign", required=True),
            Key("campaign_id", required=True),
            *DATA,
        ),
    ),
    "update": Action("sends news of an agent's configuration", (Key("agent", "agent", required=True),)),
    "team-update": Action("sends news of a team", (Key("team", "integer", required=True),)),
    "send": Action(
        "sends any message; `to`: all (default), bridges, or an agent's id",
        (
            Key("message", "message", required=True),
            Key("fixed", "fixed"),
            Key("floating", "floating"),
            Key("to"),
        ),
    ),
    "agent-state": Action(
        "an agent's state changes by itself",
        (Key("agent", "agent", required=True), Key("state", "state", required=True), Key("reason", "reason")),
    ),
    "failure": Action(
        "reports a failure that nobody asked about; `to` as in send",
        (Key("status", "status", required=True), Key("text"), Key("to")),
    ),
    "failover": Action("this node becomes the standby and lets go of its clients; the next one takes over"),
    "reset": Action("resets connections; `to` as in send", (Key("to"),)),
    "sleep": Action("does nothing for a while", (Key("seconds", "seconds", required=True),)),
    "advance": Action("moves the scenario's clock", (Key("seconds", "seconds", required=True),)),
}
