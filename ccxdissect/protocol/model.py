"""The words in which messages are declared: fixed fields, floating fields, repeated groups, layouts.

A declaration is data. It says what the guide's tables say, and what generic code needs to know of a field
(its `mark`) or of a message (its `traits`), so that no other module knows a field or a message by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property

from ccxdissect.protocol.codes import UCCX, CodeTable, Source
from ccxdissect.protocol.types import DataType


class Side(Enum):
    """An end of a session."""

    CLIENT = "client"
    SERVER = "server"

    # Members are compared by identity; that of Enum is written in Python, and every message is counted by its side.
    __hash__ = object.__hash__


class Kind(Enum):
    """What part a message plays: it asks for a confirmation, is one, or comes unasked."""

    REQUEST = "request"
    CONFIRMATION = "confirmation"
    EVENT = "event"


class MessageClass(Enum):
    """The guide's classes of messages."""

    SESSION = "session"
    ERROR = "error"
    CONFIGURATION = "configuration"
    AGENT_STATE = "agent_state"
    CALL_CONTROL = "call_control"
    CALL_EVENT = "call_event"
    MISCELLANEOUS = "miscellaneous"


class Need(Enum):
    """Whether a floating field has to be there, as far as its page says."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    UNSTATED = ""


class Bits:
    """A namespace of single bits, to be joined with `|` and asked for with `&`.

    Plain integers: `&` on `enum.Flag` takes thirty times as long, and every message is asked many times.
    """

    NONE = 0

    @classmethod
    def by_name(cls) -> dict[str, int]:
        """Every bit, in the order of declaration."""
        return {name: value for name, value in vars(cls).items() if name.isupper() and value}


class Mark(Bits):
    """What generic code needs to know about a field."""

    INVOKE_ID = 1 << 0  #: pairs a request with its confirmation
    VERSION = 1 << 1  #: sets the protocol version of the session
    IDLE_TIMEOUT = 1 << 2  #: seconds of silence after which the server resets the session
    SERVICES = 1 << 3  #: services asked for (in a request) or granted (in a confirmation)
    FAILURE = 1 << 4  #: the code that says why
    FAILURE_DETAIL = 1 << 5  #: a second, more particular code
    FAILURE_TEXT = 1 << 6  #: the reason in words
    AGENT = 1 << 7  #: the login id of an agent
    EXTENSION = 1 << 8  #: the extension of an agent
    INSTRUMENT = 1 << 9  #: the phone of an agent
    CLIENT_NAME = 1 << 10  #: what the client calls itself
    AGENT_STATE = 1 << 11  #: the state of an agent, asked for or reported
    REASON = 1 << 12  #: why the state changed
    CALL = 1 << 13  #: the id of the call that the message is about
    OTHER_CALL = 1 << 14  #: the id of a further call that the message is about
    NEW_CALL = 1 << 15  #: the id of the call that comes out of it
    CALL_TYPE = 1 << 16
    CONNECTION_DEVICE = 1 << 17  #: the device whose connection to the call it is
    CALLING = 1 << 18  #: the caller's device or number
    CALLED = 1 << 19  #: the called device or number
    ACTING = 1 << 20  #: the device that did it (alerts, answers, holds, releases ...)
    PARTY = 1 << 21  #: a device on the call, one of several
    QUEUE = 1 << 22  #: a contact service queue
    CALL_STATE = 1 << 23  #: the local connection state
    CAUSE = 1 << 24  #: why the call event came
    STATUS = 1 << 25  #: an outcome that 0 calls success
    SECRET = 1 << 26  #: masked in every view
    PERSONAL = 1 << 27  #: says something about a person or a customer: replaced when a capture is redacted


class Trait(Bits):
    """What generic code needs to know about a message."""

    OPENS = 1 << 0  #: opens a session (the request) or grants it (the confirmation)
    CLOSES = 1 << 1  #: ends a session by agreement
    HEARTBEAT = 1 << 2  #: keeps a session alive
    FAILS = 1 << 3  #: comes in place of any confirmation
    REPORTS_FAILURE = 1 << 4  #: says unasked that something failed
    SYSTEM = 1 << 5  #: news of the server itself
    AGENT_STATE = 1 << 6  #: asks for, or reports, an agent's state
    CALL_BEGINS = 1 << 7
    CALL_ENDS = 1 << 8
    CALL_CLEARED = 1 << 9
    CALL_RINGS = 1 << 10
    CALL_CONNECTS = 1 << 11
    CALL_HOLDS = 1 << 12
    CALL_RETRIEVED = 1 << 13
    CALL_QUEUED = 1 << 14
    CALL_DEQUEUED = 1 << 15
    CALL_JOINS = 1 << 16  #: merges two calls (conference)
    CALL_TRANSFERS = 1 << 17  #: merges two calls (transfer)
    CALL_FAILS = 1 << 18
    PARTY_LEAVES = 1 << 19
    ENDS_REPLY = 1 << 20  #: the last of several messages that answer one request
    BEGINS_REPLY = 1 << 21  #: the first of several messages that answer one request
    ASKS = 1 << 22  #: a request that only asks, and changes nothing
    MAKES_CALL = 1 << 23  #: a request for a new call
    CALL_DIALS = 1 << 24  #: a device went off-hook or dialed
    CALL_DIVERTS = 1 << 25
    CALL_CHANGES = 1 << 26  #: the data or the id of a call changed


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
    mark: int = Mark.NONE
    source: Source = UCCX
    #: What the server's own log calls it, where that is not the guide's name.
    log_names: tuple[str, ...] = ()

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
    mark: int = Mark.NONE
    source: Source = UCCX
    #: What the server's own log calls it, where that is not the guide's name.
    log_names: tuple[str, ...] = ()
    #: Where the log prints null for it, the tag whose value was sent (0: null means that nothing was).
    log_otherwise: int = 0

    def required(self, meaning: str = "", source: Source = UCCX) -> Floating:
        """This tag as a row of a message that demands it."""
        return self._row(Need.REQUIRED, meaning, source)

    def optional(self, meaning: str = "", source: Source = UCCX) -> Floating:
        """This tag as a row of a message that may have it."""
        return self._row(Need.OPTIONAL, meaning, source)

    def row(self, meaning: str = "", source: Source = UCCX) -> Floating:
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
        mark: int | None = None,
        since: int | None = None,
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
class Message:
    """One message type.

    `fixed` is the form tried first and `layouts` the others, in the order of preference.
    `replies`: the names of the messages that answer this one; the last of them completes the answer.
    `complete`: False when the page's table was cut and the rest is filled in from elsewhere.
    """

    number: int
    name: str
    sender: Side
    kind: Kind
    purpose: str
    page: str
    fixed: tuple[Fixed, ...] = ()
    floating: tuple[Floating, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    layouts: tuple[Layout, ...] = ()
    replies: tuple[str, ...] = ()
    since: int = 0
    complete: bool = True
    number_source: Source = UCCX
    title: str = "guide"
    note: str = ""
    traits: int = Trait.NONE
    #: At least one of these floating fields has to be there.
    one_of: tuple[int, ...] = ()
    #: Set when the declarations are put together: the class is the file a message is declared in.
    message_class: MessageClass = MessageClass.MISCELLANEOUS

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

    def marked(self, mark: int) -> tuple[Fixed | Floating, ...]:
        """The fields, fixed ones first, that carry `mark`; of every form of the fixed part."""
        rows: list[Fixed | Floating] = []
        for form in self.forms:
            rows += [row for row in form.fixed if row.mark & mark and row not in rows]
        rows += [row for row in self.floating if row.mark & mark]
        return tuple(rows)


class UnknownMessage(LookupError):
    """No message of that number or name is declared."""


@dataclass(frozen=True, eq=False)
class Protocol:
    """A set of declarations: what a decoder is given. `messages` in the order of their numbers.

    `tags` is the catalogue, used for a tag that a message does not list.
    """

    name: str
    title: str
    messages: tuple[Message, ...]
    tags: Mapping[int, Floating]
    tables: tuple[CodeTable, ...]
    ports: tuple[int, ...]
    versions: range
    #: The first version whose tags are two bytes wide.
    wide_tags_since: int
    #: Bodies longer than this are taken for damage, in bytes.
    largest_body: int
    by_number: Mapping[int, Message] = field(init=False, repr=False, compare=False)
    by_name: Mapping[str, Message] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_number", {message.number: message for message in self.messages})
        object.__setattr__(self, "by_name", {message.name: message for message in self.messages})

    def __iter__(self) -> Iterator[Message]:
        return iter(self.messages)

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


def in_class(message_class: MessageClass, messages: Iterable[Message]) -> tuple[Message, ...]:
    """The messages of one declaration file, told their class."""
    return tuple(replace(message, message_class=message_class) for message in messages)


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
