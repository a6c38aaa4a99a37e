"""The bytes and trees of the messages, in blocks that the page opens one at a time, when a message of it is chosen.

A block is, for each message, the length of its bytes (4 bytes, big-endian), the bytes (header and body, with zeros
where a secret was), the length of its tree, and the tree: UTF-8 JSON `[title, nodes, remarks]` with nodes
`[depth, offset or -1, size, text, 1 if hidden]`. Text and bytes stand together since they hold the same words: that
compresses best.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ccxdissect.codec.decoder import Decoded
from ccxdissect.report.packing import packed
from ccxdissect.views.messages import Showing
from ccxdissect.views.tree import remarks, title, tree_nodes

#: Messages in a block.
BLOCK = 500
_quoted = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Details:
    """Packs messages and takes them in their order; `blocks` holds them packed."""

    def __init__(self, showing: Showing) -> None:
        self._showing = showing
        self._open = bytearray()
        self._held = 0
        self.blocks: list[str] = []

    def add(self, message: bytes) -> None:
        """The next message, as `pack` gave it."""
        self._open += message
        self._held += 1
        if self._held == BLOCK:
            self.close()

    def pack(self, decoded: Decoded, problems: Sequence[str] = ()) -> bytes:
        """A message as it stands in a block; `problems`: what is wrong with its source rather than its bytes."""
        raw = bytearray(decoded.raw)
        nodes = []
        for depth, at, data, text in tree_nodes(decoded, self._showing):
            end = "]"
            if at is not None and not isinstance(data, bytes) and None in data:
                end = ",1]"
                for place, byte in enumerate(data, at):
                    if byte is None:
                        raw[place] = 0
            nodes.append(f"[{depth},{-1 if at is None else at},{len(data)},{_quoted(text)}{end}")
        said = _quoted([*remarks(decoded, self._showing), *problems])
        tree = f"[{_quoted(title(decoded))},[{','.join(nodes)}],{said}]".encode()
        return b"".join((len(raw).to_bytes(4, "big"), raw, len(tree).to_bytes(4, "big"), tree))

    def close(self) -> None:
        """Pack what is held, the last block."""
        if self._held:
            self.blocks.append(packed(bytes(self._open)))
            self._open.clear()
            self._held = 0
