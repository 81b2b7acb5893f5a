r"""A plan as XLSX: a cover sheet, one sheet a site, one sheet a crew group.

Limits of the format are respected rather than met by an error: a sheet name has at most 31
characters, no ``[]:*?/\`` and is unique whatever the case; a sheet holds 1,048,576 rows, so a longer
list goes on in a second sheet; a cell holds 32,767 characters. Texts are written as texts, never as
formulas or links. The same version gives the same bytes.
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.labels import Labels
from passerelle.standards.marks import STATUS_LABELS, Status
from passerelle.standards.plans.columns import COLUMNS, Column, Kind, harmless_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from passerelle.standards.plans.postings import PlanDocument, Posting

__all__ = ["MAX_ROWS", "plan_workbook", "sheet_names"]

MAX_ROWS: Final = 1_048_576
_HEAD_ROWS: Final = 2
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_TITLE = {
    "cover": Labels("Plan", "Plan", "الخطة"),
    "event": Labels("Événement", "Event", "الحدث"),
    "version": Labels("Version", "Version", "النسخة"),
    "published": Labels("Publié le", "Published", "تاريخ النشر"),
    "zone": Labels("Heures locales", "Local times", "التوقيت المحلي"),
    "status": Labels("Statut", "Status", "الوضع"),
    "handling": Labels("Diffusion", "Handling", "التداول"),
    "sheet": Labels("Feuille", "Sheet", "الورقة"),
    "postings": Labels("Vacations", "Duties", "نوبات العمل"),
    "site": Labels("site", "site", "الموقع"),
    "group": Labels("groupe", "group", "المجموعة"),
}


def sheet_names(wanted: Iterable[str]) -> tuple[str, ...]:
    """Return names that Excel accepts, unique whatever the case, in the same order.

    Parameters
    ----------
    wanted
        The names one would like.

    Examples
    --------
    >>> sheet_names(["a/b", "A_B", "History"])
    ('a_b', 'A_B (2)', 'History_')
    """
    taken: set[str] = set()
    names: list[str] = []
    for text in wanted:
        base = _FORBIDDEN.sub("_", harmless_text(text)).strip().strip("'")[:31] or "_"
        if base.casefold() == "history":  # reserved by Excel
            base += "_"
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            suffix = f" ({number})"
            name = base[: 31 - len(suffix)] + suffix
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def plan_workbook(plan: PlanDocument, *, language: str = "en", max_rows: int = MAX_ROWS) -> bytes:
    """Write a plan as a workbook.

    Parameters
    ----------
    plan
        The published version.
    language
        Language of headings and names; with Arabic the sheets run from right to left.
    max_rows
        Rows in a sheet before the list goes on in the next one.

    Returns
    -------
    bytes
        The XLSX file.
    """
    import xlsxwriter  # noqa: PLC0415 - slow import

    lists = [
        *(("site", code, postings) for code, postings in plan.by_site()),
        *(("group", code, postings) for code, postings in plan.by_group()),
    ]
    parts = [
        (kind, code, postings[start : start + max_rows - _HEAD_ROWS])
        for kind, code, postings in lists
        for start in range(0, len(postings), max_rows - _HEAD_ROWS)
    ]
    cover, *names = sheet_names([_TITLE["cover"].get(language), *(code for _, code, _ in parts)])
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        buffer,
        {
            "constant_memory": True,  # rows go to a temporary file as they are written
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    workbook.set_properties({"title": plan.event_name, "created": _naive(plan, plan.published)})
    sheets = _Sheets(workbook, plan, language)
    sheets.cover(cover, [(name, *part) for name, part in zip(names, parts, strict=True)])
    for name, (_, _, postings) in zip(names, parts, strict=True):
        sheets.postings(name, postings)
    workbook.close()
    return buffer.getvalue()


def _naive(plan: PlanDocument, instant: datetime) -> datetime:
    return plan.local(instant).replace(tzinfo=None)


class _Sheets:
    """Write the sheets of one workbook. XlsxWriter has no types, hence ``Any``."""

    def __init__(self, workbook: Any, plan: PlanDocument, language: str) -> None:
        self._workbook = workbook
        self._plan = plan
        self._language = language
        self._instants: dict[datetime, datetime] = {}
        mirrored = {"reading_order": 2} if language.startswith("ar") else {}
        self._bold = workbook.add_format({"bold": True, **mirrored})
        self._head = workbook.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#E8EDF3", "text_wrap": True, **mirrored}
        )
        self._date = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self._code = workbook.add_format({"reading_order": 1, "align": "left"})
        self._text = workbook.add_format(mirrored)

    def cover(self, name: str, parts: Sequence[tuple[str, str, str, tuple[Posting, ...]]]) -> None:
        """Write the first sheet: what this is, its marks, and the list of the other sheets."""
        sheet = self._new(name)
        plan = self._plan
        lines = [
            ("event", f"{plan.event_name} ({plan.event})"),
            ("version", str(plan.version)),
            ("published", f"{plan.local(plan.published):%Y-%m-%d %H:%M} {plan.zone}"),
            ("zone", plan.zone),
            ("status", STATUS_LABELS[plan.status].get(self._language)),
            ("handling", " · ".join([f"TLP:{plan.handling.tlp.value}", *plan.handling.marks])),
        ]
        for row, (key, text) in enumerate(lines):
            sheet.write_string(row, 0, self._title(key), self._bold)
            sheet.write_string(row, 1, harmless_text(text), self._text)
        top = len(lines) + 1
        for column, key in enumerate(("sheet", "site", "group", "postings")):
            sheet.write_string(top, column, self._title(key), self._head)
        for row, (sheet_name, kind, code, postings) in enumerate(parts, start=top + 1):
            sheet.write_string(row, 0, sheet_name, self._code)
            sheet.write_string(row, 1 if kind == "site" else 2, code, self._code)
            sheet.write_number(row, 3, len(postings))
        sheet.set_column(0, 2, 28)

    def postings(self, name: str, postings: Iterable[Posting]) -> None:
        """Write one list: a line with the marks, a line of headings, a line a posting."""
        sheet = self._new(name)
        sheet.write_string(0, 0, self._banner(), self._bold)
        for index, column in enumerate(COLUMNS):
            sheet.write_string(1, index, column.labels.get(self._language), self._head)
            sheet.set_column(index, index, column.width)
        writers = [self._writer(sheet, index, column) for index, column in enumerate(COLUMNS)]
        row = _HEAD_ROWS
        for posting in postings:
            for write in writers:
                write(row, posting)
            row += 1
        sheet.freeze_panes(_HEAD_ROWS, 0)
        sheet.autofilter(1, 0, max(row - 1, 1), len(COLUMNS) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 1)
        sheet.set_footer("&C&P / &N")

    def _writer(self, sheet: Any, index: int, column: Column) -> Callable[[int, Posting], None]:
        value, language = column.value, self._language
        if column.kind is Kind.INSTANT:
            return lambda row, posting: sheet.write_datetime(
                row, index, self._local(value(posting, language)), self._date
            )
        if column.kind is Kind.NUMBER:
            return lambda row, posting: sheet.write_number(row, index, value(posting, language))
        style = self._code if column.kind is Kind.CODE else self._text

        def write(row: int, posting: Posting) -> None:
            text = harmless_text(str(value(posting, language)))
            if text:
                sheet.write_string(row, index, text, style)

        return write

    def _local(self, instant: str | int | datetime) -> datetime:
        assert isinstance(instant, datetime)
        if instant not in self._instants:
            self._instants[instant] = _naive(self._plan, instant)
        return self._instants[instant]

    def _banner(self) -> str:
        plan = self._plan
        words = [harmless_text(plan.event_name), f"v{plan.version}", f"TLP:{plan.handling.tlp}"]
        words += [*plan.handling.marks, plan.zone]
        if plan.status is not Status.ACTUAL:
            words.insert(0, STATUS_LABELS[plan.status].get(self._language))
        return " · ".join(words)

    def _title(self, key: str) -> str:
        return _TITLE[key].get(self._language)

    def _new(self, name: str) -> Any:
        sheet = self._workbook.add_worksheet(name)
        if self._language.startswith("ar"):
            sheet.right_to_left()
        return sheet
