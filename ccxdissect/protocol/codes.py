"""Base classes of the constant tables: enumerations whose members carry a meaning and its source."""

from __future__ import annotations

import inspect
from enum import Enum, IntEnum, IntFlag
from functools import lru_cache
from types import ModuleType


class Source(Enum):
    """Where a fact was read. The order is the order of certainty."""

    GUIDE = "guide"  #: in the guide of the protocol that declares it
    UCCX = "uccx"  #: on a Unified CCX page or in that guide's own logs
    GED188 = "ged188"  #: in the guide of Unified CCE's CTI Server
    THIRD_PARTY = "thirdparty"  #: in somebody else's client
    INFERRED = "inferred"  #: by reasoning


GUIDE = Source.GUIDE
UCCX = Source.UCCX
GED188 = Source.GED188
THIRD_PARTY = Source.THIRD_PARTY
INFERRED = Source.INFERRED


class Sense(Enum):
    """What generic code needs to know of a value: nothing there knows a constant by name."""

    NOTHING = "nothing"  #: stands for no value at all
    STANDBY = "standby"  #: the server is not the one that serves
    VERSION_REFUSED = "version refused"
    BRIDGE_MODE = "bridge"  #: the session sees every agent
    AGENT_MODE = "agent"  #: the session belongs to one agent
    SUPERVISES = "supervises"  #: the session may act on agents that are not its own
    LOGGED_OUT = "logged out"  #: the agent is gone
    LOGGED_IN = "logged in"  #: the agent has come
    ON_CALL = "on call"  #: the agent talks
    FREE = "free"  #: the agent takes routed calls
    NOT_FREE = "not free"  #: the agent is there and takes none
    AGENT_LOST = "agent lost"  #: the agent did not go, something broke
    HARMLESS = "harmless"  #: not what was hoped for, yet no failure
    RESERVES = "reserves"  #: a call that only reserves an agent for another one
    ATTENDED = "attended"  #: a device at which an agent sits
    UNATTENDED = "unattended"  #: a device at which nobody sits: an announcement, a queue
    REPLACED = "replaced"  #: another session took the place of this one
    OUT_OF_SERVICE = "out of service"  #: the server, or a device, no longer serves

    #: It is asked for in sets for many messages; that of `Enum` is a function of Python's.
    __hash__ = object.__hash__


class Code(IntEnum):
    """A table of values of which a field carries one. Members: `NAME = value, "meaning", source, sense, "remedy"`.

    `remedy`: what the value comes of and what to do about it, in our own words, where it says that something is wrong.
    """

    meaning: str
    source: Source
    sense: Sense | None
    remedy: str

    def __new__(
        cls, value: int, meaning: str = "", source: Source = GUIDE, sense: Sense | None = None, remedy: str = ""
    ) -> Code:
        member = int.__new__(cls, value)
        member.remedy = remedy
        member._value_ = value
        member.meaning = meaning
        member.source = source
        member.sense = sense
        return member


class Flags(IntFlag):
    """A table of bits of which a field carries any number. Members: `NAME = bit, "meaning", source, sense`."""

    meaning: str
    source: Source
    sense: Sense | None

    def __new__(cls, value: int, meaning: str = "", source: Source = GUIDE, sense: Sense | None = None) -> Flags:
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.source = source
        member.sense = sense
        return member


#: What so many values mean is remembered: they come again and again, unless somebody makes them up.
_MOST_SENSES = 4096

#: Either kind of table, as a class.
CodeTable = type[Code] | type[Flags]


def tables_in(*modules: ModuleType) -> tuple[CodeTable, ...]:
    """Every table that these modules declare or take from elsewhere, each once."""
    found: dict[CodeTable, None] = {}
    for module in modules:
        for item in vars(module).values():
            if inspect.isclass(item) and issubclass(item, (Code, Flags)) and item not in (Code, Flags):
                found[item] = None
    return tuple(found)


@lru_cache(_MOST_SENSES)
def senses(table: CodeTable, value: int) -> frozenset[Sense]:
    """What `value` means to generic code by `table`; of a flag table, what each of its bits does."""
    if issubclass(table, Code):
        member = table._value2member_map_.get(value)
        sense = getattr(member, "sense", None)
        return frozenset() if sense is None else frozenset({sense})
    return frozenset(
        flag.sense for flag in table.__members__.values() if flag.sense is not None and value & flag._value_
    )


def label(table: CodeTable, value: int) -> str | list[str] | None:
    """The name of `value` in `table`: a name, a list of flag names, or None when the table lacks it.

    Bits that a flag table does not name are kept as one last item in hexadecimal.
    """
    if issubclass(table, Code):
        member = table._value2member_map_.get(value)
        return None if member is None else str(member._name_)
    members = table.__members__
    if value == 0:
        return [name for name, member in members.items() if member._value_ == 0]
    names = [name for name, member in members.items() if member._value_ and value & member._value_ == member._value_]
    known = 0
    for name in names:
        known |= members[name]._value_
    rest = value & ~known
    if rest:
        names.append(f"0x{rest:x}" if rest > 0 else str(rest))
    return names
