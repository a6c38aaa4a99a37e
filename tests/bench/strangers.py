"""Messages of all types with random values, put together without our encoder: the least that our memories can help.

    python tests/bench/strangers.py MESSAGES FILE

The bytes are laid out here, from the sizes and tags that the declarations give; texts are random each time.
"""

from __future__ import annotations

import random
import struct
import sys
from pathlib import Path

_HERE = Path(__file__).parent
for _place in (_HERE, _HERE.parents[1]):
    sys.path.insert(0, str(_place))

from traffic import SERVER, Writer  # noqa: E402

from ccxdissect.protocol.model import Mark, Message, Side  # noqa: E402
from ccxdissect.protocol.types import BOOL, Reading  # noqa: E402
from ccxdissect.protocol.uccx.declarations import UCCX_CTI  # noqa: E402

VERSION = 14
_SYN, _ACK, _PSH = 2, 16, 8
_LETTERS = b"abcdefghijklmnopqrstuvwxyz0123456789 "


def body(chance: random.Random, message: Message) -> bytes:
    """The body of a message with random numbers and random floating fields."""
    parts = [
        (chance.getrandbits(8 * field.size) if chance.random() < 0.5 else chance.randrange(8)).to_bytes(
            field.size, "big"
        )
        for field in message.fixed
        if field.since <= VERSION
    ]
    rows = [
        row
        for row in message.floating
        if row.since <= VERSION
        and row.tag < 256
        and row.type.reading in (Reading.INTEGER, Reading.TEXT)
        and not row.mark & Mark.SECRET
    ]
    for row in chance.sample(rows, chance.randrange(len(rows) + 1)) if rows else ():
        if row.type.reading is Reading.INTEGER:
            data = chance.randbytes(2 if row.type is BOOL else row.type.size or 4)
        else:
            data = bytes(chance.choice(_LETTERS) for _ in range(chance.randrange(min(row.size, 40)))) + b"\0"
        parts.append(struct.pack(">BB", row.tag, len(data)) + data)
    return b"".join(parts)


def main(messages: int, path: str) -> None:
    """Write the capture."""
    chance = random.Random(2)
    ends = ((b"\x0a\0\0\x01", 40001), (SERVER, 12028))
    at = [1000, 9000]
    kinds = [message for message in UCCX_CTI if not any(field.mark & Mark.VERSION for field in message.fixed)]
    with open(path, "wb") as file:
        writer = Writer(file, 1_700_000_000_000_000)

        def send(side: int, flags: int, data: bytes = b"") -> None:
            writer.packet(*ends[side], *ends[1 - side], at[side], at[1 - side] if flags & _ACK else 0, flags, data)
            at[side] += len(data) + bool(flags & _SYN)

        def say(number: int, side: int, data: bytes) -> None:
            send(side, _PSH | _ACK, struct.pack(">II", len(data), number) + data)

        send(0, _SYN)
        send(1, _SYN | _ACK)
        send(0, _ACK)
        said = struct.pack(">IIIIIIIIIII", 1, VERSION, 120, 0, 0x10, 0, 0, 0, 0, 0, 0)
        say(3, 0, said + b"\x01\x02a\0\x02\x02b\0")
        for _ in range(messages - 1):
            message = chance.choice(kinds)
            say(message.number, 0 if message.sender is Side.CLIENT else 1, body(chance, message))
    print(messages)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
