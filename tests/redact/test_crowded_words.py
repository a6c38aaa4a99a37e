"""Pseudonyms of inputs that hold most words of a kind: chosen with few tries, all different, none its own word."""

from __future__ import annotations

import pytest

from ccxdissect.redact.pseudonyms import Pseudonyms, _Kind


@pytest.mark.parametrize("most", [1_000, 4_500, 6_000, 20_000])
def test_numbers_that_are_nearly_all_there_are_cost_few_tries(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    tried = 0
    candidate = Pseudonyms._candidate

    def counted(self: Pseudonyms, word: str, kind: _Kind, attempt: int) -> str:
        nonlocal tried
        tried += 1
        return candidate(self, word, kind, attempt)

    monkeypatch.setattr(Pseudonyms, "_candidate", counted)
    words = [str(number) for number in range(100, most)] + [f"agent{number}" for number in range(most // 4)]
    pseudonyms = Pseudonyms(bytes(32))
    for word in words:
        pseudonyms.note(word.encode())
    pseudonyms.settle()
    assert tried < 4 * len(words)
    chosen = [pseudonyms.word(word) for word in words]
    assert len(set(chosen)) == len(words)
    assert not any(one == other for one, other in zip(words, chosen, strict=True))


@pytest.mark.parametrize("length", [1, 200, 218, 250, 309, 1_001, 6_000])
@pytest.mark.parametrize("character", ["a", "7", "é", "a7"])
def test_a_word_of_any_length_has_a_pseudonym_of_that_length(character: str, length: int) -> None:
    """There are more words of 218 letters than a float can say."""
    word = (character * length)[:length]
    pseudonyms = Pseudonyms(bytes(32))
    pseudonyms.note(word.encode())
    pseudonyms.settle()
    chosen = pseudonyms.word(word)
    assert chosen != word and len(chosen.encode()) == len(word.encode())
    assert chosen.isdigit() == word.isdigit()
