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
        for node in tree_nodes(decoded, self._showing):
            hidden = False
            for place, byte in enumerate(node.data):
                if byte is None:
                    hidden = True
                    raw[(node.offset or 0) + place] = 0
            offset = -1 if node.offset is None else node.offset
            nodes.append(
                [node.depth, offset, len(node.data), node.text, 1]
                if hidden
                else [node.depth, offset, len(node.data), node.text]
            )
        tree = [title(decoded), nodes, [*remarks(decoded, self._showing), *problems]]
        text = json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        self._open += len(raw).to_bytes(4, "big") + raw + len(text).to_bytes(4, "big") + text
        self._held += 1
        if self._held == BLOCK:
            self.close()

    def close(self) -> None:
        """Pack what is held, the last block."""
        if self._held:
            self.blocks.append(packed(bytes(self._open)))
            self._open.clear()
            self._held = 0
