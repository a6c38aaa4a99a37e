"""Builds `ccxdissect.pyz`: the command and what it needs in one file, for any system with Python 3.10 or newer.

    python3 .ci/pyz.py [FILE]        # writes dist/ccxdissect.pyz unless told otherwise

Only packages that are nothing but Python go in, since what is compiled runs on one kind of system only.
"""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
import tempfile
import zipapp
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: What stays out: pyshark stands on lxml, which is compiled. `--engine tshark` does the same without it, and `--engine
#: pyshark` works from the one file too where pyshark is installed.
LEFT_OUT = {"pyshark"}
#: What a wheel is built from.
KEPT = {".ci", "LICENSE", "README.md", "ccxdissect", "pyproject.toml", "setup.cfg"}
MAIN = """\
import sys

from ccxdissect.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
"""


def requirements() -> list[str]:
    """What `setup.cfg` asks for, for every version of Python: the one file does not know which will run it."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    asked = [line.partition(";")[0].strip() for line in setup["options"]["install_requires"].split("\n")]
    return [line for line in asked if line and line.partition(">")[0] not in LEFT_OUT]


def install(into: Path, *what: str) -> None:
    """Packages as files, none of them compiled; pip's warnings are about this system, which does not matter here."""
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check", "--no-compile",
         "--no-deps", "--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none",
         "--python-version", "3.10", "--target", str(into), *what],
        check=True,
    )  # fmt: skip


def own_wheel(folder: Path) -> Path:
    """Our own package as a wheel, built from a copy: setuptools takes along what an earlier build left behind."""
    copy = folder / "copy"
    shutil.copytree(
        ROOT, copy, ignore=lambda at, names: [name for name in names if Path(at) == ROOT and name not in KEPT]
    )
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--wheel-dir", str(folder), str(copy)],
        check=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def build(target: Path) -> None:
    """Writes the file, which replaces one of that name only when it is whole."""
    with tempfile.TemporaryDirectory(prefix="ccxdissect-") as folder:
        inside = Path(folder) / "inside"
        install(inside, *requirements(), str(own_wheel(Path(folder))))
        for other in ("bin", "share"):
            shutil.rmtree(inside / other, ignore_errors=True)
        (inside / "__main__.py").write_text(MAIN)
        whole = Path(folder) / "ccxdissect.pyz"
        zipapp.create_archive(inside, whole, "/usr/bin/env python3", compressed=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(whole, target.with_name(target.name + ".new"))
        target.with_name(target.name + ".new").replace(target)


if __name__ == "__main__":
    made = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / "ccxdissect.pyz"
    build(made)
    print(made)
