"""A few damaged captures and logs through every command; and what would be wrong is noticed."""

from __future__ import annotations

from pathlib import Path

import every_command
import pytest
import soak


def test_twelve_rounds() -> None:
    for seed in range(12):
        every_command.check(*every_command.made(seed))


@pytest.mark.parametrize("command", sorted({command.split()[0] for command in every_command.COMMANDS} - {"sql"}))
def test_every_command_reads_every_message_of_the_other_dialect(command: str) -> None:
    data = dict(every_command.inputs())["every.cce"]
    whole = next(one for one in every_command.COMMANDS if one.split()[0] == command)
    assert every_command.check(whole.replace("FORMAT", "jsonl"), data) == (1 if command == "decode" else 0)


def test_a_traceback_a_hang_and_what_is_left_behind_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(arguments: list[str]) -> int:
        raise ZeroDivisionError("nothing")

    def leaving(arguments: list[str]) -> int:
        (Path(arguments[1]).parent / "left" / "ccxdissect-spool").touch()
        return 0

    def hanging(arguments: list[str]) -> int:
        while True:
            pass

    monkeypatch.setattr(every_command, "_PATIENCE", 0.05)
    for broken, said in ((raising, "ZeroDivisionError: nothing"), (leaving, "left behind"), (hanging, "no end after")):
        monkeypatch.setattr(every_command, "ccxdissect", broken)
        with pytest.raises(every_command.Failed, match=said):
            every_command.check("summary PATH", b"")


def test_the_soak_counts_every_byte(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["soak.py", "--messages", "2000", "--seed", "1"])
    assert soak.main() == 0
    assert "every byte is accounted for" in capsys.readouterr().out
