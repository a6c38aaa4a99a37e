"""The whole set of Unified CCX's declarations; whatever decodes or explains is given such a set."""

from __future__ import annotations

from ccxdissect.protocol.model import Protocol
from ccxdissect.protocol.uccx import (
    agent_state,
    call_control,
    call_event,
    configuration,
    error,
    miscellaneous,
    session,
    tables,
    tags,
)

#: Cisco Unified CCX CTI. Ports: the engine's own (12028), and those of the guide and its sister (42027, 43027).
UCCX_CTI = Protocol(
    name="uccx_cti",
    title="Cisco Unified CCX CTI",
    messages=tuple(
        sorted(
            session.MESSAGES
            + error.MESSAGES
            + configuration.MESSAGES
            + agent_state.MESSAGES
            + call_control.MESSAGES
            + call_event.MESSAGES
            + miscellaneous.MESSAGES,
            key=lambda message: message.number,
        )
    ),
    tags=tags.CATALOGUE,
    tables=tables.TABLES,
    ports=(12028, 42027, 43027),
    versions=range(10, 19),
    wide_tags_since=18,
    # The sister protocol's largest message has 12,500 bytes; this leaves room.
    largest_body=16384,
)
