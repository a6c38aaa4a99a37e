"""The full screen, for the commands that have one: what it needs, and its way to the terminal and back."""

from __future__ import annotations

import os
import sys

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ccxdissect.watch.app import WatchApp


def check_screen(name: str, otherwise: str) -> None:
    """Raise CcxDissectError, which calls it `name`, where there is no library or no terminal for it; `otherwise` says
    what prints without one."""
    from ccxdissect.errors import CcxDissectError

    try:
        import ccxdissect.watch.app  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("textual", "rich"):
            raise
        raise CcxDissectError(f"{name} needs one more library: pip install 'ccxdissect[watch]'") from error
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        raise CcxDissectError(f"{name} needs a terminal; {otherwise}")


def keys_from_terminal(name: str) -> int:
    """Move standard input elsewhere, and let the keys come from the terminal; gives the descriptor where it is now."""
    from ccxdissect.errors import CcxDissectError

    descriptor = os.dup(0)
    try:
        os.dup2(os.open("/dev/tty", os.O_RDWR), 0)
    except OSError as error:
        raise CcxDissectError(f"{name} needs a terminal to read keys from") from error
    return descriptor


def show(app: WatchApp) -> None:
    """Show it until it ends; raises what went wrong with what it shows, when the terminal is given back."""
    try:
        app.run()
    finally:
        app.finish()
    if app.error is not None:
        raise app.error
