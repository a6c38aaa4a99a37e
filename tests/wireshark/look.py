"""Look at the plugin in the real Wireshark: opens a sample with the profile, then each window of the Tools menu.

    python tests/wireshark/look.py [FOLDER] [--capture FILE]

Starts Wireshark on a display of its own (Xvfb, openbox, xdotool and ImageMagick have to be there), walks through the menus
by keyboard as a user would, and keeps a picture of each window in FOLDER. No test: somebody has to look at them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

from plugin import PROJECT, settings

from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.wireshark.profile import profile, profile_name

#: In the order in which the menu has them.
WINDOWS = ("Agents", "Calls", "Failures and Unanswered Requests", "Reply Times", "Sessions")


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", default="pictures")
    parser.add_argument("--capture", default=str(PROJECT / "samples" / "trouble.pcapng"))
    parser.add_argument("--filter", default="uccx_cti")
    args = parser.parse_args()
    pictures = Path(args.folder)
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        display = ":97"
        environment = {**settings(Path(home)), "DISPLAY": display, "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": home}
        kept = Path(home) / "c" / "profiles" / profile_name(UCCX_CTI)
        kept.mkdir(parents=True)
        for name, text in profile(UCCX_CTI).items():
            (kept / name).write_text(text, encoding="utf-8")
        (Path(home) / "c" / "recent_common").write_text("gui.geometry_main_maximized: TRUE\n", encoding="utf-8")
        (kept / "recent").write_text("gui.geometry_main_upper_pane: 420\n", encoding="utf-8")
        plugin = PROJECT / "wireshark" / "uccx_cti.lua"
        wireshark = ["wireshark", "-C", profile_name(UCCX_CTI), "-X", f"lua_script:{plugin}", "-o", "gui.ask_unsaved:FALSE",
                     "-o", "privs.warn_if_elevated:FALSE", "-r", args.capture, "-Y", args.filter]  # fmt: skip
        with open(os.devnull, "wb") as nowhere:
            screen = subprocess.Popen(["Xvfb", display, "-screen", "0", "1500x900x24"], stderr=nowhere)
            time.sleep(3)
            manager = subprocess.Popen(["openbox"], env=environment, stderr=nowhere)
            program = subprocess.Popen(wireshark, env=environment, stderr=nowhere, stdout=nowhere)
        try:
            walk(environment, pictures)
        finally:
            for process in (program, manager, screen):
                process.terminate()
                process.wait()


def walk(environment: dict[str, str], pictures: Path) -> None:
    """Through the windows, a picture of each."""

    def do(*command: str) -> str:
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout

    def picture(name: str) -> None:
        do("import", "-window", "root", str(pictures / f"{name}.png"))
        print(pictures / f"{name}.png", flush=True)

    for _ in range(90):
        if do("xdotool", "search", "--onlyvisible", "--name", "trouble|pcap"):
            break
        time.sleep(1)
    time.sleep(6)
    main_window = do("xdotool", "search", "--onlyvisible", "--name", "pcap").split()[-1]
    do("xdotool", "windowsize", main_window, "1500", "870")
    do("xdotool", "mousemove", "700", "260", "click", "1")
    time.sleep(3)
    picture("packets")
    for number, title in enumerate(WINDOWS):
        do("xdotool", "windowactivate", "--sync", main_window)
        do("xdotool", "key", "alt+t")
        time.sleep(1)
        # Wireshark puts the plugin's menu last: from the first entry it is one up.
        do("xdotool", "key", "--delay", "200", "Up", "Right")
        time.sleep(1)
        if number == 0:
            picture("menu")
        do("xdotool", "key", "--delay", "150", *["Down"] * number, "Return")
        time.sleep(4)
        picture(title.lower().replace(" ", "-"))
        do("xdotool", "key", "alt+F4")
        time.sleep(1)


if __name__ == "__main__":
    main()
