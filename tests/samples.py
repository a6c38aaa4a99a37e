"""The samples, and which dialect each is of: its name says it."""

from __future__ import annotations

from pathlib import Path

from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Protocol

FOLDER = Path(__file__).parents[1] / "samples"


def protocol_of(sample: str | Path) -> Protocol:
    """What a sample speaks, by the name of its file or of its scenario."""
    dialect = Path(sample).name.partition("-")[0]
    return DIALECTS.get(dialect) or DIALECTS["ccx"]
