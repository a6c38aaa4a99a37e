"""The exceptions that ccxdissect raises on purpose."""

from __future__ import annotations


def one_line(text: str) -> str:
    """Return `text` with everything unprintable (line ends, terminal controls) as escapes, and a byte that is not UTF-8, as
    file names may have, as \\xNN."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else repr(character)[1:-1]


def escape_lacking(error: UnicodeError) -> tuple[str, int]:
    """What `codecs` calls where an encoding lacks characters: they come as escapes, the same as in `one_line`."""
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end]
    return "".join(ascii(c)[1:-1] if c.isprintable() else _escaped(c) for c in lacking), error.end


class CcxDissectError(Exception):
    """Anything that ccxdissect itself refuses; its text is one line fit for a person to read.

    >>> import ccxdissect
    >>> try:
    ...     ccxdissect.open()
    ... except ccxdissect.CcxDissectError as error:
    ...     print(error)
    nothing to open
    """


class CaptureError(CcxDissectError):
    """A capture could not be read: `path` names it, `reason` says why, `frame` how far reading got (if it
    began).

    >>> import ccxdissect
    >>> try:
    ...     ccxdissect.open("absent.pcapng")
    ... except ccxdissect.CaptureError as error:
    ...     print(error)
    absent.pcapng: no such file or directory
    """

    def __init__(self, path: str, reason: str, frame: int | None = None) -> None:
        super().__init__(path, reason, frame)
        self.path = path
        self.reason = reason
        self.frame = frame

    def __str__(self) -> str:
        # Paths and reasons may hold anything a file name may hold: keep the promise of one line.
        where = self.path if self.frame is None else f"{self.path}: frame {self.frame}"
        return one_line(f"{where}: {self.reason}")


class UsageError(CcxDissectError):
    """What was asked for makes no sense: a name that there is not, an expression that cannot be read.

    >>> import ccxdissect
    >>> try:
    ...     ccxdissect.open("samples/trouble.pcapng", engine="steam")
    ... except ccxdissect.UsageError:
    ...     print("no such engine")
    no such engine
    """


class MalformedPacket(CcxDissectError):
    """A captured packet cannot be peeled down to TCP; it never leaves `capture/`, which counts it as a
    notice."""


class EncodeError(CcxDissectError):
    """Values cannot be packed into a message: a name is unknown, or a value does not fit its type."""
