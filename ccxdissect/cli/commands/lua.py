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
        help="see whether FILE (default: wireshark/uccx_cti.lua), and the profile beside it, are what would be written; "
        "status 1 if not",
    )
    parser.add_argument(
        "--profile",
        action="store_true",
        help="the Wireshark profile too: columns, colours, filter buttons; with --output into the folder `profile` beside",
    )


def run(args: argparse.Namespace) -> int:
    """Make it."""
    from pathlib import Path

    from ccxdissect.errors import CcxDissectError, UsageError
    from ccxdissect.sources.options import protocol_of
    from ccxdissect.wireshark.generator import generate, plugin_directory
    from ccxdissect.wireshark.profile import profile, profile_name, profiles_directory

    protocol = protocol_of()
    text = generate(protocol)
    files = profile(protocol)
    if args.check:
        beside = Path(args.check).parent / "profile"
        made = {Path(args.check): text}
        if args.profile or beside.is_dir():
            made |= {beside / name: content for name, content in files.items()}
        for path, content in made.items():
            if not path.is_file() or path.read_text(encoding="utf-8") != content:
                command = f"ccxdissect lua --profile --output {args.check}"
                raise CcxDissectError(f"{path} is out of date: `{command}` makes it anew")
        print(f"{args.check} is up to date")
        return 0
    if args.profile:
        if not (args.install or args.output):
            raise UsageError("--profile is for --install, --output or --check: it is several files")
        folder = profiles_directory() / profile_name(protocol) if args.install else Path(args.output).parent / "profile"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
        chosen = f"; choose it in Wireshark below Edit > Configuration Profiles: {profile_name(protocol)}"
        print(f"wrote {folder}" + (chosen if args.install else ""))
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
