"""Strict reading of the CSV files of an event folder: cells become values, or issues.

A file is UTF-8 (a byte order mark is allowed), comma separated, one header line, with known columns
only. Rows are streamed; nothing is kept but what a caller keeps. Whatever is wrong is added to one
:class:`IssueLog`; reading goes on, so that the person sees every mistake at once.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, TypeVar

from passerelle.kernel.ids import is_code
from passerelle.kernel.problems import InputError, Issue
from passerelle.kernel.times import parse_instant

if TYPE_CHECKING:
    from _csv import Reader
    from collections.abc import Iterator, Mapping
    from enum import Enum
    from pathlib import Path

__all__ = ["MOST_BYTES", "MOST_ISSUES", "MOST_ROWS", "IssueLog", "Row", "read_bytes", "read_rows"]

MOST_BYTES: Final = 64 * 1024 * 1024
"""Largest file taken in."""

MOST_ROWS: Final = 200_000
"""Most rows of a file."""

MOST_ISSUES: Final = 1_000
"""Issues listed in full; the others are counted."""

YEARS: Final = range(1971, 2200)
"""Years that a programme may lie in."""

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,12}", re.ASCII)
_NUMBER: Final = re.compile(
    r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?", re.ASCII
)

_E = TypeVar("_E", bound="Enum")


class IssueLog:
    """Collect what is wrong, up to a limit, and raise it all at once."""

    def __init__(self) -> None:
        self._issues: list[Issue] = []
        self._left_out = 0

    def add(  # noqa: PLR0917 - the order of Issue
        self, file: str, line: int, column: str, code: str, expected: str, found: object = ""
    ) -> None:
        """Note one issue; beyond :data:`MOST_ISSUES` it is only counted."""
        if len(self._issues) < MOST_ISSUES:
            self._issues.append(Issue(file, line, column, code, expected, str(found)[:80]))
        else:
            self._left_out += 1

    def __len__(self) -> int:
        return len(self._issues) + self._left_out

    def check(self) -> None:
        """Raise everything noted so far.

        Raises
        ------
        InputError
            When there is at least one issue.
        """
        if self._issues:
            more = []
            if self._left_out:
                expected = (
                    f"the issues above to be mended first; {self._left_out} more are not listed"
                )
                more.append(Issue("~", 0, "", "input.more-issues", expected))
            raise InputError([*self._issues, *more])


class Row:
    """Read the cells of one row as values; what is wrong goes to the log and turns ``ok`` off.

    Parameters
    ----------
    file, line
        Where it stands; line 0 for a table of ``event.toml``.
    cells
        Text by column.
    log
        Where issues go.
    path
        Put before column names, for tables of ``event.toml``.
    """

    __slots__ = ("_cells", "_log", "_path", "file", "line", "ok")

    def __init__(
        self, file: str, line: int, cells: Mapping[str, str], log: IssueLog, path: str = ""
    ) -> None:
        self.file = file
        self.line = line
        self.ok = True
        self._cells = cells
        self._log = log
        self._path = path

    def wrong(self, column: str, code: str, expected: str, found: object = None) -> None:
        """Note that a cell is wrong; the cell itself is shown unless ``found`` is given."""
        self.ok = False
        shown = self._cells.get(column, "") if found is None else found
        self._log.add(self.file, self.line, self._path + column, code, expected, shown)

    def has(self, column: str) -> bool:
        """Tell whether the cell holds anything."""
        return bool(self._cells.get(column))

    def text(self, column: str, default: str | None = None) -> str:
        """Read text; without a default it must not be empty."""
        value = self._cells.get(column, "")
        if value:
            return value
        if default is None:
            self.wrong(column, "folder.empty-cell", "a value")
            return ""
        return default

    def code(self, column: str, default: str | None = None) -> str:
        """Read a code of letters, digits, dot, dash and underscore."""
        value = self.text(column, default)
        if value and not is_code(value):
            self.wrong(column, "folder.not-a-code", "a code of letters, digits, '.', '-' or '_'")
        return value

    def whole(
        self, column: str, default: int | None = None, *, least: int = 0, most: int = 10**9
    ) -> int:
        """Read a whole number within limits."""
        if not self.has(column) and default is not None:
            return default
        text = self._cells.get(column, "")
        value = int(text) if _WHOLE.fullmatch(text) else least - 1
        if not least <= value <= most:
            self.wrong(column, "folder.not-a-whole-number", f"a whole number {least} to {most}")
            return least
        return value

    def number(
        self, column: str, default: float | None = None, *, least: float = 0, most: float = 1e9
    ) -> float:
        """Read a number within limits."""
        if not self.has(column) and default is not None:
            return default
        text = self._cells.get(column, "")
        value = float(text) if _NUMBER.fullmatch(text) else least - 1
        if not least <= value <= most:
            self.wrong(column, "folder.not-a-number", f"a number {least:g} to {most:g}")
            return least
        return value

    def flag(self, column: str, *, default: bool = False) -> bool:
        """Read ``true``, ``false``, ``1`` or ``0``."""
        value = self._cells.get(column, "").lower()
        if not value:
            return default
        if value not in {"true", "false", "1", "0"}:
            self.wrong(column, "folder.not-a-flag", "true or false")
        return value in {"true", "1"}

    def instant(self, column: str) -> datetime | None:
        """Read a date-time with offset."""
        try:
            value = parse_instant(self._cells.get(column, ""))
        except (ValueError, OverflowError):
            expected = "a date-time with offset such as 2024-07-24T15:00:00+02:00"
            self.wrong(column, "folder.not-an-instant", expected)
            return None
        if value.year not in YEARS:
            self.wrong(column, "folder.not-our-time", f"a year {YEARS.start} to {YEARS.stop - 1}")
            return None
        return value

    def day(self, column: str, default: date | None = None) -> date:
        """Read a date."""
        if not self.has(column) and default is not None:
            return default
        try:
            value = date.fromisoformat(self._cells.get(column, ""))
        except ValueError:
            self.wrong(column, "folder.not-a-date", "a date such as 2024-07-24")
            return date.min
        if value.year not in YEARS:
            self.wrong(column, "folder.not-our-time", f"a year {YEARS.start} to {YEARS.stop - 1}")
        return value

    def minute(self, column: str, default: int) -> int:
        """Read a local time ``HH:MM`` from 00:00 to 24:00 as minutes after midnight."""
        value = self._cells.get(column, "")
        if not value:
            return default
        hours, _, minutes = value.partition(":")
        if hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2:
            found = int(hours) * 60 + int(minutes)
            if int(minutes) < 60 and found <= 1440:
                return found
        self.wrong(column, "folder.not-a-time", "a local time from 00:00 to 24:00")
        return default

    def choice(self, column: str, kind: type[_E], default: _E) -> _E:
        """Read one word of an enumeration (its value, or the name of an ordered one)."""
        value = self._cells.get(column, "").lower()
        if not value:
            return default
        words = {
            (item.value if isinstance(item.value, str) else item.name.lower()): item
            for item in kind
        }
        if value not in words:
            self.wrong(column, "folder.unknown-word", f"one of {', '.join(words)}")
            return default
        return words[value]

    def items(self, column: str) -> tuple[str, ...]:
        """Read items separated by semicolons, each once, in order."""
        parts = (part.strip() for part in self._cells.get(column, "").split(";"))
        return tuple(dict.fromkeys(part for part in parts if part))


def read_bytes(path: Path, log: IssueLog) -> bytes | None:
    """Read a whole file within :data:`MOST_BYTES`; ``None`` and an issue when that cannot be."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        log.add(path.name, 0, "", "folder.unreadable", "a readable file", error.strerror or error)
        return None
    if len(data) > MOST_BYTES:
        size = f"at most {MOST_BYTES // 2**20} MiB; split the event or remove columns"
        log.add(path.name, 0, "", "folder.too-large", size)
        return None
    return data


def read_text(path: Path, log: IssueLog) -> str | None:
    """Read a UTF-8 file without its byte order mark; name the byte that is no UTF-8."""
    data = read_bytes(path, log)
    if data is None:
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        expected = f"UTF-8; byte {error.start + 1} of the file is 0x{data[error.start]:02x}"
        log.add(path.name, line, "", "folder.not-utf8", expected)
        return None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        log.add(path.name, line, "", "folder.not-text", "text without NUL characters")
        return None
    return text


def read_rows(
    path: Path, required: tuple[str, ...], optional: tuple[str, ...], log: IssueLog
) -> Iterator[Row]:
    """Yield the rows of a CSV file, each with all its cells, in file order.

    Parameters
    ----------
    path
        The file; a missing one is an issue.
    required, optional
        Names of the columns; a missing required or an unknown one is an issue.
    log
        Where issues go.
    """
    text = read_text(path, log)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, None)
        if header is None or not _header_fits(path.name, header, required, optional, log):
            if header is None:
                log.add(path.name, 1, "", "folder.empty-file", f"a header: {', '.join(required)}")
            return
        yield from _body(path.name, header, reader, log)
    except csv.Error as error:
        log.add(path.name, reader.line_num, "", "folder.not-csv", "comma-separated values", error)


def _header_fits(
    file: str,
    header: list[str],
    required: tuple[str, ...],
    optional: tuple[str, ...],
    log: IssueLog,
) -> bool:
    known = {*required, *optional}
    before = len(log)
    for name in required:
        if name not in header:
            log.add(file, 1, name, "folder.missing-column", f"the column {name}", ",".join(header))
    for name in header:
        if name not in known:
            expected = f"only known columns: {', '.join((*required, *optional))}"
            log.add(file, 1, name, "folder.unknown-column", expected, name)
    for name in {name for name in header if header.count(name) > 1}:
        log.add(file, 1, name, "folder.double-column", "each column once", name)
    return len(log) == before


def _body(file: str, header: list[str], reader: Reader, log: IssueLog) -> Iterator[Row]:
    line = reader.line_num + 1
    for count, cells in enumerate(reader):
        if count >= MOST_ROWS:
            log.add(file, line, "", "folder.too-many-rows", f"at most {MOST_ROWS} rows")
            return
        if len(cells) == len(header):
            yield Row(file, line, dict(zip(header, map(str.strip, cells), strict=True)), log)
        elif cells:
            log.add(file, line, "", "folder.wrong-width", f"{len(header)} cells", len(cells))
        line = reader.line_num + 1
