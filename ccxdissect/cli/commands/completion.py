"""`ccxdissect completion`: lets the shell complete commands and options."""

from __future__ import annotations

import argparse

from ccxdissect.cli.output import add_output

SUMMARY = "print what makes bash, zsh, fish or tcsh complete commands and options"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "shell",
        choices=("bash", "zsh", "fish", "tcsh"),
        help='for which; in ~/.bashrc: eval "$(ccxdissect completion bash)"; in zsh write it to a file _ccxdissect of fpath, '
        "in fish to ~/.config/fish/completions/ccxdissect.fish",
    )
    add_output(parser, pager=False)


def run(args: argparse.Namespace) -> int:
    """Print it."""
    import shtab

    from ccxdissect.cli.main import whole_parser

    print(shtab.complete(whole_parser(), args.shell))
    return 0
