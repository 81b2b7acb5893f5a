"""Write an event instance as one integer programme, crew by crew, as one would for a general solver.

Columns: for each crew, which window (a duty door to door) it works and where a run begins; for each
group, how many crews stand on each duty; cover that is missing or too much. *When* is chosen by
crew, *where* by group, since the crews of a group do not differ. This is a yardstick for benchmarks
and an oracle in tests, never part of the product. Least duties in a run and a run that is under
way when the horizon begins are not written; such instances are refused.

References
----------
.. [1] A. Ernst et al. (2004), "Staff scheduling and rostering", section 3: assignment models.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from math import lcm
from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.direct.rows import OPEN, Rows
from passerelle.planning.roster.plan import Duty, Line, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passerelle.planning.roster.instance import Group, Instance

__all__ = ["DirectModel", "UnsupportedRuleError", "size_of", "write_model"]

_DAY: Final = 1440
Window = tuple[int, int]


class UnsupportedRuleError(Exception):
    """A rule of the instance that the direct model does not write."""


@dataclass(frozen=True, slots=True)
class DirectModel:
    """Hold the programme and how to read a solution.

    Parameters
    ----------
    rows
        The programme.
    worked
        For each group, for each crew, the column of each window.
    posted
        For each group, the column of each duty, by window.
    constant
        Cost that no column carries.
    """

    rows: Rows
    worked: Mapping[str, Sequence[Mapping[Window, int]]]
    posted: Mapping[str, Mapping[Window, Mapping[Duty, int]]]
    constant: float = 0.0

    def plan(self, instance: Instance, solution: Sequence[float]) -> Plan:
        """Turn a solution into a plan; windows of a group are handed to its crews in order."""
        lines = []
        for group, crews in self.worked.items():
            open_: dict[Window, list[Duty]] = {}
            for window, duties in self.posted[group].items():
                open_[window] = [
                    duty for duty, column in duties.items() for _ in range(round(solution[column]))
                ]
            for crew in crews:
                duties_of = tuple(
                    open_[window].pop() for window in sorted(crew) if solution[crew[window]] > 0.5
                )
                if duties_of:
                    lines.append(Line(group, 1, duties_of))
        return Plan(instance.hash, tuple(lines))


def size_of(instance: Instance) -> tuple[int, int]:
    """Return the columns of crews and of postings that the model has, without writing it."""
    crews = postings = 0
    for group in instance.groups:
        windows = _windows(instance, group)
        starts = {start for start, _ in windows}
        crews += group.strength * (len(windows) + len(starts))
        postings += sum(len(duties) for duties in windows.values())
    return crews, postings


def write_model(instance: Instance) -> DirectModel:
    """Write the programme.

    Parameters
    ----------
    instance
        A valid instance.

    Raises
    ------
    UnsupportedRuleError
        When a group has a least run above 1 or a history under way.
    """
    rows = Rows()
    worked: dict[str, list[dict[Window, int]]] = {}
    posted: dict[str, dict[Window, dict[Duty, int]]] = {}
    for group in instance.groups:
        if group.strength == 0:
            continue
        if group.rules.run_least > 1 or group.history.run_days:
            raise UnsupportedRuleError(f"{group.code}: least run or a run under way")
        windows = _windows(instance, group)
        crews = [_Crew(instance, group, rows, list(windows)) for _ in range(group.strength)]
        worked[group.code] = [crew.worked for crew in crews]
        posted[group.code] = _postings(instance, group, rows, windows)
        for window, duties in posted[group.code].items():
            terms = [(column, 1.0) for column in duties.values()]
            rows.row(0, 0, [*terms, *((crew.worked[window], -1.0) for crew in crews)])
        for lock in group.locked:
            column = next(d[lock] for d in posted[group.code].values() if lock in d)
            rows.row(group.strength, group.strength, [(column, 1.0)])
    flat = {
        code: {duty: column for duties in found.values() for duty, column in duties.items()}
        for code, found in posted.items()
    }
    _cover_rows(instance, rows, flat)
    _shared_rows(instance, rows, flat)
    return DirectModel(rows, worked, posted)


def _windows(instance: Instance, group: Group) -> dict[Window, list[Duty]]:
    """Return the duties that a group may do, by their time door to door, in order."""
    rules, reach = group.rules, instance.travel.get(group.base, {})
    allowed = reach.keys() if group.sites is None else reach.keys() & set(group.sites)
    first = group.history.fresh_from_min
    found: dict[Window, list[Duty]] = defaultdict(list)
    for shifts in instance.shifts:
        if shifts.site not in allowed or shifts.capability not in group.capabilities:
            continue
        travel = reach[shifts.site]
        marks = shifts.marks_min
        for i, start in enumerate(marks):
            last = bisect_right(marks, start + shifts.most_min)
            for end in marks[bisect_left(marks, start + shifts.least_min, i) : last]:
                a, b = start - travel, end + travel
                if not rules.duty_least_min <= b - a <= rules.duty_most_min or a < first:
                    continue
                if b - a > rules.night_most_min and instance.is_night(a, b):
                    continue
                if a < 0 or b > instance.days * _DAY:
                    continue
                if any(low <= a and b <= high for low, high in group.windows):
                    found[a, b].append(Duty(start, end, shifts.site, shifts.capability))
    return dict(sorted(found.items()))


class _Crew:
    """Write columns and rows of one crew."""

    def __init__(
        self, instance: Instance, group: Group, rows: Rows, windows: Sequence[Window]
    ) -> None:
        self.instance, self.group, self.rows, self.windows = instance, group, rows, windows
        self.worked = {window: rows.column() for window in windows}
        self.starts = sorted({start for start, _ in windows})
        self.begins = {start: rows.column() for start in self.starts}
        self.on_day: dict[int, list[Window]] = defaultdict(list)
        for window in windows:
            self.on_day[window[0] // _DAY].append(window)
        self._rest()
        self._runs()
        self._counts()
        self._totals()

    def _terms(self, windows: Sequence[Window] | Iterator[Window]) -> list[tuple[int, float]]:
        return [(self.worked[window], 1.0) for window in windows]

    def _rest(self) -> None:
        """One start a day; between two duties the daily rest."""
        for found in self.on_day.values():
            self.rows.row(0, 1, self._terms(found))
        rest = self.group.rules.rest_min
        for start in self.starts:
            clash = [w for w in self.windows if w[0] <= start < w[1] + rest]
            if len(clash) > 1:
                self.rows.row(0, 1, self._terms(clash))

    def _runs(self) -> None:
        """Begin a run only after the weekly rest, and let every duty lie within a run."""
        rules = self.group.rules
        for start, begin in self.begins.items():
            own = [w for w in self.windows if w[0] == start]
            self.rows.row(0, OPEN, [*self._terms(own), (begin, -1.0)])
            day = start // _DAY
            for before in range(day - rules.rest_days - rules.weekly_rest_min // _DAY - 2, day + 1):
                clash = [
                    w
                    for w in self.on_day.get(before, ())
                    if w[0] < start
                    and (w[1] + rules.weekly_rest_min > start or before >= day - rules.rest_days)
                ]
                if clash:
                    self.rows.row(0, 1, [*self._terms(clash), (begin, 1.0)])
            for end in sorted({w[1] for w in own}):
                latest = [w for w in own if w[1] >= end]
                first = bisect_left(self.starts, end - rules.run_span_min)
                last = bisect_right(self.starts, start)
                begun = [(self.begins[s], 1.0) for s in self.starts[first:last]]
                self.rows.row(
                    0, OPEN, [*begun, *((column, -1.0) for column, _ in self._terms(latest))]
                )

    def _counts(self) -> None:
        """Limit duties and nights of a run."""
        rules = self.group.rules
        longest = rules.run_span_min // _DAY + 1
        nights = {
            day: [w for w in found if self.instance.is_night(*w)]
            for day, found in self.on_day.items()
        }
        begun: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for start, column in self.begins.items():
            begun[start // _DAY].append((column, 1.0))
        limits = [(rules.run_days, self.on_day)]
        if rules.run_nights is not None:
            limits.append((rules.run_nights, nights))
        for most, counted in limits:
            for first in sorted(self.on_day):
                for last in range(first + most, min(first + longest, self.instance.days - 1) + 1):
                    inside = range(first, last + 1)
                    excess = last - first + 1 - most
                    terms = [term for day in inside for term in self._terms(counted.get(day, ()))]
                    free = [
                        (column, -float(excess)) for day in inside[1:] for column, _ in begun[day]
                    ]
                    if len(terms) > most:
                        self.rows.row(-OPEN, most, [*terms, *free])

    def _totals(self) -> None:
        """Limit nights and hours, and price the use of the crew."""
        rules, history = self.group.rules, self.group.history
        if rules.nights is not None:
            dark = [w for w in self.windows if self.instance.is_night(*w)]
            self.rows.row(-OPEN, rules.nights - history.nights, self._terms(dark))
        for index, limit in enumerate(rules.hours):
            had = history.worked_min if index == 0 and limit.start_min <= 0 else 0
            inside = [w for w in self.windows if limit.start_min <= w[0] < limit.end_min]
            self.rows.row(
                -OPEN,
                max(0, limit.most_min - had),
                [(self.worked[w], float(w[1] - w[0])) for w in inside],
            )
        for sliding in rules.sliding:
            for first in self.on_day:
                days = range(first, first + sliding.days)
                inside = [w for day in days for w in self.on_day.get(day, ())]
                self.rows.row(
                    -OPEN, sliding.most_min, [(self.worked[w], float(w[1] - w[0])) for w in inside]
                )
        if rules.weekends is not None:
            self._weekends(rules.weekends, rules.first_saturday)
        if self.group.use_cost:
            used = self.rows.column(self.group.use_cost)
            for found in self.on_day.values():
                self.rows.row(0, OPEN, [(used, 1.0), *((c, -1.0) for c, _ in self._terms(found))])

    def _weekends(self, most: int, saturday: int) -> None:
        """Limit the weekends on which a duty touches a Saturday or a Sunday."""
        columns: dict[int, int] = {}
        for found in self.on_day.values():
            touching: dict[int, list[Window]] = defaultdict(list)
            for window in found:
                for day in {window[0] // _DAY, (window[1] - 1) // _DAY}:
                    week, weekday = divmod(day - saturday, 7)
                    if week >= 0 and weekday <= 1 and window not in touching[week]:
                        touching[week].append(window)
            for week, own in touching.items():
                column = columns.setdefault(week, self.rows.column())
                self.rows.row(0, OPEN, [(column, 1.0), *((c, -1.0) for c, _ in self._terms(own))])
        self.rows.row(-OPEN, most, [(column, 1.0) for column in columns.values()])


def _postings(
    instance: Instance, group: Group, rows: Rows, windows: Mapping[Window, Sequence[Duty]]
) -> dict[Window, dict[Duty, int]]:
    """Add the crews of a group on each duty, with the cost of the work."""
    weights, reach = instance.weights, instance.travel[group.base]

    def cost(duty: Duty) -> float:
        hours = (duty.end_min - duty.start_min) / 60 * weights.duty
        return group.people * (hours + 2 * reach[duty.site] / 60 * weights.travel)

    return {
        window: {duty: rows.column(cost(duty), group.strength) for duty in duties}
        for window, duties in windows.items()
    }


def _spans(instance: Instance) -> dict[str, list[Window]]:
    """Cut the time of each site where a duty, a cell or a limit begins or ends."""
    edges: dict[str, set[int]] = defaultdict(set)
    for shifts in instance.shifts:
        edges[shifts.site].update(shifts.marks_min)
    for cell in instance.cells:
        edges[cell.site].update((cell.start_min, cell.end_min))
    for limit in instance.limits:
        edges[limit.site].update((limit.start_min, limit.end_min))
    return {site: list(pairwise(sorted(found))) for site, found in edges.items()}


def _on(
    instance: Instance, posted: Mapping[str, Mapping[Duty, int]]
) -> dict[str, list[tuple[Group, Duty, int]]]:
    """Return the postings at each site."""
    found: dict[str, list[tuple[Group, Duty, int]]] = defaultdict(list)
    for group in instance.groups:
        for duty, column in posted.get(group.code, {}).items():
            found[duty.site].append((group, duty, column))
    return found


def _cover_rows(instance: Instance, rows: Rows, posted: Mapping[str, Mapping[Duty, int]]) -> None:
    """Count what is missing or too much in every cell, between two moments of handover."""
    spans, there = _spans(instance), _on(instance, posted)
    for cell in instance.cells:
        counted = [
            (duty, column)
            for group, duty, column in there[cell.site]
            if cell.counts(duty, group.tags)
        ]
        for a, b in spans[cell.site]:
            if a < cell.start_min or b > cell.end_min:
                continue
            hours = (b - a) / 60
            terms = [(c, 1.0) for duty, c in counted if duty.start_min <= a and b <= duty.end_min]
            low = rows.column(hours * cell.minimum_weight, cell.minimum)
            short = rows.column(hours * cell.target_weight, cell.target - cell.minimum)
            rows.row(cell.target, OPEN, [*terms, (low, 1.0), (short, 1.0)])
            if cell.surplus_weight and len(terms) > 0:
                above = rows.column(hours * cell.surplus_weight, OPEN)
                rows.row(-OPEN, cell.ceiling, [*terms, (above, -1.0)])


def _shared_rows(instance: Instance, rows: Rows, posted: Mapping[str, Mapping[Duty, int]]) -> None:
    """Write the rules between crews: escorts, limits, beds."""
    spans, there = _spans(instance), _on(instance, posted)
    shares = [g.crews_per_escort for g in instance.groups if g.crews_per_escort]
    whole = lcm(*shares)
    for site, found in there.items():
        if not any(group.crews_per_escort for group, _, _ in found):
            continue
        for a, b in spans[site]:
            terms = []
            for group, duty, column in found:
                if duty.start_min <= a and b <= duty.end_min:
                    change = whole * (duty.capability == instance.escort)
                    change -= whole // group.crews_per_escort if group.crews_per_escort else 0
                    terms += [(column, float(change))] if change else []
            if terms:
                rows.row(0, OPEN, terms)
    for limit in instance.limits:
        own = [(d, c) for g, d, c in there[limit.site] if g.contingent == limit.contingent]
        for a, b in spans[limit.site]:
            if limit.start_min <= a and b <= limit.end_min:
                terms = [(c, 1.0) for duty, c in own if duty.start_min <= a and b <= duty.end_min]
                rows.row(-OPEN, limit.crews, terms)
    for base in instance.bases:
        for night, beds in enumerate(base.beds or ()):
            terms = [
                (column, float(group.people))
                for found in there.values()
                for group, duty, column in found
                if group.base == base.code
                and (duty.start_min - base.travel_min[duty.site]) // _DAY == night
            ]
            rows.row(-OPEN, beds, terms)
