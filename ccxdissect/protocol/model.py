"""The words in which messages are declared: fixed fields, floating fields, repeated groups, layouts.

A declaration is data. It says what the guide's tables say, and what generic code needs to know of a field
(its `mark`) or of a message (its `traits`), so that no other module knows a field or a message by its name.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from ccxdissect.protocol.codes import GUIDE, CodeTable, Source
from ccxdissect.protocol.loading import LoadedRow
from ccxdissect.protocol.types import DataType

if TYPE_CHECKING:
    from typing_extensions import Self


class Side(Enum):
    """An end of a session."""

    CLIENT = "client"
    SERVER = "server"

    # Members are compared by identity; that of Enum is written in Python, and every message is counted by its side.
    __hash__ = object.__hash__

    @property
    def other(self) -> Side:
        """The other end."""
        return Side.SERVER if self is Side.CLIENT else Side.CLIENT


class Kind(Enum):
    """What part a message plays: it asks for a confirmation, is one, or comes unasked."""

    REQUEST = "request"
    CONFIRMATION = "confirmation"
    EVENT = "event"


class MessageClass(Enum):
    """The guides' classes of messages; the last four are Unified CCE's."""

    SESSION = "session"
    ERROR = "error"
    CONFIGURATION = "configuration"
    AGENT_STATE = "agent_state"
    CALL_CONTROL = "call_control"
    CALL_EVENT = "call_event"
    MISCELLANEOUS = "miscellaneous"
    MONITOR = "monitor"
    SUPERVISOR = "supervisor"
    ROUTING = "routing"
    TASK = "task"


class Need(Enum):
    """Whether a floating field has to be there, as far as its page says."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    UNSTATED = ""


class Bits(int):
    """A set of single bits, joined with `|` and asked for with `&`; sets of different kinds do not mix.

    Members are the class's annotations, a bit each in their order. An integer at heart: `&` on `enum.Flag` takes thirty
    times as long, and every message is asked many times. That two kinds meet in `&` is therefore left to the type
    checker; `|`, which only declarations use, looks.
    """

    NONE: ClassVar[Self]

    def __init_subclass__(cls) -> None:
        cls.NONE = cls(0)  # type: ignore[assignment]
        for place, name in enumerate(inspect.get_annotations(cls)):
            setattr(cls, name, cls(1 << place))

    def __or__(self, other: Self) -> Self:  # type: ignore[override]
        """Both sets in one. Raises TypeError when they are of different kinds."""
        if type(other) is not type(self):
            raise TypeError(f"{type(self).__name__} joined with {type(other).__name__}")
        return type(self)(int(self) | int(other))

    if TYPE_CHECKING:

        def __and__(self, other: Self) -> Self:  # type: ignore[override]
            """What both have."""

        def __rand__(self, other: Self) -> Self:  # type: ignore[override]
            """What both have."""

    @classmethod
    def by_name(cls) -> dict[str, Self]:
        """Every bit, in the order of declaration."""
        return {name: getattr(cls, name) for name in inspect.get_annotations(cls)}


#: What stands in the place of a field that is marked SECRET.
MASK = "***"


class Mark(Bits):
    """What generic code needs to know about a field."""

    INVOKE_ID: ClassVar[Mark]  #: pairs a request with its confirmation
    VERSION: ClassVar[Mark]  #: sets the protocol version of the session
    IDLE_TIMEOUT: ClassVar[Mark]  #: seconds of silence after which the server resets the session
    SERVICES: ClassVar[Mark]  #: services asked for (in a request) or granted (in a confirmation)
    FAILURE: ClassVar[Mark]  #: the code that says why
    FAILURE_DETAIL: ClassVar[Mark]  #: a second, more particular code
    FAILURE_TEXT: ClassVar[Mark]  #: the reason in words
    AGENT: ClassVar[Mark]  #: the login id of an agent
    EXTENSION: ClassVar[Mark]  #: the extension of an agent
    INSTRUMENT: ClassVar[Mark]  #: the phone of an agent
    CLIENT_NAME: ClassVar[Mark]  #: what the client calls itself
    AGENT_STATE: ClassVar[Mark]  #: the state of an agent, asked for or reported
    REASON: ClassVar[Mark]  #: why the state changed
    CALL: ClassVar[Mark]  #: the id of the call that the message is about
    OTHER_CALL: ClassVar[Mark]  #: the id of a further call that the message is about
    NEW_CALL: ClassVar[Mark]  #: the id of the call that comes out of it
    CALL_TYPE: ClassVar[Mark]
    CONNECTION_DEVICE: ClassVar[Mark]  #: the device whose connection to the call it is
    CALLING: ClassVar[Mark]  #: the caller's device or number
    CALLED: ClassVar[Mark]  #: the called device or number
    ACTING: ClassVar[Mark]  #: the device that did it (alerts, answers, holds, releases ...)
    PARTY: ClassVar[Mark]  #: a device on the call, one of several
    QUEUE: ClassVar[Mark]  #: a contact service queue
    CALL_STATE: ClassVar[Mark]  #: the local connection state
    CAUSE: ClassVar[Mark]  #: why the call event came
    STATUS: ClassVar[Mark]  #: an outcome that 0 calls success
    SECRET: ClassVar[Mark]  #: masked in every view
    PERSONAL: ClassVar[Mark]  #: says something about a person or a customer: replaced when a capture is redacted
    DIALED: ClassVar[Mark]  #: the number that was dialed
    SERVICE_NUMBER: ClassVar[Mark]  #: the number by which a call came in; later calls about it inherit it
    ACTING_TYPE: ClassVar[Mark]  #: what kind of device the one is that did it
    CONNECTED_PARTY: ClassVar[Mark]  #: a device that is on the call after calls were joined
    JOINING: ClassVar[Mark]  #: the device that came in when calls were joined
    REDIRECTED: ClassVar[Mark]  #: the device from which the call was sent on
    MONITOR: ClassVar[Mark]  #: the monitor that the message is about
    WATCHED: ClassVar[Mark]  #: what a monitor is to hear of, besides a call
    ONLINE: ClassVar[Mark]  #: whether what the server serves is online: 0 says that it is not


class Trait(Bits):
    """What generic code needs to know about a message."""

    OPENS: ClassVar[Trait]  #: opens a session (the request) or grants it (the confirmation)
    CLOSES: ClassVar[Trait]  #: ends a session by agreement
    HEARTBEAT: ClassVar[Trait]  #: keeps a session alive
    FAILS: ClassVar[Trait]  #: comes in place of any confirmation
    REPORTS_FAILURE: ClassVar[Trait]  #: says unasked that something failed
    SYSTEM: ClassVar[Trait]  #: news of the server itself
    AGENT_STATE: ClassVar[Trait]  #: asks for, or reports, an agent's state
    CALL_BEGINS: ClassVar[Trait]
    CALL_ENDS: ClassVar[Trait]
    CALL_CLEARED: ClassVar[Trait]
    CALL_RINGS: ClassVar[Trait]
    CALL_CONNECTS: ClassVar[Trait]
    CALL_HOLDS: ClassVar[Trait]
    CALL_RETRIEVED: ClassVar[Trait]
    CALL_QUEUED: ClassVar[Trait]
    CALL_DEQUEUED: ClassVar[Trait]
    CALL_JOINS: ClassVar[Trait]  #: merges two calls (conference)
    CALL_TRANSFERS: ClassVar[Trait]  #: merges two calls (transfer)
    CALL_FAILS: ClassVar[Trait]
    PARTY_LEAVES: ClassVar[Trait]
    ENDS_REPLY: ClassVar[Trait]  #: the last of several messages that answer one request
    BEGINS_REPLY: ClassVar[Trait]  #: the first of several messages that answer one request
    ASKS: ClassVar[Trait]  #: a request that only asks, and changes nothing
    MAKES_CALL: ClassVar[Trait]  #: a request for a new call
    CALL_DIALS: ClassVar[Trait]  #: a device went off-hook or dialed
    CALL_DIVERTS: ClassVar[Trait]
    CALL_CHANGES: ClassVar[Trait]  #: the data or the id of a call changed


@dataclass(frozen=True)
class Fixed:
    """One field of the fixed part.

    `since`: the first protocol version that has it. `constant`: what a reserved slot should carry.
    Reserved slots keep the name that the sister protocol gives them.
    """

    name: str
    type: DataType
    meaning: str
    codes: CodeTable | None = None
    since: int = 0
    reserved: bool = False
    constant: int | None = None
    width: int = 0
    mark: Mark = Mark.NONE
    source: Source = GUIDE
    #: What the server's own log calls it, where that is not the guide's name.
    log_names: tuple[str, ...] = ()
    #: What a number counts in: "s", "ms"; empty where the sources do not say.
    unit: str = ""

    def but(
        self,
        meaning: str = "",
        source: Source | None = None,
        log_names: tuple[str, ...] | None = None,
        mark: Mark | None = None,
    ) -> Fixed:
        """This field where a message has more to say of it, or has it from elsewhere."""
        return replace(
            self,
            meaning=meaning or self.meaning,
            source=source or self.source,
            log_names=self.log_names if log_names is None else log_names,
            mark=self.mark if mark is None else mark,
        )

    @property
    def size(self) -> int:
        """Width in bytes."""
        return self.width or self.type.size or 0

    @property
    def struct_code(self) -> str:
        """The format of this field in the `struct` module, without byte order."""
        return self.type.code if self.type.size else f"{self.size}s"


@dataclass(frozen=True)
class Floating:
    """One floating field as a message (or the tag catalogue) has it.

    `size`: the most data bytes it may have, terminating NUL included, tag and length excluded.
    `since`, `until`: the first and the last protocol version that have it (`until` 0: it was never withdrawn).
    """

    name: str
    tag: int
    type: DataType
    size: int
    meaning: str = ""
    need: Need = Need.UNSTATED
    codes: CodeTable | None = None
    since: int = 0
    reserved: bool = False
    constant: int | None = None
    mark: Mark = Mark.NONE
    source: Source = GUIDE
    #: What the server's own log calls it, where that is not the guide's name.
    log_names: tuple[str, ...] = ()
    #: Where the log prints null for it, the tag whose value was sent (0: null means that nothing was).
    log_otherwise: int = 0
    #: What a number counts in: "s", "ms"; empty where the sources do not say.
    unit: str = ""
    until: int = 0

    def in_version(self, version: int) -> bool:
        """Whether messages of that protocol version may have it."""
        return self.since <= version and not 0 < self.until < version

    def required(self, meaning: str = "", source: Source = GUIDE) -> Floating:
        """This tag as a row of a message that demands it."""
        return self._row(Need.REQUIRED, meaning, source)

    def optional(self, meaning: str = "", source: Source = GUIDE) -> Floating:
        """This tag as a row of a message that may have it."""
        return self._row(Need.OPTIONAL, meaning, source)

    def row(self, meaning: str = "", source: Source = GUIDE) -> Floating:
        """This tag as a row of a message whose page does not say whether it must be there."""
        return self._row(Need.UNSTATED, meaning, source)

    def _row(self, need: Need, meaning: str, source: Source) -> Floating:
        return replace(self, need=need, meaning=meaning or self.meaning, source=source)

    def but(
        self,
        name: str | None = None,
        type: DataType | None = None,
        size: int | None = None,
        codes: CodeTable | None = None,
        mark: Mark | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> Floating:
        """This tag where a message names or sizes it differently; never reserved, since it has a use there."""
        return replace(
            self,
            name=name or self.name,
            type=type or self.type,
            size=self.size if size is None else size,
            codes=codes or self.codes,
            mark=self.mark if mark is None else mark,
            since=self.since if since is None else since,
            until=self.until if until is None else until,
            reserved=False,
            constant=None,
        )

    def unused(self, name: str | None = None, constant: int | None = None, since: int | None = None) -> Floating:
        """This tag where a message has it as a reserved field."""
        return replace(
            self,
            name=name or self.name,
            reserved=True,
            constant=constant,
            codes=None,
            mark=self.mark & (Mark.PERSONAL | Mark.SECRET),
            since=self.since if since is None else since,
        )


@dataclass(frozen=True)
class Repeat:
    """A group of floating fields that comes several times.

    `count`: the field, fixed or floating, that says how often. `tags`: the group, in its usual order.
    `opener`: the tag that always begins a record, where the guide names one.
    `most`: the largest count the guide allows. `inner`: groups repeated inside a record.
    """

    count: str
    tags: tuple[int, ...]
    opener: int | None = None
    most: int | None = None
    inner: tuple[Repeat, ...] = ()
    #: The count may be 0 although one record is meant (it then stands in the fixed part).
    zero_means_fixed: bool = False


@dataclass(frozen=True)
class Layout:
    """A further form of the fixed part that some source gives.

    `title` names the form in what we print; `why` says who gives it.
    """

    title: str
    fixed: tuple[Fixed, ...]
    why: str


@dataclass(frozen=True, eq=False)
class Chapter:
    """The messages of one class: whatever is declared in it, in the order of declaration."""

    message_class: MessageClass
    messages: list[Message] = field(default_factory=list, repr=False)


@dataclass(frozen=True, eq=False)
class Message:
    """One message type, which enters the chapter that it names when it is made.

    `fixed` is the form tried first and `layouts` the others, in the order of preference.
    `replies`: the names of the messages that answer this one; the last of them completes the answer.
    `complete`: False when the page's table was cut and the rest is filled in from elsewhere.
    """

    chapter: Chapter = field(repr=False)
    number: int
    name: str
    sender: Side
    kind: Kind
    purpose: str
    #: Where its own guide has it; of a message that several protocols share, by the dialect.
    page: str | Mapping[str, str]
    fixed: tuple[Fixed, ...] = ()
    floating: tuple[Floating, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    layouts: tuple[Layout, ...] = ()
    replies: tuple[str, ...] = ()
    since: int = 0
    complete: bool = True
    #: False when no source tells its fields: the whole body is then undecoded bytes.
    fields_known: bool = True
    number_source: Source = GUIDE
    title: str = "guide"
    note: str = ""
    traits: Trait = Trait.NONE
    #: At least one of these floating fields has to be there.
    one_of: tuple[int, ...] = ()
    #: The dialect that this one's messages are taken from has none of this number.
    added: bool = False

    def __post_init__(self) -> None:
        self.chapter.messages.append(self)

    @property
    def message_class(self) -> MessageClass:
        """The class of its chapter."""
        return self.chapter.message_class

    def page_in(self, dialect: str) -> str:
        """Where the guide of that dialect has it; empty where that is not known."""
        return self.page if isinstance(self.page, str) else self.page.get(dialect, "")

    @cached_property
    def forms(self) -> tuple[Layout, ...]:
        """Every form of the fixed part, the preferred one first."""
        return (Layout(self.title, self.fixed, "the guide"), *self.layouts)

    @cached_property
    def tags(self) -> Mapping[int, Floating]:
        """The floating fields by tag. Where a tag stands twice, the one that is not reserved wins."""
        found: dict[int, Floating] = {}
        for row in self.floating:
            if row.tag not in found or found[row.tag].reserved:
                found[row.tag] = row
        return found

    def marked(self, mark: Mark) -> tuple[Fixed | Floating, ...]:
        """The fields, fixed ones first, that carry `mark`; of every form of the fixed part."""
        rows: list[Fixed | Floating] = []
        for form in self.forms:
            rows += [row for row in form.fixed if row.mark & mark and row not in rows]
        rows += [row for row in self.floating if row.mark & mark]
        return tuple(rows)


@dataclass(frozen=True)
class Sign:
    """Something in a message that speaks for one protocol where several are possible; all of a session's add up.

    `field`: a fixed field of `messages` (empty: of any message of that `kind` that has it) whose value is looked at; `beside`: a
    second one, asked with it. `tag`: a floating field that is there, `without` another one.
    """

    meaning: str
    weight: int
    messages: frozenset[int] = frozenset()
    kind: Kind | None = None
    field: str = ""
    beside: str = ""
    values: tuple[int, ...] = ()
    bits: int = 0
    other: bool = False
    tag: int = 0
    without: int = 0

    def holds(self, held: int, beside: int) -> bool:
        """Whether fields with these values are the sign: they hold `values`, or one of `bits`, or (`other`) do not."""
        found = bool(held & self.bits) if self.bits else (held, beside)[: len(self.values)] == self.values
        return found is not self.other


@dataclass(frozen=True)
class SisterWords:
    """What the protocol that is usually meant calls the same things, each with our name for it: who thinks in its words, as
    the lab does, speaks and hears another protocol by these.

    `fields`: the first of the names that a message has is meant. `constants`: "Table.NAME" to the "Table.NAME", or the
    number, that stands for it here. `slots`: what fixed fields hold that have no counterpart there.
    """

    messages: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str | int] = field(default_factory=dict)
    slots: Mapping[str, int] = field(default_factory=dict)


class UnknownMessage(LookupError):
    """No message of that number or name is declared."""


@dataclass(frozen=True, eq=False)
class Protocol:
    """A set of declarations: what a decoder is given. `messages` in the order of their numbers.

    `name` is what filters and layers go by, `title` what people read. `tags` is the catalogue, used for a tag that a message does not list.
    """

    name: str
    title: str
    #: What stands in a column where there is no room for the title.
    short: str
    #: Where a message was read, `{page}` standing for its page; and which source is its own guide.
    citation: str
    source: Source
    messages: Sequence[Message]
    tags: Mapping[int, Floating]
    tables: Sequence[CodeTable]
    ports: tuple[int, ...]
    versions: range
    #: The first version whose tags are two bytes wide.
    wide_tags_since: int
    #: The forms (tag + length, in bytes) that floating fields may have then, the likeliest first.
    wide_headers: tuple[str, ...]
    #: Bodies longer than this are taken for damage, in bytes.
    largest_body: int
    #: What users call it where there are several.
    dialect: str = ""
    #: Of the ports, those that servers of this protocol have by default.
    own_ports: frozenset[int] = frozenset()
    #: Where its servers listen for the same inside TLS.
    tls_ports: tuple[int, ...] = ()
    #: The versions of which messages were seen as bytes; of the others there is the guide's word alone. Empty: nothing is known.
    seen_in_bytes: tuple[int, ...] = ()
    #: What speaks for it where several protocols are possible.
    signs: tuple[Sign, ...] = ()
    #: What it has in common with the one that is usually meant, under other names; None: it is that one.
    sister: SisterWords | None = None
    #: The dialect that its messages are taken from: that one has all their numbers, except those of the `added` ones.
    taken_from: str = ""

    def __iter__(self) -> Iterator[Message]:
        return iter(self.messages)

    @cached_property
    def by_number(self) -> Mapping[int, Message]:
        """The messages by their numbers."""
        return {message.number: message for message in self.messages}

    @cached_property
    def by_name(self) -> Mapping[str, Message]:
        """The messages by their names."""
        return {message.name: message for message in self.messages}

    @cached_property
    def answers(self) -> frozenset[str]:
        """The names of the messages that answer others."""
        return frozenset(name for message in self.messages for name in message.replies)

    def message(self, key: int | str) -> Message:
        """The declaration of a message by its number or name; raises UnknownMessage."""
        found = self.by_number.get(key) if isinstance(key, int) else self.by_name.get(key)
        if found is None:
            raise UnknownMessage(f"no message {key!r} in {self.title}")
        return found

    @cached_property
    def requests_of(self) -> Mapping[str, tuple[Message, ...]]:
        """For each message name, the requests that it answers."""
        found: dict[str, list[Message]] = {}
        for message in self.messages:
            for name in message.replies:
                found.setdefault(name, []).append(message)
        return {name: tuple(requests) for name, requests in found.items()}


def several(protocols: Protocol | Sequence[Protocol]) -> tuple[Protocol, ...]:
    """The protocols that may be meant, where one alone is one of them."""
    return (protocols,) if isinstance(protocols, Protocol) else tuple(protocols)


class Declared(LoadedRow[Message]):
    """Every message of the chapters in the files of these packages, by their numbers: no file of them can be forgotten. The
    files are loaded when the first message is asked for."""

    def __init__(self, *packages: str) -> None:
        super().__init__(self._found)
        self.packages = packages

    def _found(self) -> list[Message]:
        found: list[Message] = []
        for package in self.packages:
            for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
                if not module.ispkg:
                    for item in vars(import_module(module.name)).values():
                        if isinstance(item, Chapter):
                            found += item.messages
        return sorted(found, key=_number)


def _number(message: Message) -> int:
    return message.number


_ACRONYMS = ("CSQ", "CCX", "CTI", "RTP", "DTMF", "DNIS", "ANI", "MRD", "ICM", "ID")


def snake_case(name: str) -> str:
    """`InvokeID` -> `invoke_id`, `numCSQs` -> `num_csqs`: the form of field names in Wireshark filters."""
    words: list[str] = []
    rest = name
    while rest:
        if not rest[0].isalnum():
            rest = rest[1:]
            continue
        word = next((a for a in _ACRONYMS if rest.startswith(a) and not rest[len(a) : len(a) + 1].islower()), "")
        if not word:
            plural = next(
                (a for a in _ACRONYMS if rest.startswith(a + "s") and not rest[len(a) + 1 :][:1].islower()),
                "",
            )
            word = plural + "s" if plural else ""
        if not word:
            end = 1
            if rest[:2].isupper():
                while end < len(rest) and rest[end].isupper() and not rest[end + 1 : end + 2].islower():
                    end += 1
            else:
                while end < len(rest) and (rest[end].islower() or rest[end].isdigit()):
                    end += 1
            word = rest[:end]
        words.append(word.lower())
        rest = rest[len(word) :]
    return "_".join(words)
