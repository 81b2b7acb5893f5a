"""Reading what a partner without a node sends back: errors named by cell, nothing half taken.

An issue names the sheet and cell (``offers!H7``), what was expected and what stood there. All issues
of a file are reported at once; a file with one issue gives no rows. What is refused outright: moved or
renamed columns, formulas, merged cells, hidden sheets, rows or columns, content outside the form.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from passerelle.kernel.problems import Issue
from passerelle.standards.forms.cells import CellError, read_cell, shown
from passerelle.standards.forms.checks import check_rows
from passerelle.standards.forms.fields import FORMS, Form
from passerelle.standards.forms.guarding import open_workbook
from passerelle.standards.forms.rows import Row, letter
from passerelle.standards.forms.template import FIRST_ROW, LISTS, READ_ME
from passerelle.standards.plans.csv_file import plain_cell
from passerelle.standards.problems import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from passerelle.kernel.canonical import Json
    from passerelle.standards.forms.request import Request

__all__ = ["Answers", "read_csv_form", "read_workbook"]

Record: TypeAlias = "Mapping[str, Json]"
_MAX_ROWS: Final = 20_000
_MAX_ISSUES: Final = 500


@dataclass(frozen=True, slots=True)
class Answers:
    """Hold what a partner answered, row by row, in the records of the procedure.

    Parameters
    ----------
    offers
        Offers, without the declined lines.
    declined
        Code of the reason by declined line.
    people, animals
        The roll.
    unanswered
        Lines of the request that no row answers.
    warnings
        What is worth a look and refuses nothing, by cell.
    """

    offers: tuple[Record, ...]
    declined: Mapping[str, str]
    people: tuple[Record, ...]
    animals: tuple[Record, ...]
    unanswered: tuple[str, ...]
    warnings: tuple[Issue, ...] = ()


def read_workbook(content: bytes, request: Request, *, name: str) -> Answers:
    """Read a filled-in template.

    Parameters
    ----------
    content
        The XLSX file.
    request
        The request that it answers.
    name
        Name of the file in the issues.

    Raises
    ------
    FormatError
        With every issue found, by cell.
    """
    book = open_workbook(content, name=name)
    reader = _Reader(name, request)
    known = {READ_ME, LISTS, *Form}
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            reader.issue((sheet.title, 0, ""), "form.hidden", "no hidden sheet", sheet.sheet_state)
        if sheet.title not in known:
            expected = "only the sheets " + ", ".join(sorted(known))
            reader.issue((sheet.title, 0, ""), "form.unknown-sheet", expected, sheet.title)
    if book.chartsheets:
        reader.issue(("", 0, ""), "form.unknown-sheet", "no chart sheet", book.chartsheets[0].title)
    rows: dict[Form, list[Row]] = {}
    for form in Form:
        if form.value in book.sheetnames:
            rows[form] = list(reader.rows(form, _cells(reader, book[form.value])))
        else:
            reader.issue((form, 0, ""), "form.missing-sheet", f"a sheet named {form}", "none")
    return reader.answers(rows)


def read_csv_form(content: bytes, form: Form, request: Request, *, name: str) -> Answers:
    """Read one form as CSV: names of the fields in the first line, data from the second.

    Parameters
    ----------
    content
        The file: UTF-8, comma or semicolon.
    form
        Which form it is.
    request
        The request that it answers.
    name
        Name of the file in the issues.

    Raises
    ------
    FormatError
        With every issue found, by cell.
    """
    reader = _Reader(name, request)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"byte {error.start}"
        raise FormatError([Issue(name, 0, "", "form.encoding", "UTF-8", found)]) from None
    head = text.split("\n", maxsplit=1)[0]
    table = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if ";" in head else ",", strict=True
    )
    lines: list[tuple[int, list[object]]] = []
    try:
        for number, row in enumerate(table, start=1):
            lines.append((number, [plain_cell(cell) or None for cell in row]))
    except csv.Error as error:
        raise FormatError(
            [Issue(name, table.line_num, "", "form.csv", "CSV", str(error))]
        ) from None
    return reader.answers({form: list(reader.rows(form, _csv_lines(reader, form, lines)))})


_Lines: TypeAlias = "Iterable[tuple[int, Sequence[object]]]"


def _cells(reader: _Reader, sheet: Worksheet) -> _Lines:
    """Check what only a sheet can hold; yield the names row and the data rows."""
    title = sheet.title
    for area in sheet.merged_cells.ranges:
        reader.issue((title, 0, str(area)), "form.merged", "no merged cells", str(area))
    hidden = [key for key, one in sheet.column_dimensions.items() if one.hidden]
    hidden += [str(key) for key, one in sheet.row_dimensions.items() if one.hidden]
    for place in hidden:
        reader.issue((title, 0, place), "form.hidden", "no hidden row or column", place)
    n_columns = len(FORMS[Form(title)])
    if sheet.max_row > _MAX_ROWS + FIRST_ROW or sheet.max_column > n_columns + 100:
        expected = f"at most {_MAX_ROWS} rows and {n_columns} columns"
        found = f"{sheet.max_row} rows, {sheet.max_column} columns"
        reader.issue((title, 0, ""), "form.too-large", expected, found)
        return
    reader.banner(title, sheet.cell(1, 1).value)
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        values: list[object] = []
        for cell in cells:
            value: object = cell.value
            if cell.data_type in {"f", "e"}:
                place = f"{letter(len(values))}{number}"
                found = "formula" if cell.data_type == "f" else str(value)
                reader.issue((title, number, place), "form.formula", "a value, no formula", found)
                value = _Wrong
            values.append(value)
        if number == 2 or number >= FIRST_ROW:
            yield (1 if number == 2 else number, values)


def _csv_lines(reader: _Reader, form: Form, lines: list[tuple[int, list[object]]]) -> _Lines:
    if len(lines) > _MAX_ROWS:
        reader.issue((form, 0, ""), "form.too-large", f"at most {_MAX_ROWS} rows", str(len(lines)))
        return
    for number, cells in lines:
        values = list(cells)
        for index, value in enumerate(cells):
            if isinstance(value, str) and value.startswith("="):
                place = f"{letter(index)}{number}"
                reader.issue((form, number, place), "form.formula", "a value, no formula", value)
                values[index] = _Wrong
        yield number, values


def _named(row: Row) -> Record:
    """Give an offer without a reference one of its line and row."""
    return {"offer": f"{row.values.get('line', 'U')}-{row.number}", **row.values}


class _Wrong:
    """Stand for a cell that has an issue already."""


class _Reader:
    """Read rows by the table of fields, collecting issues on the way."""

    def __init__(self, name: str, request: Request) -> None:
        self._name = name
        self._request = request
        self._issues: list[Issue] = []

    def issue(self, place: tuple[str, int, str], code: str, expected: str, found: object) -> None:
        """Remember what is wrong at a sheet, row (0 for none) and cell (empty for none)."""
        sheet, line, cell = place
        place_name = f"{sheet}!{cell}" if cell else sheet
        self._issues.append(Issue(self._name, line, place_name, code, expected, shown(found)[:80]))

    def banner(self, sheet: str, value: object) -> None:
        """Check that the form belongs to this request."""
        if shown(value).split(" · ")[0] != self._request.reference:
            expected = f"the form of request {self._request.reference}"
            self.issue((sheet, 1, "A1"), "form.other-request", expected, value)

    def rows(self, form: Form, lines: _Lines) -> Iterator[Row]:
        """Read the names, then every row that is not empty."""
        iterator = iter(lines)
        _, names = next(iterator, (1, ()))
        if not self._names(form, names):
            for _ in iterator:
                pass
            return
        for number, values in iterator:
            if all(value is None or value == "" for value in values):
                continue
            yield self._row(form, number, values)

    def answers(self, rows: Mapping[Form, list[Row]]) -> Answers:
        """Check the rows against one another and against the request, and split them."""
        found = check_rows(rows, self._request, self._name)
        self._issues.extend(found.issues)
        if self._issues:
            raise FormatError(self._issues[:_MAX_ISSUES])
        offers = [_named(row) for row in rows.get(Form.OFFERS, ()) if row.is_answered]
        declined = {
            str(row["line"]): str(row["reason_code"])
            for row in offers
            if row["answer"] == "declined"
        }
        answered = {row.get("line") for row in offers}
        return Answers(
            offers=tuple(row for row in offers if row["answer"] != "declined"),
            declined=declined,
            people=tuple(row.values for row in rows.get(Form.PEOPLE, ())),
            animals=tuple(row.values for row in rows.get(Form.ANIMALS, ())),
            unanswered=tuple(
                line.line for line in self._request.lines if line.line not in answered
            ),
            warnings=found.warnings,
        )

    def _names(self, form: Form, names: Sequence[object]) -> bool:
        expected = [field.name for field in FORMS[form]]
        found = [shown(name) for name in names]
        found += [""] * (len(expected) - len(found))
        wrong = [
            (index, want, have)
            for index, (want, have) in enumerate(zip(expected, found, strict=False))
            if want != have
        ]
        for index, want, have in wrong:
            moved = (
                f", which belongs in column {letter(expected.index(have))}"
                if have in expected
                else ""
            )
            cell = f"{letter(index)}2"
            self.issue(
                (form, 2, cell), "form.shifted-column", f"the column {want}", f"{have}{moved}"
            )
        for index, have in enumerate(found[len(expected) :], start=len(expected)):
            if have:
                cell = f"{letter(index)}2"
                self.issue((form, 2, cell), "form.unknown-column", "no further column", have)
        return not wrong

    def _row(self, form: Form, number: int, values: Sequence[object]) -> Row:
        fields = FORMS[form]
        read: dict[str, Json] = {}
        bad: set[str] = set()
        for index, value in enumerate(values):
            cell = f"{letter(index)}{number}"
            if value is None or value == "" or (isinstance(value, str) and not value.strip()):
                continue
            if index >= len(fields):
                if value is not _Wrong:
                    self.issue(
                        (form, number, cell), "form.outside", "nothing right of the form", value
                    )
                continue
            field = fields[index]
            if value is _Wrong:
                bad.add(field.name)
                continue
            try:
                read[field.name] = read_cell(field, value, self._request.zone)
            except CellError as error:
                bad.add(field.name)
                self.issue((form, number, cell), error.code, error.expected, value)
        return Row(form, number, read, frozenset(bad))
