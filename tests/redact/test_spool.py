"""A capture rewritten from what was spooled of it is the same, byte for byte, as when it is dissected once more for that."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from fuzz import redaction

from ccxdissect.capture import files
from ccxdissect.errors import CcxDissectError
from ccxdissect.redact import captures, rewriting
from ccxdissect.redact.captures import CaptureRedactor
from ccxdissect.redact.fields import Keep, MessageRedactor
from ccxdissect.redact.files import redact_files
from ccxdissect.redact.permutations import Permutations
from ccxdissect.redact.pseudonyms import Pseudonyms
from ccxdissect.redact.rewriting import Room
from samples import FOLDER

SAMPLES = sorted(FOLDER.glob("*.pcapng"))
KEY = b"k" * 16


def nothing_more() -> Room:
    """Room for no spool."""
    room = Room()
    room.files = 0
    return room


def redacted(path: Path, room: Room, keep: tuple[str, ...] = ()) -> tuple[bytes, list[str], bool]:
    """The copy, the report, and whether the capture was spooled."""
    protocols = redaction.PROTOCOLS
    redactor = CaptureRedactor(protocols, str(path), redaction.PORTS, KEY, Keep(protocols, keep), room=room)
    out = io.BytesIO()
    redactor.collect()
    redactor._pseudonyms.settle()
    assert redactor._spool is not None
    spooled = not redactor._spool.given_up
    report = redactor.write(out)
    return out.getvalue(), list(report.lines()), spooled


@pytest.mark.parametrize("keep", [(), ("agent", "CallVariable*")], ids=["nothing", "some"])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_samples(sample: Path, keep: tuple[str, ...]) -> None:
    copy, report, spooled = redacted(sample, Room(), keep)
    again, reported, twice = redacted(sample, nothing_more(), keep)
    assert (spooled, twice) == (True, False)
    assert copy == again
    assert report == reported


@pytest.mark.parametrize("seed", [18, 45, 76, 16, 455, 475, 100382, 103307, *range(7000, 7030)])
def test_damaged_captures(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(redaction.damaged(seed))
    # Pieces of a few messages each.
    monkeypatch.setattr(rewriting, "PIECE", 300)
    try:
        copy, report, spooled = redacted(path, Room())
    except CcxDissectError:
        return
    again, reported, _ = redacted(path, nothing_more())
    assert spooled
    assert copy == again
    assert report == reported


def test_messages_in_doubt_are_rewritten_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "damaged"
    asked = []
    monkeypatch.setattr(MessageRedactor, "doubts", staticmethod(lambda decoded: decoded.number % 2 == 0))
    monkeypatch.setattr(
        MessageRedactor, "_reading_alike", lambda _, decoded, body: asked.append(decoded) or bytes(len(body))
    )
    path.write_bytes(SAMPLES[0].read_bytes())
    assert redacted(path, Room())[:2] == redacted(path, nothing_more())[:2]
    assert asked


@pytest.mark.parametrize(("bound", "value"), [("MOST_KEPT", 2000), ("MOST_SPOOLED", 100), ("MOST_BUFFERED", 100)])
def test_what_takes_too_much_is_dissected_once_more(
    bound: str, value: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(redaction.damaged(18) if bound == "MOST_KEPT" else SAMPLES[0].read_bytes())
    whole, report, _ = redacted(path, Room())
    monkeypatch.setattr(rewriting, bound, value)
    monkeypatch.setattr(rewriting, "PIECE", 300)
    copy, reported, spooled = redacted(path, Room())
    assert spooled == (bound == "MOST_BUFFERED")
    assert copy == whole
    assert report == reported


def test_a_capture_is_dissected_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = []
    of = captures.Dissector
    monkeypatch.setattr(captures, "Dissector", lambda *given: made.append(1) or of(*given))
    heard: list[int] = []
    out = tmp_path / "out.pcapng"
    redact_files(redaction.PROTOCOLS, [str(SAMPLES[0])], [str(out)], redaction.PORTS, KEY, progress=heard.append)
    assert len(made) == 1
    assert sum(heard) == SAMPLES[0].stat().st_size * CaptureRedactor.PASSES
    assert files.is_pcapng(str(out))


def test_more_captures_than_are_spooled_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def copies(name: str) -> list[bytes]:
        outs = [tmp_path / f"{name}-{sample.name}" for sample in SAMPLES[:3]]
        redact_files(redaction.PROTOCOLS, list(map(str, SAMPLES[:3])), list(map(str, outs)), redaction.PORTS, KEY)
        return [out.read_bytes() for out in outs]

    usual = copies("usual")
    monkeypatch.setattr(rewriting, "MOST_FILES", 1)
    assert copies("crowded") == usual


def test_pseudonyms_of_a_key_stay_from_release_to_release() -> None:
    pseudonyms = Pseudonyms(b"a key of some length")
    words = [b"agent2005", b"2005", b"+493012345678", b"M\xc3\xbcller, Anna", b"007", b"10.1.2.3"]
    for word in words:
        pseudonyms.note(word)
    pseudonyms.settle()
    assert [pseudonyms.text(word) for word in words] == [
        b"vriji0810",
        b"1127",
        b"+059983597378",
        b"T\xc7\xbabqnn, Vavh",
        b"220",
        b"77.1.5.1",
    ]


@pytest.mark.parametrize("size", [1025, 5000, 100_000, 1 << 32])
def test_what_a_permutation_remembers_of_its_rounds_changes_nothing(size: int) -> None:
    remembering, not_remembering = Permutations(KEY), Permutations(KEY)
    not_remembering._room.left = 0
    places = [*range(1000), *range(size - 1000, size)]
    assert [remembering.at(size, place, b"t") for place in places] == [
        not_remembering.at(size, place, b"t") for place in places
    ]
    assert remembering._room.left < Permutations(KEY)._room.left


@pytest.mark.parametrize("begin", ["", "ab", "ï"])
@pytest.mark.parametrize("short", ["777", "1777"])
def test_no_pseudonym_has_a_word_that_was_there_within_it(begin: str, short: str) -> None:
    pseudonyms = Pseudonyms(KEY)
    words = [short, *(f"{begin}{10**40 + number}" for number in range(1000))]
    for word in words:
        pseudonyms.note(word.encode())
    pseudonyms.settle()
    assert not [word for word in words if short in pseudonyms.word(word)]
