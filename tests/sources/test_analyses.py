"""Results are brought into order as far as keeping some of them back can, and no more of them are kept back."""

from __future__ import annotations

from ccxdissect.sources.analyses import InOrder


class _Nothing:
    def feed(self, event: object) -> list[int]:
        return []

    def flush(self) -> list[int]:
        return [3]


def test_no_more_are_kept_back_than_was_asked_for() -> None:
    ordered = InOrder(_Nothing(), int, 2)
    given = [list(ordered.take([number])) for number in (5, 4, 6, 1, 2)]
    assert given == [[], [], [4], [1], [2]]
    assert list(ordered.flush()) == [3, 5, 6]
