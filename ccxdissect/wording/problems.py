"""The one place that puts a message's problems into words.

It knows the codec's facts only, so that whoever has to quote a problem, a finding or a Scapy packet too, can ask it.
"""

from __future__ import annotations

from collections.abc import Callable

from ccxdissect.codec.problems import Problem, ProblemKind


def say(problem: Problem) -> str:
    """The problem in words, without a full stop. Names of a log's are as the log has them: escape before printing."""
    return _SENTENCES[problem.kind](problem)


def versions(since: int, until: int | None) -> str:
    """A range of protocol versions in words."""
    if until is not None:
        return f"up to version {until}"
    return f"from version {since} on" if since else "all versions"


def _other_version(problem: Problem) -> str:
    since, until, version = problem.detail
    assert isinstance(since, int) and not isinstance(until, str)
    return f"fixed part is that of {versions(since, until)}, the session has version {version}"


def _other_form(problem: Problem) -> str:
    form, version, *usual = problem.detail
    return f"floating fields have the form {form}, version {version} has {' or '.join(map(str, usual))}"


def _field(problem: Problem) -> str:
    return f"{problem.detail[0]}[{problem.tag}]"


def _integer_width(problem: Problem) -> str:
    _, name, width = problem.detail
    return f"{_field(problem)} has {problem.size} bytes, {name} has {width}"


def _fixed_cut(problem: Problem) -> str:
    held, size, name = problem.detail
    return f"body has {held} bytes, the fixed part alone has {size}: cut in {name}"


def _bytes(problem: Problem) -> str:
    return f"{problem.size} byte{'' if problem.size == 1 else 's'}"


def _field_too_far(problem: Problem) -> str:
    claimed, room = problem.detail
    return (
        f"floating tag {problem.tag} at body byte {problem.offset} claims {claimed} bytes, {room} are left: "
        f"{_bytes(problem)} undecoded"
    )


def _log_misfit(problem: Problem) -> str:
    said, name = problem.detail
    return f"the log's {said} does not fit {name}{'' if problem.tag is None else f'[{problem.tag}]'}: left out"


def _log_taken_from(problem: Problem) -> str:
    _, name, tag = problem.detail
    return f"the log has null for {_field(problem)}: taken from {name}[{tag}]"


_SENTENCES: dict[ProblemKind, Callable[[Problem], str]] = {
    ProblemKind.UNKNOWN_TYPE: lambda p: f"message type {p.detail[0]} is unknown",
    ProblemKind.FIELDS_UNKNOWN: lambda p: f"the fields of {p.detail[0]} are not known: {_bytes(p)} undecoded",
    ProblemKind.OTHER_VERSION: _other_version,
    ProblemKind.OTHER_FORM: _other_form,
    ProblemKind.UNKNOWN_TAG: lambda p: f"floating tag {p.tag} is unknown",
    ProblemKind.INTEGER_WIDTH: _integer_width,
    ProblemKind.BOOL_WIDTH: lambda p: f"{_field(p)} has {p.size} bytes for a BOOL",
    ProblemKind.NO_INDEX: lambda p: f"{_field(p)} is empty: not even an index",
    ProblemKind.NO_NUL_BETWEEN: lambda p: f"{_field(p)} has no NUL between name and value",
    ProblemKind.NO_NUL_AT_END: lambda p: f"{_field(p)} does not end with a NUL",
    ProblemKind.FIXED_CUT: _fixed_cut,
    ProblemKind.BEHIND_FIXED: lambda p: f"{_bytes(p)} after the fixed part, which is all there should be",
    ProblemKind.BEHIND_FLOATING: lambda p: f"{_bytes(p)} left over after the last floating field",
    ProblemKind.ZERO_TAG: lambda p: (
        f"no floating field begins at body byte {p.offset}, where its tag is 0: {_bytes(p)} undecoded"
    ),
    ProblemKind.FIELD_TOO_FAR: _field_too_far,
    ProblemKind.HEADER_CUT: lambda p: f"a header is cut after {p.size} of 8 bytes",
    ProblemKind.BODY_CUT: lambda p: f"the body has {p.size} of {p.detail[0]} bytes here",
    ProblemKind.READ_AS: lambda p: f"MessageTypeID is {p.detail[0]}, read as {p.detail[1]}",
    ProblemKind.LOG_UNKNOWN_NAME: lambda p: f"the log's {p.detail[0]} is no field that is known: left out",
    ProblemKind.LOG_MISFIT: _log_misfit,
    ProblemKind.LOG_TWICE: lambda p: f"the log gives {p.detail[0]} twice: the first is used",
    ProblemKind.LOG_NOT_OF_VERSION: lambda p: f"the log's {p.detail[0]} is no field of version {p.detail[1]}: left out",
    ProblemKind.LOG_SILENT: lambda p: f"the log does not tell {', '.join(map(str, p.detail))}",
    ProblemKind.LOG_LENGTH: lambda p: f"the log says a body of {p.detail[0]} bytes, what it tells makes {p.detail[1]}",
    ProblemKind.LOG_TAKEN_FROM: _log_taken_from,
    ProblemKind.LOG_TOO_LONG: lambda p: f"the log's {_field(p)} is too long for a field: left out",
    ProblemKind.LOG_LINE_ENDS: lambda p: "the log's line ends inside the message",
}
