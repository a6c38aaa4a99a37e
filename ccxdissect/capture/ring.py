"""Files of a ring buffer, which capture tools number: which of them are lacking between those that were given."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

#: NAME_00001_20240131120000.pcapng, as dumpcap and Wireshark name them.
_NUMBERED = re.compile(r"^(?P<stem>.*)_(?P<number>\d{5})_(?P<time>\d{14})(?P<end>\.\w+(?:\.\w+)?)?$")
#: The most numbers that are listed.
MOST_LISTED = 20


def missing_numbers(paths: Iterable[str]) -> dict[str, list[str]]:
    """The numbers that are lacking between the first and the last file of each ring buffer, by the name before them."""
    found: dict[str, set[int]] = {}
    for path in paths:
        match = _NUMBERED.match(os.path.basename(path))
        if match is not None:
            found.setdefault(match["stem"], set()).add(int(match["number"]))
    lacking: dict[str, list[str]] = {}
    for stem, numbers in found.items():
        between = [f"{number:05}" for number in range(min(numbers), max(numbers)) if number not in numbers]
        if between:
            lacking[stem] = between[:MOST_LISTED]
    return lacking
