"""Check a plan again after a change, at the parts that the change reaches.

Every rule of :mod:`passerelle.planning.roster.check` looks at one line, one group, one site or one base, and
every cost belongs to one site or one line. What the checker says of a part is a function of that part
alone; where a part is equal before and after, so is what was said of it. Only the functions of the
checker are asked, so the report is that of :func:`~passerelle.planning.roster.check.check` on the whole, up to
the order of violations and the rounding of sums. Where anything differs that reaches everywhere
(horizon, grid, bases, weights, night, escorts), the whole is checked.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.check import (
    CheckReport,
    check,
    check_beds,
    check_line,
    check_site,
    check_strengths,
    other_instance,
    posted_of,
)
from passerelle.planning.roster.checks import Violation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from passerelle.planning.roster.instance import Cell, Group, Instance, Limit, Shifts
    from passerelle.planning.roster.plan import Duty, Line, Plan

__all__ = ["Checked"]

_LOCAL: Final = frozenset({"groups", "cells", "shifts", "limits", "name"})
"""Fields of an instance that reach single groups or sites only."""

_ON_SITES: Final = frozenset(
    {"contingent", "capabilities", "tags", "people", "base", "crews_per_escort", "sites"}
)
"""Fields of a group that a rule or a cost of a site looks at."""

_ON_LINES: Final = frozenset({"base", "rules", "windows", "history", "locked", "use_cost"})
"""Fields of a group that a rule or a cost of a line looks at."""

_Posts = dict[tuple[str, "Duty"], int]


@dataclass(frozen=True, slots=True)
class _Site:
    """What is asked at a site, and what the checker said of it."""

    part: Instance
    violations: tuple[Violation, ...]
    terms: Mapping[str, float]
    missing: Mapping[str, float]


class Checked:
    """Hold a plan that has been checked, part by part.

    Parameters
    ----------
    instance, plan
        The problem and the plan.
    """

    def __init__(self, instance: Instance, plan: Plan) -> None:
        self.instance, self.plan = instance, plan
        self._groups = {group.code: group for group in instance.groups}
        lines = [line for line in plan.lines if line.group in self._groups]
        self._posts = _posts_of(lines)
        self._used: dict[str, int] = defaultdict(int)
        for line in lines:
            self._used[line.group] += line.crews
        parts = _parts(instance)
        for site in self._posts.keys() - parts.keys():
            parts[site] = _nothing(instance)
        self._sites = {
            site: _read(part, self._groups, self._posts.get(site, {}))
            for site, part in parts.items()
        }
        self._offers = self._priced(lines)
        self.report = self._report(
            instance, plan, self._groups, lines, self._sites, self._posts, self._used, self._offers
        )
        self._ids = {id(line) for line in plan.lines}

    def after(self, instance: Instance, plan: Plan) -> CheckReport:
        """Check another plan; what it shares with this one is not asked again.

        Parameters
        ----------
        instance, plan
            The problem after a change, and its plan.
        """
        ids = {id(line) for line in plan.lines}
        is_plain = len(ids) == len(plan.lines) and len(self._ids) == len(self.plan.lines)
        if not is_plain or self.report.violations or not self._is_alike(instance):
            return check(instance, plan)
        groups = {group.code: group for group in instance.groups}
        works = self._changed(groups, _ON_LINES)
        stands = self._changed(groups, _ON_SITES)
        either = works | stands
        fresh = [line for line in plan.lines if id(line) not in self._ids or line.group in either]
        gone = [line for line in self.plan.lines if id(line) not in ids or line.group in either]
        known = [line for line in fresh if line.group in groups]
        posts, touched = self._moved_posts(gone, known, stands)
        used = defaultdict(int, self._used)
        for sign, moved in ((-1, gone), (1, known)):
            for line in moved:
                used[line.group] += sign * line.crews
        parts = _parts(instance)
        for site in touched - parts.keys():
            parts[site] = _nothing(instance)
        sites = {
            site: self._sites[site]
            if site not in touched and self._is_same(site, part)
            else _read(part, groups, posts.get(site, {}))
            for site, part in parts.items()
        }
        for site in self._sites.keys() - parts.keys():
            if posts.get(site):
                sites[site] = _read(_nothing(instance), groups, posts[site])
        offers = self._offers - self._priced(gone)
        offers += sum(line.crews * groups[line.group].use_cost for line in known if line.duties)
        return self._report(instance, plan, groups, fresh, sites, posts, used, offers)

    # ---- what is shared

    def _is_alike(self, instance: Instance) -> bool:
        return all(
            getattr(self.instance, f.name) == getattr(instance, f.name)
            for f in fields(instance)
            if f.name not in _LOCAL
        )

    def _changed(self, groups: Mapping[str, Group], names: frozenset[str]) -> set[str]:
        """Return the groups that differ in one of these fields."""
        found = self._groups.keys() ^ groups.keys()
        for code in self._groups.keys() & groups.keys():
            old, new = self._groups[code], groups[code]
            if old is not new and any(getattr(old, n) != getattr(new, n) for n in names):
                found.add(code)
        return found

    def _is_same(self, site: str, part: Instance) -> bool:
        known = self._sites.get(site)
        return known is not None and (
            (known.part.cells, known.part.shifts, known.part.limits)
            == (part.cells, part.shifts, part.limits)
        )

    def _priced(self, lines: Iterable[Line]) -> float:
        return sum(line.crews * self._groups[line.group].use_cost for line in lines if line.duties)

    def _moved_posts(
        self, gone: Iterable[Line], fresh: Iterable[Line], changed: Collection[str]
    ) -> tuple[dict[str, _Posts], set[str]]:
        """Return who stands where after the change, and the sites where that differs."""
        change: dict[str, _Posts] = defaultdict(lambda: defaultdict(int))
        for sign, lines in ((-1, gone), (1, fresh)):
            for line in lines:
                for duty in line.duties:
                    change[duty.site][line.group, duty] += sign * line.crews
        posts, touched = dict(self._posts), set()
        for site, moved in change.items():
            if not any(crews or code in changed for (code, _), crews in moved.items()):
                continue
            touched.add(site)
            there = dict(posts.get(site, {}))
            for key, crews in moved.items():
                there[key] = there.get(key, 0) + crews
                if not there[key]:
                    del there[key]
            posts[site] = there
        return posts, touched

    @staticmethod
    def _report(  # noqa: PLR0917 - the parts of a report
        instance: Instance,
        plan: Plan,
        groups: Mapping[str, Group],
        lines: Iterable[Line],
        sites: Mapping[str, _Site],
        posts: Mapping[str, _Posts],
        used: Mapping[str, int],
        offers: float,
    ) -> CheckReport:
        found: list[Violation] = []
        if plan.instance_hash != instance.hash:
            found.append(other_instance(instance, plan))
        found += [
            Violation("group", line.group, "a group of the instance", "none")
            for line in plan.lines
            if line.group not in groups
        ]
        found += check_strengths(instance, used)
        for line in lines:
            if line.group in groups:
                found += check_line(instance, groups[line.group], line.duties)
        for site in sites.values():
            found += site.violations
        if any(base.beds is not None for base in instance.bases):
            found += check_beds(instance, _posted(groups, posts.values()))
        terms: dict[str, float] = defaultdict(float)
        missing: dict[str, float] = {}
        for site in sites.values():
            missing |= site.missing
            for name, points in site.terms.items():
                terms[name] += points
        terms["offers"] = offers
        return CheckReport(tuple(found), dict(terms), missing)


def _posts_of(lines: Iterable[Line]) -> dict[str, _Posts]:
    found: dict[str, _Posts] = defaultdict(dict)
    for group, by_duty in posted_of(lines).items():
        for duty, crews in by_duty.items():
            found[duty.site][group, duty] = crews
    return dict(found)


def _posted(groups: Mapping[str, Group], posts: Iterable[_Posts]) -> list[tuple[Group, Duty, int]]:
    return [
        (groups[code], duty, crews)
        for there in posts
        for (code, duty), crews in there.items()
        if code in groups
    ]


def _nothing(instance: Instance) -> Instance:
    """Return an instance in which nothing is asked and nothing may be done."""
    return replace(instance, cells=(), shifts=(), limits=())


def _parts(instance: Instance) -> dict[str, Instance]:
    """Cut an instance by site."""
    cells: dict[str, list[Cell]] = defaultdict(list)
    shifts: dict[str, list[Shifts]] = defaultdict(list)
    limits: dict[str, list[Limit]] = defaultdict(list)
    for cell in instance.cells:
        cells[cell.site].append(cell)
    for duties in instance.shifts:
        shifts[duties.site].append(duties)
    for limit in instance.limits:
        limits[limit.site].append(limit)
    return {
        site: replace(
            instance,
            cells=tuple(cells.get(site, ())),
            shifts=tuple(shifts.get(site, ())),
            limits=tuple(limits.get(site, ())),
        )
        for site in cells.keys() | shifts.keys() | limits.keys()
    }


def _read(part: Instance, groups: Mapping[str, Group], posts: _Posts) -> _Site:
    return _Site(part, *check_site(part, _posted(groups, [posts])))
