"""The workbook that a partner without a node fills in.

Sheets: ``read-me`` (what to do, in the partner's language), the three forms, ``lists`` (the choices).
Each form has three heading rows: the request and its marks, the names of the fields (which the reader
relies on), and the headings for people. Data begin in row 4. Cells are checked while typing: choices
by list, counts, dates. The lines asked stand ready in the offers sheet.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.labels import Labels
from passerelle.standards.forms.fields import FORMS, Field, Form, Kind
from passerelle.standards.marks import STATUS_LABELS, Status
from passerelle.standards.plans.columns import harmless_text

if TYPE_CHECKING:
    from passerelle.standards.forms.request import AskedLine, Request

__all__ = ["FIRST_ROW", "LISTS", "READ_ME", "choice_text", "write_template"]

FIRST_ROW: Final = 4
"""Row, counted from 1, in which data begin."""
READ_ME: Final = "read-me"
LISTS: Final = "lists"
_ROWS: Final = {Form.OFFERS: 200, Form.PEOPLE: 3000, Form.ANIMALS: 500}
_TEXTS: Final = (
    Labels(
        "Une ligne de la feuille « offers » par offre, ou par ligne déclinée (réponse « declined » et motif).",
        "One row of the sheet “offers” for each offer, or for each declined line (answer “declined” and reason).",
        "سطر واحد في ورقة offers لكل عرض أو لكل بند مرفوض (الجواب declined مع السبب).",
    ),
    Labels(
        "Feuilles « people » et « animals » : à remplir après l'engagement, une personne ou un animal par ligne.",
        "Sheets “people” and “animals”: to be filled in after the commitment, one person or animal a row.",
        "ورقتا people وanimals تملآن بعد الالتزام، شخص أو حيوان واحد في كل سطر.",
    ),
    Labels(
        "Ne déplacez aucune colonne et gardez les lignes 1 à 3. Pas de formule, de cellule fusionnée, de feuille masquée ni de macro.",
        "Move no column and keep rows 1 to 3. No formula, merged cell, hidden sheet or macro.",
        "لا تنقل أي عمود واحتفظ بالسطور من 1 إلى 3. لا صيغ حسابية ولا خلايا مدمجة ولا أوراق مخفية ولا برامج ماكرو.",
    ),
    Labels(
        "Dates : de vraies dates de tableur, ou AAAA-MM-JJ HH:MM, en heure locale de l'événement.",
        "Dates: real spreadsheet dates, or YYYY-MM-DD HH:MM, in local time of the event.",
        "التواريخ: تواريخ حقيقية في الجدول أو بصيغة YYYY-MM-DD HH:MM بالتوقيت المحلي للحدث.",
    ),
)
_HEADS: Final = (
    ("reference", Labels("Demande", "Request", "الطلب")),
    ("event", Labels("Événement", "Event", "الحدث")),
    ("zone", Labels("Heure locale", "Local time", "التوقيت المحلي")),
    ("answer_by", Labels("Réponse attendue avant le", "Answer by", "الجواب قبل")),
    ("contact", Labels("Contact", "Contact", "جهة الاتصال")),
)


def choice_text(code: str, labels: Labels, language: str) -> str:
    """Return what a choice shows: the code, and its meaning where it says more.

    Examples
    --------
    >>> choice_text("full", Labels("complète", "full", "كامل"), "fr")
    'full | complète'
    >>> choice_text("full", Labels("complète", "full", "كامل"), "en")
    'full'
    """
    meaning = labels.get(language)
    return code if meaning == code else f"{code} | {meaning}"


def write_template(request: Request, *, language: str = "en") -> bytes:
    """Write the workbook for one request.

    Parameters
    ----------
    request
        What is asked of whom.
    language
        Language of headings and choices: ``fr``, ``en`` or ``ar``.

    Returns
    -------
    bytes
        The XLSX file; the same request gives the same bytes.
    """
    import xlsxwriter  # noqa: PLC0415 - slow import

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(buffer, options)
    created = request.local(request.issued).replace(tzinfo=None)
    workbook.set_properties({"title": request.reference, "created": created})
    template = _Template(workbook, request, language)
    template.read_me()
    for form in Form:
        template.form(form)
    template.lists()
    workbook.close()
    return buffer.getvalue()


class _Template:
    """Write the sheets of one template. XlsxWriter has no types, hence ``Any``."""

    def __init__(self, workbook: Any, request: Request, language: str) -> None:
        self._workbook = workbook
        self._request = request
        self._language = language
        rtl = {"reading_order": 2} if language.startswith("ar") else {}
        self._bold = workbook.add_format({"bold": True, **rtl})
        self._text = workbook.add_format({"text_wrap": True, "valign": "top", **rtl})
        self._name = workbook.add_format({"font_color": "#6B7280", "italic": True})
        self._head = workbook.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#E8EDF3", "text_wrap": True, **rtl}
        )
        self._need = workbook.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#FDE9D9", "text_wrap": True, **rtl}
        )
        self._instant = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self._date = workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self._choices: list[tuple[str, list[str]]] = []

    def read_me(self) -> None:
        """Write what the form is and how it is filled in."""
        sheet = self._sheet(READ_ME)
        request = self._request
        due = f"{request.local(request.answer_by):%Y-%m-%d %H:%M}"
        texts = {
            "reference": request.reference,
            "event": request.event_name,
            "zone": request.zone,
            "answer_by": due,
            "contact": request.contact,
        }
        sheet.write_string(0, 0, self._marks(), self._bold)
        for row, (key, labels) in enumerate(_HEADS, start=1):
            sheet.write_string(row, 0, labels.get(self._language), self._bold)
            sheet.write_string(row, 1, harmless_text(texts[key]), self._text)
        for row, labels in enumerate(_TEXTS, start=len(_HEADS) + 2):
            sheet.write_string(row, 1, labels.get(self._language), self._text)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 100)

    def form(self, form: Form) -> None:
        """Write one form: marks, names, headings, checks, and the lines that are asked."""
        sheet = self._sheet(form)
        sheet.write_string(0, 0, f"{self._request.reference} · {self._marks()}", self._bold)
        for column, field in enumerate(FORMS[form]):
            sheet.write_string(1, column, field.name, self._name)
            style = self._need if field.is_required else self._head
            sheet.write_string(2, column, field.labels.get(self._language), style)
            cells = {Kind.INSTANT: self._instant, Kind.DATE: self._date}.get(field.kind)
            sheet.set_column(column, column, 18, cells)
            check = self._check(field)
            if check:
                last = FIRST_ROW - 2 + _ROWS[form]
                sheet.data_validation(FIRST_ROW - 1, column, last, column, check)
        sheet.freeze_panes(FIRST_ROW - 1, 2)
        if form is Form.OFFERS:
            for row, line in enumerate(self._request.lines, start=FIRST_ROW - 1):
                self._asked(sheet, row, line)

    def lists(self) -> None:
        """Write the choices, one column a list, under its heading."""
        sheet = self._sheet(LISTS)
        for column, (name, texts) in enumerate(self._choices):
            sheet.write_string(0, column, name, self._head)
            for row, text in enumerate(texts, start=1):
                sheet.write_string(row, column, text, self._text)
            sheet.set_column(column, column, 30)

    def _asked(self, sheet: Any, row: int, line: AskedLine) -> None:
        values: dict[str, object] = {
            "line": line.line,
            "capability": self._capability(line.capability),
            "posts": line.posts,
            "present": line.present,
            "people": line.people,
            "places": "; ".join(line.places),
            "from": self._request.local(line.during.start).replace(tzinfo=None),
            "to": self._request.local(line.during.end).replace(tzinfo=None),
        }
        for column, field in enumerate(FORMS[Form.OFFERS]):
            value = values.get(field.name)
            if isinstance(value, datetime):
                sheet.write_datetime(row, column, value, self._instant)
            elif isinstance(value, int):
                sheet.write_number(row, column, value)
            elif value:
                sheet.write_string(row, column, str(value))

    def _check(self, field: Field) -> dict[str, object] | None:
        if field.kind in {Kind.CHOICE, Kind.CAPABILITY}:
            return {"validate": "list", "source": self._list(field)}
        if field.kind in {Kind.COUNT, Kind.AMOUNT}:
            return {"validate": "integer", "criteria": ">=", "value": 0}
        if field.kind in {Kind.INSTANT, Kind.DATE}:
            return {"validate": "date", "criteria": ">=", "value": date(1900, 1, 1)}
        return None

    def _list(self, field: Field) -> str:
        """Add a list of choices and return its range."""
        if field.kind is Kind.CAPABILITY:
            texts = [self._capability(code) for code in catalogue()]
        else:
            texts = [choice_text(code, labels, self._language) for code, labels in field.choices]
        self._choices.append((field.name, texts))
        letter = chr(ord("A") + len(self._choices) - 1)
        return f"='{LISTS}'!${letter}$2:${letter}${len(texts) + 1}"

    def _capability(self, code: str) -> str:
        known = catalogue().get(code)
        return choice_text(code, known.labels, self._language) if known else code

    def _marks(self) -> str:
        request = self._request
        words = [f"TLP:{request.handling.tlp}", *request.handling.marks]
        if request.status is not Status.ACTUAL:
            words.insert(0, STATUS_LABELS[request.status].get(self._language))
        return " · ".join(words)

    def _sheet(self, name: str) -> Any:
        sheet = self._workbook.add_worksheet(name)
        if self._language.startswith("ar"):
            sheet.right_to_left()
        return sheet
