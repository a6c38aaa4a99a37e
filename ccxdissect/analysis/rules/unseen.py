"""Rules on what the capture cannot show: said once, so that no other rule takes it for the peers' fault."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.analysis.rules.registry import RULES, Context, Said, Severity
from ccxdissect.analysis.sessions import SessionStory
from ccxdissect.protocol.model import Side
from ccxdissect.wording import plural


@RULES.on_session("one-way-capture", Severity.WARNING, weight=2, lacking=True)
def one_way_capture(story: SessionStory, context: Context) -> Iterator[Said]:
    """Only the packets of one side were captured."""
    if story.only is not None:
        yield Said(one_way(story, story.only), group=story.only)


def one_way(story: SessionStory, only: Side) -> str:
    """The finding's sentence: live, it is said while the session lasts."""
    return (
        f"Only what the {only.value} sends was captured, nothing of the {only.other.value} "
        f"({story.session.endpoint(only.other)}): what is answered, and when, cannot be told. Let the SPAN port copy both "
        "directions, or capture on the host itself."
    )


@RULES.on_session("cut-packets", Severity.WARNING, weight=2)
def cut_packets(story: SessionStory, context: Context) -> Iterator[Said]:
    """Packets were captured in part only."""
    sent = story.session.sent
    cut = sum(one.cut for one in sent.values())
    if cut:
        missing = sum(one.missing for one in sent.values())
        yield Said(
            f"The snap length of the capture cut {plural(cut, 'packet')}: {plural(missing, 'byte')} of messages are "
            "lacking. Capture whole packets (tcpdump -s 0, in dumpcap and Wireshark no snap length).",
            group="cut",
        )
