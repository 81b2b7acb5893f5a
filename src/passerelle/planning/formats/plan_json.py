"""Read and write a plan as JSON: compact, strict, with instants instead of minutes.

Duties are listed once and lines refer to them by number, so that a plan of 200,000 crew-duties stays
small. The file names the instance by its hash; ``value``, ``bound`` and ``terms`` are what the
solver said and the checker confirmed, they are not needed to read the plan.
"""

from __future__ import annotations

import contextlib
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.problems import InputError, Issue, UnavailableError
from passerelle.kernel.times import format_instant, parse_instant
from passerelle.planning.roster.plan import Duty, Line, Plan

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.planning.roster.result import Result

__all__ = ["FORMAT", "read_plan", "write_plan"]

FORMAT: Final = "passerelle-plan/1"


def write_plan(path: Path, start: datetime, result: Result) -> None:
    """Write the plan of a result.

    Parameters
    ----------
    path
        File to write; replaced as a whole.
    start
        Start of the instance.
    result
        With a plan.

    Raises
    ------
    UnavailableError
        When the disk is full or the folder cannot be written; nothing half written is left.
    """
    plan = result.plan
    if plan is None:
        raise ValueError("Expected a result with a plan.")
    duties = sorted({duty for line in plan.lines for duty in line.duties})
    number = {duty: i for i, duty in enumerate(duties)}

    def instant(minutes: int) -> str:
        return format_instant(start + timedelta(minutes=minutes))

    content = {
        "format": FORMAT,
        "instance": plan.instance_hash,
        "start": format_instant(start),
        "status": result.status.value,
        "value": result.value,
        "bound": result.bound if result.bound > float("-inf") else None,
        "terms": dict(result.terms),
        "seed": result.seed,
        "versions": dict(result.versions),
        "duties": [
            [d.site, d.capability, instant(d.start_min), instant(d.end_min)] for d in duties
        ],
        "lines": [
            [line.group, line.crews, [number[duty] for duty in line.duties]] for line in plan.lines
        ],
    }
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_text(json.dumps(content, separators=(",", ":")) + "\n", "utf-8")
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise UnavailableError(
            "The plan could not be written to {path}: {reason}.",
            code="plan.not-written",
            path=str(path),
            reason=error.strerror or str(error),
        ) from None


def read_plan(path: Path, start: datetime) -> Plan:
    """Read a plan.

    Parameters
    ----------
    path
        File written by :func:`write_plan`.
    start
        Start of the instance, from which minutes count.

    Raises
    ------
    InputError
        When the file is absent, cut off or no plan; the issue names the place.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise _wrong(path, "", "a file", "none") from None
    except OSError as error:
        raise _wrong(path, "", "a file that can be read", error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise _wrong(path, "", "UTF-8 text", "other bytes") from None
    except json.JSONDecodeError as error:
        raise InputError(
            [Issue(path.name, error.lineno, "", "plan.not-json", "whole JSON", error.msg)]
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else type(content).__name__
        raise _wrong(path, "format", FORMAT, str(found))
    return Plan(_text(path, content, "instance"), _lines(path, content, start))


def _wrong(path: Path, place: str, expected: str, found: str) -> InputError:
    return InputError([Issue(path.name, 0, place, "plan.invalid", expected, found)])


def _text(path: Path, content: dict[str, Any], key: str) -> str:  # Any: parsed JSON
    value = content.get(key)
    if not isinstance(value, str):
        raise _wrong(path, key, "text", repr(value))
    return value


def _lines(path: Path, content: dict[str, Any], start: datetime) -> tuple[Line, ...]:
    # Any: parsed JSON
    place = "duties"
    try:
        duties = []
        for i, (site, capability, first, last) in enumerate(content["duties"]):
            place = f"duties[{i}]"
            begin = (parse_instant(first) - start) // timedelta(minutes=1)
            end = (parse_instant(last) - start) // timedelta(minutes=1)
            duties.append(Duty(begin, end, str(site), str(capability)))
        lines = []
        for i, (group, crews, numbers) in enumerate(content["lines"]):
            place = f"lines[{i}]"
            if any(not isinstance(n, int) or n < 0 for n in [crews, *numbers]):
                raise ValueError("whole numbers >= 0")  # noqa: TRY301 - one place names the entry
            lines.append(Line(str(group), crews, tuple(duties[n] for n in numbers)))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise _wrong(path, place, "a well-formed entry", str(error)) from None
    return tuple(lines)
