"""What `schema` says of the rows is what the commands print, on every sample."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from ccxdissect.views.json_schema import json_schema
from ccxdissect.views.rows import ROWS, schema_of
from commands import run

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.pcapng"))
QUEUED = str(Path(__file__).parents[2] / "samples" / "queued-call.pcapng")


@pytest.mark.parametrize("rows", ROWS)
def test_every_line_keeps_to_the_schema(rows: str) -> None:
    schema = json.loads(run("schema", rows).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    seen = 0
    for sample in SAMPLES:
        others = [QUEUED] if rows == "compare" else []
        for line in run(rows, *others, str(sample), "--format", "jsonl").stdout.splitlines():
            validator.validate(json.loads(line))
            seen += 1
    assert seen


def test_a_schema_allows_nothing_else() -> None:
    (validator,) = [jsonschema.Draft202012Validator(json_schema(schema_of("findings")))]
    good = {"severity": "note", "rule": "x", "session": 1, "message": None, "time": 1.5, "text": "y"}
    assert validator.is_valid(good)
    for wrong in ({"severity": "grave"}, {"session": None}, {"time": "1"}, {"further": 1}):
        assert not validator.is_valid({**good, **wrong})


def test_the_columns_as_a_table() -> None:
    assert run("schema", "findings", "--format", "csv").stdout == (
        "rows,column,kind,formats,meaning\n"
        'findings,severity,"text: note, warning, error",everywhere,how much it matters\n'
        "findings,rule,text,everywhere,the rule that found it\n"
        "findings,session,integer,everywhere,the session it is about\n"
        "findings,message,integer,everywhere,number of the message it is about\n"
        "findings,time,time,everywhere,when\n"
        'findings,text,text,everywhere,"what it is, and what to do"\n'
    )


def test_rows_that_there_are_not_are_wrong_usage() -> None:
    done = run("schema", "finding")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ccxdissect: no rows are called 'finding'; did you mean findings?\n"
