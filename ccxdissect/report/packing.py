"""Data for the page: JSON or bytes, compressed, as text that may stand in HTML. The page undoes it with standard means."""

from __future__ import annotations

import base64
import gzip
import json

#: zlib's own choice: the last percent costs twice the time.
_LEVEL = 6


def packed(data: bytes) -> str:
    """Bytes as base64 of gzip. The same bytes give the same text: no name, no time in it."""
    return base64.b64encode(gzip.compress(data, _LEVEL, mtime=0)).decode("ascii")


def packed_json(value: object) -> str:
    """Plain lists, dictionaries, texts and numbers as packed JSON."""
    return packed(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8"))
