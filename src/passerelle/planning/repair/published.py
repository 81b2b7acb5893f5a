"""A published plan, ready to be repaired any number of times, and what a repair makes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from passerelle.kernel.problems import InputError, Issue
from passerelle.planning.need.values import Level
from passerelle.planning.repair.apply import apply_changes
from passerelle.planning.repair.changed import changed_instance
from passerelle.planning.repair.cutting import cut_groups
from passerelle.planning.repair.ground import Ground
from passerelle.planning.repair.lines import Roll, split_plan
from passerelle.planning.roster.build import BuildParams
from passerelle.planning.roster.recheck import Checked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.planning.programme import Event
    from passerelle.planning.repair.apply import Addition, Applied, Closure
    from passerelle.planning.repair.changes import Change
    from passerelle.planning.repair.lines import CrewLine
    from passerelle.planning.roster.instance import Instance
    from passerelle.planning.roster.locks import Lock
    from passerelle.planning.roster.plan import Duty, Line, Plan

__all__ = ["After", "Published", "after", "applied_to", "follow", "instance_after"]


@dataclass(frozen=True)  # no slots: the ground of all sites is compiled once and kept
class Published:
    """Hold a published plan, ready to be repaired any number of times.

    Parameters
    ----------
    event
        The event that it serves.
    instance
        The instance that it answers.
    plan
        The plan; valid by the checker.
    level
        Level of the need.
    params
        How the instance was compiled.
    closures, additions
        What earlier repairs closed and added; it holds on.
    locks
        Duties that a repair leaves alone unless the change itself takes them.
    """

    event: Event
    instance: Instance
    plan: Plan
    level: Level = Level.CENTRAL
    params: BuildParams = BuildParams()  # noqa: RUF009 - a frozen value
    closures: tuple[Closure, ...] = ()
    additions: tuple[Addition, ...] = ()
    locks: tuple[Lock, ...] = ()

    def __post_init__(self) -> None:
        report = self.checked.report
        if report.violations:
            raise InputError(
                [
                    Issue("plan", 0, v.place, f"repair.invalid-plan-{v.rule}", v.expected, v.found)
                    for v in report.violations[:50]
                ]
            )

    @cached_property
    def checked(self) -> Checked:
        """What the checker says of the plan, part by part."""
        return Checked(self.instance, self.plan)

    @cached_property
    def held(self) -> frozenset[tuple[str, Duty]]:
        """Group and duty of every lock."""
        return frozenset((lock.group, lock.duty) for lock in self.locks)

    def make_ready(self) -> None:
        """Count who stands where now rather than at the first question."""
        _ = self.ground, self.roll

    @cached_property
    def ground(self) -> Ground:
        """All sites with everybody who stands there."""
        ground = Ground(self.instance, {shifts.site for shifts in self.instance.shifts})
        ground.count((line for found in self.roll.of_group for line in found), published=True)
        return ground

    @cached_property
    def roll(self) -> Roll:
        """The lines by group, as a repair begins with them."""
        return Roll(self.instance, self.plan)


@dataclass(frozen=True, slots=True)
class After:
    """Hold what stands after changes, before anything is repaired.

    Parameters
    ----------
    instance
        The instance, groups split where only some of their crews are meant.
    lines
        The published lines by group of that instance, none lost yet.
    """

    instance: Instance
    lines: list[CrewLine]


def applied_to(published: Published, changes: Sequence[Change], now: datetime) -> Applied:
    """Apply changes to a published plan; what earlier repairs closed and added holds on.

    Raises
    ------
    InputError
        When a change is wrong.
    """
    applied = apply_changes(published.event, published.instance, changes, now)
    return replace(
        applied,
        closures=(*published.closures, *applied.closures),
        additions=(*published.additions, *applied.additions),
    )


def after(published: Published, applied: Applied) -> After:
    """Return the instance and the lines after changes."""
    groups, lines = cut_groups(published.roll, applied.cuts, applied.now_min)
    return After(changed_instance(published, applied, groups, lines), lines)


def instance_after(published: Published, changes: Sequence[Change], now: datetime) -> Instance:
    """Return the instance after changes, to check a repaired plan against it.

    Raises
    ------
    InputError
        When a change is wrong.
    """
    return after(published, applied_to(published, changes, now)).instance


def follow(
    published: Published,
    changes: Sequence[Change],
    now: datetime,
    plan: Plan,
    apart: Sequence[Line],
) -> Published:
    """Return a repaired plan as published, ready for the next change.

    Parameters
    ----------
    published, changes, now
        What was repaired, after what, and when.
    plan
        The repaired plan, crews under the codes of their own groups (:meth:`Repair.plain_plan`).
    apart
        Lines of crews that the changes have split off (:attr:`Repair.apart`).

    Raises
    ------
    InputError
        When a change is wrong, or the plan does not answer it.
    """
    applied = applied_to(published, changes, now)
    instance = after(published, applied).instance
    return Published(
        applied.event, instance, split_plan(plan, instance.hash, apart),
        published.level, published.params, applied.closures, applied.additions, published.locks,
    )  # fmt: skip
