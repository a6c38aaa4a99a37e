"""All messages of a capture decoded to columns in memory, batch by batch, and nothing written.

python tests/bench/in_memory.py FILE
"""

from __future__ import annotations

import sys

from ccxdissect.cli.cycles import look_seldom
from ccxdissect.sources.options import options
from ccxdissect.sources.producers import ColumnProducer


def main(path: str) -> None:
    """Count the messages and their floating fields."""
    count = fields = 0
    for batch in ColumnProducer([path], options()).batches():
        count += len(batch)
        fields += len(batch.fields.tag)
    print(f"{count} messages, {fields} floating fields")


if __name__ == "__main__":
    # As the program does.
    look_seldom()
    main(sys.argv[1])
