"""Every table of constants, for those who look a number up."""

from __future__ import annotations

from ccxdissect.protocol.codes import tables_in
from ccxdissect.protocol.uccx.constants import (
    agents,
    calls,
    configuration,
    failures,
    media,
    session,
    special,
    system,
    versions,
)

TABLES = tables_in(versions, session, agents, calls, configuration, failures, system, media, special)
