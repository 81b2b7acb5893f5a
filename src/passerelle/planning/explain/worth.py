"""Say what one more crew would be worth at one post and moment, as the plan stands.

Every duty of the catalogue that covers the moment is tried with a crew that comes from nearby: what it
would save on the tracks that it counts for, less its work. The price is exact for the first crew on the
present plan, where :mod:`passerelle.planning.explain.prices` asks the relaxation about the whole event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passerelle.kernel.capabilities import catalogue
from passerelle.planning.roster.plan import Duty

if TYPE_CHECKING:
    from passerelle.planning.repair import Published

__all__ = ["OneMore", "one_more", "worst_minute"]


@dataclass(frozen=True, slots=True)
class OneMore:
    """State what the best duty of one more crew would save.

    Parameters
    ----------
    duty
        The duty.
    points
        Points saved, its work deducted; negative when it would not pay.
    filled_hours
        Crew-hours missing below target that it would fill.
    """

    duty: Duty
    points: float
    filled_hours: float


def one_more(published: Published, site: str, capability: str, minute: int) -> OneMore | None:
    """Return the best duty of one more crew of a capability; ``None`` when there is no such duty.

    Parameters
    ----------
    published
        The plan, made ready.
    site, capability, minute
        Where, as what, and a moment that the duty covers.
    """
    ground, instance = published.ground, published.instance
    t = ground.tables
    track = ground.track.get(f"{site}/{capability}")
    shifts = next(
        (s for s in instance.shifts if (s.site, s.capability) == (site, capability)), None
    )
    if track is None or shifts is None:
        return None
    cover = ground.cover[track]
    minimum, target = t.minimum[track], t.target[track]
    saved = (
        (cover < minimum) * t.below[track]
        + ((cover >= minimum) & (cover < target)) * t.short[track]
        - (cover >= t.ceiling[track]) * t.above[track]
    )
    filled = (cover < target) * t.hours
    kinds = catalogue()
    people = kinds[capability].unit_people if capability in kinds else 1
    best: OneMore | None = None
    for start in shifts.marks_min:
        for end in shifts.marks_min:
            length = end - start
            if not (start <= minute < end and shifts.least_min <= length <= shifts.most_min):
                continue
            duty = Duty(start, end, site, capability)
            span = ground.steps(duty)
            points = float(saved[span].sum()) - people * instance.weights.duty * length / 60
            if best is None or points > best.points:
                best = OneMore(duty, round(points, 3), round(float(filled[span].sum()), 3))
    return best


def worst_minute(
    published: Published, site: str, capability: str, first: int, last: int
) -> int | None:
    """Return the moment in ``[first, last)`` when most crews are missing; ``None`` when none is."""
    ground = published.ground
    track = ground.track.get(f"{site}/{capability}")
    if track is None:
        return None
    step = published.instance.step_min
    low, high = max(0, first // step), min(ground.tables.n_steps, -(-last // step))
    missing = ground.tables.target[track, low:high] - ground.cover[track, low:high]
    if not len(missing) or missing.max() <= 0:
        return None
    return (low + int(np.argmax(missing))) * step
