"""`ccxdissect lua`: the Wireshark plugin."""

from __future__ import annotations

import argparse

SUMMARY = "write, install or check the Wireshark plugin"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--output", metavar="FILE", help="write the plugin there (default: standard output)")
    what.add_argument("--install", action="store_true", help="put it into this user's folder of Wireshark plugins")
    what.add_argument(
        "--check",
        nargs="?",
        const="wireshark/uccx_cti.lua",
        metavar="FILE",
        help="see whether FILE (default: wireshark/uccx_cti.lua) is what would be written; status 1 if not",
    )


def run(args: argparse.Namespace) -> int:
    """Make it."""
    from pathlib import Path

    from ccxdissect.errors import CcxDissectError
    from ccxdissect.sources.options import protocol_of
    from ccxdissect.wireshark.generator import generate, plugin_directory

    protocol = protocol_of()
    text = generate(protocol)
    if args.check:
        if Path(args.check).read_text(encoding="utf-8") != text:
            raise CcxDissectError(f"{args.check} is out of date: `ccxdissect lua --output {args.check}` makes it anew")
        print(f"{args.check} is up to date")
        return 0
    if args.install:
        folder = plugin_directory()
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{protocol.name}.lua"
    elif args.output:
        target = Path(args.output)
    else:
        print(text, end="")
        return 0
    target.write_text(text, encoding="utf-8")
    print(f"wrote {target}" + ("; restart Wireshark, or press Ctrl-Shift-L in it" if args.install else ""))
    return 0
