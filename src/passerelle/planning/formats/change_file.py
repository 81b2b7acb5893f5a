"""Read a change file: TOML with ``now`` and a list of ``[[changes]]``, each with a ``kind``.

::

    now = 2024-07-28T12:00:00+02:00

    [[changes]]
    kind = "session-moved"
    session = "TRI01"
    start = 2024-07-31T10:30:00+02:00

Kinds and their keys are those of :mod:`passerelle.planning.repair.changes`. Unknown keys, missing
keys and values of the wrong kind are reported all at once, by place.
"""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.problems import InputError, Issue
from passerelle.kernel.times import parse_instant
from passerelle.planning.programme import Threat
from passerelle.planning.repair import changes as known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from passerelle.planning.repair.changes import Change

__all__ = ["KINDS", "ChangeFile", "change_of", "read_changes"]

KINDS: Final[dict[str, Callable[..., Change]]] = {
    "session-moved": known.SessionMoved,
    "session-added": known.SessionAdded,
    "session-cancelled": known.SessionCancelled,
    "contingent-late": known.ContingentLate,
    "contingent-smaller": known.ContingentSmaller,
    "contingent-gone": known.ContingentGone,
    "crew-ill": known.CrewIll,
    "risk-raised": known.RiskRaised,
    "site-closed": known.SiteClosed,
    "post-added": known.PostAdded,
}
"""Type of each kind of change."""

_INSTANTS: Final = {"start", "end"}
_COUNTS: Final = {"crews", "crew", "risk"}


@dataclass(frozen=True, slots=True)
class ChangeFile:
    """Hold what a change file says.

    Parameters
    ----------
    now
        Present moment: nothing before it can be changed.
    changes
        What happened, in order.
    """

    now: datetime
    changes: tuple[Change, ...]


def read_changes(path: Path) -> ChangeFile:
    """Read a change file.

    Raises
    ------
    InputError
        With every issue: its place, what was expected and what stood there.
    """
    issues: list[Issue] = []

    def wrong(place: str, code: str, expected: str, found: object = "", line: int = 0) -> None:
        issues.append(Issue(path.name, line, place, f"change.{code}", expected, str(found)))

    content: dict[str, Any] = {}  # Any: parsed TOML
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        wrong("", "missing-file", "a file", "none")
    except (OSError, UnicodeDecodeError) as error:
        wrong("", "unreadable", "UTF-8 text", error)
    except tomllib.TOMLDecodeError as error:
        wrong("", "not-toml", "TOML", error)
    if issues:
        raise InputError(issues)
    for key in sorted(set(content) - {"now", "changes"}):
        wrong(key, "unknown-key", "now or changes", key)
    now = _instant(content.get("now"))
    if now is None:
        wrong("now", "not-an-instant", "a date-time with offset", content.get("now", "none"))
    entries = content.get("changes")
    if not isinstance(entries, list) or not entries:
        wrong("changes", "none", "at least one [[changes]]", type(entries).__name__)
        entries = []
    found = []
    for number, entry in enumerate(entries, 1):
        place = f"changes[{number}]"
        change = _change(entry, place, issues, path.name)
        if change is not None:
            found.append(change)
    if issues or now is None:
        raise InputError(issues)
    return ChangeFile(now, tuple(found))


def change_of(entry: Mapping[str, object], *, name: str = "change") -> Change:
    """Make a change of plain values, as a form or a job holds them.

    Parameters
    ----------
    entry
        ``kind`` and the keys of the kind; instants as text with an offset.
    name
        What stands in the issues as the file.

    Raises
    ------
    InputError
        With every issue, by key.
    """
    issues: list[Issue] = []
    change = _change(dict(entry), "changes[1]", issues, name)
    if change is None:
        raise InputError(issues)
    return change


def _instant(value: object) -> datetime | None:
    """Return an instant in UTC; ``None`` when the value is none."""
    if isinstance(value, str):
        try:
            return parse_instant(value)
        except ValueError:
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                return None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(microsecond=0)
    return None


def _change(entry: object, place: str, issues: list[Issue], name: str) -> Change | None:
    def wrong(column: str, code: str, expected: str, value: object = "") -> None:
        issues.append(Issue(name, 0, column, f"change.{code}", expected, str(value)))

    if not isinstance(entry, dict):
        wrong(place, "not-a-table", "a table", type(entry).__name__)
        return None
    kind = KINDS.get(entry.get("kind", ""))
    if kind is None:
        wrong(f"{place}.kind", "unknown-kind", ", ".join(KINDS), entry.get("kind", "none"))
        return None
    before = len(issues)
    columns = {field.name: field for field in fields(kind)}  # type: ignore[arg-type] # every kind is a dataclass
    for key in sorted(set(entry) - set(columns) - {"kind"}):
        wrong(f"{place}.{key}", "unknown-key", ", ".join(columns), key)
    values: dict[str, Any] = {}  # Any: checked just below, key by key
    for key, column in columns.items():
        if key not in entry:
            if column.default is MISSING:
                wrong(f"{place}.{key}", "missing-key", "a value", "none")
            continue
        value = _value(key, entry[key])
        if value is None:
            wrong(f"{place}.{key}", "wrong-value", _expected(key), entry[key])
        values[key] = value
    if len(issues) > before:
        return None
    try:
        return kind(**values)
    except ValueError as error:
        wrong(place, "wrong-value", str(error).removeprefix("Expected "))
        return None


def _value(key: str, value: object) -> object:
    """Return the value of a key in its own type; ``None`` when it is of another."""
    if key in _INSTANTS:
        return _instant(value)
    if key in _COUNTS:
        return value if isinstance(value, int) and not isinstance(value, bool) else None
    if key == "threat":
        return next((t for t in Threat if t.word == value), None)
    return value if isinstance(value, str) and value else None


def _expected(key: str) -> str:
    if key in _INSTANTS:
        return "a date-time with offset, such as 2024-07-31T10:30:00+02:00"
    if key in _COUNTS:
        return "a whole number"
    if key == "threat":
        return ", ".join(t.word for t in Threat)
    return "text"
