"""`ccxdissect lua`: the Wireshark plugin."""

from __future__ import annotations

import argparse
import os
import sys

from ccxdissect.cli.options import add_dialect

#: What whoever installs the plugin as root has to know.
FOR_ROOT_INSTALLED = (
    "note: Wireshark from version 4.4 on loads no Lua plugins for root: install the plugin and start Wireshark as an ordinary "
    "user (for live captures one of the group wireshark)"
)
SUMMARY = "write, install or check the Wireshark plugin"
#: The folder of this repository that has the plugins.
_OURS = "wireshark/"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("-o", "--output", metavar="FILE", help="write the plugin there (default: standard output)")
    what.add_argument("--install", action="store_true", help="put it into this user's folder of Wireshark plugins")
    what.add_argument(
        "--check",
        nargs="?",
        const=_OURS,
        metavar="FILE",
        help="see whether FILE (default: those in wireshark/), and the profile beside it, are what would be written; "
        "status 1 if not",
    )
    parser.add_argument(
        "--profile",
        action="store_true",
        help="the Wireshark profile too: columns, colours, filter buttons; with --output into the folder `profile` beside",
    )
    parser.add_argument("--force", action="store_true", help="replace what is there already")
    add_dialect(parser)


def run(args: argparse.Namespace) -> int:
    """Make it."""
    from pathlib import Path

    from ccxdissect.errors import CcxDissectError, UsageError
    from ccxdissect.outputs import check_output
    from ccxdissect.sources.options import protocols_of
    from ccxdissect.wireshark.generator import generate, plugin_directory
    from ccxdissect.wireshark.profile import profile, profile_name, profiles_directory

    protocols = protocols_of(args.dialect)
    if args.check is not None:
        for protocol in protocols:
            plugin = Path(f"{_OURS}{protocol.name}.lua" if args.check == _OURS else args.check)
            beside = plugin.parent / "profile"
            made = {plugin: generate(protocol)}
            if protocol is protocols[0] and (args.profile or beside.is_dir()):
                made |= {beside / name: content for name, content in profile(protocol).items()}
            for path, content in made.items():
                if not path.is_file() or path.read_text(encoding="utf-8", errors="replace") != content:
                    # The profile beside them is one for both.
                    with_profile = " --profile" if protocol is protocols[0] else ""
                    command = f"ccxdissect lua{with_profile} --dialect {protocol.dialect} --force --output {plugin}"
                    raise CcxDissectError(f"{path} is out of date: `{command}` makes it anew")
            print(f"{plugin} is up to date")
            if args.check != _OURS:
                break
        return 0
    if args.output == "-":
        args.output = None
    protocol = protocols[0]
    plugins: dict[Path, str] = {}
    if args.output:
        plugins = {Path(args.output): generate(protocol)}
    elif args.install:
        plugins = {plugin_directory() / f"{one.name}.lua": generate(one) for one in protocols}
    settings: dict[Path, str] = {}
    if args.profile:
        if not plugins:
            raise UsageError("--profile is for --install, --output or --check: it is several files")
        folder = profiles_directory() / profile_name(protocol) if args.install else Path(args.output).parent / "profile"
        settings = {folder / name: content for name, content in profile(protocol).items()}
    for path, content in {**plugins, **settings}.items():
        if args.install or path in settings:
            path.parent.mkdir(parents=True, exist_ok=True)
        # What is there already as it would be written is not overwritten.
        if args.output or not path.is_file() or path.read_text(encoding="utf-8", errors="replace") != content:
            check_output(str(path), args.force)
    for path, content in {**settings, **plugins}.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    if settings:
        chosen = f"; choose it in Wireshark below Edit > Configuration Profiles: {profile_name(protocol)}"
        print(f"wrote {folder}" + (chosen if args.install else ""))
    if args.install:
        for path in plugins:
            print(f"wrote {path}; restart Wireshark, or press Ctrl-Shift-L in it")
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            print(f"ccxdissect: {FOR_ROOT_INSTALLED}", file=sys.stderr)
        return 0
    if not args.output:
        print(generate(protocol), end="")
        return 0
    print(f"wrote {args.output}")
    return 0
