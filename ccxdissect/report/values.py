"""What the template is given: texts and packed data, all of which it escapes."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from enum import Enum
from typing import Any

from ccxdissect.report.content import Content
from ccxdissect.report.front import front
from ccxdissect.report.packing import packed_json
from ccxdissect.views.text import shown, zone_name

#: Remarks on reading that are told; of more, only how many.
MOST_NOTES = 50


class Privacy(Enum):
    """What a page holds of people and secrets, in the words in which it says so."""

    REDACTED = "redacted: people's data are replaced by pseudonyms"
    SECRETS = "not redacted, passwords shown"
    MASKED = "not redacted, passwords masked"


def values(
    content: Content, names: Sequence[str], notes: Sequence[str], privacy: Privacy, asked: str | None = None
) -> dict[str, Any]:
    """The values for a page about what was read from files of those names; `asked`: see `front`."""
    said = ", ".join(shown(name) for name in names)
    told = [shown(note) for note in notes[:MOST_NOTES]]
    if len(notes) > MOST_NOTES:
        told.append(f"and {len(notes) - MOST_NOTES:,} more")
    return {
        "title": f"{said} · ccxdissect",
        "names": said,
        "zone": shown(zone_name()),
        "privacy": privacy.value,
        "front": front(content, " ".join(map(shlex.quote, names)), asked),
        "notes": told,
        "data": packed_json(content.document()),
        "blocks": content.blocks,
    }
