"""The sessions of a lab server: what a client has opened, and which events it wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ccxdissect.codec import FloatingForm
from ccxdissect.lab.channel import Channel
from ccxdissect.lab.world import Agent


@dataclass(eq=False)
class ServerSession:
    """One client's connection as the server knows it.

    `transmit` takes bytes to send, `hang_up(reset)` ends the connection. `open` is False until OPEN_REQ was granted.
    """

    peer: str
    channel: Channel
    transmit: Callable[[bytes], None]
    hang_up: Callable[[bool], None]
    open: bool = False
    closing: bool = False
    services: int = 0
    call_mask: int = 0
    state_mask: int = 0
    config_mask: int = 0
    idle_timeout: int = 0
    client_id: str = ""
    signature: str = ""
    agent: Agent | None = None
    wants_teams: bool = False
    #: The devices that it watches, by the number of each monitor.
    monitors: dict[int, str] = field(default_factory=dict)
    wants_config: bool = False
    #: Version and floating form of the open session.
    spoken: tuple[int | None, FloatingForm | None] = (None, None)

    @property
    def bridge(self) -> bool:
        """Whether it hears of every agent and call."""
        return self.open and bool(self.services & self.channel.codes.CTIServiceMask.CTI_SERVICE_ALL_EVENTS)

    @property
    def label(self) -> str:
        """What notes call it."""
        who = self.agent.spec.id if self.agent is not None else self.client_id
        return f"{self.peer} ({who})" if who else self.peer

    def offers(self, service: int) -> bool:
        """Whether a service was granted."""
        return bool(self.services & service)

    def wants_call_event(self, name: str) -> bool:
        """Whether its call mask lets an event through; events that no bit stands for always pass."""
        member = self.channel.codes.CallMsgMask.members.get(name.removesuffix("_EVENT") + "_MASK")
        return self.open and (member is None or bool(self.call_mask & member))

    def wants_state(self, state: int) -> bool:
        """Whether its agent state mask lets a state through."""
        return self.open and bool(self.state_mask & (1 << state))
