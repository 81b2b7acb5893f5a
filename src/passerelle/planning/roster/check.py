"""Check a plan against its instance: every violation and every cost term, slowly and plainly.

Nothing of the solver is used here, only the instance, the plan and the text of the rules. Every plan
goes through :func:`check` before it is shown, stored or published, in tests and in benchmarks.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.planning.roster.instance import Cell, Group, Instance
    from passerelle.planning.roster.plan import Duty, Line, Plan

    Posted = list[tuple[Group, Duty, int]]

__all__ = [
    "CheckReport",
    "Violation",
    "check",
    "check_beds",
    "check_line",
    "check_site",
    "check_strengths",
    "posted_of",
]

_DAY: Final = 1440


@dataclass(frozen=True, slots=True)
class Violation:
    """Name one broken rule.

    Parameters
    ----------
    rule
        Stable word, for example ``rest`` or ``escort``.
    place
        Group, or site with time, where it is broken.
    expected, found
        What the rule asks and what the plan has, in words.
    """

    rule: str
    place: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.rule} at {self.place}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Hold everything found.

    Parameters
    ----------
    violations
        Broken rules; empty for a valid plan.
    terms
        Cost by term: ``below-minimum``, ``below-target``, ``above-ceiling``, ``duty``, ``travel``,
        ``offers``.
    missing
        Crew-hours missing below target, by track.
    """

    violations: tuple[Violation, ...]
    terms: Mapping[str, float]
    missing: Mapping[str, float]

    @property
    def value(self) -> float:
        """Cost of the plan in points."""
        return sum(self.terms.values())


def check(instance: Instance, plan: Plan) -> CheckReport:
    """Check a plan.

    Parameters
    ----------
    instance, plan
        The problem and what is proposed.

    Returns
    -------
    CheckReport
        Violations and cost terms.
    """
    violations: list[Violation] = []
    if plan.instance_hash != instance.hash:
        violations.append(
            Violation("instance", "plan", instance.hash[:12], plan.instance_hash[:12])
        )
    groups = {group.code: group for group in instance.groups}
    known = []
    for line in plan.lines:
        if line.group in groups:
            known.append((groups[line.group], line))
        else:
            violations.append(Violation("group", line.group, "a group of the instance", "none"))
    used: dict[str, int] = defaultdict(int)
    for _, line in known:
        used[line.group] += line.crews
    violations.extend(check_strengths(instance, used))
    for group, line in known:
        violations.extend(check_line(instance, group, line.duties))
    posted = [
        (groups[code], duty, crews)
        for code, by_duty in posted_of(line for _, line in known).items()
        for duty, crews in by_duty.items()
    ]
    broken, terms, missing = check_site(instance, posted)
    violations.extend(broken)
    violations.extend(check_beds(instance, posted))
    offers = sum(line.crews * group.use_cost for group, line in known if line.duties)
    return CheckReport(tuple(violations), {**terms, "offers": offers}, missing)


def check_site(
    instance: Instance, posted: Posted
) -> tuple[tuple[Violation, ...], Mapping[str, float], Mapping[str, float]]:
    """Return violations, cost terms and missing hours of what belongs to sites.

    Parameters
    ----------
    instance
        A problem, or the part of it that belongs to one site.
    posted
        Who stands there.
    """
    catalogue = {
        (s.site, s.capability): (frozenset(s.marks_min), s.least_min, s.most_min)
        for s in instance.shifts
    }
    violations: list[Violation] = []
    for group, duty, _ in posted:
        violations.extend(_duties(instance, group, (duty,), catalogue))
    violations.extend(_escorts(instance, posted))
    violations.extend(_limits(instance, posted))
    return tuple(violations), *_costs(instance, posted)


def posted_of(lines: Iterable[Line]) -> dict[str, dict[Duty, int]]:
    """Return the crews on each duty, by code of the group."""
    crews: dict[str, dict[Duty, int]] = defaultdict(lambda: defaultdict(int))
    for line in lines:
        own = crews[line.group]
        for duty in line.duties:
            own[duty] += line.crews
    return crews


def check_strengths(instance: Instance, used: Mapping[str, int]) -> Iterator[Violation]:
    """Yield the groups of which more crews work than there are, or too few of a locked one."""
    for group in instance.groups:
        crews = used.get(group.code, 0)
        if crews > group.strength:
            yield Violation("strength", group.code, f"at most {group.strength} crews", str(crews))
        if group.locked and crews != group.strength:
            yield Violation("locked", group.code, f"all {group.strength} crews at work", str(crews))


def _door(instance: Instance, group: Group, duty: Duty) -> tuple[int, int] | None:
    """Return start and end door to door; ``None`` when the site is out of reach."""
    travel = instance.travel.get(group.base, {}).get(duty.site)
    if travel is None:
        return None
    return duty.start_min - travel, duty.end_min + travel


def check_line(  # noqa: PLR0912 - one branch a rule, in the order of the text
    instance: Instance, group: Group, duties: tuple[Duty, ...]
) -> Iterator[Violation]:
    """Yield what is wrong with the rest, runs, hours and nights of one line."""
    rules, history = group.rules, group.history
    doors = []
    for duty in duties:
        door = _door(instance, group, duty)
        if door is None:
            yield Violation("reach", group.code, f"a site in reach of {group.base}", duty.site)
            return
        doors.append(door)
    for lock in group.locked:
        if lock not in duties:
            yield Violation("locked", group.code, f"{lock.site} at {lock.start_min}", "absent")
    run, nights_in_run = history.run_days, history.run_nights
    run_start, nights = history.run_start_min, history.nights
    for i, (start, end) in enumerate(doors):
        place = f"{group.code} at {start}"
        length = end - start
        if not any(a <= start and end <= b for a, b in group.windows):
            yield Violation("availability", place, "a duty within the windows", f"{start}-{end}")
        if not rules.duty_least_min <= length <= rules.duty_most_min:
            bounds = f"{rules.duty_least_min} to {rules.duty_most_min} min"
            yield Violation("duty-length", place, bounds, f"{length} min")
        is_night = instance.is_night(start, end)
        if is_night and length > rules.night_most_min:
            yield Violation("night-length", place, f"{rules.night_most_min} min", f"{length} min")
        if i == 0:
            earliest = history.free_from_min if history.run_days else history.fresh_from_min
            is_new_run = history.run_days == 0 or start >= history.fresh_from_min
        else:
            before_start, before_end = doors[i - 1]
            earliest = before_end + rules.rest_min
            days_between = start // _DAY - before_start // _DAY - 1
            if days_between < 0:
                yield Violation("one-a-day", place, "one start a local day", "two")
            is_new_run = (
                start - before_end >= rules.weekly_rest_min and days_between >= rules.rest_days
            )
        if start < earliest:
            yield Violation("rest", place, f"not before {earliest}", str(start))
        if is_new_run:
            if 0 < run < rules.run_least:
                yield Violation("run-least", place, f"runs of {rules.run_least}", f"{run} duties")
            run, nights_in_run, run_start = 0, 0, start
        run, nights_in_run, nights = run + 1, nights_in_run + is_night, nights + is_night
        if run > rules.run_days:
            yield Violation("run", place, f"at most {rules.run_days} duties in a run", str(run))
        if end - run_start > rules.run_span_min:
            yield Violation(
                "weekly-rest", place, f"a run of {rules.run_span_min} min", str(end - run_start)
            )
        if rules.run_nights is not None and nights_in_run > rules.run_nights:
            yield Violation("run-nights", place, f"at most {rules.run_nights}", str(nights_in_run))
        if rules.nights is not None and nights > rules.nights:
            yield Violation("nights", place, f"at most {rules.nights}", str(nights))
    yield from _short_end(group, doors, run)
    yield from _hours(group, doors)
    yield from _sliding(group, doors)
    yield from _weekends(group, doors)


def _short_end(group: Group, doors: list[tuple[int, int]], run: int) -> Iterator[Violation]:
    """Yield a last run that is too short although there was time to go on."""
    rules = group.rules
    if not doors or run >= rules.run_least:
        return
    start, end = doors[-1]
    rested = max(end + rules.weekly_rest_min, (start // _DAY + 1 + rules.rest_days) * _DAY)
    if rested < max(b for _, b in group.windows):
        yield Violation("run-least", group.code, f"runs of {rules.run_least}", f"{run} duties")


def _hours(group: Group, doors: list[tuple[int, int]]) -> Iterator[Violation]:
    for i, window in enumerate(group.rules.hours):
        worked = sum(b - a for a, b in doors if window.start_min <= a < window.end_min)
        if i == 0 and window.start_min <= 0:
            worked += group.history.worked_min
        if worked > window.most_min and any(
            window.start_min <= a < window.end_min for a, _ in doors
        ):
            yield Violation(
                "hours", f"{group.code} from {window.start_min}", f"{window.most_min} min",
                f"{worked} min",
            )  # fmt: skip


def _sliding(group: Group, doors: list[tuple[int, int]]) -> Iterator[Violation]:
    """Yield the first stretch of days with too much work, for each limit."""
    for limit in group.rules.sliding:
        worked = first = 0
        for start, end in doors:
            worked += end - start
            while doors[first][0] // _DAY <= start // _DAY - limit.days:
                worked -= doors[first][1] - doors[first][0]
                first += 1
            if worked > limit.most_min:
                place = f"{group.code} to {end}"
                expected = f"{limit.most_min} min in {limit.days} days"
                yield Violation("sliding-hours", place, expected, f"{worked} min")
                break


def _weekends(group: Group, doors: list[tuple[int, int]]) -> Iterator[Violation]:
    """Yield too many weekends on which a duty touches a Saturday or a Sunday."""
    rules = group.rules
    if rules.weekends is None:
        return
    worked = {
        (day - rules.first_saturday) // 7
        for start, end in doors
        for day in range(start // _DAY, (end - 1) // _DAY + 1)
        if day >= rules.first_saturday and (day - rules.first_saturday) % 7 in {0, 1}
    }
    if len(worked) > rules.weekends:
        yield Violation("weekends", group.code, f"at most {rules.weekends}", str(len(worked)))


def _duties(
    instance: Instance,
    group: Group,
    duties: tuple[Duty, ...],
    catalogue: Mapping[tuple[str, str], tuple[frozenset[int], int, int]],
) -> Iterator[Violation]:
    """Yield duties that do not exist or that the group may not do."""
    for duty in duties:
        place = f"{group.code} at {duty.start_min}"
        if duty.capability not in group.capabilities:
            yield Violation("capability", place, "/".join(group.capabilities), duty.capability)
        if group.sites is not None and duty.site not in group.sites:
            yield Violation("site", place, "an allowed site", duty.site)
        marks, least, most = catalogue.get((duty.site, duty.capability), (frozenset(), 0, 0))
        is_listed = {duty.start_min, duty.end_min} <= marks
        if not is_listed or not least <= duty.end_min - duty.start_min <= most:
            found = f"{duty.site}/{duty.capability} {duty.start_min}-{duty.end_min}"
            yield Violation("catalogue", place, "a duty of the catalogue", found)
        door = _door(instance, group, duty)
        if door is not None and (door[0] < 0 or door[1] > instance.days * _DAY):
            yield Violation("horizon", place, "a duty within the horizon", f"{door[0]}-{door[1]}")


def _steps(instance: Instance, duty: Duty) -> range:
    return range(duty.start_min // instance.step_min, -(-duty.end_min // instance.step_min))


def _escorts(instance: Instance, posted: Posted) -> Iterator[Violation]:
    need: dict[tuple[str, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    have: dict[tuple[str, int], int] = defaultdict(int)
    for group, duty, crews in posted:
        for step in _steps(instance, duty):
            if duty.capability == instance.escort:
                have[duty.site, step] += crews
            if group.crews_per_escort:
                need[duty.site, step][group.crews_per_escort] += crews
    for (site, step), by_share in need.items():
        wanted = sum(crews / share for share, crews in by_share.items())
        if wanted > have[site, step] + 1e-9:
            place = f"{site} at {step * instance.step_min}"
            yield Violation("escort", place, f"{wanted:.2f} escorts", str(have[site, step]))


def _limits(instance: Instance, posted: Posted) -> Iterator[Violation]:
    for limit in instance.limits:
        there: dict[int, int] = defaultdict(int)
        for group, duty, number in posted:
            if group.contingent == limit.contingent and duty.site == limit.site:
                for step in _steps(instance, duty):
                    there[step] += number
        for step, crews in there.items():
            minute = step * instance.step_min
            if limit.start_min <= minute < limit.end_min and crews > limit.crews:
                place = f"{limit.site} at {minute}"
                yield Violation("limit", place, f"{limit.crews} of {limit.contingent}", str(crews))


def check_beds(instance: Instance, posted: Posted) -> Iterator[Violation]:
    """Yield the nights in which more people lodge at a base than have a bed."""
    used: dict[tuple[str, int], int] = defaultdict(int)
    for group, duty, crews in posted:
        door = _door(instance, group, duty)
        if door is not None:
            used[group.base, door[0] // _DAY] += crews * group.people
    for base in instance.bases:
        for night, beds in enumerate(base.beds or ()):
            if used[base.code, night] > beds:
                place = f"{base.code}, night {night}"
                yield Violation("beds", place, f"{beds} people", str(used[base.code, night]))


def _costs(instance: Instance, posted: Posted) -> tuple[dict[str, float], dict[str, float]]:
    terms = dict.fromkeys(("below-minimum", "below-target", "above-ceiling", "duty", "travel"), 0.0)
    cells_at: dict[str, list[Cell]] = defaultdict(list)
    for cell in instance.cells:
        cells_at[cell.site].append(cell)
    changes: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    tracks_at = {site: {cell.track: cell for cell in cells} for site, cells in cells_at.items()}
    for group, duty, crews in posted:
        officers = crews * group.people
        travel = instance.travel.get(group.base, {}).get(duty.site, 0)
        hours = (duty.end_min - duty.start_min) / 60
        terms["duty"] += officers * hours * instance.weights.duty
        terms["travel"] += officers * 2 * travel / 60 * instance.weights.travel
        for track, cell in tracks_at.get(duty.site, {}).items():
            if cell.counts(duty, group.tags):
                steps = _steps(instance, duty)
                change = changes[track]
                change[steps.start] += crews
                change[steps.stop] -= crews
    hours = instance.step_min / 60
    missing: dict[str, float] = defaultdict(float)
    n_steps = max((cell.end_min for cell in instance.cells), default=0) // instance.step_min
    cover = {track: _summed(change, n_steps) for track, change in changes.items()}
    nobody = [0] * n_steps
    for cell in instance.cells:
        there = cover.get(cell.track, nobody)
        for step in range(cell.start_min // instance.step_min, cell.end_min // instance.step_min):
            crews = there[step]
            below = max(0, cell.minimum - crews)
            short = max(0, cell.target - max(crews, cell.minimum))
            terms["below-minimum"] += below * hours * cell.minimum_weight
            terms["below-target"] += short * hours * cell.target_weight
            above = max(0, crews - cell.ceiling)
            terms["above-ceiling"] += above * hours * cell.surplus_weight
            if below + short:
                missing[cell.track] += (below + short) * hours
    return terms, dict(missing)


def _summed(change: Mapping[int, int], n_steps: int) -> list[int]:
    """Return the crews at each step from who comes and who goes."""
    there = sum(crews for step, crews in change.items() if step < 0)
    found = []
    for step in range(n_steps):
        there += change.get(step, 0)
        found.append(there)
    return found
