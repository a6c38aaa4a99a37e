"""Log files that belong together, as people give them: twice, grown meanwhile, cut anywhere, in any order, or with one lacking."""

from __future__ import annotations

import gzip
import random
import re
from pathlib import Path

import pytest

from ccxdissect.capture.log_order import in_order
from ccxdissect.cli.main import main

WHOLE = (Path(__file__).parents[2] / "samples" / "server.mivr.log").read_bytes()
WELL = "Nothing to worry about: 4 sessions, seen whole and well\n"


@pytest.fixture(scope="module")
def numbered() -> bytes:
    """The same with entries that are numbered one by one, as an engine does that writes all of them."""
    numbers = iter(range(7_000_001, 8_000_000))
    return re.sub(rb"^\d+(?=: Mar )", lambda _: b"%d" % next(numbers), WHOLE, flags=re.MULTILINE)


def written(folder: Path, **files: bytes) -> list[str]:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [str(folder / name) for name in files]


def told(capsys: pytest.CaptureFixture[str], command: str, *paths: str) -> tuple[str, list[str]]:
    capsys.readouterr()
    main([command, "--year", "2026", *paths])
    out, err = capsys.readouterr()
    # Which line of all a message came with depends on how many were read twice.
    return re.sub(r"^\d+ +\d+ ", "", out, flags=re.MULTILINE), err.splitlines()


@pytest.mark.parametrize("seed", range(24))
def test_pieces_that_overlap_tell_what_the_whole_does(
    seed: int, numbered: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(seed)
    # The first cut off at any byte, the last beginning at any, each within the one before; and one within the first.
    end = rng.randrange(len(numbered) // 4, len(numbered))
    begin = rng.randrange(len(numbered) // 8, end - 2000)
    second = rng.randrange(end, len(numbered) + 1)
    # Of some that begin within one millisecond the names tell no order.
    third = begin + rng.randrange(1, 400) if seed % 2 else rng.randrange(begin, second - 2000)
    within = rng.randrange(begin + 1500, end)
    names = rng.sample("abcd", 4)
    data = [numbered[:end], numbered[begin:second], numbered[third:], numbered[begin:within]]
    paths = written(tmp_path, **dict(zip(names, data, strict=True)))
    rng.shuffle(paths)
    (whole,) = written(tmp_path, whole=numbered)
    messages, notes = told(capsys, "messages", *paths)
    assert messages == told(capsys, "messages", whole)[0]
    assert sum("what another file holds, too, is read once" in note for note in notes) == 3
    assert told(capsys, "summary", *paths)[0].startswith(WELL)


def test_a_file_given_twice_is_read_once_and_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, again = written(tmp_path, whole=WHOLE, again=gzip.compress(WHOLE))
    summary, notes = told(capsys, "summary", path, again)
    alone, quiet = told(capsys, "summary", path)
    assert summary == alone
    lines = WHOLE.count(b"\n")
    said = f"note: {again}: what another file holds, too, is read once ({lines:,} lines, as in {path})"
    assert notes == [said, *quiet]


def test_what_differs_behind_the_same_line_is_read_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two nodes, say, that happened to write the same line; their messages are of two clients."""
    head, rest = WHOLE[: len(WHOLE) // 2], WHOLE[len(WHOLE) // 2 :]
    other = head[head.rindex(b"\n70") + 1 :] + rest.replace(b"127.0.2.", b"127.0.3.")
    _, notes = told(capsys, "messages", *written(tmp_path, whole=WHOLE, beside=other))
    assert not [note for note in notes if "read once" in note]


def test_a_file_that_is_lacking_between_others_is_told(
    numbered: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = numbered.splitlines(keepends=True)
    heads = [place for place, line in enumerate(lines) if re.match(rb"\d+: Mar ", line)]
    first, last = heads[100], heads[150]
    paths = written(tmp_path, one=b"".join(lines[:first]), two=b"".join(lines[last:]))
    summary, _ = told(capsys, "summary", *paths)
    assert summary.startswith(
        "No trouble seen, but not all was there to be seen: files are lacking between those given\n"
    )
    assert (
        f"Missing entries: 50 between {paths[0]} and {paths[1]}, by their numbers, are in none of the files given; what they "
        "hold looks like silence and unanswered requests here\n"
    ) in summary
    page = tmp_path / "page.html"
    main(["report", *paths, "-o", str(page)])
    assert "files are lacking between those given" in page.read_text()


@pytest.mark.parametrize("kept", [b"", b"ICD_CTI"])
def test_nothing_is_lacking_where_numbers_go_on_or_entries_were_picked_out(
    kept: bytes, numbered: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = numbered.splitlines(keepends=True)
    lines = [line for line in lines if not re.match(rb"\d+: Mar ", line) or kept in line]
    heads = [place for place, line in enumerate(lines) if re.match(rb"\d+: Mar ", line)]
    cut = heads[len(heads) // 2]
    paths = written(tmp_path, one=b"".join(lines[:cut]), two=b"".join(lines[cut:]))
    summary, _ = told(capsys, "summary", *reversed(paths))
    assert summary.startswith(WELL)
    assert "Missing" not in summary


def test_of_two_files_that_begin_within_one_entry_the_first_has_more_of_it(tmp_path: Path) -> None:
    begin = WHOLE.index(b"MDATA:")
    later = WHOLE.index(b"\n", begin + 7) + 1
    paths = written(tmp_path, later=WHOLE[later:], earlier=WHOLE[begin:])
    assert in_order(paths) == [paths[1], paths[0]]
