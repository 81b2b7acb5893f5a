"""Compile an event, its need and its force into an instance of the roster engine.

Everything is rounded so that it errs on the safe side: need outwards to the grid, availability
inwards, travel up. Figures for the same site and capability add up where they hold at the same instant
(manual posts stand beside what sessions ask); of a step the busiest instant holds. Of two overlays
the larger holds, since one officer may count for both.

Rules that the event engine takes in a more protective form than written:

* night duties in a row count as night duties in a run;
* a limit of work in any ``d`` days is met by runs: when the longest run in ``d`` days at full length
  could break it, the longest duty is cut until it cannot; the checker counts the days themselves;
* the hard stop is met by the weekly rest, since no run is longer than six days.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from passerelle.kernel.capabilities import catalogue
from passerelle.kernel.counts import Stage
from passerelle.kernel.problems import InputError, Issue
from passerelle.planning.need.values import Level, OverlayKind
from passerelle.planning.roster.instance import (
    Base,
    Cell,
    Group,
    Instance,
    Limit,
    Shifts,
    Weights,
)
from passerelle.planning.roster.rules import History, Rules, SlidingHours
from passerelle.planning.roster.travel import travel_minutes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.planning.force import ArrangementRules, CrewGroup, Force
    from passerelle.planning.need.values import Need, Overlay
    from passerelle.planning.programme import Event

__all__ = ["BuildParams", "SiteParts", "build_instance", "build_sites", "compile_rules"]

_Row = tuple[int, int, int, int, float]
"""One row of the need: start and end in seconds, minimum, target, weight."""

_PLANNED: Final = (Stage.ACCEPTED, Stage.NAMED, Stage.CLEARED, Stage.ARRIVED, Stage.ON_DUTY)
_DAY: Final = 1440
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class BuildParams:
    """Set how an instance is compiled.

    Parameters
    ----------
    step_min
        Grid of all starts and ends.
    minimum_weight, target_weight, surplus_weight
        Points an officer-hour missing below minimum, missing below target, above target.
    duty_least_min, duty_most_min
        Shortest and longest duty on site in the catalogue.
    stretch_min
        Longest time without a moment of handover while somebody is needed.
    weights
        Price of work.
    """

    step_min: int = 60
    minimum_weight: float = 50.0
    target_weight: float = 10.0
    surplus_weight: float = 0.1
    duty_least_min: int = 240
    duty_most_min: int = 720
    stretch_min: int = 360
    weights: Weights = Weights()  # noqa: RUF009 - a frozen value


def build_instance(
    event: Event,
    need: Need,
    force: Force,
    *,
    level: Level = Level.CENTRAL,
    params: BuildParams | None = None,
) -> Instance:
    """Compile an instance.

    Parameters
    ----------
    event, need, force
        What is planned, with what.
    level
        Which level of the need is the target.
    params
        Defaults when ``None``.

    Raises
    ------
    InputError
        When a rule cannot be compiled, or rules contradict each other.
    """
    params = params or BuildParams()
    start, days = _horizon(event)
    builder = _Builder(event, params, start, days)
    cells = builder.cells(need, level)
    groups = builder.groups(force)
    return Instance(
        name=event.name,
        start=start,
        days=days,
        step_min=params.step_min,
        bases=builder.bases(force),
        groups=groups,
        cells=(*cells, *builder.overlays(need.overlays)),
        shifts=builder.shifts(cells),
        limits=builder.limits(force),
        weights=params.weights,
        night_from_min=min((r.night_from_min for r in force.rules), default=22 * 60),
        night_to_min=_DAY + max((r.night_to_min for r in force.rules), default=6 * 60),
    )


@dataclass(frozen=True, slots=True)
class SiteParts:
    """Hold the parts of an instance that belong to some sites.

    Parameters
    ----------
    cells
        Needs, then overlays, in the order of an instance.
    shifts
        Duties that exist there.
    """

    cells: tuple[Cell, ...]
    shifts: tuple[Shifts, ...]


def build_sites(
    event: Event,
    need: Need,
    *,
    level: Level = Level.CENTRAL,
    params: BuildParams | None = None,
) -> SiteParts:
    """Compile only what is asked at the sites of a need, as :func:`build_instance` would.

    Parameters
    ----------
    event
        The whole event.
    need
        The need of some sites (:func:`passerelle.planning.need.assess_sites`).
    level, params
        As for the whole.
    """
    start, days = _horizon(event)
    builder = _Builder(event, params or BuildParams(), start, days)
    cells = builder.cells(need, level)
    return SiteParts((*cells, *builder.overlays(need.overlays)), builder.shifts(cells))


def _horizon(event: Event) -> tuple[datetime, int]:
    """Return the first local midnight in UTC and the number of days."""
    zone = ZoneInfo(event.timezone)
    first = event.period.start.astimezone(zone).date()
    start = datetime.combine(first, time(), zone).astimezone(UTC)
    return start, -(-(event.period.end - start) // timedelta(days=1))


def compile_rules(rules: ArrangementRules, *, first_saturday: int = 0) -> Rules:
    """Compile the rules of an arrangement.

    Parameters
    ----------
    rules
        The rules as written.
    first_saturday
        Local day of the first Saturday of the horizon, -1 when it begins on a Sunday.

    Raises
    ------
    InputError
        When a rule is not supported or two contradict each other.
    """
    run_days = min(rules.max_duty_days_in_row, rules.hard_stop_days)
    if run_days < rules.min_duty_days_in_row:
        raise InputError(
            [_issue(rules.id, "min_duty_days_in_row", f"at most {run_days}, the longest run")]
        )
    longest = rules.max_shift_min
    for window in rules.hour_windows:
        cycle = run_days + rules.min_rest_days_in_row
        whole, rest = divmod(window.days, cycle)
        most_duties = whole * run_days + min(rest, run_days)
        longest = min(longest, window.max_work_min // max(1, most_duties))
    if longest < rules.min_shift_min:
        raise InputError(
            [
                _issue(
                    rules.id,
                    "hour_windows",
                    f"hours for duties of {rules.min_shift_min} min in runs of {run_days} days",
                )
            ]
        )
    return Rules(
        rest_min=rules.daily_rest_min,
        weekly_rest_min=max(rules.weekly_rest_min, rules.daily_rest_min),
        rest_days=rules.min_rest_days_in_row,
        run_least=rules.min_duty_days_in_row,
        run_days=run_days,
        run_span_min=rules.weekly_window_days * _DAY - rules.weekly_rest_min,
        duty_least_min=rules.min_shift_min,
        duty_most_min=longest,
        night_most_min=rules.max_night_min,
        run_nights=rules.max_nights_in_row,
        nights=rules.max_nights,
        sliding=tuple(SlidingHours(w.days, w.max_work_min) for w in rules.hour_windows),
        weekends=rules.max_weekends,
        first_saturday=first_saturday,
    )


def _issue(rules_id: str, column: str, expected: str) -> Issue:
    return Issue("event.toml", 0, f"rules.{rules_id}.{column}", "roster.rule-unsupported", expected)


class _Builder:
    """Hold what all parts of the compilation need."""

    def __init__(self, event: Event, params: BuildParams, start: datetime, days: int) -> None:
        self.event, self.params = event, params
        self.start, self.days = start, days
        self.step = params.step_min
        self.n_steps = days * _DAY // self.step

    # ---- need

    def _steps(self, start_s: float, end_s: float) -> range:
        """Return the steps that ``[start_s, end_s)`` touches, seconds since the epoch."""
        origin, size = self.start.timestamp(), self.step * 60
        first = int((start_s - origin) // size)
        last = int(-((origin - end_s) // size))
        return range(max(0, first), min(self.n_steps, last))

    def cells(self, need: Need, level: Level) -> tuple[Cell, ...]:
        """Return the need on the grid, equal neighbours joined."""
        units = need.units(level)
        asked: dict[tuple[str, str], dict[int, list[_Row]]] = defaultdict(lambda: defaultdict(list))
        for row in range(len(need)):
            target = int(units[row])
            if target == 0:
                continue
            place = (need.site_ids[need.site[row]], need.capabilities[need.capability[row]])
            found = (
                int(need.start[row]), int(need.end[row]),
                min(int(need.minimum[row]), target), target, float(need.weight[row]),
            )  # fmt: skip
            for step in self._steps(found[0], found[1]):
                asked[place][step].append(found)
        people = {code: found.unit_people for code, found in catalogue().items()}
        cells = []
        for (site, capability), rows in sorted(asked.items()):
            track = {step: _most_at_once(found) for step, found in rows.items()}
            for first, last, (minimum, target, weight) in _joined(track):
                scale = weight * people[capability]
                cells.append(self._cell(site, capability, first, last, minimum, target, scale))
        return tuple(cells)

    def _cell(  # noqa: PLR0917 - the fields of one value
        self,
        site: str,
        skill: str,
        first: int,
        last: int,
        minimum: int,
        target: int,
        scale: float,
        capabilities: tuple[str, ...] = (),
    ) -> Cell:
        p = self.params
        return Cell(
            site=site,
            skill=skill,
            start_min=first * self.step,
            end_min=last * self.step,
            minimum=minimum,
            target=target,
            ceiling=target,
            minimum_weight=p.minimum_weight * scale,
            target_weight=p.target_weight * scale,
            surplus_weight=0.0 if capabilities else p.surplus_weight * scale,
            capabilities=capabilities,
        )

    def overlays(self, overlays: Iterable[Overlay]) -> tuple[Cell, ...]:
        """Return the second needs on the grid."""
        asked: dict[tuple[str, str, tuple[str, ...]], dict[int, tuple[int, int, float]]]
        asked = defaultdict(dict)
        for overlay in overlays:
            capabilities = overlay.capabilities or tuple(
                code for code, found in catalogue().items() if found.is_field
            )
            place = (overlay.site_id, _skill(overlay), tuple(sorted(capabilities)))
            track = asked[place]
            interval = overlay.interval
            for step in self._steps(interval.start.timestamp(), interval.end.timestamp()):
                old = track.get(step, (0, 0, 0.0))
                track[step] = (0, max(old[1], overlay.crews), max(old[2], overlay.weight))
        return tuple(
            self._cell(site, skill, first, last, 0, target, weight, capabilities)
            for (site, skill, capabilities), track in sorted(asked.items())
            for first, last, (_, target, weight) in _joined(track)
        )

    def shifts(self, cells: Sequence[Cell]) -> tuple[Shifts, ...]:
        """Return the duties that exist: handover where the need changes and in long stretches."""
        by_place: dict[tuple[str, str], list[Cell]] = defaultdict(list)
        for cell in cells:
            by_place[cell.site, cell.skill].append(cell)
        p = self.params
        return tuple(
            Shifts(
                site,
                capability,
                _marks(found, p, self.days * _DAY, self.step),
                p.duty_least_min,
                p.duty_most_min,
            )
            for (site, capability), found in sorted(by_place.items())
        )

    # ---- force

    def bases(self, force: Force) -> tuple[Base, ...]:
        """Return the bases with counted travel to every site within reach."""
        rules = force.rules_by_id
        by_base: dict[str, list[CrewGroup]] = defaultdict(list)
        for group in force.groups:
            by_base[group.base.id].append(group)
        bases = []
        for code, groups in sorted(by_base.items()):
            base = groups[0].base
            free = min(rules[g.rules_id].travel_free_min for g in groups)
            most = min(rules[g.rules_id].max_travel_min for g in groups)
            reach = {}
            for site in self.event.sites.values():
                minutes = travel_minutes(base.lat, base.lon, site.lat, site.lon)
                if minutes <= most:
                    reach[site.id] = -(-max(0, minutes - free) // self.step) * self.step
            beds = None if base.beds is None else (base.beds,) * self.days
            bases.append(Base(code, reach, beds))
        return tuple(bases)

    def groups(self, force: Force) -> tuple[Group, ...]:
        """Return the groups that may be planned: accepted at least."""
        weekday = self.start.astimezone(ZoneInfo(self.event.timezone)).weekday()
        saturday = _SATURDAY - weekday
        compiled = {
            rules.id: compile_rules(rules, first_saturday=saturday) for rules in force.rules
        }
        written = force.rules_by_id
        return tuple(
            self._group(group, compiled[group.rules_id], written[group.rules_id])
            for group in force.groups
            if group.stage in _PLANNED
        )

    def _group(self, group: CrewGroup, rules: Rules, written: ArrangementRules) -> Group:
        kinds = catalogue()
        is_field = any(kinds[code].is_field for code in group.capabilities)
        tags = [f"lang:{code}" for code in group.languages]
        tags += [f"cert:{certificate.code}" for certificate in group.certificates]
        tags += [f"nation:{code}" for code in group.supports_nations]
        tags += ["weapon"] if group.is_armed else []
        return Group(
            code=group.id,
            contingent=group.contingent_id or group.owner,
            capabilities=group.capabilities,
            strength=group.crews,
            people=group.crew_people,
            base=group.base.id,
            windows=self._windows(group),
            tags=tuple(sorted(tags)),
            rules=rules,
            history=self._history(group),
            crews_per_escort=written.crews_per_escort if written.needs_escort and is_field else 0,
            sites=group.allowed_site_ids or None,
        )

    def _windows(self, group: CrewGroup) -> tuple[tuple[int, int], ...]:
        """Return when the crews may work: here, and with every certificate valid."""
        zone = ZoneInfo(self.event.timezone)
        end = group.available.end
        for certificate in group.certificates:
            if certificate.expires is not None:
                day = certificate.expires + timedelta(days=1)
                end = min(end, datetime.combine(day, time(), zone).astimezone(UTC))
        first = max(0, -(-int((group.available.start - self.start).total_seconds()) // 60))
        last = min(self.days * _DAY, int((end - self.start).total_seconds()) // 60)
        return ((first, last),) if first < last else ()

    def _history(self, group: CrewGroup) -> History:
        if not group.rest_debt_min:
            return History()
        first = max(0, int((group.available.start - self.start).total_seconds()) // 60)
        owed = first + group.rest_debt_min
        return History(free_from_min=owed, fresh_from_min=owed)

    def limits(self, force: Force) -> tuple[Limit, ...]:
        """Return the caps of the contingents at sites."""
        return tuple(
            Limit(site, contingent.id, 0, self.days * _DAY, crews)
            for contingent in force.contingents
            for site, crews in contingent.max_sites
        )


def _most_at_once(rows: Sequence[_Row]) -> tuple[int, int, float]:
    """Return minimum, target and weight at the busiest instant of a step; rows of a need add up."""
    if len(rows) == 1:
        return rows[0][2:]
    sums = [
        [row for row in rows if row[0] <= instant < row[1]] for instant in {row[0] for row in rows}
    ]
    return (
        max(sum(row[2] for row in found) for found in sums),
        max(sum(row[3] for row in found) for found in sums),
        max(row[4] for row in rows),
    )


def _skill(overlay: Overlay) -> str:
    prefix = {
        OverlayKind.LANGUAGE: "lang:",
        OverlayKind.CERTIFICATE: "cert:",
        OverlayKind.SUPPORTERS: "nation:",
    }
    return prefix[overlay.kind] + overlay.key if overlay.kind in prefix else "weapon"


def _joined(
    track: Mapping[int, tuple[int, int, float]],
) -> Iterable[tuple[int, int, tuple[int, int, float]]]:
    """Yield first step, end and figures of equal neighbours."""
    steps = sorted(track)
    first = 0
    for i in range(1, len(steps) + 1):
        ends = i == len(steps) or steps[i] != steps[i - 1] + 1
        if ends or track[steps[i]] != track[steps[first]]:
            yield steps[first], steps[i - 1] + 1, track[steps[first]]
            first = i


def _marks(cells: Sequence[Cell], p: BuildParams, end: int, step: int) -> tuple[int, ...]:
    """Return the moments of handover of one site and capability."""
    edges = sorted({cell.start_min for cell in cells} | {cell.end_min for cell in cells})
    marks = set(edges)
    stretches: list[tuple[int, int]] = []
    for cell in sorted(cells, key=lambda c: c.start_min):
        if stretches and stretches[-1][1] == cell.start_min:
            stretches[-1] = (stretches[-1][0], cell.end_min)
        else:
            stretches.append((cell.start_min, cell.end_min))
        length = cell.end_min - cell.start_min
        parts = -(-length // p.stretch_min)
        marks.update(
            cell.start_min + round(length * part / parts / step) * step for part in range(1, parts)
        )
    for first, last in stretches:
        if last - first < p.duty_least_min:
            short = p.duty_least_min - (last - first)
            if last + short <= end:
                marks.add(last + short)
            else:
                marks.add(max(0, first - short))
    return tuple(sorted(marks))
