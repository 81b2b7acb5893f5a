"""How an ICS form is built: facts, one table, remarks, in the language of the print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.kernel.labels import Labels
from passerelle.standards.marks import STATUS_LABELS, Status
from passerelle.standards.plans.duty_sheets import Cell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.kernel.times import Interval
    from passerelle.standards.plans.postings import PlanDocument

__all__ = ["PrintForm", "blank_lines", "make_form", "moment_text", "span_text"]


@dataclass(frozen=True, slots=True)
class PrintForm:
    """Hold one form, ready for a template.

    Parameters
    ----------
    number
        ``ICS 204`` and so on.
    title
        Title in the language of the form.
    language, direction
        Language, and ``rtl`` or ``ltr``.
    banner
        Marks on every page; empty when there are none.
    facts
        Label and value of each line above the table.
    columns
        Headings of the table.
    rows
        The table; blank rows last.
    remarks
        Label and text of each block below the table.
    """

    number: str
    title: str
    language: str
    direction: str
    banner: str
    facts: tuple[tuple[str, Cell], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    remarks: tuple[tuple[str, Cell], ...] = ()


_WORDS: Final = {
    "ICS 204": Labels("Liste des affectations", "Assignment list", "قائمة التكليفات"),
    "ICS 211": Labels("Liste d'arrivée", "Check-in list", "قائمة الوصول"),
    "ICS 218": Labels(
        "Véhicules et équipements de soutien",
        "Support vehicles and equipment",
        "مركبات ومعدات الدعم",
    ),
    "incident": Labels("Événement", "Incident", "الحدث"),
    "period": Labels("Période opérationnelle", "Operational period", "الفترة العملياتية"),
    "branch": Labels("Site", "Branch, division", "الموقع"),
    "reporting": Labels("Lieu de présentation", "Reporting place", "مكان الالتحاق"),
    "prepared": Labels("Préparé par", "Prepared by", "أعده"),
    "approved": Labels("Approuvé par", "Approved by", "صادق عليه"),
    "version": Labels("Version du plan", "Plan version", "نسخة الخطة"),
    "place": Labels("Lieu d'arrivée", "Check-in place", "مكان الوصول"),
    "start": Labels("Début", "Start", "البداية"),
    "end": Labels("Fin", "End", "النهاية"),
    "resource": Labels("Moyen", "Resource", "الوحدة"),
    "leader": Labels("Chef", "Leader", "القائد"),
    "persons": Labels("Effectif", "Persons", "العدد"),
    "contact": Labels("Contact", "Contact", "جهة الاتصال"),
    "hours": Labels("Heures", "Hours", "التوقيت"),
    "equipment": Labels("Équipement spécial", "Special equipment", "معدات خاصة"),
    "work": Labels("Mission", "Work assignment", "المهمة"),
    "instructions": Labels("Consignes", "Special instructions", "تعليمات خاصة"),
    "communications": Labels("Transmissions", "Communications", "الاتصالات"),
    "state": Labels("État", "State", "الدولة"),
    "agency": Labels("Service", "Agency", "الجهاز"),
    "kind": Labels("Capacité", "Kind", "القدرة"),
    "type": Labels("Niveau", "Type", "المستوى"),
    "order": Labels("Numéro d'ordre", "Order number", "رقم الطلب"),
    "time": Labels("Arrivée", "Check-in", "وقت الوصول"),
    "home": Labels("Unité d'origine", "Home unit", "الوحدة الأصلية"),
    "departure": Labels("Départ de", "Departure point", "نقطة الانطلاق"),
    "travel": Labels("Transport", "Method of travel", "وسيلة النقل"),
    "assignment": Labels("Affectation", "Assignment", "التكليف"),
    "qualifications": Labels("Qualifications", "Qualifications", "المؤهلات"),
    "identity": Labels("Immatriculation", "Identity", "رقم التسجيل"),
}
_BLANKS: Final = 200


def make_form(
    plan: PlanDocument,
    number: str,
    language: str,
    *,
    facts: Sequence[tuple[str, Cell]],
    keys: Sequence[str],
    rows: Sequence[tuple[Cell, ...]],
    remarks: Sequence[tuple[str, Cell]] = (),
) -> PrintForm:
    """Put a form together, with its title, headings and marks in the language."""
    short = language.split("-", maxsplit=1)[0].lower()
    words = [] if plan.status is Status.ACTUAL else [STATUS_LABELS[plan.status].get(short)]
    if plan.handling.tlp.strictness or plan.handling.marks:
        words += [f"TLP:{plan.handling.tlp}", *plan.handling.marks]
    return PrintForm(
        number=number,
        title=_WORDS[number].get(short),
        language=short,
        direction="rtl" if short == "ar" else "ltr",
        banner=" · ".join(words),
        facts=tuple((_WORDS[key].get(short), cell) for key, cell in facts),
        columns=tuple(_WORDS[key].get(short) for key in keys),
        rows=tuple(rows),
        remarks=tuple((_WORDS[key].get(short), cell) for key, cell in remarks if cell.text),
    )


def blank_lines(n_columns: int, n_rows: int) -> list[tuple[Cell, ...]]:
    """Return empty rows to be filled in by hand.

    Raises
    ------
    ValueError
        When more than 200 are asked for.
    """
    if not 0 <= n_rows <= _BLANKS:
        raise ValueError(f"Expected 0 to {_BLANKS} blank rows, got {n_rows}.")
    return [tuple(Cell("") for _ in range(n_columns))] * n_rows


def span_text(plan: PlanDocument, during: Interval) -> str:
    """Write a period in local time; the day of the end only when it is another."""
    start, end = plan.local(during.start), plan.local(during.end)
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M}–{last}"


def moment_text(plan: PlanDocument, instant: datetime | None) -> str:
    """Write an instant in local time; nothing for ``None``."""
    return "" if instant is None else f"{plan.local(instant):%Y-%m-%d %H:%M}"
