"""Duty sheets: plain values that a print template shows, in the three languages.

A sheet belongs to one group (what its people do) or to one site (who comes), for the days that it
covers. Every cell says whether it is a text in the sheet's language or a code, number or time, which
a template isolates left to right; so an Arabic print mirrors its tables and keeps ``14:00–22:00`` and
``FR-EOD-07`` readable. There is no grid layout here, only order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from passerelle.kernel.labels import Labels
from passerelle.standards.marks import STATUS_LABELS, Status
from passerelle.standards.plans.columns import capability_name, harmless_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from passerelle.standards.plans.postings import PlanDocument, Posting

__all__ = ["Cell", "DutyDay", "DutySheet", "SheetKind", "group_sheets", "site_sheets"]


class SheetKind(StrEnum):
    """For whom a sheet is printed."""

    GROUP = "group"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Cell:
    """Hold one text of a print.

    Parameters
    ----------
    text
        What is shown.
    is_ltr
        Whether it is a code, number or time, isolated left to right whatever the language.
    """

    text: str
    is_ltr: bool = False


@dataclass(frozen=True, slots=True)
class DutyDay:
    """Hold the postings that begin on one local day.

    Parameters
    ----------
    day
        The local day.
    heading
        The day in words of the language.
    rows
        One tuple of cells a posting, in the order of the sheet's columns.
    """

    day: date
    heading: Cell
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class DutySheet:
    """Hold one duty sheet, ready for a template.

    Parameters
    ----------
    kind, code
        For whom it is printed: a group or a site, by code.
    language, direction
        Language, and ``rtl`` or ``ltr``.
    title
        Heading of the sheet.
    facts
        Label and value of each line above the table.
    banner
        Mark that stands on every page; empty for an actual, CLEAR plan.
    columns
        Headings of the table.
    days
        The table, one part a day.
    footer
        Line under every page.
    """

    kind: SheetKind
    code: str
    language: str
    direction: str
    title: Cell
    facts: tuple[tuple[str, Cell], ...]
    banner: str
    columns: tuple[str, ...]
    days: tuple[DutyDay, ...]
    footer: Cell


_WORDS: Final = {
    "title": Labels("Feuille de service", "Duty sheet", "جدول الخدمة"),
    "event": Labels("Événement", "Event", "الحدث"),
    "group": Labels("Groupe", "Group", "المجموعة"),
    "site": Labels("Site", "Site", "الموقع"),
    "version": Labels("Version du plan", "Plan version", "نسخة الخطة"),
    "period": Labels("Période", "Period", "الفترة"),
    "zone": Labels("Heures locales", "Local times", "التوقيت المحلي"),
    "time": Labels("Heures", "Hours", "التوقيت"),
    "post": Labels("Poste", "Post", "المركز"),
    "capability": Labels("Capacité", "Capability", "القدرة"),
    "crew": Labels("Équipe", "Crew", "الفريق"),
    "people": Labels("Effectif", "People", "عدد الأفراد"),
    "with": Labels("Avec", "With", "برفقة"),
    "task": Labels("Mission", "Task", "المهمة"),
}
_WEEKDAYS: Final = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ar": ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
}
_MONTHS: Final = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
    # Moroccan usage, as in the glossary.
    "ar": "يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر",
}


def group_sheets(
    plan: PlanDocument, *, language: str, groups: Iterable[str] | None = None
) -> Iterator[DutySheet]:
    """Yield the duty sheet of each group.

    Parameters
    ----------
    plan
        The published version.
    language
        ``fr``, ``en`` or ``ar``.
    groups
        Codes of the groups wanted; all when ``None``.
    """
    wanted = None if groups is None else frozenset(groups)
    for code, postings in plan.by_group():
        if wanted is None or code in wanted:
            yield _sheet(plan, SheetKind.GROUP, code, postings, language=language)


def site_sheets(
    plan: PlanDocument, *, language: str, sites: Iterable[str] | None = None
) -> Iterator[DutySheet]:
    """Yield the duty sheet of each site.

    Parameters
    ----------
    plan
        The published version.
    language
        ``fr``, ``en`` or ``ar``.
    sites
        Codes of the sites wanted; all when ``None``.
    """
    wanted = None if sites is None else frozenset(sites)
    for code, postings in plan.by_site():
        if wanted is None or code in wanted:
            yield _sheet(plan, SheetKind.SITE, code, postings, language=language)


_CellOf = tuple[str, "Callable[[PlanDocument, Posting, str], Cell]"]


def _columns(kind: SheetKind) -> tuple[_CellOf, ...]:
    """Return heading key and cell function of each column."""
    other: _CellOf = (
        ("site", lambda _, d, __: Cell(f"{harmless_text(d.site_name)} ({d.site})"))
        if kind is SheetKind.GROUP
        else ("group", lambda _, d, __: Cell(f"{harmless_text(d.group_name)} ({d.group})"))
    )
    return (
        ("time", lambda plan, d, _: Cell(_hours(plan, d), is_ltr=True)),
        other,
        ("post", lambda _, d, __: Cell(harmless_text(d.post))),
        ("capability", lambda _, d, language: Cell(capability_name(d.capability, language))),
        ("crew", lambda _, d, __: Cell(d.crew or f"× {d.crews}", is_ltr=True)),
        ("people", lambda _, d, __: Cell(str(d.people), is_ltr=True)),
        ("with", lambda _, d, __: Cell(d.escort, is_ltr=True)),
        ("task", lambda _, d, language: Cell(d.task.get(language) if d.task else "")),
    )


def _sheet(
    plan: PlanDocument, kind: SheetKind, code: str, postings: tuple[Posting, ...], *, language: str
) -> DutySheet:
    name = postings[0].group_name if kind is SheetKind.GROUP else postings[0].site_name
    short = language.split("-", maxsplit=1)[0].lower()
    columns = _columns(kind)
    days: dict[date, list[tuple[Cell, ...]]] = {}
    for posting in postings:
        day = plan.local(posting.during.start).date()
        days.setdefault(day, []).append(tuple(cell(plan, posting, short) for _, cell in columns))
    return DutySheet(
        kind=kind,
        code=code,
        language=short,
        direction="rtl" if short == "ar" else "ltr",
        title=Cell(f"{_WORDS['title'].get(short)} — {harmless_text(name)} ({code})"),
        facts=(
            (_WORDS["event"].get(short), Cell(harmless_text(plan.event_name))),
            (_WORDS[kind.value].get(short), Cell(f"{harmless_text(name)} ({code})")),
            (_WORDS["period"].get(short), Cell(_period(days), is_ltr=True)),
            (_WORDS["version"].get(short), Cell(_version(plan), is_ltr=True)),
            (_WORDS["zone"].get(short), Cell(plan.zone, is_ltr=True)),
        ),
        banner=_banner(plan, short),
        columns=tuple(_WORDS[key].get(short) for key, _ in columns),
        days=tuple(
            DutyDay(day, Cell(_day_in_words(day, short)), tuple(rows))
            for day, rows in sorted(days.items())
        ),
        footer=Cell(f"{plan.event} · {code} · {_version(plan)}", is_ltr=True),
    )


def _hours(plan: PlanDocument, posting: Posting) -> str:
    start, end = plan.local(posting.during.start), plan.local(posting.during.end)
    days = (end.date() - start.date()).days
    return f"{start:%H:%M}–{end:%H:%M}" + (f" +{days}" if days else "")


def _period(days: Iterable[date]) -> str:
    ordered = sorted(days)
    return f"{ordered[0]:%Y-%m-%d} – {ordered[-1]:%Y-%m-%d}"


def _version(plan: PlanDocument) -> str:
    return f"v{plan.version} · {plan.local(plan.published):%Y-%m-%d %H:%M}"


def _banner(plan: PlanDocument, language: str) -> str:
    words = []
    if plan.status is not Status.ACTUAL:
        words.append(STATUS_LABELS[plan.status].get(language))
    if plan.handling.tlp.strictness or plan.handling.marks:
        words += [f"TLP:{plan.handling.tlp}", *plan.handling.marks]
    return " · ".join(words)


def _day_in_words(day: date, language: str) -> str:
    names = _WEEKDAYS.get(language, _WEEKDAYS["en"])
    months = _MONTHS.get(language, _MONTHS["en"]).split()
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return f"{names[day.weekday()]} {number} {months[day.month - 1]} {day.year}"
