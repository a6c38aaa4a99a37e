"""The Wireshark profile: what is committed, what it says, what `lua --install --profile` does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from plugin import COMMITTED, PROJECT, Plugin, settings, tshark

from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.wireshark.profile import profile, profile_name

SAMPLE = PROJECT / "samples" / "trouble.pcapng"


def test_the_committed_files_are_what_the_generator_makes() -> None:
    folder = COMMITTED.parent / "profile"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == profile(UCCX_CTI)


@pytest.mark.heavy
def test_every_filter_of_it_is_one_and_finds_something(plugin: Plugin) -> None:
    files = profile(UCCX_CTI)
    wanted = [line.split("@")[2] for line in files["colorfilters"].splitlines() if line.startswith("@")]
    wanted += [line.split('","')[2] for line in files["dfilter_buttons"].splitlines() if line.startswith('"')]
    assert len(wanted) == 15
    finds = {given: len(tshark(plugin, "-r", str(SAMPLE), "-2", "-Y", given).splitlines()) for given in set(wanted)}
    empty = {given for given, count in finds.items() if not count}
    assert empty <= {"uccx_cti.undecoded", "tcp.analysis.flags and not tcp.analysis.window_update"}, empty


def test_installed_with_the_profile_tshark_shows_its_columns(plugin: Plugin, tmp_path: Path) -> None:
    environment = settings(tmp_path)
    environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    command = [sys.executable, "-m", "ccxdissect", "lua", "--install", "--profile"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=PROJECT, check=True)
    said = done.stdout
    # To the user root that Wireshark will load nothing for, and to nobody else.
    warned = "note: Wireshark from version 4.4 on loads no Lua plugins for root: " in done.stderr
    assert warned == (os.geteuid() == 0) and len(done.stderr.splitlines()) == int(warned)
    folder = tmp_path / "config" / "wireshark" / "profiles" / profile_name(UCCX_CTI)
    assert said.splitlines()[0] == (
        f"wrote {folder}; choose it in Wireshark below Edit > Configuration Profiles: {profile_name(UCCX_CTI)}"
    )
    environment["WIRESHARK_CONFIG_DIR"] = str(tmp_path / "config" / "wireshark")
    done = subprocess.run(
        [plugin.program, "-C", profile_name(UCCX_CTI), "-r", str(SAMPLE), "-Y", 'uccx_cti.agent == "quentin"'],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    first = done.stdout.splitlines()[0].split()
    assert (first[5], first[6:8]) == ("CCX-CTI", ["4", "quentin"])
