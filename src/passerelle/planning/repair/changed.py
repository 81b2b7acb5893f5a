"""The instance after a change: cells, duties that exist, limits; only what the change reaches anew."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from passerelle.planning.need.assess import assess_sites
from passerelle.planning.repair.additions import added_cells
from passerelle.planning.repair.cutting import spans_without
from passerelle.planning.roster.build import build_sites
from passerelle.planning.roster.instance import Limit, Shifts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from passerelle.planning.repair.apply import Applied
    from passerelle.planning.repair.lines import CrewLine
    from passerelle.planning.repair.published import Published
    from passerelle.planning.roster.instance import Cell, Group, Instance

__all__ = ["changed_instance"]

_DAY: Final = 1440


def changed_instance(
    published: Published,
    applied: Applied,
    groups: tuple[Group, ...],
    lines: Sequence[CrewLine],
) -> Instance:
    """Return the instance after a change; only the sites concerned are computed anew.

    Duties that were published stay in the catalogue, so that nobody is moved only because the moments
    of handover have shifted.
    """
    old, sites = published.instance, applied.sites
    cells, shifts = old.cells, old.shifts
    lines = published.roll.near(lines, sites)
    if sites:
        need = assess_sites(applied.event, sites)
        parts = build_sites(applied.event, need, level=published.level, params=published.params)
        fresh = [cell for cell in parts.cells if not _is_closed(cell, applied)]
        fresh += [
            piece
            for cell in parts.cells
            if _is_closed(cell, applied)
            for piece in _open_pieces(cell, applied)
        ]
        for addition in (a for a in applied.additions if a.site in sites):
            fresh = added_cells(fresh, addition, published.params)
        kept = [cell for cell in old.cells if cell.site not in sites]
        cells = tuple(sorted([*kept, *fresh], key=_cell_key))
        shifts = _shifts(published, parts.shifts, applied, lines)
    limits = (*old.limits, *_closed_limits(old, applied, lines))
    return replace(old, cells=cells, shifts=shifts, groups=groups, limits=limits)


def _closed_limits(old: Instance, applied: Applied, lines: Iterable[CrewLine]) -> Iterable[Limit]:
    """Yield a limit of nobody for every contingent that reaches a closed site, so that it is checked.

    Duties that have begun are finished.
    """
    for closure in applied.closures:
        begun = [
            duty.end_min
            for line in lines
            for duty in line.published.values()
            if duty.site == closure.site and duty.start_min < applied.now_min < duty.end_min
        ]
        start = max([closure.start_min, *begun])
        reaching = {g.contingent for g in old.groups if closure.site in old.travel[g.base]}
        for contingent in sorted(reaching) if start < closure.end_min else ():
            limit = Limit(closure.site, contingent, start, closure.end_min, 0)
            if limit not in old.limits:
                yield limit


def _cell_key(cell: Cell) -> tuple[bool, str, str, tuple[str, ...], int]:
    return bool(cell.capabilities), cell.site, cell.skill, cell.capabilities, cell.start_min


def _is_closed(cell: Cell, applied: Applied) -> bool:
    return any(
        c.site == cell.site and c.start_min < cell.end_min and cell.start_min < c.end_min
        for c in applied.closures
    )


def _open_pieces(cell: Cell, applied: Applied) -> list[Cell]:
    """Return the parts of a cell in which its site is open."""
    spans: tuple[tuple[int, int], ...] = ((cell.start_min, cell.end_min),)
    for closure in applied.closures:
        if closure.site == cell.site:
            spans = spans_without(spans, closure.start_min, closure.end_min)
    return [replace(cell, start_min=a, end_min=b) for a, b in spans]


def _end(instance: Instance) -> int:
    return instance.days * _DAY


def _shifts(
    published: Published,
    fresh: Sequence[Shifts],
    applied: Applied,
    lines: Iterable[CrewLine],
) -> tuple[Shifts, ...]:
    """Return the catalogue after a change: what is asked now, and what was published."""
    sites, params = applied.sites, published.params
    marks: dict[tuple[str, str], set[int]] = defaultdict(set)
    for more in (a for a in applied.additions if a.site in sites):
        end = max(more.end_min, more.start_min + params.duty_least_min)
        marks[more.site, more.capability] |= {more.start_min, min(end, _end(published.instance))}
    for line in lines:
        for duty in line.published.values():
            if duty.site in sites:
                marks[duty.site, duty.capability] |= {duty.start_min, duty.end_min}
    found = {(s.site, s.capability): s for s in published.instance.shifts if s.site not in sites}
    new = {(s.site, s.capability): s for s in fresh}
    old = {(s.site, s.capability): s for s in published.instance.shifts}
    for key in new.keys() | marks.keys():
        base = new.get(key) or old.get(key)
        if base is None:
            base = Shifts(*key, (), params.duty_least_min, params.duty_most_min)
        own = set(base.marks_min) if key in new else set()
        found[key] = replace(base, marks_min=tuple(sorted(own | marks[key])))
    return tuple(shifts for _, shifts in sorted(found.items()))
