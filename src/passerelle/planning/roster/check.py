"""Check a plan against its instance: every violation and every cost term, slowly and plainly.

Nothing of the solver is used here, only the instance, the plan and the text of the rules. Every plan
goes through :func:`check` before it is shown, stored or published, in tests and in benchmarks. The rules
stand in :mod:`passerelle.planning.roster.checks`, one module each; here they are asked in their order.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.checks import RULES, Violation
from passerelle.planning.roster.checks.costs import costs_of
from passerelle.planning.roster.checks.facts import door_of, turns_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.planning.roster.checks.facts import Posted
    from passerelle.planning.roster.instance import Group, Instance
    from passerelle.planning.roster.plan import Duty, Line, Plan

__all__ = [
    "CheckReport",
    "check",
    "check_beds",
    "check_line",
    "check_site",
    "check_strengths",
    "other_instance",
    "posted_of",
]

_OF_GROUP: Final = tuple(rule.of_group for rule in RULES if rule.of_group is not None)
_OF_WAY: Final = tuple(rule.of_way for rule in RULES if rule.of_way is not None)
_OF_DUTIES: Final = tuple(rule.of_duties for rule in RULES if rule.of_duties is not None)
_OF_DUTY: Final = tuple(rule.of_duty for rule in RULES if rule.of_duty is not None)
_OF_LINE: Final = tuple(rule.of_line for rule in RULES if rule.of_line is not None)
_OF_POST: Final = tuple(rule.of_post for rule in RULES if rule.of_post is not None)
_OF_SITE: Final = tuple(rule.of_site for rule in RULES if rule.of_site is not None)
_OF_BASE: Final = tuple(rule.of_base for rule in RULES if rule.of_base is not None)


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
        violations.append(other_instance(instance, plan))
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


def other_instance(instance: Instance, plan: Plan) -> Violation:
    """Say that a plan answers another instance."""
    expected = f"a plan of this event, level and programme ({instance.hash[:12]})"
    return Violation("instance", "plan", expected, plan.instance_hash[:12])


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
    violations: list[Violation] = []
    for group, duty, _ in posted:
        for of_post in _OF_POST:
            broken = of_post(instance, group, duty)
            if broken is not None:
                violations.append(broken)
    for of_site in _OF_SITE:
        violations.extend(of_site(instance, posted))
    return tuple(violations), *costs_of(instance, posted)


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
        for of_group in _OF_GROUP:
            broken = of_group(group, used.get(group.code, 0))
            if broken is not None:
                yield broken


def check_line(instance: Instance, group: Group, duties: tuple[Duty, ...]) -> Iterator[Violation]:
    """Yield what is wrong with the rest, runs, hours and nights of one line."""
    doors = [door for duty in duties if (door := door_of(instance, group, duty)) is not None]
    if len(doors) < len(duties):
        for of_way in _OF_WAY:
            yield from of_way(instance, group, duties)
        return
    for of_duties in _OF_DUTIES:
        yield from of_duties(instance, group, duties)
    turns = []
    for turn in turns_of(instance, group, doors):
        turns.append(turn)
        for of_duty in _OF_DUTY:
            broken = of_duty(group, turn)
            if broken is not None:
                yield broken
    for of_line in _OF_LINE:
        yield from of_line(group, turns)


def check_beds(instance: Instance, posted: Posted) -> Iterator[Violation]:
    """Yield the nights in which more people lodge at a base than have a bed."""
    for of_base in _OF_BASE:
        yield from of_base(instance, posted)
