"""All messages of a capture into Parquet files, one table for each type of message, and nothing else made of them.

python tests/bench/to_parquet.py FILE
"""

from __future__ import annotations

import sys
import tempfile

from ccxdissect.cli.cycles import look_seldom
from ccxdissect.sources.options import options
from ccxdissect.sources.producers import ColumnProducer
from ccxdissect.tables.dataset import Unit
from ccxdissect.tables.rows import Tables
from ccxdissect.tables.store import Store


def main(path: str) -> None:
    """Write them into a folder that is gone afterwards."""
    given = options()
    with tempfile.TemporaryDirectory() as folder:
        unit = Unit(Store(folder), 1)
        columns = Tables(given.protocols).message_columns(path)
        for batch in ColumnProducer([path], given).batches():
            for table, rows in columns.of(batch):
                unit.add_columns(table, rows)
        for table, rows in columns.rest():
            unit.add_columns(table, rows)
        unit.close()
        print(f"{sum(unit.rows.values())} messages, {len(unit.rows)} tables")


if __name__ == "__main__":
    # As the program does.
    look_seldom()
    main(sys.argv[1])
