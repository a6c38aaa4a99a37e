"""The Wireshark plugin: made from the declarations, one self-contained Lua file."""

from __future__ import annotations

from ccxdissect.wireshark.generator import FILE_NAME, generate, plugin_directory

__all__ = ["FILE_NAME", "generate", "plugin_directory"]
