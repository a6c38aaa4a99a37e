"""Captures into a Parquet dataset: one unit for each group of captures that belong together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ccxdissect.errors import CaptureError
from ccxdissect.sources.trace import Trace
from ccxdissect.tables.dataset import Dataset
from ccxdissect.tables.rows import KINDS, Tables

#: Rows of one table that are handed on together.
_TOGETHER = 500


@dataclass
class Exported:
    """What an export did: `rows` by table; what could not be read, with the reason; and what was noted while reading."""

    rows: dict[str, int] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    skipped: int = 0


def export(
    groups: Sequence[Sequence[str]],
    output: str | Path,
    open_group: Callable[[Sequence[str]], Trace],
    tables: Tables,
    resume: bool = False,
) -> Exported:
    """Write the tables of every group of captures into the folder `output`; each group is a unit.

    A capture that cannot be read is named in the result, and what else there is is complete. `resume`: units that are
    done already are left as they are. Raises CcxDissectError when the folder cannot be written to, or holds something.
    """
    dataset = Dataset(output, resume)
    dataset.clean()
    done = dataset.units()
    exported = Exported()
    for number, group in enumerate(groups, start=1):
        if number in done and done[number]["inputs"] == list(group):
            exported.skipped += 1
            continue
        unit = dataset.unit(number)
        try:
            with open_group(group) as trace:
                held: dict[str, list[dict[str, object]]] = {}
                schemas = {}
                for table, schema, row in tables.rows(trace.results(KINDS), group[0]):
                    rows = held.setdefault(table, [])
                    rows.append(row)
                    schemas[table] = schema
                    if len(rows) >= _TOGETHER:
                        unit.add(table, schema, rows)
                        held[table] = []
                for table, rows in held.items():
                    unit.add(table, schemas[table], rows)
                exported.notices += trace.notices
        except CaptureError as error:
            unit.give_up()
            exported.unread[group[0]] = str(error)
            continue
        except BaseException:
            unit.give_up()
            raise
        unit.done(group)
    inputs = [path for group in groups for path in group]
    exported.rows = dataset.finish(tables.schemas(), inputs, exported.unread)
    return exported
