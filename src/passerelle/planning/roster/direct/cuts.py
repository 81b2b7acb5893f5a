"""Make smaller and larger instances of an event: one town, some days, several events at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.rules import HoursWindow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from passerelle.planning.roster.instance import Base, Cell, Group, Instance, Shifts

__all__ = ["copies", "cut", "days_of", "scaled", "town_of"]

_DAY: Final = 1440


def town_of(instance: Instance, base: str) -> frozenset[str]:
    """Return the sites that a base reaches.

    Raises
    ------
    ValueError
        When there is no such base.
    """
    if base not in instance.travel:
        raise ValueError(f"Expected a base, one of {', '.join(instance.travel)}, got {base}.")
    return frozenset(instance.travel[base])


def cut(instance: Instance, sites: Collection[str]) -> Instance:
    """Keep some sites and the groups that can reach one of them."""
    kept = frozenset(sites)
    bases = tuple(
        replace(b, travel_min={s: t for s, t in b.travel_min.items() if s in kept})
        for b in instance.bases
        if kept & b.travel_min.keys()
    )
    reach = {base.code: frozenset(base.travel_min) for base in bases}
    groups = tuple(
        group
        for group in instance.groups
        if reach.get(group.base, frozenset())
        & (kept if group.sites is None else kept & set(group.sites))
    )
    return replace(
        instance,
        bases=bases,
        groups=groups,
        cells=tuple(cell for cell in instance.cells if cell.site in kept),
        shifts=tuple(shifts for shifts in instance.shifts if shifts.site in kept),
        limits=tuple(limit for limit in instance.limits if limit.site in kept),
    )


def days_of(instance: Instance, first: int, last: int) -> Instance:
    """Keep the days ``first`` to ``last - 1``; crews come rested.

    Raises
    ------
    ValueError
        When the days lie outside the horizon.
    """
    if not 0 <= first < last <= instance.days:
        raise ValueError(f"Expected days within 0 to {instance.days}, got {first}-{last}.")
    begin, end = first * _DAY, last * _DAY

    def clipped(a: int, b: int) -> tuple[int, int] | None:
        a, b = max(a, begin) - begin, min(b, end) - begin
        return (a, b) if a < b else None

    cells = tuple(
        replace(cell, start_min=span[0], end_min=span[1])
        for cell in instance.cells
        if (span := clipped(cell.start_min, cell.end_min))
    )
    limits = tuple(
        replace(limit, start_min=span[0], end_min=span[1])
        for limit in instance.limits
        if (span := clipped(limit.start_min, limit.end_min))
    )
    groups = []
    for group in instance.groups:
        windows = tuple(span for a, b in group.windows if (span := clipped(a, b)))
        hours = tuple(
            HoursWindow(*span, window.most_min)
            for window in group.rules.hours
            if (span := clipped(window.start_min, window.end_min))
        )
        if windows:
            rules = replace(group.rules, hours=hours)
            groups.append(replace(group, windows=windows, rules=rules, locked=()))
    return replace(
        instance,
        start=instance.start + timedelta(days=first),
        days=last - first,
        bases=tuple(
            replace(b, beds=None if b.beds is None else b.beds[first:last]) for b in instance.bases
        ),
        groups=tuple(groups),
        cells=cells,
        shifts=tuple(found for s in instance.shifts if (found := _clipped(s, begin, end))),
        limits=limits,
    )


def _clipped(shifts: Shifts, begin: int, end: int) -> Shifts | None:
    """Keep the moments of handover of some days, the two edges besides."""
    inside = {m - begin for m in shifts.marks_min if begin <= m <= end}
    if not inside:
        return None
    return replace(shifts, marks_min=tuple(sorted(inside | {0, end - begin})))


def scaled(instance: Instance, factor: int) -> Instance:
    """Multiply every need and every strength; sites, groups and blocks stay as many."""
    _expect_factor(factor)
    return replace(
        instance,
        bases=tuple(
            replace(b, beds=None if b.beds is None else tuple(factor * n for n in b.beds))
            for b in instance.bases
        ),
        groups=tuple(replace(g, strength=factor * g.strength) for g in instance.groups),
        cells=tuple(
            replace(
                cell,
                minimum=factor * cell.minimum,
                target=factor * cell.target,
                ceiling=factor * cell.ceiling,
            )
            for cell in instance.cells
        ),
        limits=tuple(replace(limit, crews=factor * limit.crews) for limit in instance.limits),
    )


def copies(instance: Instance, number: int) -> Instance:
    """Put several events side by side, each with its own sites, bases and groups."""
    _expect_factor(number)
    parts: list[Instance] = [instance]
    parts += [_renamed(instance, f"~{copy}") for copy in range(2, number + 1)]
    return replace(
        instance,
        bases=tuple(base for part in parts for base in part.bases),
        groups=tuple(group for part in parts for group in part.groups),
        cells=tuple(cell for part in parts for cell in part.cells),
        shifts=tuple(shifts for part in parts for shifts in part.shifts),
        limits=tuple(limit for part in parts for limit in part.limits),
    )


def _renamed(instance: Instance, mark: str) -> Instance:
    """Give every site, base and group another name."""

    def base(found: Base) -> Base:
        travel: Mapping[str, int] = {s + mark: t for s, t in found.travel_min.items()}
        return replace(found, code=found.code + mark, travel_min=travel)

    def group(found: Group) -> Group:
        return replace(
            found,
            code=found.code + mark,
            base=found.base + mark,
            sites=None if found.sites is None else tuple(s + mark for s in found.sites),
            locked=tuple(replace(duty, site=duty.site + mark) for duty in found.locked),
        )

    def cell(found: Cell) -> Cell:
        return replace(found, site=found.site + mark)

    return replace(
        instance,
        bases=tuple(base(b) for b in instance.bases),
        groups=tuple(group(g) for g in instance.groups),
        cells=tuple(cell(c) for c in instance.cells),
        shifts=tuple(replace(s, site=s.site + mark) for s in instance.shifts),
        limits=tuple(replace(found, site=found.site + mark) for found in instance.limits),
    )


def _expect_factor(factor: int) -> None:
    if factor < 1:
        raise ValueError(f"Expected a factor >= 1, got {factor}.")
