"""Say what would happen if one crew worked another duty: change of value, rules broken, who feels it.

Only the tracks that the two duties touch are looked at, on counts that are kept ready, so that an
answer takes milliseconds at any size of event. Rules of the line are asked of the checker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passerelle.planning.roster.check import check_line
from passerelle.planning.roster.checks import Violation
from passerelle.planning.roster.checks.facts import clock

if TYPE_CHECKING:
    from passerelle.planning.repair import Published
    from passerelle.planning.repair.ground import Ground
    from passerelle.planning.roster.instance import Group
    from passerelle.planning.roster.plan import Duty

__all__ = ["CoverChange", "WhatIf", "what_if"]


@dataclass(frozen=True, slots=True)
class CoverChange:
    """State what changes on one track.

    Parameters
    ----------
    track
        Site and skill, for example ``STE/patrol``.
    points
        Change of the cost of cover; negative is better.
    missing_hours
        Change of the crew-hours missing below target.
    """

    track: str
    points: float
    missing_hours: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Answer one question.

    Parameters
    ----------
    value
        Change of the value of the plan; negative is better.
    work
        Part of it that is hours of duty and travel.
    covers
        Tracks that change, those that lose most first.
    violations
        Rules that would be broken; empty when the change is lawful.
    """

    value: float
    work: float
    covers: tuple[CoverChange, ...]
    violations: tuple[Violation, ...]


def what_if(
    published: Published,
    group: str,
    line: tuple[Duty, ...],
    before: Duty | None,
    after: Duty | None,
) -> WhatIf:
    """Let one crew of a group give up a duty, take one, or both.

    Parameters
    ----------
    published
        The plan, made ready.
    group
        Code of the group.
    line
        The duties of the crew.
    before
        Duty that it gives up; one of the line, or ``None``.
    after
        Duty that it takes, or ``None``.

    Raises
    ------
    ValueError
        When the group is unknown or ``before`` is not in the line.
    """
    instance, ground = published.instance, published.ground
    index = next((i for i, g in enumerate(instance.groups) if g.code == group), None)
    if index is None:
        raise ValueError(f"Expected a group of the instance, got {group!r}.")
    if before is not None and before not in line:
        raise ValueError("Expected a duty of the line.")
    own = instance.groups[index]
    new_line = tuple(sorted([d for d in line if d != before] + ([after] if after else [])))
    violations = [*check_line(instance, own, new_line)]
    change: dict[int, np.ndarray] = {}
    for duty, sign in ((before, -1), (after, 1)):
        if duty is not None:
            violations += _count(ground, index, own, duty, sign, change)
    covers, broken = _covers(ground, change)
    work = _work(published, own, after) - _work(published, own, before)
    total = work + sum(cover.points for cover in covers)
    return WhatIf(total, work, covers, (*violations, *broken))


def _count(  # noqa: PLR0917 - what one duty changes
    ground: Ground,
    index: int,
    group: Group,
    duty: Duty,
    sign: int,
    change: dict[int, np.ndarray],
) -> list[Violation]:
    """Add what a duty counts for; return why it cannot exist."""
    option = ground.option(index, duty)
    t = ground.tables
    if option is None:
        if sign < 0:
            return []
        place = f"{group.code} at {clock(duty.start_min)}"
        return [Violation("catalogue", place, "a site and capability of the group", duty.site)]
    span = ground.steps(duty)
    for track, coef in zip(option.tracks, option.coefs, strict=True):
        row = change.setdefault(track, np.zeros(t.n_steps, dtype=np.int32))
        row[span] += sign * coef
    first, last = span.start, span.stop
    listed = first in option.marks and last in option.marks
    if sign > 0 and not (listed and option.least <= last - first <= option.most):
        place = f"{group.code} at {clock(duty.start_min)}"
        found = f"{duty.site}/{duty.capability} {clock(duty.start_min)} to {clock(duty.end_min)}"
        return [Violation("catalogue", place, "a duty of the catalogue", found)]
    return []


def _covers(
    ground: Ground, change: dict[int, np.ndarray]
) -> tuple[tuple[CoverChange, ...], list[Violation]]:
    t, hours = ground.tables, ground.tables.hours
    covers, broken = [], []
    for track, row in change.items():
        steps = np.flatnonzero(row)
        if not len(steps):
            continue
        old = ground.cover[track, steps]
        new = old + row[steps]
        name = t.track_names[track]
        if name.startswith("escort:"):
            if (new < np.minimum(old, 0)).any():
                at = int(steps[int(np.argmin(new))]) * ground.instance.step_min
                broken.append(
                    Violation("escort", f"{name[7:]} at {clock(at)}", "escorts", "too few")
                )
            continue
        if name.startswith("limit:"):
            most = t.ceiling[track, steps]
            if (new > np.maximum(old, most)).any():
                broken.append(Violation("limit", name, str(int(most.min())), str(int(new.max()))))
            continue
        points = _cost(ground, track, steps, new) - _cost(ground, track, steps, old)
        target = t.target[track, steps]
        missing = (np.maximum(0, target - new) - np.maximum(0, target - old)).sum() * hours
        covers.append(CoverChange(name, round(points, 6), round(float(missing), 6)))
    return tuple(sorted(covers, key=lambda c: (-c.points, c.track))), broken


def _cost(ground: Ground, track: int, steps: np.ndarray, cover: np.ndarray) -> float:
    t = ground.tables
    minimum, target = t.minimum[track, steps], t.target[track, steps]
    below = np.maximum(0, minimum - cover) * t.below[track, steps]
    short = np.maximum(0, target - np.maximum(cover, minimum)) * t.short[track, steps]
    above = np.maximum(0, cover - t.ceiling[track, steps]) * t.above[track, steps]
    return float((below + short + above).sum())


def _work(published: Published, group: Group, duty: Duty | None) -> float:
    """Return the points of the work of one crew on a duty."""
    if duty is None:
        return 0.0
    weights = published.instance.weights
    travel = published.instance.travel[group.base].get(duty.site, 0)
    hours = (duty.end_min - duty.start_min) / 60
    return group.people * (hours * weights.duty + 2 * travel / 60 * weights.travel)
