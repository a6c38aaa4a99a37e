"""What the template is given: texts and packed data, all of which it escapes."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from ccxdissect.report.content import Content
from ccxdissect.report.front import front
from ccxdissect.report.packing import packed_json
from ccxdissect.views.text import shown, zone_name

#: Remarks on reading that are told; of more, only how many.
MOST_NOTES = 50


def values(
    content: Content, names: Sequence[str], notes: Sequence[str], redacted: bool, secrets: bool
) -> dict[str, Any]:
    """The values for a page about what was read from files of those names."""
    said = ", ".join(shown(name) for name in names)
    told = [shown(note) for note in notes[:MOST_NOTES]]
    if len(notes) > MOST_NOTES:
        told.append(f"and {len(notes) - MOST_NOTES:,} more")
    return {
        "title": f"{said} · ccxdissect",
        "names": said,
        "zone": shown(zone_name()),
        "privacy": _privacy(redacted, secrets),
        "front": front(content, " ".join(map(shlex.quote, names))),
        "notes": told,
        "data": packed_json(content.document()),
        "blocks": content.blocks,
    }


def _privacy(redacted: bool, secrets: bool) -> str:
    if redacted:
        return "redacted: people's data are replaced by pseudonyms"
    if secrets:
        return "not redacted, passwords shown"
    return "not redacted, passwords masked"
