"""How the plugin is loaded: twice, installed, by our own engines, as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from captures import Sent, write_capture
from plugin import COMMITTED, PROJECT, Plugin, later_tshark, settings

from ccxdissect.codec import Encoder
from ccxdissect.protocol.uccx.declarations import UCCX_CTI


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    return write_capture(tmp_path / "one.pcap", [Sent(Encoder(UCCX_CTI).encode("HEARTBEAT_REQ", {"InvokeID": 7}))])


def installed(home: Path, plugin: Plugin) -> Path:
    """A home directory into which the plugin has been installed, as `ccxdissect lua --install` does."""
    folder = home / ".local" / "lib" / "wireshark" / "plugins"
    folder.mkdir(parents=True)
    (folder / COMMITTED.name).write_text(plugin.path.read_text(encoding="utf-8"), encoding="utf-8")
    return home


@pytest.mark.parametrize("scripts", [0, 1, 2])
def test_installed_and_given_besides_it_is_loaded_once(
    plugin: Plugin, capture: Path, tmp_path: Path, scripts: int
) -> None:
    home = installed(tmp_path / "home", plugin)
    given = [part for _ in range(scripts) for part in ("-X", f"lua_script:{plugin.path}")]
    done = subprocess.run([plugin.program, *given, "-r", str(capture)], capture_output=True, env=settings(home))
    assert b"HEARTBEAT_REQ #7" in done.stdout
    assert b"Lua" not in done.stderr


@pytest.mark.parametrize("engine", ["tshark", "pyshark"])
@pytest.mark.parametrize("is_installed", [False, True])
def test_our_engines_work_with_the_plugin_installed_and_without(
    plugin: Plugin, capture: Path, tmp_path: Path, engine: str, is_installed: bool
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    if is_installed:
        installed(home / "it", plugin)
        home = home / "it"
    environment = settings(home)
    environment["PATH"] = f"{Path(plugin.program).parent}{os.pathsep}{environment['PATH']}"
    command = [sys.executable, "-m", "ccxdissect", "messages", "--engine", engine, "--format", "csv", str(capture)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=PROJECT)
    assert "HEARTBEAT_REQ" in done.stdout, done.stderr
    assert done.returncode == 0


@pytest.mark.heavy
@pytest.mark.skipif(later_tshark() is None or os.geteuid() != 0, reason="only a later Wireshark refuses, and only root")
@pytest.mark.parametrize("engine", ["tshark", "pyshark"])
def test_where_root_gets_no_plugins_our_engines_say_so_and_what_to_do(
    capture: Path, tmp_path: Path, engine: str
) -> None:
    later = later_tshark()
    assert later is not None
    # The same program, but as the root of its own small system.
    script = Path(later).read_text(encoding="utf-8").replace("--map-user=1000 --map-group=1000", "--map-root-user")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "tshark"
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)
    environment = settings(tmp_path)
    environment["PATH"] = f"{program.parent}{os.pathsep}{environment['PATH']}"
    command = [sys.executable, "-m", "ccxdissect", "messages", "--engine", engine, str(capture)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=PROJECT)
    assert done.stderr == (
        f"ccxdissect: {program}: loads no plugins for root (from version 4.4 on): run it as an ordinary user, or read with "
        "--engine own\n"
    )
    assert (done.returncode, done.stdout) == (1, "")


def test_where_no_later_tshark_can_be_had_the_script_says_why_and_what_to_do(tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:9/debian"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "DEBIAN_MIRROR": nobody}
    script = Path(__file__).parent / "later_tshark.sh"
    done = subprocess.run(["sh", str(script)], env=environment, capture_output=True, text=True, cwd="/")
    why = "that takes root, debootstrap and unshare"
    if os.geteuid() == 0 and shutil.which("debootstrap"):
        why = f"{nobody} cannot be reached, or is no mirror of Debian; name another as DEBIAN_MIRROR"
    assert (done.returncode, done.stdout, done.stderr.splitlines()[-1]) == (1, "", f"no later tshark: {why}")
