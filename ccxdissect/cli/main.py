"""Entry point: finds the command, reads its arguments, and turns errors into one line and an exit status.

Exit status: 0 done, 1 the input could not be read (or an output not written), 2 wrong usage, 3 findings as grave as
`--fail-on` says.
"""

from __future__ import annotations

import argparse
import os
import sys
from codecs import register_error
from importlib import import_module
from io import TextIOWrapper

from ccxdissect.cli.cycles import look_seldom
from ccxdissect.release import __version__

# Not from `typing`, and no more imported than is needed: help has to come at once.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType
    from typing import Any, NoReturn

#: The order in which help lists them; what is not named here comes last, by name.
_ORDER = ("summary", "messages", "show", "sessions", "exchanges", "calls", "agents", "findings", "stats", "ladder")

#: Characters of an error, and of a word in it: arguments, which errors repeat, can be as long as the system lets them.
_LONGEST_ERROR = 900
_LONGEST_WORD = 400
#: What is left of a word that is longer, and of an expression on either side of what is wrong in it.
_AT_EITHER_END = 60


def command_names() -> list[str]:
    """The commands there are: the modules of `commands`, be they files of a folder or of a zip."""
    from ccxdissect.cli import commands

    try:
        modules = [name[:-3] for name in os.listdir(commands.__path__[0]) if name.endswith(".py")]
    except OSError:
        modules = []
    if not modules:
        # What finds them anywhere loads what reads sources, which takes as long as all the rest of this.
        from pkgutil import iter_modules

        modules = [module.name for module in iter_modules(commands.__path__)]
    names = [name for name in modules if not name.startswith("_")]
    return sorted(names, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))


def command(name: str) -> ModuleType:
    """The module of a command: its `SUMMARY`, `configure` and `run`. It imports what it runs only when it runs."""
    return import_module(f"ccxdissect.cli.commands.{name}")


#: Of a longer error nobody can tell what was meant.
_LONGEST_HINTED = 2000


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with an argument in one line, however long that argument is and whatever it holds, and what
    may have been meant."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the reason; ends with status 2."""
        hint = hint_for(message[:_LONGEST_HINTED], [name for action in self._actions for name in action.option_strings])
        super().error(_short(message) + hint)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Write it; argparse would keep to itself that it cannot be written."""
        if message:
            (file or sys.stderr).write(message)


class _CommandParser(_Parser):
    """Takes options wherever they stand: `sql CAPTURE --format csv QUERY`, `messages a.pcap -c 5 b.pcap`."""

    _within = False

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """As argparse does it, once for the options and once for what stands between them."""
        nested = any(action.nargs in (argparse.PARSER, argparse.REMAINDER) for action in self._actions)
        if self._within or nested:
            return super().parse_known_args(args, namespace)
        self._within = True
        given = list(args)
        behind = given.index("--") if "--" in given else len(given)
        # Python's own way forgets the "--" before it looks at what stands between the options.
        marked = [_NO_OPTION + one if one.startswith("-") else one for one in given[behind + 1 :]]
        try:
            found, unknown = self.parse_known_intermixed_args([*given[:behind], *marked], namespace)
        finally:
            self._within = False
        for name, value in vars(found).items():
            setattr(found, name, _as_given(value))
        return found, _as_given(unknown)


#: No argument can begin with it.
_NO_OPTION = "\0"


def _as_given(value: Any) -> Any:
    """A value, or each one of a list, without the mark of what is no option."""
    if isinstance(value, list):
        return [_as_given(one) for one in value]
    return value.removeprefix(_NO_OPTION) if isinstance(value, str) else value


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """The parser of `only` that command; without, the one that names them all and knows the arguments of none."""
    parser = _Parser(
        prog="ccxdissect",
        formatter_class=_formatter,
        description="Decode and explain the Cisco Unified CCX CTI protocol, from captures, live traffic or logs.",
        epilog="`ccxdissect COMMAND --help` tells more of a command.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="say which version this is, and how it decodes")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_CommandParser)
    if only:
        module = command(only)
        chosen = commands.add_parser(only, description=module.SUMMARY, formatter_class=_formatter)
        module.configure(chosen)
        chosen.set_defaults(run=module.run, usage_of=chosen)
    else:
        for name in command_names():
            commands.add_parser(name, help=command(name).SUMMARY, formatter_class=_formatter)
    return parser


def hint_for(message: str, options: list[str]) -> str:
    """What may have been meant, behind what argparse says is wrong; empty where nobody can tell."""
    import re

    wrong = re.search(r"unrecognized arguments: .*?(--[\w-]+)", message)
    choice = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
    if wrong is not None:
        name, known = wrong[1], options
    elif choice is not None:
        name, known = choice[1], re.findall(r"[\w.-]+", choice[2])
    else:
        return ""
    from ccxdissect.wording import meant

    hint = meant(name, known)
    return f"; {hint}" if hint is not None else ""


def _short(error: str) -> str:
    """An error in one line that can be read, whatever argument it repeats: its beginning and its end, and so of each word."""
    import re

    from ccxdissect.errors import one_line

    def ends(text: str, most: int, kept: int) -> str:
        return text if len(text) <= most else f"{text[:kept]}...{text[-kept:]}"

    # A byte that is not UTF-8 is told alike whether or not what it is in stands between quotes, as Python puts them.
    text = re.sub(r"(?<!\\)\\udc([89a-f][0-9a-f])", r"\\x\1", one_line(error))
    text = re.sub(r"\S+", lambda word: ends(word[0], _LONGEST_WORD, _AT_EITHER_END), text)
    return ends(text, _LONGEST_ERROR, _LONGEST_ERROR // 2)


def _say(error: str) -> None:
    print(f"ccxdissect: {_short(error)}", file=sys.stderr)


def _no_such_command(name: str) -> int:
    from ccxdissect.wording import nearest

    _say(f"no command is called {name!r}; {nearest(name, command_names())}")
    return 2


def whole_parser() -> argparse.ArgumentParser:
    """The parser that knows every command with its arguments."""
    parser = _Parser(prog="ccxdissect", formatter_class=_formatter)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in command_names():
        module = command(name)
        module.configure(commands.add_parser(name, help=module.SUMMARY, description=module.SUMMARY))
    return parser


class _Version(argparse.Action):
    """Says the version, and which way there is to decode captures; looked for only when asked."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from ccxdissect.columns import installed

        way = "in bulk" if installed() else "one message after the other: the extra `fast` is not installed"
        print(f"ccxdissect {__version__} (decodes large captures {way})")
        parser.exit()


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Help as wide as the terminal; argparse would import half a dozen modules to find that out."""
    from ccxdissect.cli.output import columns_told

    return argparse.HelpFormatter(prog, max_help_position=28, width=max((columns_told() or 100) - 2, 40))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if sys.stdout is None:
        print("ccxdissect: standard output is closed", file=sys.stderr)
        return 1
    from ccxdissect.errors import CcxDissectError, UsageError, escape_lacking

    register_error("ccxdissect", escape_lacking)
    for stream in (sys.stdout, sys.stderr):
        # A terminal of another encoding is no reason to end: what it lacks is shown as an escape.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="ccxdissect")
    look_seldom()
    known = arguments and not arguments[0].startswith("-") and arguments[0] in command_names()
    if arguments and not known and not arguments[0].startswith("-"):
        return _no_such_command(arguments[0])
    status, args = 0, None
    try:
        args = _parsed(arguments, arguments[0] if known else None)
        from ccxdissect.cli.options import check_looks
        from ccxdissect.cli.output import destination

        check_looks(args)
        with destination(args):
            status = args.run(args)
            sys.stdout.flush()
        # Of who leaves a pager before the end all went well, but for the answer.
        return status or getattr(args, "answer", 0)
    except BrokenPipeError:
        # Whoever read our output has seen enough; keep the interpreter from complaining when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # A script may ask for the status alone, and read no line.
        return status or getattr(args, "answer", 0)
    except KeyboardInterrupt:
        return 130
    except UsageError as error:
        _say(str(error))
        _point_at(error)
        return 2
    except CcxDissectError as error:
        _say(str(error))
        return 1
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        _say(f"{name}{error.strerror or error}")
        return 1


def _parsed(arguments: list[str], command_name: str | None) -> argparse.Namespace:
    """The arguments, as the parser of their command has them. Raises SystemExit where there is nothing more to do."""
    try:
        args, unknown = build_parser(command_name).parse_known_args(arguments)
        if unknown:
            args.usage_of.error(f"unrecognized arguments: {' '.join(unknown)}")
        _refuse_empty(args, args.usage_of)
    except SystemExit:
        # Help that cannot be written is told of here, not by the interpreter at its end.
        sys.stdout.flush()
        raise
    return args


#: Of no names nothing is kept, and that is safe.
_MAY_BE_EMPTY = {"keep"}
#: What stands in help for a name.
_NAMES = ("CAPTURE", "DIR", "FILE", "IFACE", "NAME", "OUT")


def _refuse_empty(args: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Wrong usage where a text is empty: it would read as if the option were not there, or name the folder at hand."""
    for action in parser._actions:
        value: Any = getattr(args, action.dest, None)
        if isinstance(action, argparse._SubParsersAction):
            _refuse_empty(args, action.choices[value])
        elif "" in (value if isinstance(value, list) else [value]) and action.dest not in _MAY_BE_EMPTY:
            what = "name" if any(word in str(action.metavar) for word in _NAMES) else "text"
            parser.error(str(argparse.ArgumentError(action, f"the {what} is empty (a variable of the shell not set?)")))


def _point_at(error: Exception) -> None:
    """Show where in an expression it cannot be read."""
    expression, position = getattr(error, "expression", None), getattr(error, "position", None)
    if isinstance(expression, str) and isinstance(position, int) and expression.isprintable():
        begin = max(position - _LONGEST_WORD, 0)
        print(f"  {expression[begin : position + _LONGEST_WORD]}\n  {' ' * (position - begin)}^", file=sys.stderr)
