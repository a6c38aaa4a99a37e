"""Every table of constants, for those who look a number up."""

from __future__ import annotations

from ccxdissect.protocol.codes import tables_in
from ccxdissect.protocol.common import constants as common
from ccxdissect.protocol.ged188.constants import (
    agents,
    calls,
    configuration,
    devices,
    failures,
    recording,
    session,
    special,
    system,
    versions,
)

TABLES = tables_in(
    versions, session, agents, calls, devices, configuration, failures, system, recording, common, special
)
