"""Fetches what the page has of others, with npm: the newest version, or the one that is named.

    python ccxdissect/report/vendor/renew.py [VERSION]

Writes the minified files, the licence, and `vendored.json`: versions, licences and digests, which a test compares.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
#: Package -> (its name here, the files taken, and what they are called here).
WANTED = {
    "uplot": (
        "uPlot",
        {
            "package/dist/uPlot.iife.min.js": "uPlot.iife.min.js",
            "package/dist/uPlot.min.css": "uPlot.min.css",
            "package/LICENSE": "uPlot.LICENSE",
        },
    ),
}


def renew(version: str = "latest") -> None:
    """Fetch and write everything."""
    about = {}
    for package, (name, wanted) in WANTED.items():
        with tempfile.TemporaryDirectory() as folder:
            command = ["npm", "pack", "--silent", f"{package}@{version}"]
            archive = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.split()[-1]
            with tarfile.open(Path(folder) / archive) as tar:
                contents = {path: _read(tar, path) for path in (*wanted, "package/package.json")}
        described = json.loads(contents["package/package.json"])
        digests = {}
        for path, here in wanted.items():
            (HERE / here).write_bytes(contents[path])
            digests[here] = hashlib.sha256(contents[path]).hexdigest()
        about[name] = {"version": described["version"], "licence": described["license"], "sha256": digests}
    (HERE / "vendored.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def _read(tar: tarfile.TarFile, path: str) -> bytes:
    file = tar.extractfile(path)
    assert file is not None
    return file.read()


if __name__ == "__main__":
    renew(*sys.argv[1:2])
