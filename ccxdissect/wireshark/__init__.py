"""The Wireshark plugin: made from the declarations, one self-contained Lua file."""

from __future__ import annotations

from ccxdissect.wireshark.generator import generate, plugin_directory

__all__ = ["generate", "plugin_directory"]
