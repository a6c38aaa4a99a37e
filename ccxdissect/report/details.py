"""The bytes and trees of the messages, in blocks that the page opens one at a time, when a message of it is chosen.

A block is, for each message, the length of its bytes (4 bytes, big-endian), the bytes (header and body, with zeros
where a secret was), the length of its tree, and the tree: UTF-8 JSON `[title, nodes, remarks]` with nodes
`[depth, offset or -1, size, text, 1 if hidden]`. Text and bytes stand together since they hold the same words: that
compresses best.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ccxdissect.report.packing import packed
from ccxdissect.stream.events import Record
from ccxdissect.views.messages import Showing
from ccxdissect.views.tree import remarks, title, tree_nodes

#: Messages in a block.
BLOCK = 500
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Details:
    """Takes messages in their order; `blocks` holds them packed."""

    def __init__(self, showing: Showing) -> None:
        self._showing = showing
        self._open = bytearray()
        self._held = 0
        self.blocks: list[str] = []

    def add(self, record: Record, problems: Sequence[str] = ()) -> None:
        """The next message; `problems`: what is wrong with its source rather than its bytes."""
        decoded = record.decoded
        raw = bytearray(decoded.raw)
        nodes = []
        for depth, at, data, text in tree_nodes(decoded, self._showing):
            node: list[object] = [depth, -1 if at is None else at, len(data), text]
            if at is not None and not isinstance(data, bytes) and None in data:
                node.append(1)
                for place, byte in enumerate(data, at):
                    if byte is None:
                        raw[place] = 0
            nodes.append(node)
        tree = _ENCODER.encode([title(decoded), nodes, [*remarks(decoded, self._showing), *problems]]).encode("utf-8")
        self._open += len(raw).to_bytes(4, "big") + raw + len(tree).to_bytes(4, "big") + tree
        self._held += 1
        if self._held == BLOCK:
            self.close()

    def close(self) -> None:
        """Pack what is held, the last block."""
        if self._held:
            self.blocks.append(packed(bytes(self._open)))
            self._open.clear()
            self._held = 0
