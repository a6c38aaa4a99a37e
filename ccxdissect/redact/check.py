"""Whether a capture or a log can be given away: what is in it of people and of secrets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ccxdissect.capture import pcapng
from ccxdissect.capture.datagrams import datagrams
from ccxdissect.capture.described import Described, Section
from ccxdissect.capture.files import packets
from ccxdissect.capture.log_lines import is_log_input
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segments import SegmentReader
from ccxdissect.protocol.model import Protocol, several
from ccxdissect.redact.captures import REDACTED
from ccxdissect.redact.fields import Keep, MessageRedactor, Treatment
from ccxdissect.redact.pseudonyms import Pseudonyms
from ccxdissect.redact.report import Report
from ccxdissect.redact.streams import rewritten_loss
from ccxdissect.sources.options import options
from ccxdissect.sources.trace import Trace
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Loss, Record
from ccxdissect.wording import plural

#: Addresses that are told apart.
_MOST_ADDRESSES = 100_000


class Holdings:
    """What is in captures and logs, counted by name and never by value."""

    def __init__(self) -> None:
        self.messages = 0
        self.secrets: Counter[str] = Counter()
        #: Texts and numbers about people, and what nobody can say of whom it tells.
        self.people: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.addresses: set[bytes] = set()
        self.files = 0
        #: Files that say of themselves that they were redacted, and those of a kind that cannot say it.
        self.redacted = 0
        self.silent = 0

    @property
    def shareable(self) -> bool:
        """Whether all of it may be given away."""
        if self.secrets or self.unknown:
            return False
        return not self.people or self.redacted == self.files

    def lines(self) -> Iterator[str]:
        """The verdict, and what it stands on."""
        yield self._verdict()
        if self.people and self.silent and not (self.secrets or self.unknown):
            yield _SILENT
        for title, counts in (
            ("secrets", self.secrets),
            ("pseudonyms" if self.redacted == self.files else "about people", self.people),
            ("not understood, or of no message", self.unknown),
        ):
            if counts:
                yield f"{title}:"
                for name, count in sorted(counts.items()):
                    yield f"  {name}: {count:,}"
        if self.addresses:
            yield f"addresses of hosts: {len(self.addresses):,}"

    def _verdict(self) -> str:
        parts = []
        if self.secrets:
            parts.append(plural(sum(self.secrets.values()), "secret"))
        if self.people and self.redacted < self.files:
            kinds = plural(len(self.people), "kind")
            parts.append(f"{plural(sum(self.people.values()), 'value')} about people, of {kinds}")
        if self.unknown:
            parts.append(f"{plural(sum(self.unknown.values()), 'piece')} of which nobody knows what it says")
        if self.unknown and not self.secrets and self.redacted == self.files:
            return f"No: it holds {parts[-1]}, though it was redacted. {_LEFT}"
        if parts:
            return f"No: it holds {', '.join(parts)}. `ccxdissect redact` writes a copy that can be shared"
        if self.people:
            return "Yes: it was redacted by ccxdissect, and what looks like names and numbers are pseudonyms"
        return "Yes: there is no secret in it and nothing about people, but for the addresses of hosts"


#: Why a copy of ours may be told not to be shared.
_SILENT = (
    "Whether what is about people are pseudonyms cannot be seen here: only pcapng can say that it was redacted. What "
    "`ccxdissect redact` wrote as pcap or as a log can be shared; a copy named .pcapng says so itself"
)


#: Why a copy of ours may hold what nobody understands.
_LEFT = (
    "Bytes that gave no message and might be a header were left, so that the copy is read as the original is. Look at them "
    "with `ccxdissect messages` before you share it"
)


def check(protocols: Protocol | Sequence[Protocol], paths: Iterable[str], ports: frozenset[int]) -> Holdings:
    """Look through captures and logs. Raises CaptureError for what cannot be read."""
    holdings = Holdings()
    messages = MessageRedactor(protocols, Pseudonyms(b"nothing"), Keep(protocols), Report())
    for path in paths:
        holdings.files += 1
        if is_log_input(path):
            holdings.silent += 1
            events = _log_events(path, several(protocols)[0])
        else:
            events = _events(path, protocols, ports, holdings)
        for event in events:
            _take(event, messages, holdings)
    return holdings


def _take(event: Event, messages: MessageRedactor, holdings: Holdings) -> None:
    if isinstance(event, Record):
        holdings.messages += 1
        for treatment, name in messages.found(event.decoded):
            if treatment == Treatment.SECRET:
                holdings.secrets[name] += 1
            elif treatment in (Treatment.ZERO, Treatment.FILL):
                holdings.unknown[name] += 1
            else:
                holdings.people[name] += 1
    elif isinstance(event, Loss) and _says_something(event, messages):
        holdings.unknown["runs of bytes that gave no message"] += 1


def _says_something(loss: Loss, messages: MessageRedactor) -> bool:
    """Whether bytes that gave no message are more than a copy of ours leaves of them."""
    return bool(loss.data.strip(b"\0\xff")) and rewritten_loss(loss, messages.bounds) != loss.data


def _log_events(path: str, protocol: Protocol) -> Iterator[Event]:
    with Trace([path], options(dialect=protocol, zone="UTC")) as trace:
        yield from trace.events()


def _events(
    path: str, protocols: Protocol | Sequence[Protocol], ports: frozenset[int], holdings: Holdings
) -> Iterator[Event]:
    dissector = Dissector(protocols, ports)
    marks: set[bool | None] = set()
    reader = SegmentReader(_seen(path, holdings, marks), ports)
    for segment in reader:
        yield from dissector.feed(segment)
    yield from dissector.flush()
    others = reader.packets - reader.segments
    holdings.silent += None in marks
    if marks == {True}:
        holdings.redacted += 1
    elif others:
        holdings.unknown["packets that carry something else"] += others


def _seen(path: str, holdings: Holdings, marks: set[bool | None]) -> Iterator[Packet]:
    section: Section | None = None
    for packet in packets(path, describe=True):
        data = packet.data
        if isinstance(data, Described):
            if data.section is not section:
                section = data.section
                marks.add(_says_redacted(section))
        else:
            marks.add(None)
        for datagram in datagrams(packet):
            if len(holdings.addresses) < _MOST_ADDRESSES:
                holdings.addresses.update((datagram.src, datagram.dst))
        yield packet


def _says_redacted(section: Section) -> bool:
    form = pcapng.FORM_OF[section.order]
    said = pcapng.read_options(form, section.options)
    return any(code == pcapng.COMMENT and value == REDACTED.encode() for code, value in said)
