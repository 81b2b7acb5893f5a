"""Write count sheets as files.

The columns are the same in both formats and are never translated, so that files of two states can be
laid one on the other; names of capabilities, units and stages stand beside the codes in the reader's
language. A figure that counts nothing has no line.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from passerelle.kernel.counts import Unit
from passerelle.kernel.labels import Labels
from passerelle.kernel.times import format_instant
from passerelle.procedures.reinforcement.sheets import ANY
from passerelle.standards.plans.columns import capability_name
from passerelle.standards.plans.csv_file import safe_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from passerelle.procedures.reinforcement.sheets import CountSheet

__all__ = ["CountLine", "counts_csv", "counts_workbook", "lines_of"]

_COLUMNS: Final = (
    "event", "partner", "dossier", "capability", "capability_name", "place", "day", "stage", "unit",
    "figure", "from", "to", "as_of", "digest",
)  # fmt: skip
_WIDTHS: Final = (14, 9, 14, 14, 30, 10, 12, 10, 12, 9, 21, 21, 21, 20)
_SHEET: Final = Labels("Effectifs", "Counts", "الأعداد")


@dataclass(frozen=True, slots=True)
class CountLine:
    """Hold one figure with everything that makes it one.

    Parameters
    ----------
    event, partner, dossier
        Which event, which state, which dossier.
    capability, place, day
        Codes; ``*`` for all.
    stage, unit
        How far, and what is counted.
    figure
        The figure.
    start, end
        Time that it covers, UTC.
    as_of
        Since when the figures are what they are.
    digest
        SHA-256 of the count sheet that both sides hold.
    """

    event: str
    partner: str
    dossier: str
    capability: str
    place: str
    day: str
    stage: str
    unit: str
    figure: int
    start: str
    end: str
    as_of: str
    digest: str

    def cells(self, language: str) -> tuple[str | int, ...]:
        """Return the cells in the order of the columns."""
        name = "" if self.capability == ANY else capability_name(self.capability, language)
        return (
            self.event, self.partner, self.dossier, self.capability, name, self.place, self.day,
            self.stage, self.unit, self.figure, self.start, self.end, self.as_of, self.digest,
        )  # fmt: skip


def lines_of(sheet: CountSheet, *, event: str, partner: str, dossier: str) -> Iterator[CountLine]:
    """Turn a count sheet into lines, in the order of the sheet."""
    if sheet.during is None:
        return
    whole = (format_instant(sheet.during.start), format_instant(sheet.during.end))
    as_of, digest = format_instant(sheet.cut_off), sheet.digest
    for scope, figures in sorted(
        sheet.rows.items(), key=lambda row: (row[0].capability, row[0].place, row[0].day)
    ):
        start, end = whole if scope.day == ANY else _day(scope.day)
        values = (figures.posts, figures.present, figures.people, figures.person_days)
        for unit, value in zip(Unit, values, strict=True):
            if value:
                yield CountLine(
                    event, partner, dossier, scope.capability, scope.place, scope.day,
                    scope.stage.value, unit.value, value, start, end, as_of, digest,
                )  # fmt: skip


def counts_csv(lines: Iterable[CountLine], *, language: str = "en") -> bytes:
    """Write figures as CSV: UTF-8 with byte order mark, comma, CRLF; see ``standards.plans``."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for line in lines:
        writer.writerow(
            [safe_cell(cell) if isinstance(cell, str) else cell for cell in line.cells(language)]
        )
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8")


def counts_workbook(lines: Sequence[CountLine], *, language: str = "en") -> bytes:
    """Write figures as a workbook with one sheet that can be filtered by every column."""
    import xlsxwriter  # noqa: PLC0415 - slow import

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
         "strings_to_numbers": False},
    )  # fmt: skip
    sheet = book.add_worksheet(_SHEET.get(language))
    if language.startswith("ar"):
        sheet.right_to_left()
    bold = book.add_format({"bold": True})
    for place, (name, width) in enumerate(zip(_COLUMNS, _WIDTHS, strict=True)):
        sheet.write_string(0, place, name, bold)
        sheet.set_column(place, place, width)
    for row, line in enumerate(lines, start=1):
        for place, cell in enumerate(line.cells(language)):
            if isinstance(cell, int):
                sheet.write_number(row, place, cell)
            else:
                sheet.write_string(row, place, cell)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(lines), 1), len(_COLUMNS) - 1)
    book.close()
    return buffer.getvalue()


def _day(day: str) -> tuple[str, str]:
    after = date.fromisoformat(day) + timedelta(days=1)
    return f"{day}T00:00:00Z", f"{after.isoformat()}T00:00:00Z"
