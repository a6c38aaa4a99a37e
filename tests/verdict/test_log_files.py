"""Log files that belong together, as people give them: twice, grown meanwhile, cut anywhere, in any order, or with one lacking."""

from __future__ import annotations

import gzip
import itertools
import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from test_from_logs import Form, Logs, usual, words_alone

from ccxdissect.capture.log_order import in_order
from ccxdissect.capture.log_servers import by_server
from ccxdissect.cli.main import main
from wire import Wire

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


class Pair:
    """The logs of both nodes of a pair, written at the same time: their threads and ids are called alike."""

    def __init__(self, folder: Path) -> None:
        self.files: list[list[str]] = []
        self._folder = folder

    def node(self, talk: Callable[[Wire], None], later: float = 0.0, form: Form = usual, numbers: str = "") -> None:
        """What another node writes of what is said, from so many seconds after the first on, in three files. `numbers`: what
        stands instead of each entry's number."""
        folder = self._folder / str(len(self.files))
        folder.mkdir()
        logs = Logs(folder)
        logs.wire.now += later
        talk(logs.wire)
        lines = logs.lines(form)
        heads = [place for place, line in enumerate(lines) if "%MIVR" in line]
        cuts = [0, heads[len(heads) // 3], heads[2 * len(heads) // 3], len(lines)]
        for start, stop in itertools.pairwise(cuts):
            logs.write([re.sub(r"^\d+: (?=[A-Z][a-z][a-z] )", numbers or r"\g<0>", line) for line in lines[start:stop]])
        self.files.append(logs.files)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def a_day(first: str, second: str) -> Callable[[Wire], None]:
    def talk(wire: Wire) -> None:
        one, other = wire.connect(first).open(agent=first), wire.connect(second).open(agent=second)
        for _ in range(20):
            one.beat()
            other.beat(1, 3)
        one.close()
        other.close()

    return talk


@pytest.mark.parametrize("numbers", ["", " "])
@pytest.mark.parametrize("form", [usual, words_alone])
@pytest.mark.parametrize("later", [0.0, 0.0005, 130.0])
def test_two_nodes_at_the_same_time(
    later: float, form: Form, numbers: str, pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    pair.node(a_day("10.0.0.7", "10.0.0.8"), form=form, numbers=numbers)
    pair.node(a_day("10.0.1.7", "10.0.1.8"), later, form=form, numbers=numbers)
    here, there = pair.files
    files = [here[2], there[1], here[0], there[2], there[0], here[1]]
    summary, notes = told(capsys, "summary", *files)
    assert summary.startswith(WELL)
    whose = re.findall(r"^ +\d\. ([\d.]+):\d+ to ([\w-]+):", summary, re.MULTILINE)
    assert len(whose) == 4 and len({client for client, _ in whose}) == 4
    # All that one node wrote is one server's, whichever of them is called the first.
    assert len({(server, client[:7]) for client, server in whose}) == 2
    assert later < 0.001 or dict(whose)["10.0.1.7"] == "server-2"
    said = "note: the files overlap in time and are not the same: taken for those of 2 servers (server-1: "
    assert notes[0].startswith(said) and notes[0].endswith(" and 2 more)")
    main(["messages", "--year", "2023", "--format", "jsonl", *files])
    rows = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert len(rows) == len({row["frame"] for row in rows}) == 176
    # What is in two forms waits a second for the other one.
    assert all(row["time"] > before["time"] - 1 for before, row in itertools.pairwise(rows))


def test_a_client_that_both_nodes_see_under_one_address(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    pair.node(a_day("10.0.0.7", "10.0.0.8"))
    pair.node(a_day("10.0.0.7", "10.0.0.8"), 0.5)
    summary, _ = told(capsys, "summary", *pair.files[0], *pair.files[1])
    assert summary.startswith(WELL)
    assert all(f"10.0.0.7:40001 to server-{number}:12028" in summary for number in (1, 2))


def test_an_agent_who_moves_to_the_other_node_is_followed(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    def here(wire: Wire) -> None:
        wire.connect("10.0.0.9").open(agent="stays").beat(20)
        wire.connect("10.0.0.7").open(agent="moves").beat(3).close(status=94)

    def there(wire: Wire) -> None:
        wire.connect("10.0.0.8").open(agent="other").beat(5)
        wire.connect("10.0.0.7").open(agent="moves").beat(3).close()

    pair.node(here)
    pair.node(there, 380.0)
    summary, _ = told(capsys, "summary", *pair.files[0], *pair.files[1])
    assert '10.0.0.7:40002 to server-1:12028: version 14, agent mode of "moves"' in summary
    assert '10.0.0.7:40002 to server-2:12028: version 14, agent mode of "moves"' in summary


@pytest.mark.parametrize("cut", [False, True])
def test_where_the_log_of_one_node_ends_nothing_is_lacking_of_it(
    cut: bool, pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    def here(wire: Wire) -> None:
        link = wire.connect("10.0.0.7").open(agent="jones").beat(5)
        wire.wait(10)
        link.request("QUERY_AGENT_STATE_REQ", floating=[("AgentID", "jones")])
        if cut:
            link.say("AGENT_STATE_EVENT", {"AgentState": 3}, [("AgentID", "jones")])

    def there(wire: Wire) -> None:
        wire.connect("10.0.1.8").open(agent="kim").beat(60).close()

    pair.node(here, 30.0)
    pair.node(there)
    if cut:
        last = Path(pair.files[0][2])
        last.write_text(last.read_text().rpartition("\n")[0])
    alone, _ = told(capsys, "summary", *pair.files[0])
    both, _ = told(capsys, "summary", *pair.files[0], *pair.files[1])
    assert both.splitlines()[0] == alone.splitlines()[0].replace("1 session", "2 sessions")
    main(["sessions", "--year", "2023", "--format", "jsonl", *pair.files[0], *pair.files[1]])
    rows = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    whose = [(row["server"].split(":")[0], row["ended_by"]) for row in rows]
    assert whose == [("server-1", "close"), ("server-2", "capture end")]


STATE = "{ length=-1 type=AGENT_STATE_EVENT, AgentState: 3, AgentID: smith }"


def lines_of(file: Path, *entries: tuple[float, str], number: int = 0) -> str:
    """A file of entries, each with its second and what it says; numbered from `number` on, if that is given."""
    said = []
    for place, (second, text) in enumerate(entries):
        minute = f"{10 + int(second) // 60}:{second % 60:06.3f}"
        head = f"Nov 14 22:{minute} UTC %MIVR-ICD_CTI-7-UNK:"
        said.append((f"{number + place}: " if number else "") + head + text)
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(said) + "\n")
    return str(file)


def silent(*seconds: float) -> list[tuple[float, str]]:
    return [(second, "x") for second in seconds]


def test_which_files_are_of_one_server(tmp_path: Path) -> None:
    def servers(*files: str) -> list[list[str]]:
        return [sorted(Path(file).stem for file in one) for one in by_server(files)]

    first = lines_of(tmp_path / "first", *silent(0, 1, 30, 60), number=1000)
    # Threads do not write in turn: within a second, two files may overlap.
    for late, many in ((59.2, 1), (58.0, 2)):
        assert len(servers(first, lines_of(tmp_path / "next", *silent(late, late, 90)))) == many
    # Numbers that go on tell it, though the clock was set back.
    assert len(servers(first, lines_of(tmp_path / "next", *silent(40, 41, 90), number=1004))) == 1
    assert len(servers(first, lines_of(tmp_path / "next", *silent(40, 41, 90), number=5000))) == 2
    # A file that lies within the first says nothing of where that one ends.
    within = lines_of(tmp_path / "within", *silent(1, 30), number=1001)
    other = lines_of(tmp_path / "other", *silent(40, 41, 55), number=9000)
    assert servers(first, within, other) == [["first", "within"], ["other"]]
    # Of two servers whose files end before, the one whose numbers may go on; the one in the same folder; the last to end.
    third = lines_of(tmp_path / "third", *silent(100, 101), number=9500)
    assert servers(first, other, third) == [["first"], ["other", "third"]]
    late = lines_of(tmp_path / "late", *silent(100, 101), number=2000)
    assert servers(first, other, late) == [["first", "late"], ["other"]]
    lower = lines_of(tmp_path / "other", *silent(40, 41, 55), number=2005)
    assert servers(first, lower, late) == [["first", "late"], ["other"]]
    many = [lines_of(tmp_path / f"{number:02}", *silent(2 * number, 2 * number, 60)) for number in range(17)]
    assert len(servers(*many[:16])) == 16 and len(servers(*many)) == 1
    here, there = tmp_path / "here", tmp_path / "there"
    files = [lines_of(folder / folder.name, *silent(0, 1, end)) for folder, end in ((here, 50), (there, 60))]
    assert servers(*files, lines_of(here / "more", *silent(100, 101))) == [["here", "more"], ["there"]]
    assert servers(*files, lines_of(tmp_path / "else", *silent(100, 101))) == [["here"], ["else", "there"]]


def test_what_two_servers_write_at_a_time_is_not_mixed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def dump(second: float, invoke_id: int) -> list[tuple[float, str]]:
        rows = f"x\nMDATA:\n0000: 00 00 00 {invoke_id:02X}"
        return [(second, "[t]writing...\nMHDR:\n0000: 00 00 00 04 00 00 00 06"), (second + 0.01, rows)]

    one = lines_of(tmp_path / "one", *dump(0, 1), *dump(5, 1), (9, f" got an event message: {STATE}"))
    two = lines_of(tmp_path / "two", *dump(0.005, 2), *dump(5.005, 2), (9.5, f" got an event message: {STATE}"))
    main(["messages", "--year", "2023", "--format", "jsonl", one, two])
    rows = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    ids = [(row["src"], row["fixed"]["InvokeID"]) for row in rows if row["name"] == "HEARTBEAT_CONF"]
    assert ids == [("server-1", 1), ("server-2", 2), ("server-1", 1), ("server-2", 2)]
    # Of both it is not said to whom it was sent: each server has a session for such.
    assert [row["session"] for row in rows if row["name"] == "AGENT_STATE_EVENT"] == [3, 4]


def test_the_same_news_in_words_here_and_in_bytes_there_is_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = Logs(tmp_path)
    link = logs.wire.connect().open()
    link.say("AGENT_STATE_EVENT", {"AgentState": 3}, [("AgentID", "smith")])
    words, data = (list(form(logs.records()[-1], 5)) for form in (words_alone, usual))
    begin, end = (
        f"{number}: Nov 14 22:{time} UTC %MIVR-ENG-7-UNK:x" for number, time in ((4, "00:00.000"), (7, "20:00.000"))
    )
    for here, there, count in (([], [*words, *data], 1), (words, data, 2)):
        files = tmp_path / "here", tmp_path / "there"
        for file, said in zip(files, (here, there), strict=True):
            file.write_text("\n".join([begin + file.name, begin + file.name, *said, end]))
        main(["messages", "--year", "2023", "--format", "jsonl", *map(str, files)])
        assert len(capsys.readouterr().out.splitlines()) == count
