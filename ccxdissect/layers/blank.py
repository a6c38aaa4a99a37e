"""Empty packets without Scapy's constructor, which takes most of the time that a short message takes.

What the constructor leaves in a packet's slots is looked up once for each class, from packets that it did
make, so that whatever a version of Scapy keeps there is kept.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from scapy.packet import Packet

_Slots = tuple[tuple[Any, Any], ...]


@lru_cache(maxsize=512)
def _template(cls: Any) -> tuple[_Slots, _Slots]:
    """(setter, value) of the slots whose value a class's packets share, (setter, maker) of the others."""
    one, other = cls(_internal=1), cls(_internal=1)
    shared: list[tuple[Any, Any]] = []
    own: list[tuple[Any, Any]] = []
    for name in dict.fromkeys(Packet.__slots__):
        if name == "fields" or not hasattr(one, name):
            continue
        # By the class's own descriptor: going past Packet.__setattr__, which looks for fields first.
        put, value = vars(Packet)[name].__set__, getattr(one, name)
        if value is getattr(other, name):
            shared.append((put, value))
        else:
            own.append((put, type(value)))
    return tuple(shared), tuple(own)


def fill_slots(packet: Packet, cls: Any) -> None:
    """Give a packet that `__new__` made what `cls(_internal=1)` would have, but for its `fields`."""
    shared, own = _template(cls)
    for put, value in shared:
        put(packet, value)
    for put, maker in own:
        put(packet, maker())
