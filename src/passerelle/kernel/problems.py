"""The root of every error, and the issues found in somebody else's input.

The tree, one file a package::

    Problem                     root: stable code, parameters, translatable message
    ├── InputError              what came from outside is wrong; carries every issue at once
    ├── RefusedError            a rule of the domain says no
    ├── UnavailableError        something needed is not there now (disk, database, lease, peer)
    └── …                       each package adds its own below one of these

A refusal that a correct user can meet in normal work is a value, not an exception (an infeasible
plan, an act out of turn). Exceptions are for what the caller should not have tried.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["InputError", "Issue", "Problem", "RefusedError", "UnavailableError"]


class Problem(Exception):  # noqa: N818 - the root is named for what it is; subclasses end in Error
    """Tell what went wrong, in words for people and in a code for programs.

    Parameters
    ----------
    message
        Sentence in English with named places, for example ``"Expected {expected}, got {found}."``.
        It is also the message id for translation.
    code
        Stable code, ``area.reason``, for example ``"programme.unknown-venue"``.
    params
        Values for the places of the message. Never a person's data.
    """

    exit_code = 1

    def __init__(self, message: str, *, code: str, **params: object) -> None:
        super().__init__(message, code, params)
        self.message = message
        self.code = code
        self.params: Mapping[str, object] = params

    def __str__(self) -> str:
        return self.message.format_map(self.params)

    def __reduce__(self) -> tuple[object, ...]:
        # Problems travel between processes; the usual way would call __init__ without keywords.
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(kind: type[Problem], args: tuple[object, ...], state: Mapping[str, object]) -> Problem:
    problem = kind.__new__(kind, *args)
    problem.__dict__.update(state)
    return problem


class RefusedError(Problem):
    """Say that a rule forbids what was asked. Command line exit code 3."""

    exit_code = 3


class UnavailableError(Problem):
    """Say that something needed is not there now. Command line exit code 5."""

    exit_code = 5


@dataclass(frozen=True, slots=True, order=True)
class Issue:
    """Name one thing wrong in an input, where it stands and what was expected.

    Parameters
    ----------
    file
        Name of the file, relative to what was imported.
    line
        Line, counted from 1; 0 when the issue concerns the whole file.
    column
        Name of the column or key path; empty when it concerns the whole line.
    code
        Stable code, ``area.reason``.
    expected
        What would have been right, in words, in English.
    found
        What stood there, shortened to 80 characters.
    """

    file: str
    line: int
    column: str
    code: str = field(compare=False)
    expected: str = field(compare=False)
    found: str = field(default="", compare=False)

    def __str__(self) -> str:
        place = self.file + (f":{self.line}" if self.line else "")
        if self.column:
            place += f" [{self.column}]"
        found = self.found if len(self.found) <= 80 else self.found[:79] + "…"
        return f"{place}: expected {self.expected}" + (f", found {found!r}" if found else "")


class InputError(Problem):
    """Report everything that is wrong in an input at once. Command line exit code 4.

    Parameters
    ----------
    issues
        All issues found, in any order; they are sorted by place.
    """

    exit_code = 4

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues: tuple[Issue, ...] = tuple(sorted(issues))
        first = self.issues[0] if self.issues else None
        super().__init__(
            "{n} problem(s) in the input; the first: {first}",
            code=first.code if first else "input.invalid",
            n=len(self.issues),
            first=first,
        )
