"""The declarations that the Scapy classes are made from, their decoder, and the settings of this face."""

from __future__ import annotations

from typing import Any

from scapy.config import conf

from ccxdissect.codec.decoder import Decoder
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

PROTOCOL = UCCX_CTI
DECODER = Decoder(PROTOCOL)
#: The version that a message is built for when nothing else is said.
NEWEST = PROTOCOL.versions[-1]
#: What secrets are shown as.
MASK = "***"

#: `conf.contribs["ccxdissect"]["show_secrets"] = True` shows passwords in show(), repr() and their like.
SETTINGS: dict[str, Any] = conf.contribs.setdefault("ccxdissect", {"show_secrets": False})


def secrets_shown() -> bool:
    """Whether the user asked for secrets in clear."""
    return bool(SETTINGS.get("show_secrets"))
