"""What the Scapy classes of a protocol share: its declarations, their decoder; and the settings of this face."""

from __future__ import annotations

from typing import Any

from scapy.config import conf

from ccxdissect.codec.decoder import Decoder
from ccxdissect.codec.layout import TagTable
from ccxdissect.protocol.model import Protocol

#: `conf.contribs["ccxdissect"]["show_secrets"] = True` shows passwords in show(), repr() and their like.
SETTINGS: dict[str, Any] = conf.contribs.setdefault("ccxdissect", {"show_secrets": False})


def secrets_shown() -> bool:
    """Whether the user asked for secrets in clear."""
    return bool(SETTINGS.get("show_secrets"))


class Dialect:
    """One protocol as its Scapy classes see it."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.decoder = Decoder(protocol)
        #: What is known of tags where no message says more.
        self.catalogue = TagTable.of(None, protocol)
        #: The version that a message is built for when nothing else is said.
        self.newest = protocol.versions[-1]
