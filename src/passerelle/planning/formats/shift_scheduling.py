"""Read the public shift-scheduling instances, write and read their rosters.

An instance is a text file of sections; a roster is a CSV ``staff_id,day,shift_id`` with one row a
worked shift. Outside data is checked completely before anything is built: every fault is listed with
its line, also for a file that was cut off in the middle.

References
----------
.. [1] T. Curtois, R. Qu (2014), "Computational results on new staff scheduling benchmark instances".
   The field order is the one stated in the comment lines of the files.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from passerelle.kernel.problems import InputError, Issue
from passerelle.planning.roster.named.instance import Contract, DayGrid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["read_instance", "read_roster", "write_roster"]

_SECTIONS: Final = {
    "HORIZON": 1,
    "SHIFTS": 2,
    "STAFF": 8,
    "DAYS_OFF": 1,
    "SHIFT_ON_REQUESTS": 4,
    "SHIFT_OFF_REQUESTS": 4,
    "COVER": 5,
}
"""Sections of an instance and the least number of cells in their rows."""

_CONTRACT_FIELDS: Final = (
    "MaxTotalMinutes",
    "MinTotalMinutes",
    "MaxConsecutiveShifts",
    "MinConsecutiveShifts",
    "MinConsecutiveDaysOff",
    "MaxWeekends",
)
_LARGEST: Final = 10**9
_MOST_WISH: Final = 10**6
_LONGEST_HORIZON: Final = 3 * 366
_HEADER: Final = ["staff_id", "day", "shift_id"]


class _Row(NamedTuple):
    """One data line: its number and its cells."""

    line: int
    cells: list[str]


class _Reader:
    """Collect rows and issues of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.issues: list[Issue] = []

    def fault(self, line: int, column: str, reason: str, expected: str, found: str = "") -> None:
        """Note one fault."""
        self.issues.append(
            Issue(self.file, line, column, f"shift-scheduling.{reason}", expected, found)
        )

    def integer(self, row: _Row, index: int, column: str, low: int, high: int = _LARGEST) -> int:
        """Read a whole number between bounds; note a fault and return ``low`` otherwise."""
        text = row.cells[index]
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            self.fault(row.line, column, "number", f"a whole number {low} to {high}", text)
            return low
        return value

    def known(self, row: _Row, name: str, column: str, index: dict[str, int]) -> int:
        """Look up a name; note a fault and return -1 when it is unknown."""
        if name not in index:
            self.fault(row.line, column, "unknown-name", "a name defined above", name)
            return -1
        return index[name]

    def finish(self) -> None:
        """Raise when anything was wrong."""
        if self.issues:
            raise InputError(self.issues)


def read_instance(path: Path) -> DayGrid:
    """Read an instance file.

    Parameters
    ----------
    path
        The file, UTF-8.

    Returns
    -------
    DayGrid
        The instance; its name is the stem of the file.

    Raises
    ------
    InputError
        With every fault found, each with its line.
    """
    reader = _Reader(path.name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        reader.fault(0, "", "encoding", "text in UTF-8")
        text = ""
        reader.finish()
    sections = _split(reader, text)
    reader.finish()
    grid = _build(reader, path.stem, sections)
    reader.finish()
    return grid


def _split(reader: _Reader, text: str) -> dict[str, list[_Row]]:
    """Split the text into sections; note unknown, doubled and missing ones."""
    sections: dict[str, list[_Row]] = {}
    rows: list[_Row] | None = None
    name = ""
    lines = text.splitlines()
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("SECTION_"):
            name = line.removeprefix("SECTION_")
            if name not in _SECTIONS or name in sections:
                reader.fault(number, "", "section", "a section of the format, once", line)
            rows = sections.setdefault(name, [])
        elif rows is None:
            reader.fault(number, "", "before-section", "a line SECTION_… first", line)
        elif name in _SECTIONS:
            cells = [cell.strip() for cell in line.split(",")]
            if len(cells) < _SECTIONS[name]:
                wanted = f"{_SECTIONS[name]} cells in a row of SECTION_{name}"
                reader.fault(number, "", "truncated-row", wanted, line)
            else:
                rows.append(_Row(number, cells))
    for section in _SECTIONS:
        if section not in sections:
            reader.fault(len(lines), "", "truncated", f"SECTION_{section} before the end of file")
    return sections


def _build(reader: _Reader, name: str, sections: dict[str, list[_Row]]) -> DayGrid:
    """Build the instance; faults are noted and answered with harmless values."""
    horizon = sections["HORIZON"]
    if len(horizon) != 1:
        reader.fault(0, "", "horizon", "one row in SECTION_HORIZON", str(len(horizon)))
        reader.finish()
    days = reader.integer(horizon[0], 0, "HorizonLength", 1, _LONGEST_HORIZON)
    types = _index(reader, sections["SHIFTS"], "ShiftID")
    people = _index(reader, sections["STAFF"], "ID")
    reader.finish()

    minutes = np.ones(len(types), dtype=np.int64)
    banned = np.zeros((len(types), len(types)), dtype=np.bool_)
    for t, row in enumerate(sections["SHIFTS"]):
        minutes[t] = reader.integer(row, 1, "Length", 1, 24 * 60)
        followers = [item for cell in row.cells[2:] for item in cell.split("|") if item]
        for follower in followers:
            u = reader.known(row, follower, "CannotFollow", types)
            banned[t, u] |= u >= 0

    contracts, caps = _contracts(reader, sections["STAFF"], types, days)
    closed = np.zeros((len(people), days), dtype=np.bool_)
    for row in sections["DAYS_OFF"]:
        p = reader.known(row, row.cells[0], "EmployeeID", people)
        for column in range(1, len(row.cells)):
            closed[p, reader.integer(row, column, "DayIndex", 0, days - 1)] = True
    wish = np.zeros((len(people), days, len(types)), dtype=np.int32)
    constant = _requests(reader, sections["SHIFT_ON_REQUESTS"], people, types, wish, sign=-1)
    _requests(reader, sections["SHIFT_OFF_REQUESTS"], people, types, wish, sign=1)
    need, under, over = _cover(reader, sections["COVER"], types, days)
    reader.finish()
    try:
        return DayGrid(
            name, tuple(types), minutes, banned, tuple(people), contracts, caps, closed,
            wish, constant, need, under, over,
        )  # fmt: skip
    except ValueError as error:
        # Each number was within its range; only all together may they be too much.
        reader.fault(0, "", "too-dear", "smaller weights or needs", str(error))
        reader.finish()
        raise


def _index(reader: _Reader, rows: list[_Row], column: str) -> dict[str, int]:
    """Number the names in the first cell; note doubled and missing ones."""
    index: dict[str, int] = {}
    for row in rows:
        if not row.cells[0] or row.cells[0] in index:
            reader.fault(row.line, column, "name", "a name used once", row.cells[0])
        index.setdefault(row.cells[0], len(index))
    if not rows:
        reader.fault(0, column, "empty-section", "at least one row")
    return index


def _contracts(
    reader: _Reader, rows: list[_Row], types: dict[str, int], days: int
) -> tuple[tuple[Contract, ...], NDArray[np.int64]]:
    """Read the contract and the type limits of every person."""
    caps = np.full((len(rows), len(types)), days, dtype=np.int64)
    contracts = []
    for p, row in enumerate(rows):
        for item in filter(None, row.cells[1].split("|")):
            type_name, _, limit = item.partition("=")
            t = reader.known(row, type_name, "MaxShifts", types)
            if not limit.isdigit():
                reader.fault(row.line, "MaxShifts", "number", "TYPE=NUMBER", item)
            elif t >= 0:
                caps[p, t] = min(int(limit), days)
        lows = (0, 0, 1, 1, 1, 0)
        values = [
            reader.integer(row, index, column, low)
            for index, (column, low) in enumerate(zip(_CONTRACT_FIELDS, lows, strict=True), start=2)
        ]
        most, least, longest, shortest, rest, weekends = values
        contracts.append(Contract(least, most, shortest, longest, rest, weekends))
    return tuple(contracts), caps


def _requests(
    reader: _Reader,
    rows: list[_Row],
    people: dict[str, int],
    types: dict[str, int],
    wish: NDArray[np.int32],
    *,
    sign: int,
) -> int:
    """Add requests to the wishes; return the sum of their weights."""
    total = 0
    for row in rows:
        p = reader.known(row, row.cells[0], "EmployeeID", people)
        d = reader.integer(row, 1, "Day", 0, wish.shape[1] - 1)
        t = reader.known(row, row.cells[2], "ShiftID", types)
        weight = reader.integer(row, 3, "Weight", 0, _MOST_WISH)
        if abs(int(wish[p, d, t])) + weight > _MOST_WISH:
            reader.fault(row.line, "Weight", "too-dear", f"at most {_MOST_WISH} for one shift")
            continue
        wish[p, d, t] += sign * weight
        total += weight
    return total


def _cover(
    reader: _Reader, rows: list[_Row], types: dict[str, int], days: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Read the need for people; a day and type may stand only once."""
    need, under, over = (np.zeros((days, len(types)), dtype=np.int64) for _ in range(3))
    seen: set[tuple[int, int]] = set()
    for row in rows:
        d = reader.integer(row, 0, "Day", 0, days - 1)
        t = reader.known(row, row.cells[1], "ShiftID", types)
        if (d, t) in seen:
            reader.fault(row.line, "Day", "doubled-cover", "each day and shift once", row.cells[1])
        seen.add((d, t))
        need[d, t] = reader.integer(row, 2, "Requirement", 0, 10**6)
        under[d, t] = reader.integer(row, 3, "WeightUnder", 0, 10**6)
        over[d, t] = reader.integer(row, 4, "WeightOver", 0, 10**6)
    return need, under, over


def read_roster(path: Path, grid: DayGrid) -> NDArray[np.int16]:
    """Read a roster file; raise :class:`InputError` with every faulty line.

    Parameters
    ----------
    path
        CSV with rows ``staff_id,day,shift_id``.
    grid
        The instance that it belongs to.

    Returns
    -------
    NDArray[np.int16]
        Type worked, or -1, shape ``(n_people, n_days)``.
    """
    reader = _Reader(path.name)
    people = {name: p for p, name in enumerate(grid.person_ids)}
    types = {name: t for t, name in enumerate(grid.type_ids)}
    roster = grid.empty_roster()
    with path.open(newline="", encoding="utf-8") as stream:
        for number, cells in enumerate(csv.reader(stream), start=1):
            if not cells or (number == 1 and cells == _HEADER):
                continue
            if len(cells) != len(_HEADER):
                reader.fault(number, "", "truncated-row", "staff_id,day,shift_id", ",".join(cells))
                continue
            row = _Row(number, [cell.strip() for cell in cells])
            p = reader.known(row, row.cells[0], "staff_id", people)
            d = reader.integer(row, 1, "day", 0, grid.n_days - 1)
            t = reader.known(row, row.cells[2], "shift_id", types)
            if roster[p, d] >= 0:
                reader.fault(number, "day", "double-shift", "one shift a person and day")
            roster[p, d] = t
    reader.finish()
    return roster


def write_roster(path: Path, grid: DayGrid, roster: NDArray[np.int16]) -> None:
    """Write a roster as CSV, persons in instance order, days ascending."""
    rows: Callable[[int], list[list[object]]] = lambda p: [  # noqa: E731 - one expression, used once
        [grid.person_ids[p], int(d), grid.type_ids[int(roster[p, d])]]
        for d in np.flatnonzero(roster[p] >= 0)
    ]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(_HEADER)
        for p in range(grid.n_people):
            writer.writerows(rows(p))
