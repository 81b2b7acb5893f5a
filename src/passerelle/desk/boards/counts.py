"""What the page of counts shows: four units by seven stages, and one unit by partner, capability, place or day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from passerelle.desk import formats
from passerelle.desk.words import STAGES, capability_name
from passerelle.kernel.counts import Stage, Unit
from passerelle.node.dossiers.sheets import columns_of, sum_of
from passerelle.procedures.reinforcement.sheets import ANY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from django_stubs_ext import StrPromise

    from passerelle.kernel.times import Interval
    from passerelle.node.dossiers.models import Sheet
    from passerelle.procedures.reinforcement.columns import SheetColumns
    from passerelle.procedures.reinforcement.strands import Figures

__all__ = ["UNITS", "Choice", "CountsPage", "Row", "Selection", "SheetLine", "counts_page"]

UNITS: Final[Mapping[Unit, StrPromise]] = {
    Unit.POSTS: pgettext_lazy("unit of a count", "posts"),
    Unit.PRESENT: pgettext_lazy("unit of a count", "people at the same time"),
    Unit.PEOPLE: pgettext_lazy("unit of a count", "distinct people"),
    Unit.PERSON_DAYS: pgettext_lazy("unit of a count", "person-days"),
}
GROUPINGS: Final = ("partner", "capability", "place", "day")


@dataclass(frozen=True, slots=True)
class Selection:
    """Hold what the visitor asked for; codes, empty for all."""

    partner: str = ""
    capability: str = ""
    place: str = ""
    day: str = ""
    unit: Unit = Unit.PEOPLE
    by: str = "partner"


@dataclass(frozen=True, slots=True)
class Choice:
    """Offer one value of a filter."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Show one row of figures, one a stage."""

    value: str
    words: str
    figures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SheetLine:
    """Show the count sheet of one dossier: what two offices compare."""

    case: str
    reference: str
    partner: str
    as_of: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class CountsPage:
    """Hold the page."""

    during: Interval | None
    stages: tuple[str, ...]
    matrix: tuple[Row, ...]
    rows: tuple[Row, ...]
    partners: tuple[Choice, ...]
    capabilities: tuple[Choice, ...]
    places: tuple[Choice, ...]
    days: tuple[Choice, ...]
    units: tuple[Choice, ...]
    groupings: tuple[Choice, ...]
    sheets: tuple[SheetLine, ...]
    headline: str
    scope_words: str


def counts_page(rows: Sequence[Sheet], chosen: Selection) -> CountsPage:
    """Show the figures of a selection."""
    partners = sorted({_state(row) for row in rows})
    mine = [row for row in rows if not chosen.partner or _state(row) == chosen.partner]
    total = sum_of(mine)
    at = {
        "capability": chosen.capability or ANY,
        "place": chosen.place or ANY,
        "day": chosen.day or ANY,
    }
    return CountsPage(
        during=total.during,
        stages=tuple(str(STAGES[stage]) for stage in Stage),
        matrix=tuple(Row(unit.value, str(UNITS[unit]), _figures(total, unit, at)) for unit in Unit),
        rows=tuple(_grouped(chosen, mine, total, at)),
        partners=_choices(((one, one) for one in partners), chosen.partner),
        capabilities=_choices(
            ((one, capability_name(one)) for one in total.values("capability")), chosen.capability
        ),
        places=_choices(((one, one) for one in total.values("place")), chosen.place),
        days=_choices(((one, _day(one)) for one in total.values("day")), chosen.day),
        units=_choices(((one.value, str(UNITS[one])) for one in Unit), chosen.unit.value),
        groupings=_choices(zip(GROUPINGS, _grouping_words(), strict=True), chosen.by),
        sheets=tuple(map(_sheet, mine)),
        headline=_headline(total, chosen, at),
        scope_words=_scope(chosen),
    )


def _state(row: Sheet) -> str:
    return row.dossier.corridor.peer_state


def _value(figures: Figures, unit: Unit) -> int:
    return {
        Unit.POSTS: figures.posts,
        Unit.PRESENT: figures.present,
        Unit.PEOPLE: figures.people,
        Unit.PERSON_DAYS: figures.person_days,
    }[unit]


def _figures(sheet: SheetColumns, unit: Unit, at: Mapping[str, str]) -> tuple[int, ...]:
    return tuple(_value(sheet.at(stage, **at), unit) for stage in Stage)


def _grouped(
    chosen: Selection,
    mine: Sequence[Sheet],
    total: SheetColumns,
    at: Mapping[str, str],
) -> Iterable[Row]:
    if chosen.by == "partner":
        by_state: dict[str, list[Sheet]] = {}
        for row in mine:
            by_state.setdefault(_state(row), []).append(row)
        for state, rows in sorted(by_state.items()):
            found = sum_of(rows) if len(rows) > 1 else columns_of(rows[0])
            yield Row(state, state, _figures(found, chosen.unit, at))
        return
    for value in total.values(chosen.by):
        words = {"capability": capability_name, "day": _day}.get(chosen.by, str)(value)
        yield Row(value, words, _figures(total, chosen.unit, {**at, chosen.by: value}))


def _choices(values: Iterable[tuple[str, str]], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, words, value == chosen) for value, words in values)


def _grouping_words() -> tuple[str, ...]:
    return _("Partner"), _("Capability"), _("Place"), _("Day")


def _day(text: str) -> str:
    return formats.day(date.fromisoformat(text), get_language() or "en")


def _sheet(row: Sheet) -> SheetLine:
    return SheetLine(
        row.dossier_id,
        row.dossier.reference or row.dossier_id[:8],
        _state(row),
        row.cut_off,
        row.digest,
    )


def _headline(total: SheetColumns, chosen: Selection, at: Mapping[str, str]) -> str:
    figures = {stage: _value(total.at(stage, **at), chosen.unit) for stage in Stage}
    language = get_language() or "en"
    return _("%(unit)s: %(asked)s asked, %(accepted)s committed, %(arrived)s arrived") % {
        "unit": str(UNITS[chosen.unit]).capitalize(),
        "asked": formats.number(figures[Stage.ASKED], language),
        "accepted": formats.number(figures[Stage.ACCEPTED], language),
        "arrived": formats.number(figures[Stage.ARRIVED], language),
    }


def _scope(chosen: Selection) -> str:
    return " · ".join(
        (
            chosen.partner or _("all partners"),
            capability_name(chosen.capability) if chosen.capability else _("all capabilities"),
            chosen.place or _("all sites"),
            _day(chosen.day) if chosen.day else _("the whole time"),
        )
    )
