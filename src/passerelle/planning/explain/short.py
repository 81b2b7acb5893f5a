"""Explain a short post: for every group that could stand there, the first rule that blocks it.

Rules are asked in one order, from what no plan can change to what the present plan has decided:
capability, allowed site, reach, availability, length of duty, strength, rest and runs (beside the
duties that each crew already has), escort, cap. A group that nothing blocks is *free*: it could be
posted as the plan stands. Everything is asked of the checker's rules, not of the solver's arrays.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.planning.roster.check import check_line
from passerelle.planning.roster.plan import Duty

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.planning.roster.instance import Cell, Group, Instance
    from passerelle.planning.roster.plan import Line, Plan

__all__ = ["Candidate", "ShortCell", "explain_short"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Tell of one group whether it could fill the post.

    Parameters
    ----------
    group
        Its code.
    crews
        Crews to which the answer applies.
    blocked_by
        Stable word of the first rule that blocks them; empty when nothing does.
    detail
        What the rule expects and found, in words.
    duty
        The duty that was tried; ``None`` when none of the catalogue was possible.
    """

    group: str
    crews: int
    blocked_by: str
    detail: str
    duty: Duty | None


@dataclass(frozen=True, slots=True)
class ShortCell:
    """Describe one short post at one moment.

    Parameters
    ----------
    site, skill, minute
        Where, what, when (minutes since the start of the instance).
    on_duty, minimum, target
        Crews there and crews wanted.
    candidates
        Groups with the skill, free ones first, then by crews.
    """

    site: str
    skill: str
    minute: int
    on_duty: int
    minimum: int
    target: int
    candidates: tuple[Candidate, ...]


def explain_short(instance: Instance, plan: Plan, site: str, minute: int) -> tuple[ShortCell, ...]:
    """Explain every post at ``site`` that is short of its target at ``minute``.

    Parameters
    ----------
    instance, plan
        The problem and its plan.
    site, minute
        Where and when.

    Returns
    -------
    tuple of ShortCell
        The worst first; empty when nothing is short there.
    """
    groups = {group.code: group for group in instance.groups}
    lines: dict[str, list[Line]] = defaultdict(list)
    present: list[tuple[Group, Duty, int]] = []
    for line in plan.lines:
        lines[line.group].append(line)
        present.extend(
            (groups[line.group], duty, line.crews)
            for duty in line.duties
            if duty.site == site and duty.start_min <= minute < duty.end_min
        )
    found = []
    for cell in instance.cells:
        if cell.site != site or not cell.start_min <= minute < cell.end_min:
            continue
        on_duty = sum(n for group, duty, n in present if cell.counts(duty, group.tags))
        if on_duty >= cell.target:
            continue
        candidates = [
            candidate
            for group in instance.groups
            if group.strength and _has_skill(cell, group)
            for candidate in _ask(instance, cell, group, lines[group.code], present, minute)
        ]
        candidates.sort(key=lambda c: (c.blocked_by != "", -c.crews, c.group))
        found.append(
            ShortCell(
                site, cell.skill, minute, on_duty, cell.minimum, cell.target, tuple(candidates)
            )
        )
    return tuple(sorted(found, key=lambda c: (c.on_duty - c.minimum, c.on_duty - c.target)))


def _has_skill(cell: Cell, group: Group) -> bool:
    if cell.skill in group.tags:
        return not cell.capabilities or bool(set(cell.capabilities) & set(group.capabilities))
    return cell.skill in group.capabilities


def _duties(instance: Instance, cell: Cell, group: Group, minute: int) -> list[Duty]:
    """Return the duties of the catalogue that would fill the post at that minute."""
    wanted = (
        set(group.capabilities) & (set(cell.capabilities) or set(group.capabilities))
        if cell.skill in group.tags
        else {cell.skill}
    )
    return [
        Duty(start, end, cell.site, shifts.capability)
        for shifts in instance.shifts
        if shifts.site == cell.site and shifts.capability in wanted
        for start in shifts.marks_min
        if start <= minute
        for end in shifts.marks_min
        if minute < end and shifts.least_min <= end - start <= shifts.most_min
    ]


def _ask(  # noqa: PLR0917 - what the question is about
    instance: Instance,
    cell: Cell,
    group: Group,
    lines: Iterable[Line],
    present: list[tuple[Group, Duty, int]],
    minute: int,
) -> list[Candidate]:
    """Return what blocks the crews of one group, counted by reason."""
    if group.sites is not None and cell.site not in group.sites:
        return [Candidate(group.code, group.strength, "site", "not an allowed site", None)]
    if cell.site not in instance.travel[group.base]:
        detail = f"{cell.site} is out of reach of {group.base}"
        return [Candidate(group.code, group.strength, "reach", detail, None)]
    duties = _duties(instance, cell, group, minute)
    if not duties:
        return [Candidate(group.code, group.strength, "catalogue", "no such duty exists", None)]
    alone = {duty: next(check_line(instance, group, (duty,)), None) for duty in duties}
    possible = [duty for duty, violation in alone.items() if violation is None]
    if not possible:
        first = next(v for v in alone.values() if v is not None)
        detail = f"expected {first.expected}, found {first.found}"
        return [Candidate(group.code, group.strength, first.rule, detail, duties[0])]
    shared = _shared(instance, group, possible[0], present, minute)
    reasons: dict[tuple[str, str], int] = defaultdict(int)
    tried: Mapping[tuple[str, str], Duty]
    tried = {}
    working = 0
    for line in lines:
        working += line.crews
        rule, detail, duty = _beside(instance, group, line, possible, minute)
        if not rule:
            rule, detail = shared
        reasons[rule, detail] += line.crews
        tried.setdefault((rule, detail), duty)
    idle = group.strength - working
    if idle > 0:
        reasons[shared] += idle
        tried.setdefault(shared, possible[0])
    return [
        Candidate(group.code, crews, rule, detail, tried[rule, detail])
        for (rule, detail), crews in reasons.items()
    ]


def _beside(
    instance: Instance, group: Group, line: Line, possible: list[Duty], minute: int
) -> tuple[str, str, Duty]:
    """Return the first rule against a further duty beside those of the line."""
    for duty in line.duties:
        if duty.start_min <= minute < duty.end_min:
            return "on-duty", f"on duty at {duty.site}", possible[0]
    first = ("", "", possible[0])
    for duty in possible:
        both = tuple(sorted((*line.duties, duty)))
        violation = next(check_line(instance, group, both), None)
        if violation is None:
            return "", "", duty
        if not first[0]:
            detail = f"expected {violation.expected}, found {violation.found}"
            first = (violation.rule, detail, duty)
    return first


def _shared(
    instance: Instance,
    group: Group,
    duty: Duty,
    present: list[tuple[Group, Duty, int]],
    minute: int,
) -> tuple[str, str]:
    """Return the rule between crews that blocks one more crew of the group; empty for none."""
    if group.crews_per_escort:
        escorts = sum(n for _, d, n in present if d.capability == instance.escort)
        owed = sum(n / g.crews_per_escort for g, _, n in present if g.crews_per_escort)
        if owed + 1 / group.crews_per_escort > escorts + 1e-9:
            return "escort", f"expected {owed + 1 / group.crews_per_escort:.1f}, found {escorts}"
    for limit in instance.limits:
        if limit.site != duty.site or limit.contingent != group.contingent:
            continue
        there = sum(n for g, _, n in present if g.contingent == limit.contingent)
        if limit.start_min <= minute < limit.end_min and there + 1 > limit.crews:
            return "limit", f"expected {limit.crews} of {limit.contingent}, found {there}"
    return "", "free"
