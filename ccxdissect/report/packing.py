"""Data for the page: JSON or bytes, compressed, as text that may stand in HTML. The page undoes it with standard means."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

#: zlib's own choice: the last percent costs twice the time.
_LEVEL = 6
#: Items of a list that are written at a time.
_TOGETHER = 1000


def packed(data: bytes) -> str:
    """Bytes as base64 of gzip. The same bytes give the same text: no name, no time in it."""
    return base64.b64encode(gzip.compress(data, _LEVEL, mtime=0)).decode("ascii")


def packed_json(value: object) -> str:
    """Plain lists, dictionaries, texts and numbers as packed JSON, in pieces: all of it as text would be as much again. What
    is large may be a function, which is asked for it when its turn comes."""
    packing = zlib.compressobj(_LEVEL, wbits=31)
    packed_pieces = [packing.compress(piece.encode("utf-8")) for piece in _pieces(value)]
    return base64.b64encode(b"".join([*packed_pieces, packing.flush()])).decode("ascii")


def _pieces(value: Any) -> Iterator[str]:
    if callable(value):
        value = value()
    if isinstance(value, dict):
        between = "{"
        for key, held in value.items():
            yield f"{between}{_json(key)}:"
            yield from _pieces(held)
            between = ","
        yield "}" if value else "{}"
    elif isinstance(value, list) and len(value) > _TOGETHER:
        for start in range(0, len(value), _TOGETHER):
            yield ("," if start else "[") + _json(value[start : start + _TOGETHER])[1:-1]
        yield "]"
    else:
        yield _json(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
