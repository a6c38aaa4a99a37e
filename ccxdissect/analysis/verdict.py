"""The one thing that matters most of a capture: what is wrong, that nothing is, or why neither can be said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from ccxdissect.analysis.findings import Severity
from ccxdissect.analysis.gathering import Gathered, Gathering
from ccxdissect.analysis.sessions import Reached, SessionStory


class Kind(Enum):
    """What can be said."""

    TROUBLE = "trouble"  #: an error or a warning was found
    NOTHING = "nothing"  #: no message of this protocol was decoded
    PARTLY = "partly"  #: nothing wrong was found, but not all was there to be looked at
    WELL = "well"  #: every session was seen whole, and well


@dataclass(slots=True, frozen=True)
class Seen:
    """How much of the sessions could be looked at."""

    sessions: int = 0
    #: Of them, those with messages; of these, those seen from their first byte on, and those with bytes lacking.
    spoken: int = 0
    from_start: int = 0
    holed: int = 0
    #: Those of which it is not known how they went on behind a pause of the capture.
    paused: int = 0
    #: Connections on which something else was spoken, and those on which nothing was said.
    foreign: int = 0
    silent: int = 0
    #: Messages of which a log does not say whose they are.
    unnamed: int = 0

    def and_of(self, story: SessionStory) -> Seen:
        """The same with one more session."""
        session = story.session
        sent = session.sent.values()
        if session.unnamed:
            return replace(self, unnamed=self.unnamed + sum(one.messages for one in sent))
        spoken = any(one.messages for one in sent)
        foreign = not spoken and story.reached is Reached.OTHER
        # A log has no packets: that it tells of the opening is as much as can be had.
        from_start = spoken and (session.from_start or story.opened is not None)
        holed = spoken and (any(one.missing or one.undecoded for one in sent) or story.only is not None)
        return Seen(
            self.sessions + 1,
            self.spoken + spoken,
            self.from_start + from_start,
            self.holed + holed,
            self.paused + (spoken and story.lost_sight),
            self.foreign + foreign,
            self.silent + (not spoken and not foreign),
            self.unnamed,
        )


@dataclass(slots=True, frozen=True)
class Verdict:
    """What can be said, and the findings that say it, when they do. `files_lacking`: between the files there are others."""

    kind: Kind
    gathered: Gathered | None
    seen: Seen
    notes: int
    files_lacking: bool = False

    def of_files(self, lacking: bool) -> Verdict:
        """The same of files between which others are lacking, or not: nothing was seen whole then."""
        kind = Kind.PARTLY if lacking and self.kind is Kind.WELL else self.kind
        return replace(self, kind=kind, files_lacking=lacking)


def judge(gathering: Gathering, seen: Seen) -> Verdict:
    """The verdict over all findings and sessions."""
    counts = gathering.counts()
    notes = counts[Severity.NOTE]
    # Where only something else is spoken, that is what there is to say, and not that it is no message of ours.
    else_only = not seen.spoken and seen.foreign and not counts[Severity.ERROR]
    if (counts[Severity.ERROR] or counts[Severity.WARNING]) and not else_only:
        return Verdict(Kind.TROUBLE, gathering.headline(), seen, notes)
    if not seen.spoken and not seen.unnamed:
        return Verdict(Kind.NOTHING, None, seen, notes)
    whole = seen.from_start == seen.spoken and not seen.holed and not seen.paused and not seen.unnamed
    return Verdict(Kind.WELL if whole else Kind.PARTLY, None, seen, notes)
