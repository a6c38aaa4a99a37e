"""The page itself: template, style, scripts and data put into one file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any, BinaryIO

from ccxdissect.errors import CcxDissectError
from ccxdissect.release import __version__

#: The scripts in the order in which they need each other; the page runs them as one.
_SCRIPTS = (
    "words",
    "element",
    "data",
    "choice",
    "grid",
    "cells",
    "filters",
    "paint",
    "lanes",
    "message",
    "ladder",
    "figures",
    "timeline",
    "main",
)


def _file(*path: str) -> str:
    return files("ccxdissect.report").joinpath(*path).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def template() -> Any:
    """What pages are made with, a template of Jinja2; raises CcxDissectError when that is missing."""
    try:
        import jinja2
    except ImportError as error:
        raise CcxDissectError("the report needs Jinja2: pip install 'ccxdissect[report]'") from error
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(_file("template.html"))


def write_page(
    made: Any, values: Mapping[str, Any], out: BinaryIO, progress: Callable[[int], None] | None = None
) -> None:
    """Write a page with that template. `values`: what it asks for, as text; `progress` hears how many more letters were
    written. Raises OSError when that cannot be done.
    """
    from markupsafe import Markup

    style = _file("vendor", "uPlot.min.css") + "\n" + _file("styles", "report.css")
    chart = _file("vendor", "uPlot.iife.min.js")
    script = '"use strict";(() => {\n' + "\n".join(_file("scripts", f"{name}.js") for name in _SCRIPTS) + "})();"
    policy = (
        f"default-src 'none'; script-src {_digest(chart)} {_digest(script)}; style-src {_digest(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    # Ours, word for word as their digests say: these three alone are not escaped.
    ours = {"style": Markup(style), "chart": Markup(chart), "script": Markup(script)}
    pieces = made.generate(**values, **ours, policy=policy, version=__version__, uplot=_vendored()["uPlot"])
    for piece in _told(pieces, progress):
        out.write(piece.encode("utf-8"))


def _told(pieces: Iterable[str], progress: Callable[[int], None] | None) -> Iterator[str]:
    for piece in pieces:
        yield piece
        if progress is not None:
            progress(len(piece))


def _vendored() -> dict[str, str]:
    """The versions of what others wrote, by name."""
    found: dict[str, str] = {
        name: about["version"] for name, about in json.loads(_file("vendor", "vendored.json")).items()
    }
    return found
